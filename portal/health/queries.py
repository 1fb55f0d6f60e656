"""The facts of onboardings, for many at once: the statements don't grow with the onboardings, but by one set for each
`CHUNK` of them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from portal import db
from portal.accounts.kinds import Segment
from portal.health import sources
from portal.health.facts import Facts
from portal.health.thresholds import Thresholds, by_segment
from portal.health.working_out import facts_of
from portal.onboardings.models import Onboarding
from portal.usage.models import UsageDay
from portal.usage.queries import use_of

CHUNK = 500


def gather(roads: Sequence[Onboarding], now: datetime) -> dict[int, Facts]:
    """The facts of each of these at `now`, by its id."""
    limits, found = by_segment(), dict[int, Facts]()
    for some in chunks([road.id for road in roads]):
        found |= of_chunk(sources.whole(some), limits, now)
    return found


def of_chunk(
    roads: Sequence[Onboarding], limits: Mapping[Segment, Thresholds], now: datetime
) -> dict[int, Facts]:
    """The same for a chunk that `sources.whole` has read."""
    read = sources.read(roads, now.date() + timedelta(days=1))  # The latest date that any zone has now.
    today = {road.id: now.astimezone(road.account.zone).date() for road in roads}
    # An install that counts nothing is not asked further; whose use is known is each account's own matter (`_use`).
    measured = db.session.scalar(select(UsageDay.id).limit(1)) is not None
    uses = use_of(roads, today) if measured else {}
    return {
        road.id: facts_of(road, read, uses.get(road.id), limits[road.account.segment], now) for road in roads
    }


def chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """So many ids at a time."""
    for first in range(0, len(ids), CHUNK):
        yield ids[first : first + CHUNK]
