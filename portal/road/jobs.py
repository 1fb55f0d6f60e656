"""What the road sends by itself: the digests."""

import structlog
from sqlalchemy import select

from portal import db, jobs
from portal.accounts.models import User
from portal.notifications.models import DigestItem
from portal.notifications.queries import digests_due
from portal.road import digest

log = structlog.get_logger(__name__)


def send_digests() -> None:
    """Send the digests that are due now, one person in each transaction; a failure of one stops no other."""
    with db.transaction():
        due = [user.id for user, _items in digests_due()]
    for user_id in due:
        try:
            with db.transaction():
                _send(user_id)
        except Exception as error:  # noqa: BLE001 — the other readers still get theirs
            log.error("digest failed for one person", user=user_id, error=jobs.place_of(error))


def _send(user_id: int) -> None:
    waiting = select(DigestItem).where(DigestItem.user_id == user_id, DigestItem.letter_id.is_(None))
    items = db.session.scalars(waiting.order_by(DigestItem.id).with_for_update()).all()
    if items:
        digest.send(db.session.get_one(User, user_id), items)
