"""What a list holds, what differs between two of them, hours as people type them, and what a priority follows from
(product.md 2.1)."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum, auto
from typing import Final

LONGEST_LINE: Final = 200
LONGEST_TEXT: Final = 2000
LONGEST_WHO: Final = 120
MOST_ITEMS, MOST_NEEDS = 40, 20
LONGEST_SEEN: Final = 8000  # Of what a page carries: every row's key with its mark.


class Side(StrEnum):
    """Which list a statement stands in."""

    IN = "in"
    NOT_IN = "not_in"


class NeedKind(StrEnum):
    """What the customer brings."""

    PEOPLE = auto()
    DATA = auto()
    ACCESS = auto()
    BUDGET = auto()


# --- What somebody saw of a list ----------------------------------------------------------------

Marks = Mapping[str, str]


def told(marks: Marks) -> str:
    """A list in one line, to be sent along with what somebody does about it. Its order is not part of it."""
    return ",".join(f"{key}:{mark}" for key, mark in sorted(marks.items()))


def read(line: str) -> dict[str, str]:
    """The marks of such a line; what isn't one has none."""
    pairs = (pair.partition(":") for pair in line[:LONGEST_SEEN].split(",") if pair)
    return {key: mark for key, _colon, mark in pairs}


@dataclass(frozen=True)
class Changes:
    """By key, what is different in the later of two lists."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.gone)


def changes(before: Marks, now: Marks) -> Changes:
    """What is different now."""
    return Changes(
        added=tuple(key for key in now if key not in before),
        changed=tuple(key for key in now if key in before and before[key] != now[key]),
        gone=tuple(key for key in before if key not in now),
    )


# --- Hours --------------------------------------------------------------------------------------

_HOURS = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{1,2})?")
LEAST_MINUTES, MOST_MINUTES = 15, 40 * 60


def minutes_in(text: str) -> int | None:
    """Minutes in hours as somebody typed them, “1.5” or “1,5”; None for what isn't from a quarter of an hour to 40."""
    if not _HOURS.fullmatch(text):
        return None
    found = round(Decimal(text.replace(",", ".")) * 60)
    return found if LEAST_MINUTES <= found <= MOST_MINUTES else None


# --- Priority -----------------------------------------------------------------------------------

LEVELS: Final = (1, 2, 3)
_BY_SEGMENT: Final = {"smb": 1, "mid_market": 2, "enterprise": 3}
_SEATS: Final = (20, 200)
_MINUTES_A_WEEK: Final = (2 * 60, 6 * 60)


def _level(count: int, bounds: Collection[int]) -> int:
    return 1 + sum(count >= bound for bound in bounds)


def proposed_size(segment: str, seats: int | None) -> int:
    """1 to 3, by the seats they have a licence for, else by their segment."""
    return _BY_SEGMENT[segment] if seats is None else _level(seats, _SEATS)


def proposed_resources(minutes_a_week: int) -> int | None:
    """1 to 3, by the time a week that they have confirmed; None while they have confirmed none."""
    return _level(minutes_a_week, _MINUTES_A_WEEK) if minutes_a_week else None
