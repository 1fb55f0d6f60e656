"""When something to have ready is late, when that proposes a pause, and when the sponsors are asked.

Dates are the account's; lateness is counted in working days of its calendar.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, auto

from portal.calendars import Calendar

LONGEST = 600  # What is in the way, in the customer's words.
LEAST_DAYS = 3  # Working days for what is asked for once the road is under way.
REVIEW_IN = 5  # Working days until a proposed pause is looked at again.


class Status(StrEnum):
    """What the customer says of it."""

    NOT_READY = auto()
    READY = auto()
    NEED_HELP = auto()


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at. `dropped`: left out, or somebody decided to go on without it."""

    status: Status
    due_on: date | None
    blocking: bool
    dropped: bool
    sponsor_after: int

    @property
    def is_open(self) -> bool:
        """Whether it is still to come."""
        return self.status is not Status.READY and not self.dropped


def days_late(facts: Facts, today: date, calendar: Calendar, *, running: bool) -> int:
    """How many working days it is past its date: none when it is there, or while nothing runs (a pause, a draft)."""
    if not running or not facts.is_open or facts.due_on is None:
        return 0
    return max(0, calendar.working_days_between(facts.due_on, today))


def is_gap(facts: Facts, today: date, calendar: Calendar, *, running: bool) -> bool:
    """A readiness gap: not ready, or in need of help, past its date."""
    return days_late(facts, today, calendar, running=running) > 0


def proposes_hold(facts: Facts, today: date, calendar: Calendar, *, running: bool) -> bool:
    """Whether somebody of ours is asked if the onboarding should pause. Nothing is ever paused by itself."""
    return facts.blocking and is_gap(facts, today, calendar, running=running)


def asks_sponsors(facts: Facts, today: date, calendar: Calendar, *, running: bool) -> bool:
    """Whether it is so late that both sponsors are asked."""
    late = days_late(facts, today, calendar, running=running)
    return facts.blocking and late > 0 and late >= facts.sponsor_after


def all_ready(each: Iterable[Facts]) -> bool:
    """Whether nothing is still to come; what was left out, or is gone on without, keeps nobody waiting."""
    return not any(facts.is_open for facts in each)


def order(facts: Facts) -> tuple[bool, date]:
    """What is still to come first, the earliest date on top."""
    return not facts.is_open, facts.due_on or date.max
