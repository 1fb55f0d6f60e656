"""How quiet roads are: what health knows of each, and what the ladder has done about it. The number of statements
doesn't grow with the roads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from portal import clock, db
from portal.calls.models import Call
from portal.calls.rules import CallState
from portal.health import thresholds
from portal.health.facts import Facts
from portal.health.queries import gather
from portal.health.sources import said_at
from portal.nudges.models import WAITING, Nudge, NudgeState
from portal.nudges.rules import Rung, Silence
from portal.onboardings.models import Onboarding
from portal.onboardings.states import OnboardingState
from portal.onboardings.turns import Turn

CALL_SOON = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Quiet:
    """A silence with the moment it began: what they did last, or when it became their turn."""

    since: datetime
    silence: Silence


@dataclass(frozen=True, slots=True)
class _Read:
    """What is read beside the facts, by onboarding id: when they last said something or were in a call, which of
    them have a call within three days, and what was done in each silence."""

    talked: dict[int, datetime]
    call_soon: set[int]
    past: Sequence[tuple[int, Rung, NudgeState, datetime]]


def quiet_of(roads: Sequence[Onboarding]) -> dict[int, Quiet]:
    """How quiet each of these is now, by onboarding id; those that never began are left out."""
    if not roads:
        return {}
    facts, limits = gather(roads, clock.now()), thresholds.by_segment()
    ids = {road.id for road in roads}
    read = _Read(_talked(ids), _call_soon(ids), _past(ids))
    found = {}
    for road in roads:
        since = _since(road, read.talked.get(road.id))
        if since is not None and road.id in facts:
            stalled_after = limits[road.account.segment].stalled_after
            found[road.id] = Quiet(since, _silence(road, facts[road.id], since, stalled_after, read))
    return found


def _silence(road: Onboarding, facts: Facts, since: datetime, stalled_after: int, read: _Read) -> Silence:
    own = [(rung, state) for of, rung, state, at in read.past if of == road.id and at == since]
    return Silence(
        low_touch=facts.touch == "low",
        theirs=road.is_running and road.turn is Turn.CUSTOMER and _awake(road),
        active=road.state is OnboardingState.ACTIVE,
        came=bool(facts.anyone_signed_in),
        invited=facts.invited_days,
        silent=facts.silent_days,
        life=facts.life_days,
        stalled_after=stalled_after,
        call_soon=road.id in read.call_soon,
        replied=any(state is NudgeState.REPLIED for _rung, state in own),
        climbed=frozenset(rung for rung, _state in own),
    )


def _since(road: Onboarding, talked: datetime | None) -> datetime | None:
    """When their silence began: it is counted on their turn only."""
    if road.started_at is None:
        return None
    theirs = road.ball_since if road.ball == "customer" else None
    return max(filter(None, (road.started_at, road.customer_moved_at, theirs, talked)))


def _awake(road: Onboarding) -> bool:
    step = road.next_step
    return step is not None and not step.facts.sleeps(road.account.today)


def _talked(roads: set[int]) -> dict[int, datetime]:
    """When each road's customer last wrote or shared something, or was in a call."""
    last = said_at(roads)
    held = select(Call.onboarding_id, func.max(Call.start)).where(
        Call.onboarding_id.in_(roads), Call.state == CallState.HELD
    )
    for road, at in db.session.execute(held.group_by(Call.onboarding_id)):
        last[road] = max(at, last.get(road, at))
    return last


def _call_soon(roads: set[int]) -> set[int]:
    now = clock.now()
    ahead = Call.state == CallState.SCHEDULED, Call.start >= now, Call.start <= now + CALL_SOON
    return set(db.session.scalars(select(Call.onboarding_id).where(Call.onboarding_id.in_(roads), *ahead)))


def _past(roads: set[int]) -> list[tuple[int, Rung, NudgeState, datetime]]:
    rows = select(Nudge.onboarding_id, Nudge.rung, Nudge.state, Nudge.quiet_since)
    rows = rows.where(Nudge.onboarding_id.in_(roads), Nudge.state.not_in(WAITING))
    return [(road, Rung(rung), state, since) for road, rung, state, since in db.session.execute(rows)]
