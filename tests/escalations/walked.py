"""A road walked day by day on real rows, with health and triggers at work as the timetable has them."""

from collections.abc import Callable, Iterator
from datetime import date, time
from typing import Any

from sqlalchemy import select

from portal import db
from portal.accounts.models import Person, Staff
from portal.calendars import at
from portal.escalations import trigger_acts, trigger_run
from portal.escalations.models import Escalation
from portal.health import jobs as health
from portal.onboardings.models import Onboarding
from tests.health.walking import Walk

MORNING, NOON, EVENING = time(10), time(12), time(19)


def days(
    one: Walk,
    *,
    since: date | None = None,
    until: date | None = None,
    also: Callable[[date], None] | None = None,
) -> Iterator[date]:
    """Each day of the road once it is over: triggers fire in the morning, people work at noon, facts are kept in the
    evening and looked at. `also` happens at noon; `since` is the last day that is over already."""
    for day in list(one.days):
        if since is not None and day <= since:
            continue
        if until is not None and day > until:
            return
        for wall in (MORNING, NOON, EVENING):
            one.clock.at(at(day, wall, one.road.account.zone))
            if wall is NOON:
                one.work(day)
                if also:
                    also(day)
            ids = one.road.id, one.ana.id, one.priya.id
            db.session.commit()
            if wall is MORNING:
                trigger_acts.fire_due()
            elif wall is EVENING:
                health.evening()
                trigger_run.evaluate()
            db.session.expire_all()
            one.road = db.session.get_one(Onboarding, ids[0])
            one.ana = db.session.get_one(Person, ids[1])
            one.priya = db.session.get_one(Staff, ids[2])
        yield day


def first_day(one: Walk, seen: Callable[[], Any], **more: Any) -> date | None:
    """The first day in whose evening `seen` finds something."""
    return next((day for day in days(one, **more) if seen()), None)


def case_of(one: Walk, trigger: str | None = None) -> Escalation | None:
    """The case about it, when there is one that this trigger is in."""
    case = db.session.scalars(select(Escalation).where(Escalation.onboarding_id == one.road.id)).first()
    named = case is not None and (trigger is None or any(one.trigger == trigger for one in case.reasons))
    return case if named else None
