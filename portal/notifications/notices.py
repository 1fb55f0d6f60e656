"""What one of ours is told inside the portal: a line that leads somewhere, until they have read it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, ScalarSelect, String, delete, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock, db
from portal.accounts.models import User
from portal.db import Addressed, Base, BigId

LONGEST = 300
SHOWN = 100


class Notice(Base, Addressed):
    """One line for one staff member. `about` makes it one: the same is not told again while it is unread."""

    __tablename__ = "notice"
    __table_args__ = (Index(None, "user_id", "read_at"),)

    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("app_user.id"))
    account_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    line: Mapped[str] = mapped_column(String(LONGEST))
    path: Mapped[str] = mapped_column(String(300))
    about: Mapped[str | None] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    read_at: Mapped[datetime | None]


def tell(
    user: User, kind: str, line: str, path: str, *, account_id: int | None = None, about: str | None = None
) -> None:
    """Tell one of ours, in the caller's transaction. What they have not read yet about the same is not told again: the
    newer line takes its place."""
    if not user.is_active:
        return
    if about is not None:
        known = select(Notice).where(
            Notice.user_id == user.id, Notice.about == about, Notice.kind == kind, Notice.read_at.is_(None)
        )
        if (row := db.session.scalars(known.limit(1)).first()) is not None:
            row.line, row.path, row.at = line[:LONGEST], path, clock.now()
            return
    db.session.add(
        Notice(
            user_id=user.id, account_id=account_id, kind=kind, line=line[:LONGEST], path=path, about=about,
            at=clock.now(),
        )
    )  # fmt: skip


def unread_of(user_id: Any) -> ScalarSelect[int]:
    """How many lines this user has not read: part of another statement, because every page of the desk says it."""
    unread = select(func.count()).where(Notice.user_id == user_id, Notice.read_at.is_(None))
    return unread.scalar_subquery()


def lately(user: User) -> list[Notice]:
    """What this user was told last, unread first, latest first."""
    rows = select(Notice).where(Notice.user_id == user.id)
    return list(db.session.scalars(rows.order_by(Notice.read_at.is_not(None), Notice.id.desc()).limit(SHOWN)))


def read(user: User, *refs: str) -> None:
    """They have read these, or all that there are."""
    unread = update(Notice).where(Notice.user_id == user.id, Notice.read_at.is_(None))
    if refs:
        unread = unread.where(Notice.ref.in_(refs))
    db.session.execute(unread.values(read_at=clock.now()))


def settle(about: str) -> None:
    """This is over: what nobody has read about it yet is news no more."""
    db.session.execute(delete(Notice).where(Notice.about == about, Notice.read_at.is_(None)))
