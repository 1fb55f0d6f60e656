"""Where the stages, their ticks and the milestones stand on the plan's road. Pure; stages and milestones in percent of
the road's width, because neither a page nor a printer says how wide it is.

A milestone hangs from its tick in the first lane that has room for its words; where there is none, its date alone
hangs there, and its name stands in the list of dates below.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from portal.plans.document import MilestonePlan, PlanDocument, StagePlan

GAP: Final = 2  # Between two stages, as part of the one before it.
NARROWEST: Final = 16
LETTER: Final = 0.98  # The width of a letter of the words that hang from the road, generously.
LANES: Final = 3
DATE_LETTERS: Final = 8
NAMES: Final = (26, 16, 10, 0)  # Longer ones are left to the list; tried from the most to the least.
UNITS: Final = (
    6.5  # Of a stage's drawing for each percent of the road: pixels, as wide as a sheet of paper has it.
)
BETWEEN: Final = 3.0  # Between two ticks, and twice that between two modules.


@dataclass(frozen=True)
class TickMark:
    """In units of its stage's drawing."""

    x: float
    width: float
    done: bool


@dataclass(frozen=True)
class Leg:
    """`across` counts the units of its drawing. `short`: its days are written with short months."""

    stage: StagePlan
    wide: int
    across: float
    ticks: tuple[TickMark, ...]
    short: bool


@dataclass(frozen=True)
class Mark:
    """`lean` is the side of the leader on which the words stand."""

    milestone: MilestonePlan
    at: int
    lean: str
    lane: int
    named: bool

    @property
    def words(self) -> tuple[float, float]:
        """From where to where its words may reach."""
        length = max(DATE_LETTERS, len(self.milestone.title) if self.named else 0) * LETTER + 1
        return (self.at, self.at + length) if self.lean == "start" else (self.at - length, self.at)

    def meets(self, other: Mark) -> bool:
        """Whether its words, or its leader on the way to them, stand where the words of `other` do."""
        (first, last), (start, end) = self.words, other.words
        if self.lane == other.lane:
            return first < end and start < last
        return self.lane > other.lane and start < self.at < end


@dataclass(frozen=True)
class Road:
    """`lanes` says how many rows of words hang below."""

    legs: tuple[Leg, ...]
    marks: tuple[Mark, ...]

    @property
    def lanes(self) -> int:
        return 1 + max((mark.lane for mark in self.marks), default=0)


def road(plan: PlanDocument) -> Road:
    """The road of this plan as it is drawn."""
    wide = _widths([stage.share for stage in plan.stages])
    legs = tuple(
        Leg(stage, part, across := (part - GAP) * UNITS, _ticks(stage, across), part < 2 * NARROWEST)
        for stage, part in zip(plan.stages, wide, strict=True)
    )
    return Road(legs, tuple(_marks(plan.milestones, _places(legs))))


def _widths(shares: list[int]) -> list[int]:
    """The stages' widths, none below the narrowest, 100 together."""
    if not shares:
        return []
    least = min(NARROWEST, 100 // len(shares))
    free = 100 - least * len(shares)
    whole = sum(shares) or 1
    wide = [least + free * share // whole for share in shares]
    wide[wide.index(max(wide))] += 100 - sum(wide)
    return wide


def _ticks(stage: StagePlan, across: float) -> tuple[TickMark, ...]:
    """The ticks side by side, however many: the gaps shrink before a tick is lost."""
    if not stage.ticks:
        return ()
    modules = sum(tick.begins_module for tick in stage.ticks[1:])
    gap = min(BETWEEN, 0.35 * across / (len(stage.ticks) + modules))
    edge = 0.5
    room = across - 2 * edge - gap * (len(stage.ticks) - 1 + modules)
    unit = room / sum(tick.weight for tick in stage.ticks)
    found, x = [], edge
    for n, tick in enumerate(stage.ticks):
        x += gap if n and tick.begins_module else 0
        found.append(TickMark(round(x, 2), round(tick.weight * unit, 2), tick.done))
        x += tick.weight * unit + gap
    return tuple(found)


def _places(legs: Iterable[Leg]) -> dict[str, list[float]]:
    """Where each stage begins and where each of its ticks ends, in percent of the road."""
    found, start = {}, 0.0
    for leg in legs:
        ends = (tick.x + tick.width for tick in leg.ticks)
        found[leg.stage.key] = [start, *(start + end / UNITS for end in ends)]
        start += leg.wide
    return found


def _marks(milestones: Iterable[MilestonePlan], places: dict[str, list[float]]) -> Sequence[Mark]:
    """The milestones in their order, hung in the way that shows most of them, then most names, then in few lanes."""
    listed = list(milestones)
    at = [
        (min(99, round(stops[min(max(one.place, 0), len(stops) - 1)])), n)
        for n, one in enumerate(listed)
        if (stops := places.get(one.stage))
    ]
    ways = (_hung(listed, at, longest, lanes) for longest, lanes in product(NAMES, (True, False)))
    return max(ways, key=lambda marks: (len(marks), sum(m.named for m in marks), -sum(m.lane for m in marks)))


def _hung(
    listed: list[MilestonePlan], at: list[tuple[int, int]], longest: int, lanes_first: bool
) -> Sequence[Mark]:
    """Room is given from the right, so that words run below those that hang later."""
    found: dict[int, Mark] = {}
    for place, n in sorted(at, reverse=True):
        for named in (True, False) if len(listed[n].title) <= longest else (False,):
            if mark := _room(listed[n], place, named, list(found.values()), lanes_first):
                found[n] = mark
                break
    return [mark for _n, mark in sorted(found.items())]


def _room(one: MilestonePlan, at: int, named: bool, hung: list[Mark], lanes_first: bool) -> Mark | None:
    """The first lane and side whose words meet no others; and no leader passes through words above its own."""
    orders = [(lane, lean) for lane in range(LANES) for lean in ("start", "end")]
    for lane, lean in orders if lanes_first else sorted(orders, key=lambda order: order[1], reverse=True):
        mark = Mark(one, at, lean, lane, named)
        first, last = mark.words
        if first >= 0 and last <= 100 and not any(mark.meets(other) or other.meets(mark) for other in hung):
            return mark
    return None
