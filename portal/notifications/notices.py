"""What one of ours is told inside the portal: a line that leads somewhere, until they have read it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock
from portal.db import Addressed, Base, BigId


class Notice(Base, Addressed):
    """One line for one staff member. `about` makes it one: the same is not told again while it is unread."""

    __tablename__ = "notice"
    __table_args__ = (Index(None, "user_id", "read_at"),)

    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("app_user.id"))
    account_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    line: Mapped[str] = mapped_column(String(300))
    path: Mapped[str] = mapped_column(String(300))
    about: Mapped[str | None] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    read_at: Mapped[datetime | None]
