"""Events that wait: for the `group` call of their user, or for an account with the id that they name."""

from collections.abc import Collection, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import ColumnElement, or_, select, update

from portal import db
from portal.accounts.models import Account
from portal.usage.intake import Counted, count
from portal.usage.models import UsageEvent, UsageGroup
from portal.usage.owners import Place, call_of, last_calls, latest, link, places
from portal.usage.reading import metric_of, told_of
from portal.usage.waking import wake

EVENTS: Final[Any] = UsageEvent.__table__
GROUPS: Final[Any] = UsageGroup.__table__
AT_ONCE: Final = 500
WAITS: Final = EVENTS.c.account_id.is_(None)
NAMES_NONE: Final = EVENTS.c.group_key.is_(None)


def resolve_users(source_id: int, users: Collection[str]) -> list[Counted]:
    """Give what waits for these users' accounts to them. What is to be counted; the rest of a long wait comes with the
    timetable."""
    if not users:
        return []
    found = _waiting(EVENTS.c.source_id == source_id, EVENTS.c.user_key.in_(users), NAMES_NONE)
    calls = last_calls(source_id, {one.user_key for one in found})
    return _give([(one, calls[one.user_key].place) for one in found if one.user_key in calls])


def resolve_some() -> int:
    """Give some of what waits to accounts that are known by now, in the caller's transaction, and count it; how many
    that were. None when nothing waits for a known account any more."""
    counted = _resolve_named() or _resolve_linked()
    count(counted)
    wake({row.account_id for row in counted})
    return len(counted)


def _resolve_named() -> list[Counted]:
    keys = _names_of_known()
    known = places(keys)
    found = _waiting(EVENTS.c.group_key.in_(keys)) if keys else []
    counted = _give([(one, known[one.group_key]) for one in found])
    for source_id, rows in groupby(sorted(found, key=itemgetter(1)), key=itemgetter(1)):
        calls = latest(
            call for one in rows for call in call_of(one.kind, one.user_key, one.at, known[one.group_key])
        )
        link(source_id, calls)
    return counted


def _names_of_known() -> Sequence[str]:
    """Names that events wait for and that accounts have by now."""
    ours = or_(
        EVENTS.c.group_key.in_(select(Account.external_id).where(Account.external_id.is_not(None))),
        EVENTS.c.group_key.in_(select(Account.slug)),
    )
    return db.session.scalars(select(EVENTS.c.group_key).where(WAITS, ours).distinct().limit(AT_ONCE)).all()


def _resolve_linked() -> list[Counted]:
    """What waited for a call that was stored at the same moment as itself."""
    pairs = (
        select(EVENTS.c.source_id, EVENTS.c.user_key)
        .join(GROUPS, (GROUPS.c.source_id == EVENTS.c.source_id) & (GROUPS.c.user_key == EVENTS.c.user_key))
        .where(WAITS, NAMES_NONE)
        .distinct()
        .limit(AT_ONCE)
    )
    found = sorted(map(tuple, db.session.execute(pairs)))
    counted = []
    for source_id, rows in groupby(found, key=itemgetter(0)):
        counted += resolve_users(source_id, [user for _source, user in rows])
    return counted


def is_due() -> bool:
    """Whether something waits for an account that is known by now; reads only."""
    linked = (
        select(EVENTS.c.id)
        .join(GROUPS, (GROUPS.c.source_id == EVENTS.c.source_id) & (GROUPS.c.user_key == EVENTS.c.user_key))
        .where(WAITS, NAMES_NONE)
    )
    return bool(_names_of_known()) or db.session.scalar(linked.limit(1)) is not None


def _waiting(*which: ColumnElement[bool]) -> Sequence[Any]:
    """Some of the events that wait, locked; those that somebody else is giving away this moment are left to them."""
    columns = (EVENTS.c.id, EVENTS.c.source_id, EVENTS.c.kind, EVENTS.c.name, EVENTS.c.user_key, EVENTS.c.group_key,
               EVENTS.c.at, EVENTS.c.props)  # fmt: skip
    rows = select(*columns).where(WAITS, *which).order_by(EVENTS.c.id).limit(AT_ONCE)
    return db.session.execute(rows.with_for_update(skip_locked=True)).all()


def _give(pairs: Sequence[tuple[Any, Place]]) -> list[Counted]:
    """Write down whose they are; what is to be counted."""
    counted = []
    for account_id, given in groupby(sorted(pairs, key=_account), key=_account):
        rows = list(given)
        theirs = update(EVENTS).where(EVENTS.c.id.in_([one.id for one, _place in rows]))
        db.session.execute(theirs.values(account_id=account_id))
        for one, place in rows:
            email, person = told_of(one.kind, one.props)
            metric = metric_of(one.kind, one.name)
            counted.append(
                Counted(account_id, one.user_key, metric, one.at, place.day(one.at), 1, email, person)
            )
    return counted


def _account(pair: tuple[Any, Place]) -> int:
    return pair[1].account_id
