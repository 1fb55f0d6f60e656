"""Whose digest is due, and what is in it."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select

from portal import clock, db
from portal.accounts.models import User
from portal.notifications.models import DigestItem, Preference, hours_of
from portal.notifications.rules import Kind, Wishes, digest_moment


def digests_due() -> list[tuple[User, list[DigestItem]]]:
    """Everybody whose digest may leave now, with their lines, oldest first. Those of ours who get a letter each morning
    find them there."""
    lines: dict[int, list[DigestItem]] = defaultdict(list)
    for item in db.session.scalars(
        select(DigestItem).where(DigestItem.letter_id.is_(None)).order_by(DigestItem.id)
    ):
        lines[item.user_id].append(item)
    if not lines:
        return []
    users = db.session.scalars(
        select(User).where(User.id.in_(lines), User.left_at.is_(None)).order_by(User.id)
    ).all()
    chosen = select(Preference).where(Preference.user_id.in_(lines))
    wishes = {row.user_id: row.wishes for row in db.session.scalars(chosen)}
    return [
        (user, lines[user.id]) for user in users if _due(user, wishes.get(user.id, Wishes()), lines[user.id])
    ]


def _due(user: User, wishes: Wishes, items: Sequence[DigestItem]) -> bool:
    if user.is_staff and Kind.STAFF_DIGEST not in wishes.letters_off:
        return False
    return digest_moment(wishes, items[0].at, user.zone, hours_of(user)) <= clock.now()
