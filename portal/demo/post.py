"""Letters of the past left in the past.

Two years of letters would take longer to write than everything else, and the worker that starts afterwards must
not send them. So while the past is told, no letter is written; only that of the last acts ("aloud") is, and it
leaves when the worker starts. What is written all the same is marked as sent at the moment at which it would have
left, its job as done, and lines for digests that were read long ago are gone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import String, cast, delete, func, select, update

from portal import db
from portal.auth import letters as auth
from portal.calls import letters as calls
from portal.criteria import letters as criteria
from portal.escalations import letters as escalations
from portal.jobs import Job
from portal.mail import Letter
from portal.messages import letters as messages
from portal.notifications import letters as notifications
from portal.notifications.models import DigestItem
from portal.nudges import letters as nudges
from portal.onboardings import letters as onboardings
from portal.plans import letters as plans
from portal.plans import seal_letters as sealed_plans
from portal.plans import sending_letters as sent_plans
from portal.scope import letters as scope

# Where acts ask for a letter. Nothing reads a letter back, so leaving them out changes nothing else.
WRITERS: tuple[tuple[Any, str], ...] = (
    (auth, "put_invitation"),
    (calls, "announce"),
    (criteria, "post"),
    (scope, "post"),
    (escalations, "post"),
    (calls, "booked_now"),
    (messages, "written"),
    (nudges, "post"),
    (notifications, "withdraw"),
    (onboardings, "post"),
    (onboardings, "welcome"),
    (plans, "post"),
    (sealed_plans, "post"),
    (sent_plans, "post"),
)
NOT_KEPT = {"synchronize_session": False}


@contextmanager
def unwritten() -> Iterator[None]:
    """No letters are written."""
    kept = [(module, name, getattr(module, name)) for module, name in WRITERS]
    for module, name, _writer in kept:
        setattr(module, name, _nothing)
    try:
        yield
    finally:
        for module, name, writer in kept:
            setattr(module, name, writer)


def _nothing(*_args: Any, **_more: Any) -> None:
    """Write nothing."""


def deliver_past(account_id: int, until: datetime) -> None:
    """Mark as sent what was written to or about this customer before `until`."""
    db.session.flush()
    past = (Letter.account_id == account_id, Letter.created_at < until)
    keys = select("letter:" + cast(Letter.id, String)).where(*past)
    jobs = update(Job).where(Job.done_at.is_(None), Job.key.in_(keys)).values(done_at=Job.run_at)
    waiting = (Letter.sent_at.is_(None), Letter.dropped_at.is_(None))
    letters = (
        update(Letter)
        .where(*past, *waiting)
        .values(sent_at=func.coalesce(Letter.not_before, Letter.created_at))
    )
    lines = delete(DigestItem).where(DigestItem.account_id == account_id, DigestItem.at < until)
    for statement in (jobs, letters, lines):
        db.session.execute(statement, execution_options=NOT_KEPT)
