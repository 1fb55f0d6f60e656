"""The one door to the time of day."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_frozen: datetime | None = None


def now() -> datetime:
    """This moment, aware and in UTC."""
    return _frozen or datetime.now(UTC)


def today(zone: str = "UTC") -> date:
    """The date on the wall in `zone` (an IANA name)."""
    return now().astimezone(ZoneInfo(zone)).date()


@contextmanager
def frozen(moment: datetime) -> Iterator[datetime]:
    """Hold the clock of the whole process at `moment` (aware), for tests and for building past rows."""
    global _frozen
    if moment.tzinfo is None:
        raise ValueError("the clock is frozen at an aware moment; give this one a time zone")
    before, _frozen = _frozen, moment.astimezone(UTC)
    try:
        yield _frozen
    finally:
        _frozen = before
