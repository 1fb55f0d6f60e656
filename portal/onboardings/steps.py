"""A step: the smallest unit one person can finish (product.md 2.3).

Its columns and guards are in `record`, what finishes it in `finishing`, everything else that may happen to it in
`detours`, and what staff change about it in `editing`.
"""

from datetime import date

from sqlalchemy import ColumnElement, Index, UniqueConstraint, and_, or_
from sqlalchemy.orm import Mapped, relationship

from portal.accounts.models import User
from portal.db import one_of
from portal.onboardings.detours import Detours
from portal.onboardings.editing import Editing
from portal.onboardings.finishing import Finishing
from portal.onboardings.models import Onboarding
from portal.onboardings.stages import Module, Stage
from portal.onboardings.standing import CHANGE
from portal.onboardings.states import CUSTOMERS_TURN, WORKABLE, SkipRule, StepState

__all__ = ["WITH_THEM", "WITH_US", "WORKABLE", "Step", "awaited"]


class Step(Finishing, Detours, Editing):
    """One item of the road."""

    __tablename__ = "step"
    __table_args__ = (
        UniqueConstraint("onboarding_id", "key"),
        one_of("state", StepState),
        one_of("skip_rule", SkipRule),
        Index(None, "assignee_id", "state"),
        Index(None, "state", "due_on"),
    )

    onboarding: Mapped[Onboarding] = relationship(back_populates="steps", foreign_keys="Step.onboarding_id")
    stage: Mapped[Stage] = relationship(back_populates="steps")
    module: Mapped[Module] = relationship(back_populates="steps")
    assignee: Mapped[User | None] = relationship(foreign_keys="Step.assignee_id")
    done_by: Mapped[User | None] = relationship(foreign_keys="Step.done_by_id", viewonly=True)
    data_by: Mapped[User | None] = relationship(foreign_keys="Step.data_by_id", viewonly=True)
    submitted_by: Mapped[User | None] = relationship(foreign_keys="Step.submitted_by_id", viewonly=True)


# What `Step.with_them` and `Step.with_us` say of a row, for a query.
WITH_THEM = and_(Step.state.in_(CUSTOMERS_TURN), Step.owner_side != "us", Step.waiting.is_(False))
WITH_US = or_(
    Step.state == StepState.SUBMITTED,
    and_(Step.state == StepState.BLOCKED, Step.blocked_by == CHANGE),
    and_(Step.state.in_(WORKABLE), or_(Step.waiting, Step.owner_side == "us")),
)


def awaited(today: date) -> ColumnElement[bool]:
    """What `Step.is_awaited` says of a row, for a query."""
    late = or_(Step.due_on.is_(None), Step.due_on < today)
    put_off = and_(Step.snoozed_until.is_not(None), Step.snoozed_until > today)
    return and_(WITH_THEM, Step.required, Step.visible, Step.call_on.is_(None), late, ~put_off)
