"""Which results to start from, and which are worded too loosely."""

import re
from collections.abc import Iterable, Sequence
from typing import Final, Protocol, TypeVar

from portal.criteria.rules import Direction

SUGGESTED: Final = 3
LOOSE: Final = frozenset(
    {
        "better", "improve", "improved", "improvement", "easier", "faster", "nicer", "happier", "happy", "smoother",
        "efficient", "optimise", "optimize", "good", "great", "successful", "modern",
    }
)  # fmt: skip


def is_vague(statement: str, direction: Direction, seen_in: str | None) -> bool:
    """Whether somebody else could hardly check it: one word, nowhere to see it, or loose words without a number."""
    words = re.findall(r"\w+", statement.casefold())
    if len(words) < 2 or not seen_in:
        return True
    return direction is Direction.BY_DATE and not LOOSE.isdisjoint(words)


class Suggestion(Protocol):
    """A result to start from, as the playbook has it."""

    @property
    def statement(self) -> str: ...
    @property
    def words(self) -> Sequence[str]: ...
    @property
    def segments(self) -> Sequence[str]: ...


Offered = TypeVar("Offered", bound=Suggestion)


def suggestions_for(
    offered: Sequence[Offered], said: str, segment: str, taken: Iterable[str] = ()
) -> list[Offered]:
    """Three to start from: those whose words the customer used first, then those for their size, then as written.
    None that is taken already, or for customers of another size."""
    here = {text.casefold() for text in taken}
    spoken = " ".join(re.findall(r"\w+", said.casefold()))
    fits = [
        one
        for one in offered
        if (not one.segments or segment in one.segments) and one.statement.casefold() not in here
    ]
    return sorted(fits, key=lambda one: (-_heard(one, spoken), not one.segments))[:SUGGESTED]


def _heard(one: Suggestion, spoken: str) -> int:
    words = (" ".join(re.findall(r"\w+", word.casefold())) for word in one.words)
    return sum(f" {word} " in f" {spoken} " for word in words if word)
