"""Events are stored once each, told whose they are, and counted, all in the caller's transaction.

The order is the same for everybody: events, links of users to accounts, what waited for them, counts. Two requests
that carry the same events so wait for each other at the first of them.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import delete, select

from portal import clock, db
from portal.usage.intake import Counted, count, inserting, upsert
from portal.usage.models import UsageEvent, UsageReject, UsageSource
from portal.usage.owners import Place, call_of, last_calls, latest, link, place_of, places
from portal.usage.reading import Read, Refusal
from portal.usage.rejects import Reason
from portal.usage.waiting import resolve_users
from portal.usage.waking import wake

EVENTS: Final[Any] = UsageEvent.__table__
REJECTS: Final[Any] = UsageReject.__table__
SOURCES: Final[Any] = UsageSource.__table__
MOST_REJECTS: Final = 1000  # Of one source.

Owners = dict[str, Place | None]  # By message message_id; None while it isn't known.


def source_called(name: str) -> int:
    """The number of this source, which begins with its first event."""
    known = select(SOURCES.c.id).where(SOURCES.c.name == name)
    if (found := db.session.scalar(known)) is None:
        begun = {"name": name, "created_at": clock.now()}
        db.session.execute(upsert(SOURCES).on_conflict_do_nothing(), begun)
        found = db.session.scalars(known).one()
    return int(found)


def store(
    source_id: int, read: Sequence[Read | Refusal], received: datetime, *, bound_to: int | None = None
) -> None:
    """Keep what can be used, once each, and count it; keep why the rest can't be. `bound_to` is the only account that
    the key may speak of. What follows from it is done by the worker."""
    events = {one.message_id: one for one in reversed(read) if isinstance(one, Read)}
    refused = [one for one in read if isinstance(one, Refusal)]
    known = places({one.group_key for one in events.values() if one.group_key})
    owners: Owners
    if bound_to is None:
        owners = _owners(source_id, events, known)
    else:
        refused += _of_others(events, known, bound_to)
        owners = dict.fromkeys(events, place_of(bound_to))
    new = _insert(source_id, events, owners, received)
    calls = latest(
        call
        for message_id, one in events.items()
        for call in call_of(one.kind, one.user_key, one.at, owners[message_id])
    )
    link(source_id, calls)
    counted = [_counted(events[message_id], place) for message_id in new if (place := owners[message_id])]
    counted += resolve_users(source_id, calls)
    count(counted)
    wake({row.account_id for row in counted})
    _refuse(source_id, refused, received)


def _owners(source_id: int, events: dict[str, Read], known: dict[str, Place]) -> Owners:
    """Whose each is, the `group` calls of this very request included, in whatever order they stand."""
    asking = {one.user_key for one in events.values() if one.user_key and not one.group_key}
    calls = last_calls(source_id, asking)
    if asking:
        here = (
            call
            for one in events.values()
            for call in call_of(one.kind, one.user_key, one.at, known.get(one.group_key or ""))
        )
        calls = latest([*calls.items(), *here])
    return {message_id: _owner(one, known, calls) for message_id, one in events.items()}


def _owner(one: Read, known: dict[str, Place], calls: dict[str, Any]) -> Place | None:
    if one.group_key:
        return known.get(one.group_key)
    call = calls.get(one.user_key or "")
    return call.place if call else None


def _of_others(events: dict[str, Read], known: dict[str, Place], bound_to: int) -> list[Refusal]:
    """Take out of `events` those that name another account than the one that the key is bound to."""
    others = []
    for one in list(events.values()):
        place = known.get(one.group_key or "")
        if one.group_key and (place is None or place.account_id != bound_to):
            excerpt = f"{one.kind.value} {one.name} {one.group_key}"
            others.append(Refusal(one.message_id, Reason.OTHER_ACCOUNT, excerpt))
            del events[one.message_id]
    return others


def _insert(source_id: int, events: dict[str, Read], owners: Owners, received: datetime) -> Collection[str]:
    """Insert those that are new, in one order for everybody; their message ids."""
    if not events:
        return []
    rows = []
    for message_id in sorted(events):
        one, place = events[message_id], owners[message_id]
        rows.append(
            {
                "source_id": source_id,
                "message_id": message_id,
                "account_id": place.account_id if place else None,
                "kind": one.kind,
                "name": one.name,
                "user_key": one.user_key,
                "group_key": one.group_key,
                "at": one.at,
                "received_at": received,
                "props": one.props,
            }
        )
    return db.session.scalars(_inserting(db.is_sqlite()), rows).all()


@cache
def _inserting(sqlite: bool) -> Any:
    new = inserting(sqlite)(EVENTS).on_conflict_do_nothing(index_elements=["source_id", "message_id"])
    return new.returning(EVENTS.c.message_id)


def _counted(one: Read, place: Place) -> Counted:
    day = place.day(one.at)
    return Counted(place.account_id, one.user_key, one.metric, one.at, day, 1, one.email, one.person)


def _refuse(source_id: int, refused: Sequence[Refusal], received: datetime) -> None:
    """Keep why, the last thousand of a source: a program that sends nothing but rubbish fills no disk."""
    if not refused:
        return
    unlike = {one.message_id: one for one in refused[:MOST_REJECTS]}
    rows = [
        {
            "source_id": source_id,
            "message_id": message_id,
            "reason": one.reason,
            "excerpt": one.excerpt[:500],
            "received_at": received,
        }
        for message_id, one in sorted(unlike.items())
    ]
    db.session.execute(upsert(REJECTS).on_conflict_do_nothing(), rows)
    of_source = select(REJECTS.c.id).where(REJECTS.c.source_id == source_id)
    older = of_source.order_by(REJECTS.c.id.desc()).offset(MOST_REJECTS).with_for_update(skip_locked=True)
    db.session.execute(delete(REJECTS).where(REJECTS.c.id.in_(older.scalar_subquery())))
