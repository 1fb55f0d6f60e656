"""What the worker does for usage events: those that waited find their account, old ones are forgotten."""

from datetime import datetime, timedelta
from typing import Any, Final

from flask import current_app
from sqlalchemy import delete, select, update

from portal import clock, db
from portal.accounts.models import Person
from portal.usage import waiting
from portal.usage.models import UsageEvent, UsageReject, UsageSource, UsageUser
from portal.usage.reading import oldest_kept

AT_ONCE: Final = 500  # Rows of one transaction: the intake gets its turn between two.
KEEP_REJECTS: Final = timedelta(days=30)


def resolve() -> None:
    """Count what waited for an account that has appeared, or for a call that came at the same moment as itself."""
    while _is_due():
        with db.transaction():
            if not waiting.resolve_some():
                return


def _is_due() -> bool:
    with db.reading():
        return waiting.is_due()


def find_people() -> None:
    """Whoever joined an account after the product had told of them is known as the same person from now on."""
    theirs = (Person.account_id == UsageUser.account_id) & (Person.email == UsageUser.email)
    columns = UsageUser.account_id, UsageUser.key, UsageUser.id, Person.id
    unknown = select(*columns).join(Person, theirs).where(UsageUser.person_id.is_(None))
    with db.reading():
        # In the intake's own order, so that the two wait for each other instead of standing in each other's way.
        found = sorted(map(tuple, db.session.execute(unknown)))
    for at in range(0, len(found), AT_ONCE):
        with db.transaction():
            for _account, _key, user_id, person_id in found[at : at + AT_ONCE]:
                known = update(UsageUser).where(UsageUser.id == user_id, UsageUser.person_id.is_(None))
                db.session.execute(known.values(person_id=person_id))


def prune() -> None:
    """Forget events that are older than they are kept, and rejects of 30 days ago; what they added up to stays."""
    now = clock.now()
    oldest = oldest_kept(now, current_app.config["PORTAL"].event_days)
    with db.reading():
        sources = db.session.scalars(select(UsageSource.id)).all()
    for source_id in sources:
        while _forget(UsageEvent, oldest, UsageEvent.source_id == source_id):
            pass
    while _forget(UsageReject, now - KEEP_REJECTS):
        pass


def _forget(model: Any, before: datetime, *which: Any) -> int:
    """Forget some; how many."""
    old = (
        select(model.id).where(model.received_at < before, *which).order_by(model.received_at).limit(AT_ONCE)
    )
    with db.transaction():
        gone = delete(model).where(model.id.in_(old.scalar_subquery()))
        result: Any = db.session.execute(gone.execution_options(synchronize_session=False))
    return int(result.rowcount)
