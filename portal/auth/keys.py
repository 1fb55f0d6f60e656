"""Keys with which another program speaks to the portal: shown once, stored as a hash, revoked for good."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock
from portal.accounts.models import Account, User
from portal.db import Addressed, Base, BigId


class ApiKey(Base, Addressed):
    """One key of one source, `name`; a source whose key is renewed has several over time, and perhaps two at once.
    `account` is the only one that it may speak of; without one it may name any. `hint` are its first letters."""

    __tablename__ = "api_key"

    name: Mapped[str] = mapped_column(String(80), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    hint: Mapped[str] = mapped_column(String(12))
    scopes: Mapped[list[str]] = mapped_column(default=list)
    bound_to_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("app_user.id"))
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("app_user.id"))

    bound_to: Mapped[Account | None] = relationship()
    created_by: Mapped[User | None] = relationship(foreign_keys=[created_by_id])
    revoked_by: Mapped[User | None] = relationship(foreign_keys=[revoked_by_id])
