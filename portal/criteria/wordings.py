"""One wording of a result: each proposal of either side is a row of its own, and stays."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock, db
from portal.accounts.models import User
from portal.criteria.choosing import is_vague
from portal.criteria.rules import OPEN, Agreement, Direction, Evidence, Side, wording_may
from portal.db import Addressed, Base, OwnedRow, Word, one_of

if TYPE_CHECKING:
    from portal.criteria.models import SuccessCriterion

LONGEST_NOTE: Final = 600
LONGEST_STATEMENT: Final = 120
IS_OPEN: Final = "state IN ('draft', 'proposed', 'changes_requested')"
IN_FORCE: Final = "state = 'agreed'"
# What two wordings are compared by.
TERMS: Final = (
    "statement", "unit", "direction", "baseline", "target", "target_on", "must_have", "evidence", "seen_in",
)  # fmt: skip


class CriterionWording(Base, OwnedRow, Addressed):
    """What one side proposed. The database keeps at most one that is open and one in force for each result."""

    __tablename__ = "criterion_wording"
    __table_args__ = (
        UniqueConstraint("criterion_id", "n"),
        Index(
            "uq_criterion_wording_open",
            "criterion_id",
            unique=True,
            sqlite_where=text(IS_OPEN),
            postgresql_where=text(IS_OPEN),
        ),
        Index(
            "uq_criterion_wording_in_force",
            "criterion_id",
            unique=True,
            sqlite_where=text(IN_FORCE),
            postgresql_where=text(IN_FORCE),
        ),
        one_of("state", Agreement),
        one_of("side", Side),
        one_of("direction", Direction),
        one_of("evidence", Evidence),
    )

    criterion_id: Mapped[int] = mapped_column(ForeignKey("success_criterion.id"))
    n: Mapped[int]
    state: Mapped[Agreement] = mapped_column(Word(Agreement), default=Agreement.DRAFT)
    side: Mapped[Side] = mapped_column(Word(Side))
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    statement: Mapped[str] = mapped_column(String(LONGEST_STATEMENT))
    unit: Mapped[str | None] = mapped_column(String(20))
    direction: Mapped[Direction] = mapped_column(Word(Direction))
    baseline: Mapped[Decimal]
    target: Mapped[Decimal]
    target_on: Mapped[date]
    must_have: Mapped[bool] = mapped_column(default=False)
    evidence: Mapped[Evidence] = mapped_column(Word(Evidence), default=Evidence.STATEMENT)
    seen_in: Mapped[str | None] = mapped_column(String(120))
    note: Mapped[str | None] = mapped_column(String(LONGEST_NOTE))
    asked: Mapped[str | None] = mapped_column(String(LONGEST_NOTE))
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    decided_at: Mapped[datetime | None]

    criterion: Mapped[SuccessCriterion] = relationship(back_populates="wordings")
    by: Mapped[User] = relationship(foreign_keys=[by_id])
    asked_by: Mapped[User | None] = relationship(foreign_keys=[asked_by_id])
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])
    checkpoints: Mapped[list[CriterionCheckpoint]] = relationship(
        order_by="CriterionCheckpoint.on", cascade="all, delete-orphan"
    )

    @property
    def is_open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.state in OPEN

    @property
    def terms(self) -> dict[str, Any]:
        """All that is agreed to, checkpoints included; equal terms are the same wording."""
        return {name: getattr(self, name) for name in TERMS} | {
            "checkpoints": [(one.on, one.value, one.what) for one in self.checkpoints]
        }

    @property
    def is_vague(self) -> bool:
        """Whether somebody else could hardly check it."""
        return is_vague(self.statement, self.direction, self.seen_in)

    def become(self, then: Agreement, *, by: User | None = None) -> None:
        """Go on to `then`. Raises ValueError for what the table leaves out: callers have asked `Talk` before."""
        if not wording_may(self.state, then):
            raise ValueError(f"a wording that is {self.state} can't become {then}")
        self.state = then
        if by is not None:
            self.decided_by, self.decided_at = by, clock.now()
        db.session.flush()  # The old one is out of the way before the new one comes.


class CriterionCheckpoint(Base, OwnedRow):
    """A value on the way, by a day; or in words, where the result has no numbers."""

    __tablename__ = "criterion_checkpoint"
    __table_args__ = (UniqueConstraint("wording_id", "on"),)

    wording_id: Mapped[int] = mapped_column(ForeignKey("criterion_wording.id"))
    on: Mapped[date]
    value: Mapped[Decimal | None]
    what: Mapped[str | None] = mapped_column(String(60))
