"""What counted events say about people and weeks. Pure: facts in, answers out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from portal.calendars import Calendar

TICKET: Final = "Support Ticket Created"
ORDER: Final = "Order Completed"
# They come by the same door and say nothing about who uses the product.
NOT_USE: Final = (TICKET, ORDER)
ACTIVE_DAYS: Final = 30
WEEK: Final = timedelta(days=7)
ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Days:
    """From the first to the last, both included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def working(self, calendar: Calendar) -> int:
        """How many of them are working days."""
        return calendar.working_days_between(self.first - ONE_DAY, self.last)


@dataclass(frozen=True)
class Stretch:
    """What happened in seven full days: events, the people behind them, and events for each working day, so that a
    week with a public holiday compares with one without."""

    events: int
    people: int
    per_working_day: float


def window(today: date) -> Days:
    """The days in which whoever did something counts as active."""
    return Days(today - timedelta(days=ACTIVE_DAYS - 1), today)


def week(today: date, before: int = 0) -> Days:
    """The last seven full days before today, or those `before` weeks earlier."""
    end = today - before * WEEK
    return Days(end - WEEK, end - ONE_DAY)


def stretch(days: Days, events: int, people: int, calendar: Calendar) -> Stretch:
    """These counts of `days`. A week without a working day counts as one of one day."""
    return Stretch(events, people, events / max(1, days.working(calendar)))


def activated(done: Mapping[int, Mapping[str, date]], actions: Iterable[str], until: date) -> dict[int, date]:
    """Who has done every one of `actions` by the end of `until`, each with the day of the last that was missing.

    `done` holds for each person the first day of each thing they did. Without actions nobody is activated.
    """
    wanted = frozenset(actions)
    if not wanted:
        return {}
    found = {}
    for user, first in done.items():
        if wanted <= first.keys() and (on := max(first[one] for one in wanted)) <= until:
            found[user] = on
    return found


@dataclass(frozen=True)
class Measure:
    """How far something is that was to be seen: how often, or by how many people. `need` is None while nobody knows
    how many that would be; `on` is the day on which there was enough."""

    have: int
    need: int | None
    of_people: bool
    on: date | None = None


def times(by_day: Mapping[date, int], need: int) -> Measure:
    """How often it happened, and the day on which that was often enough."""
    have, on = 0, None
    for day in sorted(by_day):
        have += by_day[day]
        if on is None and have >= need:
            on = day
    return Measure(have, need, of_people=False, on=on)


def people(first: Iterable[date], need: int | None) -> Measure:
    """How many did it, by the day on which each did so first, and the day on which they were enough."""
    days = sorted(first)
    enough = need is not None and 0 < need <= len(days)
    return Measure(len(days), need, of_people=True, on=days[need - 1] if enough and need else None)


def share_of(seats: int | None, percent: int) -> int | None:
    """How many people this share of the seats is, rounded up; None where nobody has said how many seats there are."""
    return -(-seats * percent // 100) if seats else None
