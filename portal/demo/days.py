"""The demo's calendar: every moment follows from the day it is built on, and none lies after that day's first."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from portal.accounts.models import Account, Person, Staff, User
from portal.calendars import Calendar, at


@dataclass(frozen=True, slots=True)
class Days:
    """`today` is the date in UTC on which the demo is built. All that has happened, happened before it began."""

    today: date

    @property
    def end(self) -> datetime:
        """The last moment of the demo's past."""
        return datetime.combine(self.today, time(0), UTC)

    def shared_before(self, *calendars: Calendar) -> date:
        """The last day before today on which everybody works."""
        day = self.today - timedelta(days=1)
        while not all(calendar.is_working_day(day) for calendar in calendars):
            day -= timedelta(days=1)
        return day


def calendar_of(user: User) -> Calendar:
    """The working days of this user."""
    if isinstance(user, Person):
        return user.account.calendar
    assert isinstance(user, Staff)
    return user.calendar


def clock_at(day: date, wall: str, user: User | Account) -> datetime:
    """The moment a clock near `user` shows `wall` (like "14:30") on this day."""
    return at(day, time.fromisoformat(wall), user.zone)


def working(moment: datetime, user: User) -> datetime:
    """This moment when `user` is at work then, else the start of their next working day."""
    local, calendar = moment.astimezone(user.zone), calendar_of(user)
    if calendar.is_working_day(local.date()) and user.work_start <= local.time() < user.work_end:
        return moment
    day = local.date() if local.time() < user.work_start else local.date() + timedelta(days=1)
    return at(calendar.next_working_day(day), user.work_start, user.zone) + timedelta(minutes=12)
