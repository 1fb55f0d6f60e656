"""What the desk does by itself: the letter of each of ours, as their working day begins."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy import select

from portal import clock, db, jobs
from portal.access import Can
from portal.accounts.models import Staff
from portal.desk import morning
from portal.desk.models import Morning
from portal.notifications.models import DigestItem, hours_of, wishes_of
from portal.notifications.rules import wants_morning

CATCHES_UP = timedelta(hours=4)  # For how long a worker that was away still sends this morning's.

log = structlog.get_logger(__name__)


def send_mornings() -> None:
    """Write to those whose day has begun, once for each day, one person in each transaction."""
    with db.transaction():
        due = list(_due())
    for staff_id, day in due:
        try:
            with db.transaction():
                _send(staff_id, day)
        except Exception as error:  # noqa: BLE001 — the others still get theirs
            log.error("morning failed for one person", user=staff_id, error=jobs.place_of(error))


def _due() -> Iterator[tuple[int, date]]:
    """Whoever is at work, since a short while, and for whom this morning isn't settled yet."""
    settled = set(db.session.execute(select(Morning.staff_id, Morning.day).where(Morning.day >= _earliest())))
    for staff in db.session.scalars(select(Staff).where(Staff.left_at.is_(None)).order_by(Staff.id)):
        local = clock.now().astimezone(staff.zone)
        key = staff.id, local.date()
        if key not in settled and staff.may(Can.SEE_DESK) and not staff.is_away and _has_begun(staff, local):
            yield key


def _earliest() -> date:
    return clock.now().date() - timedelta(days=1)  # Where the day begins last.


def _has_begun(staff: Staff, local: datetime) -> bool:
    spans = hours_of(staff).on(local.date(), staff.zone)
    return any(start <= local < min(end, start + CATCHES_UP) for start, end in spans)


def _send(staff_id: int, day: date) -> None:
    if not jobs.insert_if_new(Morning, staff_id=staff_id, day=day):
        return
    staff = db.session.get_one(Staff, staff_id)
    if not wants_morning(wishes_of(staff), day, staff.calendar):
        return
    waiting = select(DigestItem).where(DigestItem.user_id == staff_id, DigestItem.letter_id.is_(None))
    morning.send(staff, db.session.scalars(waiting.order_by(DigestItem.id).with_for_update()).all())
