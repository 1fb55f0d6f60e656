"""What a call may become, when two people can meet, and how a time reads to each of them.

Decides from what it is given; what it says, it says in the language of whoever is being answered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum, auto
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_skeleton
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal import web
from portal.calendars import ONE_DAY, Span, WorkingHours, bookable

GRID = timedelta(minutes=30)
DAYS_OFFERED = 10
LOGGED_WITHIN = timedelta(days=366)
LONGEST_AWAY = 400  # Days.
DAY = "EEEdMMM"
ENGLISH_DAY = "EEE d MMM"  # Day before month, as in the rest of the wording.


class CallState(StrEnum):
    """Where a call stands, from the moment it has a time (product.md 2.3); before that there is none."""

    SCHEDULED = auto()
    HELD = auto()
    NO_SHOW = auto()
    CANCELLED = auto()


class Side(StrEnum):
    """Whose people did not come."""

    CUSTOMER = auto()
    US = auto()


# What is over stays as it was: meeting after all is a new call. A log may be taken back on its own day, which is not
# a change of what happened; `outcome` guards it.
MAY: Final[Mapping[CallState, frozenset[CallState]]] = {
    CallState.SCHEDULED: frozenset(
        {CallState.SCHEDULED, CallState.HELD, CallState.NO_SHOW, CallState.CANCELLED}
    ),
    CallState.HELD: frozenset(),
    CallState.NO_SHOW: frozenset(),
    CallState.CANCELLED: frozenset(),
}


STATES: Final = {
    CallState.SCHEDULED: _l("booked"),
    CallState.HELD: _l("held"),
    CallState.NO_SHOW: _l("missed"),
    CallState.CANCELLED: _l("cancelled"),
}


@dataclass(frozen=True, slots=True)
class Diary:
    """When one person can be met: working hours on their own wall."""

    hours: WorkingHours
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Day:
    """The free times of one day of the first person's wall; each in UTC, from and to."""

    day: date
    slots: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Time:
    """One time to choose: in UTC, with whom it is from the reader's side, and who stands in for the host then."""

    start: datetime
    other: str
    other_zone: ZoneInfo
    stand_in: str = ""


def both_at_work(mine: Diary, theirs: Diary, span: Span) -> bool:
    """Whether this whole time lies in the working day of both."""
    day = span[0].astimezone(mine.zone).date()
    shared = bookable(day, mine.hours, mine.zone, theirs.hours, theirs.zone)
    return any(start <= span[0] and span[1] <= end for start, end in shared)


def why_not(
    mine: Diary,
    theirs: Diary,
    names: tuple[str | None, str],
    span: Span,
    busy: Sequence[Span],
    now: datetime,
) -> str | None:
    """The sentence that refuses this time, or None when it suits. `names` says whose diaries these are, None for
    the reader's own; `busy` is when the second one is taken."""
    own, name = names
    if span[0] <= now:
        return _("That time has passed.")
    if sentence := _day_off(mine, own, span[0]) or _day_off(theirs, name, span[0]):
        return sentence
    if not both_at_work(mine, theirs, span):
        if own is not None:
            return _("That time is outside %(own)s's working day or %(name)s's.", own=own, name=name)
        return _("That time is outside your working day or %(name)s's.", name=name)
    if overlaps(span, busy):
        return _("%(name)s has a call then.", name=name)
    return None


def _day_off(diary: Diary, name: str | None, start: datetime) -> str:
    """That the day of this moment is none on which this one works; empty when it is one."""
    day = start.astimezone(diary.zone).date()
    if diary.hours.calendar.is_working_day(day):
        return ""
    if name is None:
        return _("%(date)s is a day off for you.", date=web.day(day, DAY))
    return _("%(date)s is a day off for %(name)s.", date=web.day(day, DAY), name=name)


def why_not_logged(start: datetime, now: datetime) -> str | None:
    """The sentence that refuses to log a call as held at this time, or None when it may be."""
    return _why_not_told(start > now, now - start > LOGGED_WITHIN)


def why_not_logged_on(day: date, today: date) -> str | None:
    """The same for a whole day. Ask it first: at the ends of the calendar a day has no moment in every zone."""
    return _why_not_told(day > today, today - day > LOGGED_WITHIN)


def _why_not_told(ahead: bool, long_past: bool) -> str | None:
    if ahead:
        return _("That time is still ahead. Book the call instead.")
    if long_past:
        return _("That is more than a year ago. Check the date.")
    return None


def days_away(until: date | None, today: date) -> frozenset[date]:
    """The days from `today` up to and with `until`; none when it has passed."""
    count = (until - today).days + 1 if until else 0
    return frozenset(today + n * ONE_DAY for n in range(min(count, LONGEST_AWAY)))


def overlaps(span: Span, busy: Sequence[Span]) -> bool:
    """Whether this time runs into any of those."""
    return any(span[0] < end and start < span[1] for start, end in busy)


def ever_overlap(mine: Diary, theirs: Diary, now: datetime) -> bool:
    """Whether the two working days share any time in the days that are offered."""
    return any(
        bookable(day, mine.hours, mine.zone, theirs.hours, theirs.zone) for day in offered_days(mine, now)
    )


def offered_days(mine: Diary, now: datetime) -> list[date]:
    """Today and what follows, ten working days in all."""
    day = now.astimezone(mine.zone).date()
    days: list[date] = []
    while len(days) < DAYS_OFFERED:
        if mine.hours.calendar.is_working_day(day):
            days.append(day)
        day += ONE_DAY
    return days


def free(mine: Diary, theirs: Diary, minutes: int, busy: Sequence[Span], now: datetime) -> list[Day]:
    """The times both can meet in the next ten working days of `mine`, every half hour; days without any are left out.

    `busy` is when `theirs` is taken already.
    """
    length = timedelta(minutes=minutes)
    found = []
    for day in offered_days(mine, now):
        slots = []
        for start, end in bookable(day, mine.hours, mine.zone, theirs.hours, theirs.zone):
            while start + length <= end:
                span = (start, start + length)
                if start > now and not overlaps(span, busy):
                    slots.append(span)
                start += GRID
        if slots:
            found.append(Day(day, tuple(slots)))
    return found


def wall(moment: datetime, zone: ZoneInfo, locale: str) -> str:
    """“Thu 12 Mar, 15:00” on the wall in this zone."""
    local = moment.astimezone(zone)
    if locale.startswith("en"):
        return format_datetime(local, f"{ENGLISH_DAY}, HH:mm", tzinfo=zone, locale=locale)
    return f"{format_skeleton('MMMEd', local, tzinfo=zone, locale=locale)}, {local:%H:%M}"


def both_walls(moment: datetime, zone: ZoneInfo, name: str, other: ZoneInfo, locale: str) -> str:
    """“Thu 12 Mar, 15:00 your time (10:00 Priya's)”; one time when both clocks show the same (product.md 2.11)."""
    mine, theirs = moment.astimezone(zone), moment.astimezone(other)
    shown = wall(moment, zone, locale)
    if mine.utcoffset() == theirs.utcoffset():
        return shown
    there = f"{theirs:%H:%M}" if mine.date() == theirs.date() else wall(moment, other, locale)
    return _("%(mine)s your time (%(theirs)s %(name)s's)", mine=shown, theirs=there, name=name)


def listed(times: Sequence[Time], zone: ZoneInfo) -> list[tuple[date, list[tuple[str, str]]]]:
    """Times to choose from, by the day on the reader's wall: the value to send, and “15:00 (10:00 Priya's)”."""
    found: dict[date, list[tuple[str, str]]] = {}
    for time in times:
        mine, theirs = time.start.astimezone(zone), time.start.astimezone(time.other_zone)
        shown = f"{mine:%H:%M}"
        if mine.utcoffset() != theirs.utcoffset():
            shown = _(
                "%(mine)s (%(theirs)s %(name)s's)", mine=shown, theirs=f"{theirs:%H:%M}", name=time.other
            )
        if time.stand_in and (time.stand_in != time.other or mine.utcoffset() == theirs.utcoffset()):
            shown = _("%(time)s, with %(name)s", time=shown, name=time.stand_in)
        found.setdefault(mine.date(), []).append((f"{time.start.astimezone(UTC):%Y-%m-%dT%H:%MZ}", shown))
    return sorted(found.items())
