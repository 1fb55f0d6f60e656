"""What a hand-off holds, when it is complete, and how it goes from hand to hand (product.md 2.1, 2.3)."""

from collections.abc import Mapping
from enum import StrEnum, auto
from typing import Final

LONGEST: Final = 1000
LONGEST_QUOTE: Final = 400

# What has to be there before it can be submitted, in the order of the form.
REQUIRED: Final = (
    "reason",
    "problem",
    "promised_impact",
    "quote",
    "stakeholders",
    "promised_dates",
    "surprises",
)

# What its customer reads once it is accepted, and confirms or corrects; the rest stays with our team.
TOLD: Final = ("problem", "promised_impact", "quote")


class HandoffState(StrEnum):
    """Where it is."""

    DRAFT = auto()
    SUBMITTED = auto()
    RETURNED = auto()
    ACCEPTED = auto()


WITH_SALES: Final = frozenset({HandoffState.DRAFT, HandoffState.RETURNED})

_NEXT: Final = {
    HandoffState.DRAFT: {HandoffState.SUBMITTED},
    HandoffState.SUBMITTED: {HandoffState.RETURNED, HandoffState.ACCEPTED},
    HandoffState.RETURNED: {HandoffState.SUBMITTED},
    HandoffState.ACCEPTED: set[HandoffState](),
}


def may_become(state: HandoffState, then: HandoffState) -> bool:
    """Whether it can go on to `then`."""
    return then in _NEXT[state]


def missing(texts: Mapping[str, str | None]) -> list[str]:
    """The required fields that are empty."""
    return [name for name in REQUIRED if not texts.get(name)]


def completeness(texts: Mapping[str, str | None]) -> int:
    """How much of it is there, in per cent of the required fields, rounded down."""
    return 100 * (len(REQUIRED) - len(missing(texts))) // len(REQUIRED)
