"""The agreed pauses of an onboarding, and the time that one took."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, OwnedRow
from portal.onboardings import beside, planning

if TYPE_CHECKING:
    from portal.onboardings.models import Onboarding


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

    @property
    def pause(self) -> planning.Pause:
        """It as the pure rules see it."""
        return planning.Pause(self.began_on, self.ended_on)


def make_up(onboarding: Onboarding, pause: planning.Pause) -> None:
    """Move every date ahead by the working days that a pause took."""
    calendar = onboarding.account.calendar
    windows = planning.shifted_plan(onboarding.plan, pause, calendar)
    for stage in onboarding.stages:
        stage.planned_start, stage.planned_end = windows[stage.key].starts, windows[stage.key].ends
    for step in onboarding.steps:
        if step.due_on and not step.is_closed:
            step.due_on = planning.shifted(step.due_on, pause, calendar)
    for milestone in onboarding.milestones:
        if milestone.reached_on is None:
            milestone.due_on = planning.shifted(milestone.due_on, pause, calendar)
    for wave in onboarding.waves_on:
        wave.make_up(pause)
    for one in beside.dated(onboarding):
        one.make_up(pause)
    onboarding.target_graduation = planning.shifted(onboarding.target_graduation, pause, calendar)
    onboarding.first_value_due = planning.shifted(onboarding.first_value_due, pause, calendar)
