"""Where the stages, their ticks and the milestones stand on the plan's road. Pure; everything in percent of the road's
width, because neither a page nor a printer says how wide it is.

A milestone hangs from its tick in the first lane that has room for its words; where there is none, its date alone
hangs there, and its name stands in the list of dates below.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from typing import Final

from portal.plans.document import MilestonePlan, PlanDocument, StagePlan

GAP: Final = 2  # Between two stages, as part of the one before it.
NARROWEST: Final = 16
LETTER: Final = 0.98  # The width of a letter of the words that hang from the road, generously.
LANES: Final = 3
DATE_LETTERS: Final = 8
LONGEST_NAME: Final = 26
BETWEEN: Final = 0.5  # Between two ticks, and twice that between two modules.


@dataclass(frozen=True)
class TickMark:
    """In percent of its stage's ticks."""

    x: float
    width: float
    done: bool


@dataclass(frozen=True)
class Leg:
    """`short`: its days are written with short months."""

    stage: StagePlan
    wide: int
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
        Leg(stage, part, _ticks(stage, part), part < 2 * NARROWEST)
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


def _ticks(stage: StagePlan, wide: int) -> tuple[TickMark, ...]:
    """The ticks side by side, however many: the gaps shrink before a tick is lost."""
    if not stage.ticks:
        return ()
    scale = 100 / max(1, wide - GAP)  # A gap is as wide in a narrow stage as in a broad one.
    modules = sum(tick.begins_module for tick in stage.ticks[1:])
    gap = min(BETWEEN * scale, 35 / (len(stage.ticks) + modules))
    room = 100 - gap * (len(stage.ticks) - 1 + modules) - 1
    unit = room / sum(tick.weight for tick in stage.ticks)
    found, x = [], 0.5
    for n, tick in enumerate(stage.ticks):
        x += gap if n and tick.begins_module else 0
        found.append(TickMark(round(x, 2), round(tick.weight * unit, 2), tick.done))
        x += tick.weight * unit + gap
    return tuple(found)


def _places(legs: Iterable[Leg]) -> dict[str, list[float]]:
    """Where each stage begins and where each of its ticks ends, in percent of the road."""
    found, start = {}, 0.0
    for leg in legs:
        inner = (leg.wide - GAP) / 100
        found[leg.stage.key] = [start] + [start + (tick.x + tick.width) * inner for tick in leg.ticks]
        start += leg.wide
    return found


def _marks(milestones: Iterable[MilestonePlan], places: dict[str, list[float]]) -> Iterable[Mark]:
    """The milestones in their order. Room is given from the right, so that words run below those that hang later."""
    at: list[tuple[int, int]] = []
    listed = list(milestones)
    for n, one in enumerate(listed):
        if stops := places.get(one.stage):
            at.append((min(99, max(0, round(stops[min(max(one.place, 0), len(stops) - 1)]))), n))
    taken: list[list[tuple[float, float]]] = [[] for _lane in range(LANES)]
    found = {n: _room(listed[n], place, taken) for place, n in sorted(at, reverse=True)}
    return [mark for _n, mark in sorted(found.items()) if mark]


def _room(one: MilestonePlan, at: int, taken: list[list[tuple[float, float]]]) -> Mark | None:
    """The first wording, lane and side that meets no other words; nor does the leader of a later lane pass any."""
    for named, lean in product(
        (True, False) if len(one.title) <= LONGEST_NAME else (False,), ("start", "end")
    ):
        length = max(DATE_LETTERS, len(one.title) if named else 0) * LETTER + 1
        span = (at, at + length) if lean == "start" else (at - length, at)
        if span[0] < 0 or span[1] > 100:
            continue
        for lane, row in enumerate(taken):
            if not any(span[0] < end and start < span[1] for start, end in row):
                row.append(span)
                return Mark(one, at, lean, lane, named)
            if any(start < at < end for start, end in row):
                break
    return None
