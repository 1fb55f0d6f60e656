"""The job that follows what was counted of an account: there is one, and it is woken however much comes.

It is done after the transaction that wakes it. What it acts on it reads inside `claim.finish()`: if it is at that
already, this waits for its end and has it done again; if it has only been claimed, it waits for this and reads what is
new. So nothing that was counted is overlooked, and nothing is queued twice.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any, Final

from sqlalchemy import or_

from portal import clock, db
from portal.jobs import Job
from portal.usage.intake import inserting

KIND: Final = "usage.react"
JOBS: Final[Any] = Job.__table__


def wake(accounts: Iterable[int]) -> None:
    """Have what follows done for each of these, whatever became of its job before."""
    now = clock.now()
    rows = [
        {
            "kind": KIND,
            "key": f"{KIND}:{account_id}",
            "payload": {"account_id": account_id},
            "account_id": account_id,
            "run_at": now,
            "attempts": 0,
            "fence": 0,
            "created_at": now,
        }
        for account_id in sorted(accounts)
    ]
    if not rows:
        return
    db.session.execute(_waking(db.is_sqlite()), rows)


@cache
def _waking(sqlite: bool) -> Any:
    new = inserting(sqlite)(JOBS)
    fresh = {
        "run_at": new.excluded.run_at,
        "attempts": 0,
        "done_at": None,
        "failed_at": None,
        "error": None,
    }
    is_over = or_(JOBS.c.done_at.is_not(None), JOBS.c.failed_at.is_not(None))
    return new.on_conflict_do_update(index_elements=["key"], set_=fresh, where=is_over)
