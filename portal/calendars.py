"""Working days, working hours and quiet hours. Pure: every moment and zone is given.

Dates are dates in the account's zone. Moments are aware; those that come back are in UTC.
Weekdays count from Monday = 0. Weeks may hold any days (Sunday to Thursday, for example).
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from importlib.util import find_spec, module_from_spec
from zoneinfo import ZoneInfo, available_timezones

import holidays
from holidays.registry import EntityLoader

# The library finds each country in a module of its own. This package's own code would load all 250 with the first,
# which costs 8 MB in every process, so it is never run.
if countries := find_spec("holidays.countries"):
    sys.modules.setdefault(countries.name, module_from_spec(countries))

MONDAY_TO_FRIDAY = frozenset(range(5))
NINE, FIVE = time(9), time(17)
ONE_DAY = timedelta(days=1)

Span = tuple[datetime, datetime]


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Every time zone name a person may choose."""
    return frozenset(available_timezones() - {"localtime", "Factory", "posixrules"})


def zone(name: str) -> ZoneInfo:
    """The IANA zone of this name, or ValueError with a sentence for the person who typed it."""
    if name not in zone_names():
        raise ValueError(f"“{name}” is not a time zone we know; choose one like Europe/Lisbon.")
    return ZoneInfo(name)


@lru_cache(maxsize=1)
def country_codes() -> frozenset[str]:
    """The two-letter ISO codes whose public holidays are known."""
    return frozenset(EntityLoader.get_country_codes(include_aliases=False))


def country(code: str) -> str:
    """The ISO code in capitals, or ValueError with a sentence for the person who typed it."""
    if code.upper() not in country_codes():
        raise ValueError(f"“{code}” is not a country code we know; choose a two-letter one like PT.")
    return code.upper()


@lru_cache(maxsize=1024)
def public_holidays(country_code: str, year: int) -> frozenset[date]:
    """Nation-wide public holidays, those observed on another day included."""
    return frozenset(holidays.country_holidays(country_code, years=year))


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days an account works on.

    `country` is a two-letter ISO code; None means no public holidays. `days_off` are further days off.
    Hashable, and cheap to make again: equal calendars share their cached years.
    """

    country: str | None = None
    working_week: frozenset[int] = MONDAY_TO_FRIDAY
    days_off: frozenset[date] = field(default=frozenset())

    def __post_init__(self) -> None:
        if not self.working_week or not self.working_week <= set(range(7)):
            raise ValueError("A working week needs at least one day, counted from Monday = 0 to Sunday = 6.")
        if self.country is not None:
            object.__setattr__(self, "country", country(self.country))

    def is_working_day(self, day: date) -> bool:
        return (
            day.weekday() in self.working_week
            and day not in self.days_off
            and (self.country is None or day not in public_holidays(self.country, day.year))
        )

    def next_working_day(self, day: date) -> date:
        """The day itself when it is a working day, else the first one after it."""
        while not self.is_working_day(day):
            day += ONE_DAY
        return day

    def previous_working_day(self, day: date) -> date:
        """The day itself when it is a working day, else the last one before it."""
        while not self.is_working_day(day):
            day -= ONE_DAY
        return day

    def add_working_days(self, day: date, n: int) -> date:
        """The nth working day after `day`, or before it when n is negative.

        Zero gives the day itself, or the next working day when it is a day off.
        """
        if n == 0:
            return self.next_working_day(day)
        ahead = 1 if n > 0 else -1
        wanted = abs(n)
        # Whole weeks at once: they hold at most `wanted` working days, so this never lands too far.
        landed = day + ahead * timedelta(weeks=wanted // len(self.working_week))
        wanted -= self._between(day, landed) if ahead > 0 else self._between(landed - ONE_DAY, day - ONE_DAY)
        while wanted:
            landed += ahead * ONE_DAY
            wanted -= self.is_working_day(landed)
        return self.previous_working_day(landed) if ahead > 0 else self.next_working_day(landed)

    def working_days_between(self, a: date, b: date) -> int:
        """How many working days lie after `a` up to and with `b`; negative when `b` is before `a`.

        Takes a few microseconds whatever the distance.
        """
        return self._between(a, b) if a <= b else -self._between(b, a)

    def _between(self, a: date, b: date) -> int:
        first, last = _working_days(self, a.year), _working_days(self, b.year)
        if a.year == b.year:
            return last[b.timetuple().tm_yday] - first[a.timetuple().tm_yday]
        whole_years = sum(_working_days(self, year)[-1] for year in range(a.year + 1, b.year))
        return first[-1] - first[a.timetuple().tm_yday] + whole_years + last[b.timetuple().tm_yday]


@lru_cache(maxsize=4096)
def _working_days(calendar: Calendar, year: int) -> tuple[int, ...]:
    """Working days from 1 January up to and with the nth day of the year; index 0 is the eve."""
    counts = [0]
    day = date(year, 1, 1)
    for _ in range((date(year, 12, 31) - day).days + 1):
        counts.append(counts[-1] + calendar.is_working_day(day))
        day = day + ONE_DAY if day < date.max else day
    return tuple(counts)


def at(day: date, wall: time, tz: tzinfo) -> datetime:
    """The moment a clock on the wall in this zone shows `wall`, in UTC.

    A wall time that the change to summer time leaves out becomes as much later as the clock jumped;
    one that happens twice is the first of the two.
    """
    return datetime.combine(day, wall, tz).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When one person can be met: from `start` to `end` on their wall, on their calendar's working days."""

    start: time = NINE
    end: time = FIVE
    calendar: Calendar = Calendar()

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError("Working hours end later than they start, like 09:00 to 17:00.")

    def on(self, day: date, tz: tzinfo) -> list[Span]:
        """The moments between which this person works on their own `day`; none on a day off."""
        if not self.calendar.is_working_day(day):
            return []
        return [(at(day, self.start, tz), at(day, self.end, tz))]

    def next(self, moment: datetime, tz: tzinfo) -> datetime:
        """The moment itself while this person works, else when they next begin; in UTC."""
        if moment.tzinfo is None:
            raise ValueError("A moment to send at needs its time zone.")
        local = moment.astimezone(tz)
        if self.calendar.is_working_day(local.date()) and self.start <= local.time() < self.end:
            return moment.astimezone(UTC)
        day = local.date() if local.time() < self.start else local.date() + ONE_DAY
        return max(at(self.calendar.next_working_day(day), self.start, tz), moment.astimezone(UTC))


def bookable(
    day: date, hours_a: WorkingHours, zone_a: tzinfo, hours_b: WorkingHours, zone_b: tzinfo
) -> list[Span]:
    """When both are at work, in UTC, during the day that is `day` for A; empty when never."""
    theirs = [span for shift in (-1, 0, 1) for span in hours_b.on(day + shift * ONE_DAY, zone_b)]
    both = (
        (max(mine[0], other[0]), min(mine[1], other[1]))
        for mine in hours_a.on(day, zone_a)
        for other in theirs
    )
    return [(start, end) for start, end in both if start < end]


def slots(spans: Iterable[Span], minutes: int) -> list[Span]:
    """Meetings of this length, one after the other from the beginning of each span."""
    if minutes < 1:
        raise ValueError("A meeting lasts at least one minute.")
    length = timedelta(minutes=minutes)
    return [
        (start + n * length, start + (n + 1) * length)
        for start, end in spans
        for n in range((end - start) // length)
    ]


def next_sending_moment(moment: datetime, tz: tzinfo, calendar: Calendar) -> datetime:
    """When a letter may leave: at once from 09:00 to 17:00 on the reader's working day, else the next 09:00.

    `tz` and `calendar` are the reader's; the answer is in UTC and never before `moment`.
    """
    return WorkingHours(calendar=calendar).next(moment, tz)
