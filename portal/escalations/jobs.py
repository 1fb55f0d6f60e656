"""What cases do by themselves as time passes: one at a time, under the lock of its road."""

from datetime import date

import structlog
from flask_babel import gettext as _
from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import aliased

from portal import clock, db, jobs
from portal.accounts.models import Staff
from portal.calendars import ONE_DAY
from portal.escalations import cases, closing, letters, queries, routing, rules, running, working
from portal.escalations.models import Escalation, EscalationState
from portal.onboardings.models import Onboarding
from portal.onboardings.states import LIVE, OnboardingState

log = structlog.get_logger(__name__)

OPEN = Escalation.resolved_at.is_(None)
HELD = Onboarding.state == OnboardingState.ON_HOLD
STOPPED = or_(Escalation.acknowledge_left.is_not(None), Escalation.act_left.is_not(None))
WAITING = Escalation.state == EscalationState.WAITING_ON_CUSTOMER


def pass_clocks() -> None:
    """Everything that is due now; twice changes nothing the second time."""
    with db.reading():
        due = list(db.session.execute(_due()))
    for case_id, road_id in due:
        try:
            with db.transaction():
                road = select(Onboarding).where(Onboarding.id == road_id).with_for_update(of=Onboarding)
                db.session.scalars(road).one()
                case = db.session.get_one(Escalation, case_id, with_for_update=True)
                if case.resolved_at is None:
                    _move(case)
        except Exception as error:  # noqa: BLE001 — the other cases still get what is due to them
            log.error("case failed", case=case_id, error=jobs.place_of(error))


def _due() -> Select[int, int]:
    """The cases that something may be due for, by id and road."""
    now, owner = clock.now(), aliased(Staff)
    latest = now.date() + ONE_DAY  # The latest date that any zone has now.
    return (
        select(Escalation.id, Escalation.onboarding_id)
        .join(Onboarding, Onboarding.id == Escalation.onboarding_id)
        .outerjoin(owner, owner.id == Escalation.owner_id)
        .where(
            OPEN,
            or_(
                and_(Onboarding.state.not_in(LIVE), Escalation.apart.is_(False)),
                and_(HELD, or_(Escalation.acknowledge_by.is_not(None), Escalation.act_by.is_not(None))),
                and_(~HELD, STOPPED, ~WAITING),
                and_(~HELD, WAITING, Escalation.wait_until <= latest),
                and_(~HELD, queries.overdue(), Escalation.chased_at.is_(None)),
                and_(~HELD, Escalation.clear_since.is_not(None)),
                and_(~HELD, or_(owner.left_at.is_not(None), owner.away_until >= now.date() - ONE_DAY)),
            ),
        )
        .order_by(Escalation.id)
    )


def _move(case: Escalation) -> None:
    """The first of these that applies; the next run finds the rest."""
    road = case.onboarding
    if road.state not in LIVE and not case.apart:
        closing.end(case, _("The onboarding is over."))
    elif road.state is OnboardingState.ON_HOLD:
        running.stop(case)
    elif case.state is EscalationState.WAITING_ON_CUSTOMER:
        if case.wait_until is not None and case.wait_until <= _their_day(case):
            working.come_back(case, by=None)
    elif rules.clears_by_itself(case.state, case.clear_since, road.account.today):
        closing.end(case, _("What it was about holds no more."))
    else:
        if case.acknowledge_left is not None or case.act_left is not None:
            running.go_on(case)
            cases.keep_helper(case)
        away = case.owner is not None and not routing.is_here(case.owner)
        if not (away and cases.hand_on(case)):
            _chase(case)


def _their_day(case: Escalation) -> date:
    """The date where whoever has it is."""
    return clock.now().astimezone(routing.shift_of(case.owner).zone).date()


def _chase(case: Escalation) -> None:
    """The clock has run out: the next level hears; at the highest, whoever has it hears once more."""
    now = clock.now()
    untaken = case.state is EscalationState.OPEN
    until = case.acknowledge_by if untaken else case.act_by
    if until is None or until > now or case.chased_at is not None:
        return
    if case.level < rules.HIGHEST:
        why = _("Nobody took it in time.") if untaken else _("Nothing was done in time.")
        cases.raise_level(case, by=None, why=why)
    else:
        case.chased_at = now
        letters.overdue(case)
