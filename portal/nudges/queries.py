"""What pages read of follow-ups: the outbox, what was tried on one road, the line on a customer's home."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload

from portal import clock, db
from portal.access import visible
from portal.accounts.models import Person, Staff, TeamMember
from portal.auth.models import Session
from portal.nudges.models import LEFT, WAITING, Nudge, NudgeState
from portal.nudges.rules import Rung
from portal.nudges.words import RUNGS, came_of_it
from portal.onboardings.models import Onboarding
from portal.onboardings.standings import Health, Quiet
from portal.onboardings.states import OnboardingState

LATELY = timedelta(days=30)
MOST = 100


@dataclass(frozen=True)
class Tried:
    """One follow-up that was sent, with what came of it."""

    nudge: Nudge
    at: datetime
    title: str
    result: str


@dataclass(frozen=True)
class Outbox:
    """What waits, what was sent lately and what was stopped; `stuck` are the roads of those who come and don't get
    on."""

    to_approve: list[Nudge]
    planned: list[Nudge]
    sent: list[Tried]
    stopped: list[Tried]
    stuck: list[Onboarding]


WHOLE = (joinedload(Nudge.person), joinedload(Nudge.onboarding).joinedload(Onboarding.account))


def outbox(staff: Staff, *, everybody: bool) -> Outbox:
    """Follow-ups to the reader's own customers and those of whom they stand in for, or to everybody's."""
    mine = [] if everybody else [Nudge.onboarding_id.in_(_roads_of(staff))]
    waiting = _nudges(Nudge.state.in_(WAITING), *mine, order=Nudge.planned_for)
    lately = clock.now() - LATELY
    sent = _nudges(Nudge.state.in_(LEFT), Nudge.sent_at > lately, *mine, order=Nudge.sent_at.desc())
    gone = Nudge.state.in_((NudgeState.SUPERSEDED, NudgeState.SKIPPED))
    stopped = _nudges(gone, Nudge.ended_at > lately, *mine, order=Nudge.ended_at.desc())
    return Outbox(
        to_approve=[one for one in waiting if one.state is NudgeState.NEEDS_APPROVAL],
        planned=[one for one in waiting if one.state is NudgeState.PLANNED],
        sent=_tried(sent),
        stopped=_tried(stopped),
        stuck=_stuck([] if everybody else [Onboarding.id.in_(_roads_of(staff))]),
    )


def _roads_of(staff: Staff) -> Select[int]:
    whose = select(Staff.id).where(
        or_(Staff.id == staff.id, (Staff.stand_in_id == staff.id) & (Staff.away_until >= clock.now().date()))
    )
    return select(TeamMember.onboarding_id).where(TeamMember.staff_id.in_(whose))


def _nudges(*where: ColumnElement[bool], order: Any) -> list[Nudge]:
    rows = visible(Nudge).where(*where).options(*WHOLE).order_by(order, Nudge.id).limit(MOST)
    return list(db.session.scalars(rows))


def _stuck(mine: Sequence[ColumnElement[bool]]) -> list[Onboarding]:
    """Engaged, not moving, as health last found them; those who were asked lately are left out."""
    asked = select(Nudge.onboarding_id).where(
        Nudge.rung == Rung.ENGAGED.value, Nudge.created_at > clock.now() - timedelta(days=7)
    )
    rows = visible(Onboarding).where(
        Onboarding.health == Health.STALLED,
        Onboarding.quiet == Quiet.ENGAGED,
        Onboarding.state == OnboardingState.ACTIVE,
        Onboarding.id.not_in(asked),
        *mine,
    )
    rows = rows.options(joinedload(Onboarding.account), joinedload(Onboarding.next_step))
    return list(db.session.scalars(rows.order_by(Onboarding.turn_order, Onboarding.id).limit(MOST)))


def tried(onboarding: Onboarding) -> list[Tried]:
    """The follow-ups that were sent on this road, latest first, with what came of each."""
    rows = select(Nudge).where(Nudge.onboarding_id == onboarding.id, Nudge.state.in_(LEFT))
    rows = rows.options(joinedload(Nudge.person)).order_by(Nudge.sent_at.desc(), Nudge.id.desc())
    return _tried(list(db.session.scalars(rows.limit(MOST))))


def _tried(nudges: Sequence[Nudge]) -> list[Tried]:
    seen = _seen({one.account_id for one in nudges})
    found = []
    for nudge in nudges:
        at, last = nudge.sent_at or nudge.ended_at or nudge.created_at, seen.get(nudge.account_id)
        result = came_of_it(nudge, visited=last is not None and last > at)
        found.append(Tried(nudge, at, str(RUNGS[nudge.why]), result))
    return found


def _seen(accounts: set[int]) -> dict[int, datetime]:
    """When each account's people were last here."""
    if not accounts:
        return {}
    rows = select(Person.account_id, func.max(Session.seen_at)).join(Session, Session.user_id == Person.id)
    return dict(
        db.session.execute(rows.where(Person.account_id.in_(accounts)).group_by(Person.account_id)).all()
    )


def on_home(onboarding: Onboarding, reader: Person) -> Nudge | None:
    """The last follow-up to this reader that nothing has come of, unless they put it away."""
    rows = select(Nudge).where(
        Nudge.onboarding_id == onboarding.id,
        Nudge.person_id == reader.id,
        Nudge.state == NudgeState.SENT,
        Nudge.dismissed_at.is_(None),
        Nudge.sent_at > max(clock.now() - LATELY, onboarding.customer_moved_at or onboarding.created_at),
    )
    return db.session.scalar(rows.order_by(Nudge.sent_at.desc(), Nudge.id.desc()).limit(1))
