"""Follow-ups as rows: planned, perhaps approved, sent, and what came of them."""

from datetime import datetime
from enum import StrEnum, auto

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock
from portal.accounts.models import Person, Staff
from portal.db import Addressed, Base, BigId, OwnedRow, Word, one_of
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step

OPEN = text("state IN ('planned', 'needs_approval')")


class NudgeState(StrEnum):
    """Product.md 2.3; `superseded` is one that was overtaken before it was sent, by whatever they did."""

    PLANNED = auto()
    NEEDS_APPROVAL = auto()
    SENT = auto()
    ACTED = auto()
    REPLIED = auto()
    BOUNCED = auto()
    SUPERSEDED = auto()
    SKIPPED = auto()


class Nudge(Base, OwnedRow, Addressed):
    """One follow-up to one person. `rung` says which of the ladder: `invite_3`, `day_3`, `day_7`, `day_12`, or
    `by_hand`. `quiet_since` tells one silence from the next, so that each rung is climbed once in each."""

    __tablename__ = "nudge"
    __table_args__ = (
        one_of("state", NudgeState),
        Index("uq_nudge_open", "onboarding_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("uq_nudge_rung", "onboarding_id", "rung", "quiet_since", unique=True),
        Index(None, "state", "planned_for"),
    )

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"))
    rung: Mapped[str] = mapped_column(String(16))
    quiet_since: Mapped[datetime]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    step_id: Mapped[int | None] = mapped_column(ForeignKey("step.id"))
    state: Mapped[NudgeState] = mapped_column(Word(NudgeState), default=NudgeState.PLANNED)
    subject: Mapped[str] = mapped_column(String(80))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    planned_for: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    sent_at: Mapped[datetime | None]
    letter_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("letter.id"))
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None] = mapped_column(String(60))
    dismissed_at: Mapped[datetime | None]

    onboarding: Mapped[Onboarding] = relationship()
    person: Mapped[Person] = relationship()
    step: Mapped[Step | None] = relationship()
    by: Mapped[Staff | None] = relationship(foreign_keys=[by_id])
    decided_by: Mapped[Staff | None] = relationship(foreign_keys=[decided_by_id])
