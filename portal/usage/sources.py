"""The programs that send events: how much came from each, what waits, what was refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select

from portal import clock, db
from portal.accounts.models import Staff
from portal.usage.models import UsageEvent, UsageReject, UsageSource
from portal.usage.rejects import WORDS

SHOWN = 20  # Rejects of one source on the page.
NAMES = 10


@dataclass(frozen=True, slots=True)
class Received:
    """How many events of a source could be used, and how many not."""

    events: int = 0
    rejects: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """One source on its page. `missing` are ids that no account has, with how many events wait for one; `userless` is
    how many wait for the `group` call of their user."""

    name: str
    today: Received
    week: Received
    missing: Sequence[tuple[str, int]]
    userless: int
    rejects: Sequence[dict[str, Any]]


def today_of(reader: Staff) -> dict[str, Received]:
    """What came today, on the reader's wall, by the name of the source."""
    return {name: _received(number, _midnight(reader, 0)) for number, name in _all()}


def all_sources(reader: Staff) -> list[Source]:
    """Every source that has sent something, by name."""
    return [
        Source(
            name,
            _received(number, _midnight(reader, 0)),
            _received(number, _midnight(reader, 6)),
            _missing(number),
            _userless(number),
            _rejects(number),
        )
        for number, name in _all()
    ]


def _all() -> list[tuple[int, str]]:
    rows = db.session.execute(select(UsageSource.id, UsageSource.name).order_by(UsageSource.name))
    return [(number, name) for number, name in rows]


def _midnight(reader: Staff, days_ago: int) -> datetime:
    day = clock.today(str(reader.zone)) - timedelta(days=days_ago)
    return datetime.combine(day, time(), reader.zone)


def _received(source_id: int, since: datetime) -> Received:
    def number(model: Any) -> int:
        own = select(func.count()).where(model.source_id == source_id, model.received_at >= since)
        return db.session.scalar(own) or 0

    return Received(number(UsageEvent), number(UsageReject))


def _waits(source_id: int) -> Any:
    return UsageEvent.source_id == source_id, UsageEvent.account_id.is_(None)


def _missing(source_id: int) -> list[tuple[str, int]]:
    times = func.count()
    rows = select(UsageEvent.group_key, times).where(*_waits(source_id), UsageEvent.group_key.is_not(None))
    most = rows.group_by(UsageEvent.group_key).order_by(times.desc(), UsageEvent.group_key).limit(NAMES)
    return [(key or "", number) for key, number in db.session.execute(most)]


def _userless(source_id: int) -> int:
    waiting = select(func.count()).where(*_waits(source_id), UsageEvent.group_key.is_(None))
    return db.session.scalar(waiting) or 0


def _rejects(source_id: int) -> list[dict[str, Any]]:
    last = select(UsageReject).where(UsageReject.source_id == source_id).order_by(UsageReject.id.desc())
    return [
        {
            "at": one.received_at,
            "why": WORDS[one.reason],
            "message_id": one.message_id,
            "excerpt": one.excerpt,
        }
        for one in db.session.scalars(last.limit(SHOWN))
    ]
