"""Whose part a call is, who holds it while they are away, and when each can be met."""

from datetime import datetime

from sqlalchemy import select

from portal import clock, db
from portal.accounts.kinds import TeamRole
from portal.accounts.models import Person, Staff
from portal.calendars import Calendar, WorkingHours
from portal.calls import rules
from portal.calls.rules import Diary
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step


def host_for(step: Step | None, onboarding: Onboarding) -> Staff | None:
    """Whose part a call about this step is: the role that the playbook names, else the onboarding's owner."""
    call = step.spec.call if step else None
    return (onboarding.on_team(TeamRole(call.owner_role)) if call else None) or onboarding.owner


def diary(user: Person | Staff, *, away: bool = True) -> Diary:
    """When this user can be met: not on days off, and staff not while they are away (unless `away` is false)."""
    if isinstance(user, Person):
        calendar = user.account.calendar
    else:
        days_off = rules.days_away(user.away_until if away else None, clock.today(str(user.zone)))
        calendar = Calendar(country=user.country, days_off=days_off)
    return Diary(WorkingHours(user.work_start, user.work_end, calendar), user.zone)


def holder(host: Staff, start: datetime) -> Staff:
    """Who holds a call of this host at that time: their stand-in on days on which they are away."""
    stand_in = host.stand_in if is_away_at(host, start) else None
    return stand_in if stand_in and stand_in.is_active else host


def is_away_at(host: Staff, start: datetime) -> bool:
    """Whether this staff member is away on the day of that moment."""
    return host.away_until is not None and start.astimezone(host.zone).date() <= host.away_until


def one_at_a_time(owner: Staff) -> None:
    """Until this transaction ends, nobody else fixes or changes a call of this staff member: ask before looking at
    what they have."""
    db.session.execute(select(Staff.id).where(Staff.id == owner.id).with_for_update(key_share=True))
