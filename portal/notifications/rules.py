"""When a letter leaves, decided from a person's preferences and a moment. Product.md 2.11, 5.2 and 5.4.

At most one letter a day leaves for each person, in working hours on working days; the rest waits for the
digest. Excepted are the letters somebody is waiting for: sign-in, security, and what they just asked for.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum, auto

from portal.calendars import Calendar, WorkingHours


class Kind(StrEnum):
    """The letters that exist."""

    INVITATION = auto()
    SIGN_IN = auto()
    CODE = auto()
    SECURITY = auto()
    WELCOME = auto()
    STEP_ASSIGNED = auto()
    STEP_RETURNED = auto()
    REMINDER_BEFORE = auto()
    REMINDER_AFTER = auto()
    STAGE_COMPLETE = auto()
    LATE = auto()
    CALL = auto()
    MESSAGE = auto()
    HELP_ASKED = auto()
    REVIEW_ASKED = auto()
    HANDOFF = auto()
    ESCALATION = "called_in"  # Customers read these words in the page of their preferences.
    PREREQUISITE = auto()
    READINESS_HOLD = auto()
    SPONSORS_ASKED = auto()
    CRITERIA_TURN = auto()
    CRITERIA_AGREED = auto()
    SCOPE = auto()
    PLAN_REVIEW = auto()
    PLAN_TO_SIGN = auto()
    PLAN_REMINDER = auto()
    PLAN_SIGNED = auto()
    PLAN_DECLINED = auto()
    PLAN_EXPIRED = auto()
    QUESTION = auto()
    NUDGE = auto()
    STAFF_DIGEST = auto()
    DIGEST = auto()


# Marked ◆ in product.md 5.4: they leave at once and cannot be switched off.
ALWAYS = frozenset(
    {Kind.INVITATION, Kind.SIGN_IN, Kind.CODE, Kind.SECURITY, Kind.PLAN_TO_SIGN, Kind.PLAN_SIGNED}
)
SWITCHABLE = tuple(kind for kind in Kind if kind not in ALWAYS)
# Only our own people get these.
STAFFS = frozenset({Kind.REVIEW_ASKED, Kind.HANDOFF, Kind.ESCALATION, Kind.STAFF_DIGEST})
# They keep to the reader's hours and count for no day: the first can't wait for tomorrow, the second is the morning's.
IN_HOURS = frozenset({Kind.ESCALATION, Kind.STAFF_DIGEST})
REMINDERS = frozenset({Kind.REMINDER_BEFORE, Kind.REMINDER_AFTER, Kind.PLAN_REMINDER, Kind.NUDGE})
# What "only what's due" still brings: what has a date and loses its sense when it waits.
DUE = REMINDERS | IN_HOURS | {Kind.CALL, Kind.LATE}


class Cadence(StrEnum):
    """How often a person wants to hear from the portal."""

    AS_IT_HAPPENS = auto()
    DAILY = auto()
    WEEKLY = auto()
    ONLY_DUE = auto()


class Channel(StrEnum):
    """How letters reach a person; `none` lets through only what signs them in or keeps them safe."""

    EMAIL = auto()
    EMAIL_CALENDAR = auto()
    NONE = auto()


@dataclass(frozen=True, slots=True)
class Wishes:
    """What one person chose, with the defaults of somebody who never opened the page."""

    cadence: Cadence = Cadence.AS_IT_HAPPENS
    channel: Channel = Channel.EMAIL_CALENDAR
    letters_off: Collection[str] = field(default=())
    paused_until: date | None = None


@dataclass(frozen=True, slots=True)
class SendAt:
    """It leaves at `moment` (UTC). `day` is the reader's day it uses up; None when it counts for none."""

    moment: datetime
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Digest:
    """It waits for the reader's next digest."""


@dataclass(frozen=True, slots=True)
class Drop:
    """It is not sent."""


def when(
    wishes: Wishes,
    kind: Kind,
    moment: datetime,
    *,
    zone: tzinfo,
    hours: WorkingHours,
    taken: Collection[date] = (),
    digest_waits: bool = False,
    just_asked: bool = False,
) -> SendAt | Digest | Drop:
    """What becomes of a letter of this kind that is ready at `moment`.

    `zone` and `hours` are the reader's; `taken` their days that have a letter already; `digest_waits` says
    that something waits for their next digest, which then takes everything along, else it would never find a
    free day.
    """
    if kind in ALWAYS:
        return SendAt(moment.astimezone(UTC))
    if wishes.channel is Channel.NONE or kind in wishes.letters_off:
        return Drop()
    if just_asked:
        return SendAt(moment.astimezone(UTC))
    if kind in IN_HOURS:
        return SendAt(hours.next(moment, zone))
    if wishes.cadence is Cadence.ONLY_DUE and kind not in DUE:
        return Drop()
    if wishes.paused_until and moment.astimezone(zone).date() < wishes.paused_until:
        # A reminder is out of date by the time the pause is over; everything else is still news.
        return Drop() if kind in REMINDERS else Digest()
    leaves = hours.next(moment, zone)
    day = leaves.astimezone(zone).date()
    if kind is Kind.DIGEST:
        return Digest() if day in taken else SendAt(leaves, day)
    if digest_waits or day in taken or wishes.cadence in (Cadence.DAILY, Cadence.WEEKLY):
        return Digest()
    return SendAt(leaves, day)


def digest_moment(wishes: Wishes, oldest: datetime, zone: tzinfo, hours: WorkingHours) -> datetime:
    """When the digest leaves whose oldest line was written at `oldest`.

    Daily (and for whoever gets letters as they happen, when one day had too many): the next working morning.
    Weekly: the first working morning of the next week. After a pause: the first working morning then.
    """
    local = oldest.astimezone(zone)
    ahead = 7 - local.weekday() if wishes.cadence is Cadence.WEEKLY else 1
    if wishes.cadence is not Cadence.WEEKLY and hours.next(oldest, zone) > oldest:
        ahead = 0  # Written before or after hours: the next opening is the next morning already.
    day = local.date() + timedelta(days=ahead)
    if wishes.paused_until:
        day = max(day, wishes.paused_until)
    start = datetime(day.year, day.month, day.day, tzinfo=zone)
    return hours.next(max(start, local), zone)


def wants_morning(wishes: Wishes, today: date, calendar: Calendar) -> bool:
    """Whether one of ours gets the letter of this morning; who wants one a week gets it on the first working day."""
    if wishes.channel is Channel.NONE or Kind.STAFF_DIGEST in wishes.letters_off:
        return False
    if wishes.paused_until and today < wishes.paused_until:
        return False
    first = calendar.next_working_day(today - timedelta(days=today.weekday()))
    return wishes.cadence is not Cadence.WEEKLY or today == first
