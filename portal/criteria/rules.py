"""When a result is agreed, and how far it has come: two axes that never mix (product.md 2.3), as pure functions.

Values are exact numbers in the unit of their wording; what is there or isn't goes from 0 to 1.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum, auto
from math import ceil
from typing import Final, Protocol

MOST_CHECKPOINTS: Final = 3


class Side(StrEnum):
    """Who wrote a wording, and who can agree to it."""

    CUSTOMER = auto()
    US = auto()

    @property
    def other(self) -> "Side":
        """The one across the table."""
        return Side.US if self is Side.CUSTOMER else Side.CUSTOMER


class Agreement(StrEnum):
    """Where one wording stands."""

    DRAFT = auto()
    PROPOSED = auto()
    CHANGES_REQUESTED = auto()
    AGREED = auto()
    SUPERSEDED = auto()
    WITHDRAWN = auto()


class Achievement(StrEnum):
    """How far an agreed result is."""

    NOT_STARTED = auto()
    TRACKING = auto()
    MET = auto()
    NOT_MET = auto()
    ADJUSTED = auto()


class Pace(StrEnum):
    """How tracking goes; it follows from the day, so it is worked out and never stored."""

    ON_TRACK = auto()
    BEHIND = auto()


class Direction(StrEnum):
    """Which way the number is to go; `by_date` is something that is there on a day, or isn't."""

    UP = auto()
    DOWN = auto()
    BY_DATE = auto()


class Evidence(StrEnum):
    """Where it will be seen."""

    USAGE = auto()
    UPLOAD = auto()
    STATEMENT = auto()


_A = Agreement
WORDING: Final[Mapping[Agreement, frozenset[Agreement]]] = {
    _A.DRAFT: frozenset({_A.PROPOSED, _A.WITHDRAWN}),
    _A.PROPOSED: frozenset({_A.CHANGES_REQUESTED, _A.AGREED, _A.SUPERSEDED, _A.WITHDRAWN}),
    _A.CHANGES_REQUESTED: frozenset({_A.PROPOSED, _A.SUPERSEDED, _A.WITHDRAWN}),
    _A.AGREED: frozenset({_A.SUPERSEDED, _A.WITHDRAWN}),
    _A.SUPERSEDED: frozenset(),
    _A.WITHDRAWN: frozenset(),
}
OPEN: Final = frozenset({_A.DRAFT, _A.PROPOSED, _A.CHANGES_REQUESTED})

_R = Achievement
ACHIEVED: Final[Mapping[Achievement, frozenset[Achievement]]] = {
    _R.NOT_STARTED: frozenset({_R.TRACKING}),
    _R.TRACKING: frozenset({_R.MET, _R.NOT_MET}),
    _R.NOT_MET: frozenset({_R.ADJUSTED}),
    _R.MET: frozenset(),
    _R.ADJUSTED: frozenset(),
}
OVER: Final = frozenset({_R.MET, _R.ADJUSTED})


def wording_may(now: Agreement, then: Agreement) -> bool:
    """Whether a wording that stands at `now` may come to stand at `then`."""
    return then in WORDING[now]


def result_may(now: Achievement, then: Achievement) -> bool:
    """Whether a result that is `now` may become `then`."""
    return then in ACHIEVED[now]


# --- Agreeing -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Talk:
    """What is being talked about: where the open wording stands and whose it is, and whether one is in force."""

    open: Agreement | None
    writer: Side | None
    in_force: bool
    over: bool = False  # Met, adjusted or withdrawn: there is nothing more to agree.

    @property
    def turn(self) -> Side | None:
        """Who has to answer: the other side of what was proposed, its writer when changes were asked for."""
        if self.open is None or self.writer is None:
            return None
        return self.writer.other if self.open is Agreement.PROPOSED else self.writer

    def may_agree(self, side: Side) -> bool:
        """Only the side that did not write the current wording can agree to it."""
        return self.open is Agreement.PROPOSED and self.writer is not side

    def may_ask(self, side: Side) -> bool:
        """Ask for a change without writing it: whoever could agree."""
        return self.may_agree(side)

    def may_keep(self, side: Side) -> bool:
        """Propose the same wording again: its writer, after changes were asked for or while it is a draft."""
        return self.open in (Agreement.DRAFT, Agreement.CHANGES_REQUESTED) and self.writer is side

    def may_word(self) -> bool:
        """Propose other words: either side, until it is over."""
        return not self.over

    def may_withdraw(self, side: Side) -> bool:
        """One's own proposal; and what is agreed, while nothing else is proposed, by those whose goal it is."""
        if self.open is not None:
            return self.writer is side
        return self.in_force and side is Side.CUSTOMER and not self.over


# --- Terms --------------------------------------------------------------------------------------


class Terms(Protocol):
    """The numbers of one wording."""

    @property
    def direction(self) -> Direction: ...
    @property
    def baseline(self) -> Decimal: ...
    @property
    def target(self) -> Decimal: ...
    @property
    def target_on(self) -> date: ...


class Point(Protocol):
    """A value that is to be reached by a day."""

    @property
    def value(self) -> Decimal | None: ...
    @property
    def on(self) -> date: ...


class Reading(Protocol):
    """A value that was measured on a day."""

    @property
    def value(self) -> Decimal: ...
    @property
    def on(self) -> date: ...


class Flaw(StrEnum):
    """Why numbers can't be agreed."""

    SAME = auto()
    GOES_DOWN = auto()
    GOES_UP = auto()
    LATE = auto()
    BEYOND = auto()
    BACKWARDS = auto()


def flaw_of(terms: Terms) -> Flaw | None:
    """What contradicts itself in the numbers."""
    if terms.target == terms.baseline:
        return Flaw.SAME
    if terms.direction is not Direction.DOWN and terms.target < terms.baseline:
        return Flaw.GOES_DOWN
    if terms.direction is Direction.DOWN and terms.target > terms.baseline:
        return Flaw.GOES_UP
    return None


def flaw_of_points(terms: Terms, points: Sequence[Point]) -> tuple[Flaw, int] | None:
    """The first checkpoint, by its place, that lies after the target, beyond it, or before the one before it."""
    for n, point in enumerate(points):
        if point.on >= terms.target_on:
            return Flaw.LATE, n
        if point.value is not None and not 0 < _share(terms, point.value) < 1:
            return Flaw.BEYOND, n
        before = points[n - 1] if n else None
        if before is None:
            continue
        back = point.value is not None and before.value is not None
        if point.on <= before.on or (back and _share(terms, point.value) <= _share(terms, before.value)):  # type: ignore[arg-type]
            return Flaw.BACKWARDS, n
    return None


def _share(terms: Terms, value: Decimal) -> Decimal:
    return (value - terms.baseline) / (terms.target - terms.baseline)


def share(terms: Terms, value: Decimal) -> int:
    """How much of the way from baseline to target is done, in per cent, clipped to 0 and 100 (M28)."""
    return int(max(Decimal(0), min(Decimal(1), _share(terms, value))) * 100)


def reached(terms: Terms, value: Decimal) -> bool:
    """Whether this value is the target or beyond."""
    return value <= terms.target if terms.direction is Direction.DOWN else value >= terms.target


# --- Tracking -----------------------------------------------------------------------------------


def by_day(readings: Iterable[Reading]) -> list[Reading]:
    """One reading for each day, the last one taken, in the order of days."""
    last = {one.on: one for one in readings}
    return [last[on] for on in sorted(last)]


def forecast(terms: Terms, readings: Iterable[Reading]) -> Decimal | None:
    """The value on the target's day by the straight line through the last two days measured; fewer than two: none."""
    days = by_day(readings)
    if len(days) < 2:
        return None
    before, last = days[-2:]
    slope = (last.value - before.value) / (last.on - before.on).days
    return last.value + slope * max(0, (terms.target_on - last.on).days)


def forecast_on(terms: Terms, readings: Iterable[Reading], most: int = 731) -> date | None:
    """The day on which that line meets the target; None when it is two years away, or never."""
    days = by_day(readings)
    if len(days) < 2:
        return None
    before, last = days[-2:]
    slope = (last.value - before.value) / (last.on - before.on).days
    if reached(terms, last.value):
        return last.on
    if slope == 0 or (slope > 0) is (terms.direction is Direction.DOWN):
        return None
    left = abs(terms.target - last.value) / abs(slope)
    return last.on + timedelta(days=ceil(left)) if left <= most else None


def pace_of(terms: Terms, points: Iterable[Point], readings: Iterable[Reading], today: date) -> Pace | None:
    """Behind when the day of the target or of a checkpoint has passed without it, or the straight line misses the
    target; on track otherwise. None before anything was measured."""
    days = by_day(readings)
    if not days:
        return None
    now = days[-1].value
    if reached(terms, now):
        return Pace.ON_TRACK
    due = [point.value for point in points if point.on < today and point.value is not None]
    if terms.target_on < today or any(_share(terms, now) < _share(terms, value) for value in due):
        return Pace.BEHIND
    ahead = forecast(terms, days)
    return Pace.BEHIND if ahead is not None and not reached(terms, ahead) else Pace.ON_TRACK
