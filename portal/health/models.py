"""How each onboarding stands, kept when it changes, and the facts of every evening."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock
from portal.accounts.kinds import Segment
from portal.accounts.models import Staff
from portal.db import Addressed, Base, OwnedRow, Word, one_of
from portal.onboardings.models import Onboarding
from portal.onboardings.standings import Health, Quiet


class HealthChange(Base, OwnedRow):
    """What an onboarding's health became, when, and why: each reason as {code, level, …} with its evidence."""

    __tablename__ = "health_change"
    __table_args__ = (one_of("label", Health), one_of("quiet", Quiet), Index(None, "onboarding_id", "at"))

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    label: Mapped[Health] = mapped_column(Word(Health))
    quiet: Mapped[Quiet | None] = mapped_column(Word(Quiet))
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON)

    onboarding: Mapped[Onboarding] = relationship()


IN_FORCE = text("ended_at IS NULL")


class HealthOverride(Base, OwnedRow, Addressed):
    """What somebody of ours says of an onboarding's health instead, why, and until the end of which day (the
    account's). The database keeps at most one that isn't ended for each onboarding."""

    __tablename__ = "health_override"
    __table_args__ = (
        one_of("label", Health),
        Index(None, "onboarding_id", "until"),
        Index("uq_health_override_in_force", "onboarding_id", unique=True,
              sqlite_where=IN_FORCE, postgresql_where=IN_FORCE),
    )  # fmt: skip

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"))
    label: Mapped[Health] = mapped_column(Word(Health))
    why: Mapped[str] = mapped_column(String(400))
    by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    until: Mapped[date]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    onboarding: Mapped[Onboarding] = relationship()
    by: Mapped[Staff] = relationship(foreign_keys=[by_id])
    ended_by: Mapped[Staff | None] = relationship(foreign_keys=[ended_by_id])


class FactsDay(Base, OwnedRow):
    """What was true of an onboarding on the evening of `day` (the account's), by the names of `health.facts`. Kept, so
    that rules can be tried on the past."""

    __tablename__ = "facts_day"
    __table_args__ = (UniqueConstraint("onboarding_id", "day"), Index(None, "day"))

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"))
    day: Mapped[date]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)


class SegmentThresholds(Base):
    """The thresholds that a site admin has changed for one segment, each as {value, at, by} with the id of whoever did;
    what isn't in `values` is as shipped."""

    __tablename__ = "segment_thresholds"
    __table_args__ = (one_of("segment", Segment),)

    segment: Mapped[Segment] = mapped_column(Word(Segment), unique=True)
    values: Mapped[dict[str, Any]] = mapped_column(JSON)
