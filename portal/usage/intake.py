"""Everything that counts goes through here: what each day of an account, and of each of its users, adds up to.

Rows are added to by upsert in one order everywhere (users, days, their users' days; each by its key), so that two who
count the same at the same moment wait for each other instead of standing in each other's way.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import import_module
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, and_, case, func, or_, select

from portal import db
from portal.accounts.models import Person
from portal.usage.models import UsageDay, UsagePersonDay, UsageUser

USERS: Final[Any] = UsageUser.__table__
DAYS: Final[Any] = UsageDay.__table__
PERSON_DAYS: Final[Any] = UsagePersonDay.__table__


@dataclass(frozen=True, slots=True)
class Counted:
    """Something that happened `count` times in an account, perhaps by one of its product's users.

    `day` is the account's own; `metric` None says only that the user was seen. `email` and `name` are what was told of
    the user at that moment.
    """

    account_id: int
    user_key: str | None
    metric: str | None
    at: datetime
    day: date
    count: int = 1
    email: str | None = None
    name: str | None = None


def count(rows: Sequence[Counted]) -> None:
    """Add these to what each day adds up to, in the caller's transaction."""
    days: dict[tuple[int, str, date], int] = defaultdict(int)
    own: dict[tuple[int, str, str, date], int] = defaultdict(int)
    for row in rows:
        if row.metric is not None:
            days[row.account_id, row.metric, row.day] += row.count
            if row.user_key is not None:
                own[row.account_id, row.user_key, row.metric, row.day] += row.count
    ids = _see(row for row in rows if row.user_key is not None)
    if days:
        _add(DAYS, ("account_id", "metric", "day"), sorted((*key, times) for key, times in days.items()))
    if own:
        of_users = (
            (ids[account, user], metric, day, times, account)
            for (account, user, metric, day), times in own.items()
        )
        _add(PERSON_DAYS, ("user_id", "metric", "day"), sorted(of_users))


def upsert(table: Table) -> Any:
    """An INSERT into `table` that can say what to do when the row is there."""
    return inserting(db.is_sqlite())(table)


def inserting(sqlite: bool) -> Any:
    """What makes such an INSERT. Statements that are needed for every request are made once for each dialect: to put
    one together takes as long as to run it."""
    # Only the dialect in use is loaded: PostgreSQL's brings several megabytes along.
    return import_module(f"sqlalchemy.dialects.{'sqlite' if sqlite else 'postgresql'}").insert


def _add(table: Any, key: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
    """Add to the counts of these keys. A row is its key, how often, and the account where the key doesn't name it."""
    named = (*key, "count", "account_id")
    more = _adding(table, key, db.is_sqlite())
    db.session.execute(more, [dict(zip(named, row, strict=False)) for row in rows])


@cache
def _adding(table: Any, key: tuple[str, ...], sqlite: bool) -> Any:
    new = inserting(sqlite)(table)
    return new.on_conflict_do_update(index_elements=key, set_={"count": table.c.count + new.excluded.count})


# --- Who was seen -----------------------------------------------------------------------------------


def _see(rows: Iterable[Counted]) -> dict[tuple[int, str], int]:
    """Keep who was seen from when to when and what was told of them; their rows' ids by account and key."""
    seen: dict[tuple[int, str], dict[str, Any]] = {}
    for row in rows:
        assert row.user_key is not None
        one = seen.get((row.account_id, row.user_key))
        if one is None:
            seen[row.account_id, row.user_key] = _first(row)
        else:
            _join(one, row)
    if not seen:
        return {}
    _find_people(seen)
    users = [seen[key] for key in sorted(seen)]
    return {
        (account, key): number for account, key, number in db.session.execute(_seen(db.is_sqlite()), users)
    }


def _first(row: Counted) -> dict[str, Any]:
    return {
        "account_id": row.account_id,
        "key": row.user_key,
        "email": row.email,
        "email_at": row.at if row.email else None,
        "name": row.name,
        "name_at": row.at if row.name else None,
        "person_id": None,
        "first_seen_at": row.at,
        "last_seen_at": row.at,
    }


def _join(one: dict[str, Any], row: Counted) -> None:
    one["first_seen_at"] = min(one["first_seen_at"], row.at)
    one["last_seen_at"] = max(one["last_seen_at"], row.at)
    for field, told in (("email", row.email), ("name", row.name)):
        if told and (one[field] is None or (row.at, told) > (one[f"{field}_at"], one[field])):
            one[field], one[f"{field}_at"] = told, row.at


def _find_people(seen: dict[tuple[int, str], dict[str, Any]]) -> None:
    """Who of the account's own people they are, where an address was told."""
    told = {one["email"] for one in seen.values() if one["email"]}
    if not told:
        return
    accounts = {account for account, _key in seen}
    people = select(Person.account_id, Person.email, Person.id)
    found = db.session.execute(people.where(Person.account_id.in_(accounts), Person.email.in_(told)))
    known = {(account, email): number for account, email, number in found}
    for one in seen.values():
        one["person_id"] = known.get((one["account_id"], one["email"]))


@cache
def _seen(sqlite: bool) -> Any:
    """What happens to a user who is known: seen from the first time to the last; of address and name the latest
    counts, whatever the order in which they come."""
    new = inserting(sqlite)(USERS)
    old, given = USERS.c, new.excluded
    newer = _newer(old.email, old.email_at, given.email, given.email_at)
    renamed = _newer(old.name, old.name_at, given.name, given.name_at)
    return new.on_conflict_do_update(
        index_elements=["account_id", "key"],
        set_={
            "email": case((newer, given.email), else_=old.email),
            "email_at": case((newer, given.email_at), else_=old.email_at),
            "person_id": case((newer, given.person_id), else_=old.person_id),
            "name": case((renamed, given.name), else_=old.name),
            "name_at": case((renamed, given.name_at), else_=old.name_at),
            "first_seen_at": case(
                (given.first_seen_at < old.first_seen_at, given.first_seen_at), else_=old.first_seen_at
            ),
            "last_seen_at": case(
                (given.last_seen_at > old.last_seen_at, given.last_seen_at), else_=old.last_seen_at
            ),
        },
    ).returning(old.account_id, old.key, old.id)


def _newer(old: Any, old_at: Any, given: Any, given_at: Any) -> ColumnElement[bool]:
    same_moment = and_(given_at == old_at, given > func.coalesce(old, ""))
    return and_(given.is_not(None), or_(old_at.is_(None), given_at > old_at, same_moment))
