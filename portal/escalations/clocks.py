"""Working time: by when somebody has had so many hours of it, and how much of it has gone by. Pure.

Moments are aware; those that come back are in UTC.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from portal.calendars import ONE_DAY, WorkingHours

NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Shift:
    """When one person works: their hours on their calendar, in their zone."""

    hours: WorkingHours
    zone: tzinfo

    @property
    def day(self) -> timedelta:
        """How long one of their working days is by the clock on the wall."""
        start, end = self.hours.start, self.hours.end
        return timedelta(hours=end.hour - start.hour, minutes=end.minute - start.minute)


def reached(since: datetime, amount: timedelta, shift: Shift) -> datetime:
    """The moment at which this person has had `amount` of working time since `since`; never before `since`."""
    left, day = amount, since.astimezone(shift.zone).date()
    if left <= NOTHING:
        return since.astimezone(UTC)
    while True:
        for start, end in shift.hours.on(day, shift.zone):
            began = max(start, since)
            if began < end:
                if left <= end - began:
                    return (began + left).astimezone(UTC)
                left -= end - began
        day += ONE_DAY


def worked(since: datetime, until: datetime, shift: Shift) -> timedelta:
    """The working time of this person between two moments; none when `until` is not after `since`."""
    found, day = NOTHING, since.astimezone(shift.zone).date()
    last = until.astimezone(shift.zone).date()
    while day <= last:
        for start, end in shift.hours.on(day, shift.zone):
            found += max(NOTHING, min(end, until) - max(start, since))
        day += ONE_DAY
    return found
