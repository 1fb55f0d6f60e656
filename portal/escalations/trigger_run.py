"""Triggers look at the facts of an evening: what is entered, what clears, and when each is to act.

Each evening of each onboarding is looked at once (`TriggerLook`), in the order of the days and in chunks; looking again
changes nothing. What is entered acts at the customer's next working moment (`trigger_acts`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import func, select, update

from portal import clock, db, jobs
from portal.accounts.models import Account
from portal.calendars import next_sending_moment
from portal.escalations import cases
from portal.escalations import trigger_rules as rules
from portal.escalations.models import Escalation, TriggerFiring, TriggerLook
from portal.escalations.trigger_rules import Facts, Firing, Outcome
from portal.health.models import FactsDay
from portal.health.queries import chunks
from portal.onboardings.models import Onboarding
from portal.onboardings.states import RUNNING, OnboardingState
from portal.playbooks.triggers import Current, all_current

# An evening that was missed for longer than this says nothing about now.
OLDEST = timedelta(days=3)
LIVE = (*RUNNING, OnboardingState.ON_HOLD)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Evening:
    """The facts of one onboarding on one evening, the latest evenings before it, and where its account is."""

    onboarding_id: int
    account: Account
    day: date
    facts: Facts
    before: list[Facts]


@dataclass
class Found:
    """What a chunk of evenings comes to, to be written at once."""

    entered: list[dict[str, Any]] = field(default_factory=list)
    due: list[dict[str, Any]] = field(default_factory=list)
    over: dict[int, list[TriggerFiring]] = field(default_factory=dict)
    cleared: set[int] = field(default_factory=set)


def evaluate() -> None:
    """Look at every evening that hasn't been looked at."""
    _end_with_their_roads()
    with db.reading():
        triggers = all_current()
        waiting = _waiting()
    for day, ids in waiting:
        for some in chunks(ids):
            _look(day, some, triggers)


def _end_with_their_roads() -> None:
    """Once a road is over, so is what lasted on it."""
    roads = select(Onboarding.id).where(Onboarding.state.not_in(LIVE))
    lasting = TriggerFiring.cleared_on.is_(None) & TriggerFiring.onboarding_id.in_(roads)
    with db.reading():
        there = db.session.scalar(select(TriggerFiring.id).where(lasting).limit(1))
    if there is not None:
        with db.transaction():
            ended = update(TriggerFiring).where(lasting).values(cleared_on=clock.today(), fire_at=None)
            db.session.execute(ended.execution_options(synchronize_session=False))


def _waiting() -> list[tuple[date, list[int]]]:
    """By day, the onboardings of which that evening waits to be looked at."""
    rows = (
        select(FactsDay.day, FactsDay.onboarding_id)
        .outerjoin(TriggerLook, TriggerLook.onboarding_id == FactsDay.onboarding_id)
        .where(
            FactsDay.day >= clock.today() - OLDEST,
            (TriggerLook.day.is_(None)) | (FactsDay.day > TriggerLook.day),
        )
        .order_by(FactsDay.day, FactsDay.onboarding_id)
    )
    found: dict[date, list[int]] = {}
    for day, road in db.session.execute(rows):
        found.setdefault(day, []).append(road)
    return list(found.items())


# --- A chunk ------------------------------------------------------------------------------------


def _look(day: date, ids: Sequence[int], triggers: Sequence[Current]) -> None:
    """Read without a lock; what clears tells its case under the lock of its road; then all that is new at once."""
    with db.reading():
        evenings = list(_evenings(day, ids, max(one.spec.for_days for one in triggers)))
        lasting, last = _lasting(ids), _last_fired(ids)
    found, now = Found(), clock.now()
    for evening in evenings:
        for trigger in triggers:
            known = lasting.get((evening.onboarding_id, trigger.key))
            fired = last.get((evening.onboarding_id, trigger.key))
            _judge(found, evening, trigger, known, fired, now)
    for road_id, firings in found.over.items():
        _end(road_id, day, firings, found.cleared)
    with db.transaction():
        if found.entered:
            jobs.insert_new(TriggerFiring, found.entered)
        if found.due:
            db.session.execute(update(TriggerFiring), found.due)
        _note_looked(day, evenings)


def _judge(
    found: Found,
    evening: Evening,
    trigger: Current,
    lasting: tuple[TriggerFiring, bool] | None,
    last_fired: datetime | None,
    now: datetime,
) -> None:
    zone = evening.account.zone
    fired_on = last_fired.astimezone(zone).date() if last_fired else None
    firing = None
    if lasting is not None:
        row, closed = lasting
        own = row.fired_at.astimezone(zone).date() if row.fired_at else None
        firing = Firing(row.entered_on, own, has_case=row.escalation_id is not None, case_closed=closed)
    spec, facts = trigger.spec, evening.facts
    outcome = rules.judge(
        spec, evening.day, facts, on=trigger.on, before=evening.before, lasting=firing, last_fired=fired_on
    )
    if outcome is Outcome.ENTERED:
        found.entered.append(
            {
                "account_id": evening.account.id,
                "onboarding_id": evening.onboarding_id,
                "key": trigger.key,
                "entered_on": evening.day,
                "fire_at": _moment(evening.account, now),
                "facts": rules.evidence(spec, facts),
                "done": [],
            }
        )
    elif lasting is None or firing is None:
        return
    elif outcome in (Outcome.CLEARED, Outcome.ENDED):
        found.over.setdefault(evening.onboarding_id, []).append(lasting[0])
        if outcome is Outcome.CLEARED:
            found.cleared.add(lasting[0].id)
    elif outcome is Outcome.HELD and trigger.on and lasting[0].fire_at is None:
        moment = now if spec.at_once else _moment(evening.account, now)
        if rules.due_actions(spec, facts, lasting[0].done, _worked(evening.account, firing, moment)):
            found.due.append({"id": lasting[0].id, "fire_at": moment})


def _moment(account: Account, now: datetime) -> datetime:
    """The customer's next working moment."""
    return next_sending_moment(now, account.zone, account.calendar)


def _worked(account: Account, firing: Firing, moment: datetime) -> Any:
    day = moment.astimezone(account.zone).date()
    return lambda: account.calendar.working_days_between(firing.fired_on or day, day)


def _end(road_id: int, day: date, firings: Sequence[TriggerFiring], cleared: set[int]) -> None:
    """These last no more; the case hears of those whose condition is over."""
    try:
        with db.transaction():
            road = select(Onboarding).where(Onboarding.id == road_id).with_for_update(of=Onboarding)
            onboarding = db.session.scalars(road).one()
            ended = update(TriggerFiring).where(
                TriggerFiring.id.in_([one.id for one in firings]), TriggerFiring.cleared_on.is_(None)
            )
            db.session.execute(ended.values(cleared_on=day, fire_at=None))
            over = {one.key for one in firings if one.id in cleared and one.escalation_id is not None}
            if over:
                cases.clear(onboarding, over, day)
    except Exception as error:  # noqa: BLE001 — the other onboardings are looked at all the same
        log.error("trigger not ended", onboarding=road_id, error=jobs.place_of(error))


def _note_looked(day: date, evenings: Sequence[Evening]) -> None:
    ids = [one.onboarding_id for one in evenings]
    rows = [
        {"account_id": one.account.id, "onboarding_id": one.onboarding_id, "day": day} for one in evenings
    ]
    if rows:
        jobs.insert_new(TriggerLook, rows)
        later = update(TriggerLook).where(TriggerLook.onboarding_id.in_(ids), TriggerLook.day < day)
        db.session.execute(later.values(day=day).execution_options(synchronize_session=False))


# --- Reading ------------------------------------------------------------------------------------


def _evenings(day: date, ids: Sequence[int], most: int) -> Iterator[Evening]:
    rows = (
        select(FactsDay.onboarding_id, FactsDay.facts, Account)
        .join(Account, Account.id == FactsDay.account_id)
        .where(FactsDay.day == day, FactsDay.onboarding_id.in_(ids))
        .order_by(FactsDay.onboarding_id)
    )
    before: dict[int, list[Facts]] = {}
    if most > 1:
        earlier = (
            select(FactsDay.onboarding_id, FactsDay.facts)
            .where(
                FactsDay.onboarding_id.in_(ids),
                FactsDay.day < day,
                FactsDay.day > day - timedelta(days=most),
            )
            .order_by(FactsDay.day.desc())
        )
        for road, facts in db.session.execute(earlier):
            before.setdefault(road, []).append(facts)
    for road, facts, account in db.session.execute(rows):
        yield Evening(road, account, day, facts, before.get(road, []))


def _lasting(ids: Sequence[int]) -> dict[tuple[int, str], tuple[TriggerFiring, bool]]:
    """What hasn't ended, with whether its case is closed."""
    rows = (
        select(TriggerFiring, Escalation.resolved_at)
        .outerjoin(Escalation, Escalation.id == TriggerFiring.escalation_id)
        .where(TriggerFiring.onboarding_id.in_(ids), TriggerFiring.cleared_on.is_(None))
    )
    return {
        (one.onboarding_id, one.key): (one, closed is not None) for one, closed in db.session.execute(rows)
    }


def _last_fired(ids: Sequence[int]) -> dict[tuple[int, str], datetime]:
    rows = (
        select(TriggerFiring.onboarding_id, TriggerFiring.key, func.max(TriggerFiring.fired_at))
        .where(TriggerFiring.onboarding_id.in_(ids), TriggerFiring.fired_at.is_not(None))
        .group_by(TriggerFiring.onboarding_id, TriggerFiring.key)
    )
    return {(road, key): at for road, key, at in db.session.execute(rows) if at is not None}
