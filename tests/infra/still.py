"""A clock that stands still and moves only when a test says so."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

from portal import clock

# A Tuesday in winter, mid-morning in Europe, without a public holiday near.
START = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


class Clock:
    """The frozen clock of one test."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.at(START)

    @property
    def now(self) -> datetime:
        return clock.now()

    def at(self, moment: datetime) -> datetime:
        """Stand at `moment` (aware)."""
        return self._stack.enter_context(clock.frozen(moment))

    def forward(self, **by: float) -> datetime:
        """Move on, in timedelta's words: `clock.forward(days=2, minutes=5)`."""
        return self.at(self.now + timedelta(**by))
