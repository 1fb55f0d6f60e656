"""The client's journal: a line before each request and one after its answer, and the sum at the end.

Each line is on disk before the client goes on, so a client that is killed has told the truth up to then.
"""

import os
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Answer(StrEnum):
    """What the client was told."""

    ACK = "ACK"  # It was stored.
    UNKNOWN = "UNKNOWN"  # No answer came: stored or not, either is right.
    NO = "NO"  # It was refused.


@dataclass(frozen=True)
class Sum:
    """What the journal says against what was found. All but `unknown` must be 0."""

    lost: int
    twice: int
    unasked: int
    unknown: int


class Journal:
    """One file, written by any number of threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()

    def ask(self, key: str) -> None:
        """Before the request."""
        self._write("ASK", key)

    def answer(self, key: str, answer: Answer) -> None:
        """After its answer, or after it is clear that none will come."""
        self._write(answer.value, key)

    def read(self) -> dict[str, Answer]:
        """What each request came to; one without an answer is UNKNOWN."""
        told: dict[str, Answer] = {}
        for line in self.path.read_text().splitlines():
            word, _space, key = line.partition(" ")
            told[key] = Answer.UNKNOWN if word == "ASK" else Answer(word)
        return told

    def sum(self, found: Iterable[str]) -> Sum:
        """Compare with the keys found after healing, each as often as it was found."""
        told, times = self.read(), Counter(found)
        return Sum(
            lost=sum(answer is Answer.ACK and not times[key] for key, answer in told.items()),
            twice=sum(count > 1 for count in times.values()),
            unasked=sum(told.get(key, Answer.NO) is Answer.NO for key in times),
            unknown=sum(answer is Answer.UNKNOWN for answer in told.values()),
        )

    def _write(self, word: str, key: str) -> None:
        with self._lock, self.path.open("a") as file:
            file.write(f"{word} {key}\n")
            file.flush()
            os.fsync(file.fileno())
