"""Escalations as rows: the case with its clocks, its reasons, the play's ticks, and what triggers did."""

from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock
from portal.access import GRANTS, Can, Role
from portal.accounts.models import Staff, User
from portal.db import Addressed, Base, OwnedRow, Word, one_of
from portal.errors import NotYours
from portal.escalations.rules import EscalationState as EscalationState
from portal.onboardings.models import Onboarding

LONGEST = 1000
UNSETTLED = text("resolved_at IS NULL AND apart IS FALSE")
UNSETTLED_SQLITE = text("resolved_at IS NULL AND apart = 0")


class Escalation(Base, OwnedRow, Addressed):
    """A case about one onboarding: at most one is open at a time, but for those that stand `apart` (a low score after
    graduation). `owner` is whom it asks, `instead_of` who would be asked and is away or gone. The two clocks run in the
    owner's working time: `acknowledge_by` until somebody takes it, `act_by` until something is done. While they stand
    still (it waits on the customer, or the road is on hold) they are empty and `*_left` holds the seconds that they
    had; `chased_at` is when the last one was told that nobody moves."""

    __tablename__ = "escalation"
    __table_args__ = (
        one_of("state", EscalationState),
        Index("uq_escalation_unsettled", "onboarding_id", unique=True,
              sqlite_where=UNSETTLED_SQLITE, postgresql_where=UNSETTLED),
        Index(None, "owner_id", "resolved_at"),
        Index(None, "resolved_at", "acknowledge_by"),
        Index(None, "onboarding_id", "opened_at"),
    )  # fmt: skip

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"))
    state: Mapped[EscalationState] = mapped_column(Word(EscalationState), default=EscalationState.OPEN)
    level: Mapped[int] = mapped_column(default=1)
    apart: Mapped[bool] = mapped_column(default=False)
    play: Mapped[str] = mapped_column(String(40))
    draft: Mapped[str | None] = mapped_column(Text)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    owner_because: Mapped[str | None] = mapped_column(String(40))
    instead_of_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    opened_at: Mapped[datetime] = mapped_column(default=clock.now)
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    acknowledge_by: Mapped[datetime | None]
    act_by: Mapped[datetime | None]
    acknowledge_left: Mapped[int | None]
    act_left: Mapped[int | None]
    chased_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    wait_until: Mapped[date | None]
    clear_since: Mapped[date | None]
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    cause: Mapped[str | None] = mapped_column(String(LONGEST))
    helped: Mapped[str | None] = mapped_column(String(LONGEST))
    trigger_right: Mapped[bool | None]
    reopened: Mapped[int] = mapped_column(default=0)

    onboarding: Mapped[Onboarding] = relationship()
    owner: Mapped[Staff | None] = relationship(foreign_keys=[owner_id])
    instead_of: Mapped[Staff | None] = relationship(foreign_keys=[instead_of_id])
    opened_by: Mapped[Staff | None] = relationship(foreign_keys=[opened_by_id])
    acknowledged_by: Mapped[Staff | None] = relationship(foreign_keys=[acknowledged_by_id])
    resolved_by: Mapped[Staff | None] = relationship(foreign_keys=[resolved_by_id])
    reasons: Mapped[list["EscalationReason"]] = relationship(order_by="EscalationReason.id")

    @property
    def holding(self) -> list["EscalationReason"]:
        """The reasons that hold; all of them once none does any more."""
        return [reason for reason in self.reasons if reason.cleared_on is None] or self.reasons

    def workable_by(self, user: User) -> bool:
        """Whoever works with customers works on it; an account executive on their own from level 2 on."""
        if not user.may(Can.WORK_ESCALATION) or self.account_id not in user.account_ids(Can.WORK_ESCALATION):
            return False
        return self.level > 1 or bool(user.roles & (GRANTS[Can.WORK_ESCALATION] - {Role.ACCOUNT_EXECUTIVE}))

    def check_workable(self, user: User) -> None:
        """Raises NotYours, saying whose it is."""
        if not self.workable_by(user):
            name = self.owner.called if self.owner else _("the team")
            raise NotYours(_("At level 1 this is with %(name)s. You are asked from level 2 on.", name=name))


class EscalationReason(Base, OwnedRow):
    """One reason of a case: a word (a reason of health, a trigger, or `person` with what somebody wrote) and its
    evidence as it was then; `cleared_on` from when on it holds no more."""

    __tablename__ = "escalation_reason"

    escalation_id: Mapped[int] = mapped_column(ForeignKey("escalation.id"), index=True)
    code: Mapped[str] = mapped_column(String(40))
    trigger: Mapped[str | None] = mapped_column(String(40))
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    cleared_on: Mapped[date | None]


class PlayTick(Base, OwnedRow):
    """One line of a case's play that somebody has done."""

    __tablename__ = "play_tick"
    __table_args__ = (UniqueConstraint("escalation_id", "item"),)

    escalation_id: Mapped[int] = mapped_column(ForeignKey("escalation.id"))
    item: Mapped[str] = mapped_column(String(40))
    by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(default=clock.now)

    by: Mapped[Staff] = relationship()


class TriggerFiring(Base, OwnedRow):
    """One trigger entered in one onboarding on `entered_on`, and what came of it: when it is next due to act and when
    it first did, which of its actions are `done` (their places), into which case, and from when on it is over. The
    constraint makes it one, however often it is evaluated."""

    __tablename__ = "trigger_firing"
    __table_args__ = (
        UniqueConstraint("onboarding_id", "key", "entered_on"),
        Index(None, "key", "fired_at"),
        Index(None, "fired_at", "cleared_on"),
        Index(None, "fire_at"),
    )

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"))
    key: Mapped[str] = mapped_column(String(40))
    entered_on: Mapped[date]
    fire_at: Mapped[datetime | None]
    fired_at: Mapped[datetime | None]
    cleared_on: Mapped[date | None]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    done: Mapped[list[int]] = mapped_column(JSON, default=list)
    escalation_id: Mapped[int | None] = mapped_column(ForeignKey("escalation.id"), index=True)

    onboarding: Mapped[Onboarding] = relationship()
    escalation: Mapped[Escalation | None] = relationship()


class TriggerLook(Base, OwnedRow):
    """The last evening of an onboarding on which its triggers were looked at."""

    __tablename__ = "trigger_look"

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"), unique=True)
    day: Mapped[date]
