"""How quiet roads are, read from what their people left: moves, visits, messages, calls, use of the product. The number
of statements doesn't grow with the roads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from portal import clock, db
from portal.accounts.kinds import Segment, Touch
from portal.accounts.models import Account, Person
from portal.auth.models import Session
from portal.calls.models import Call
from portal.calls.rules import CallState
from portal.messages.models import Message
from portal.nudges.models import WAITING, Nudge, NudgeState
from portal.nudges.rules import Rung, Silence
from portal.onboardings.models import Onboarding
from portal.onboardings.states import OnboardingState
from portal.onboardings.turns import Turn
from portal.usage.models import UsageUser

CALL_SOON = timedelta(days=3)
# Working days without a move after which somebody counts as stalled (product.md 2.8).
STALLED_AFTER = {Segment.SMB: 5, Segment.MID_MARKET: 7, Segment.ENTERPRISE: 10}


@dataclass(frozen=True, slots=True)
class Quiet:
    """A silence with the moment it began: what they did last, or when it became their turn."""

    since: datetime
    silence: Silence


def quiet_of(roads: Sequence[Onboarding]) -> dict[int, Quiet]:
    """How quiet each of these is now, by onboarding id; those that never began are left out."""
    if not roads:
        return {}
    accounts = {road.account_id for road in roads}
    life, people = _life(accounts), _people(accounts)
    calls, climbed = _calls({road.id for road in roads}), _climbed({road.id for road in roads})
    found = {}
    for road in roads:
        if (since := _since(road)) is not None:
            invited, came = people.get(road.account_id, (None, None))
            found[road.id] = Quiet(
                since,
                _silence(road, since, life.get(road.account_id), invited, came, calls.get(road.id), climbed),
            )
    return found


def _silence(
    road: Onboarding,
    since: datetime,
    life: datetime | None,
    invited: datetime | None,
    came: datetime | None,
    call: datetime | None,
    climbed: Sequence[tuple[int, Rung, NudgeState, datetime]],
) -> Silence:
    account = road.account
    own = [(rung, state) for of, rung, state, at in climbed if of == road.id and at == since]
    return Silence(
        low_touch=account.touch is Touch.LOW,
        theirs=road.is_running and road.turn is Turn.CUSTOMER and _awake(road),
        active=road.state is OnboardingState.ACTIVE,
        came=came is not None,
        invited=None if invited is None else _days(account, invited),
        silent=_days(account, since),
        life=None if life is None else _days(account, life),
        stalled_after=STALLED_AFTER[account.segment],
        call_soon=call is not None,
        replied=any(state is NudgeState.REPLIED for _rung, state in own),
        climbed=frozenset(rung for rung, _state in own),
    )


def _since(road: Onboarding) -> datetime | None:
    """When their silence began: it is counted on their turn only."""
    began = road.customer_moved_at or road.started_at
    theirs = road.ball_since if road.ball == "customer" else None
    return max(filter(None, (began, theirs)), default=None) if began else None


def _awake(road: Onboarding) -> bool:
    step = road.next_step
    return step is not None and not step.facts.sleeps(road.account.today)


def _days(account: Account, moment: datetime) -> int:
    return max(0, account.calendar.working_days_between(_day(account.zone, moment), account.today))


def _day(zone: ZoneInfo, moment: datetime) -> date:
    return moment.astimezone(zone).date()


def _life(accounts: set[int]) -> dict[int, datetime]:
    """The last sign of life of each account's people."""
    mine = Person.account_id.in_(accounts)
    shown = (
        select(Person.account_id, func.max(Session.seen_at))
        .join(Session, Session.user_id == Person.id)
        .where(mine),
        select(Person.account_id, func.max(Message.created_at))
        .join(Message, Message.author_id == Person.id)
        .where(mine),
        select(Call.account_id, func.max(Call.start)).where(
            Call.account_id.in_(accounts), Call.state == CallState.HELD
        ),
        select(UsageUser.account_id, func.max(UsageUser.last_seen_at)).where(
            UsageUser.account_id.in_(accounts)
        ),
    )
    last: dict[int, datetime] = {}
    for account_id, at in chain.from_iterable(
        db.session.execute(rows.group_by(rows.selected_columns[0])).all() for rows in shown
    ):
        last[account_id] = max(at, last.get(account_id, at))
    return last


def _people(accounts: set[int]) -> dict[int, tuple[datetime | None, datetime | None]]:
    """When the first of each account's people was invited, and when one of them first came."""
    rows = select(Person.account_id, func.min(Person.invited_at), func.min(Person.joined_at))
    rows = rows.where(Person.account_id.in_(accounts)).group_by(Person.account_id)
    return {account_id: (invited, came) for account_id, invited, came in db.session.execute(rows)}


def _calls(roads: set[int]) -> dict[int, datetime]:
    """The next booked call of each road within three days."""
    now = clock.now()
    rows = select(Call.onboarding_id, func.min(Call.start)).where(
        Call.onboarding_id.in_(roads),
        Call.state == CallState.SCHEDULED,
        Call.start >= now,
        Call.start <= now + CALL_SOON,
    )
    return dict(db.session.execute(rows.group_by(Call.onboarding_id)).all())


def _climbed(roads: set[int]) -> list[tuple[int, Rung, NudgeState, datetime]]:
    rows = select(Nudge.onboarding_id, Nudge.rung, Nudge.state, Nudge.quiet_since)
    rows = rows.where(Nudge.onboarding_id.in_(roads), Nudge.state.not_in(WAITING))
    return [(road, Rung(rung), state, since) for road, rung, state, since in db.session.execute(rows)]
