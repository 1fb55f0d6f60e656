"""The agreed pauses of an onboarding."""

from datetime import date

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, OwnedRow


class Hold(Base, OwnedRow):
    """An agreed pause."""

    __tablename__ = "hold"
    __table_args__ = (
        Index(
            "ix_hold_only_one",
            "onboarding_id",
            unique=True,
            sqlite_where=text("ended_on IS NULL"),
            postgresql_where=text("ended_on IS NULL"),
        ),
    )

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"), index=True)
    reason: Mapped[str] = mapped_column(String(400))
    began_on: Mapped[date]
    review_on: Mapped[date]
    ended_on: Mapped[date | None]
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    state_before: Mapped[str] = mapped_column(String(16))
