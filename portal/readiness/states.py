"""How a readiness kit goes from hand to hand (product.md 2.3), and from where an answer came."""

from enum import StrEnum, auto
from typing import Final


class SubmissionState(StrEnum):
    """Where it is. One that nobody has begun has no row; `NOT_STARTED` is what a page says of it."""

    NOT_STARTED = auto()
    IN_PROGRESS = auto()
    SUBMITTED = auto()
    NEEDS_UPDATE = auto()
    CONFIRMED = auto()


class Source(StrEnum):
    """From where an answer came: typed here, told to sales and kept as it was, or sent through a link."""

    PERSON = auto()
    HANDOFF = auto()
    LINK = auto()


WITH_THEM: Final = frozenset({SubmissionState.IN_PROGRESS, SubmissionState.NEEDS_UPDATE})
HANDED_IN: Final = frozenset({SubmissionState.SUBMITTED, SubmissionState.CONFIRMED})

_NEXT: Final = {
    SubmissionState.NOT_STARTED: {SubmissionState.IN_PROGRESS},
    SubmissionState.IN_PROGRESS: {SubmissionState.SUBMITTED},
    SubmissionState.SUBMITTED: {SubmissionState.NEEDS_UPDATE, SubmissionState.CONFIRMED},
    SubmissionState.NEEDS_UPDATE: {SubmissionState.SUBMITTED},
    SubmissionState.CONFIRMED: set[SubmissionState](),
}


def may_become(state: SubmissionState, then: SubmissionState) -> bool:
    """Whether it can go on to `then`."""
    return then in _NEXT[state]
