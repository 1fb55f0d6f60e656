"""Whose an event is: the account that it names, else that of its user's last `group` call."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select, tuple_

from portal import db
from portal.accounts.models import Account
from portal.usage.intake import upsert
from portal.usage.models import EventKind, UsageGroup

GROUPS: Final[Any] = UsageGroup.__table__


class Place(NamedTuple):
    """An account as far as events need it."""

    account_id: int
    zone: ZoneInfo

    def day(self, at: datetime) -> date:
        """The account's own day at this moment."""
        return at.astimezone(self.zone).date()


class Call(NamedTuple):
    """A `group` call: when it happened, of whom, and for which account. The later one counts; of two at one moment
    that of the newer account, whichever came first."""

    at: datetime
    account_id: int
    place: Place


def places(keys: Collection[str]) -> dict[str, Place]:
    """The accounts of these ids: the id in the provider's own systems, else the short name here."""
    if not keys:
        return {}
    found = db.session.execute(
        select(Account.id, Account.time_zone, Account.external_id, Account.slug).where(
            or_(Account.external_id.in_(keys), Account.slug.in_(keys))
        )
    ).all()
    named: dict[str, Place] = {}
    for number, zone, external, slug in sorted(found):
        named.setdefault(slug, Place(number, ZoneInfo(zone)))
        if external:
            named[external] = Place(number, ZoneInfo(zone))
    return named


def place_of(account_id: int) -> Place:
    """The account of this number."""
    zone = db.session.scalars(select(Account.time_zone).where(Account.id == account_id)).one()
    return Place(account_id, ZoneInfo(zone))


def last_calls(source_id: int, users: Collection[str]) -> dict[str, Call]:
    """The last `group` call of each of these users, as far as one is known."""
    if not users:
        return {}
    rows = (
        select(GROUPS.c.user_key, GROUPS.c.at, GROUPS.c.account_id, Account.time_zone)
        .join(Account, Account.id == GROUPS.c.account_id)
        .where(GROUPS.c.source_id == source_id, GROUPS.c.user_key.in_(users))
    )
    found = db.session.execute(rows)
    return {user: Call(at, number, Place(number, ZoneInfo(zone))) for user, at, number, zone in found}


def latest(calls: Iterable[tuple[str, Call]]) -> dict[str, Call]:
    """The last of these calls of each user."""
    last: dict[str, Call] = {}
    for user, call in calls:
        last[user] = max(last.get(user, call), call)
    return last


def call_of(kind: EventKind, user: str | None, at: datetime, place: Place | None) -> list[tuple[str, Call]]:
    """The `group` call that such an event is, if it is one of a known account."""
    if kind is not EventKind.GROUP or user is None or place is None:
        return []
    return [(user, Call(at, place.account_id, place))]


def link(source_id: int, calls: dict[str, Call]) -> None:
    """Keep these calls, where none that happened later is known."""
    if not calls:
        return
    new = upsert(GROUPS)
    given, old = new.excluded, GROUPS.c
    later = tuple_(given.at, given.account_id) > tuple_(old.at, old.account_id)
    kept = new.on_conflict_do_update(
        index_elements=["source_id", "user_key"],
        set_={"account_id": given.account_id, "at": given.at},
        where=later,
    )
    rows = [
        {"source_id": source_id, "user_key": user, "account_id": call.account_id, "at": call.at}
        for user, call in sorted(calls.items())
    ]
    db.session.execute(kept, rows)
