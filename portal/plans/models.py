"""The onboarding plan in its versions. Their columns are in `record`, who signs in `signers`, the files in `papers`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

from sqlalchemy import Index, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, relationship, selectinload

from portal import db
from portal.accounts.models import User
from portal.db import one_of
from portal.onboardings.models import Onboarding
from portal.plans.papers import PlanPaper, Seal
from portal.plans.rules import PlanState
from portal.plans.signers import ConsentText, PlanSigner, Signature
from portal.plans.signing import Signing

__all__ = ["ConsentText", "Plan", "PlanPaper", "PlanSigner", "PlanVersion", "Seal", "Signature"]

WRITTEN = "state IN ('draft', 'in_review')"
TO_SIGN = "state IN ('sent', 'partly_signed')"
IN_FORCE = "state = 'signed'"


def _at_most_one(name: str, where: str) -> Index:
    return Index(
        f"uq_plan_version_{name}",
        "onboarding_id",
        unique=True,
        sqlite_where=text(where),
        postgresql_where=text(where),
    )


class PlanVersion(Signing):
    """One version. The database keeps at most one that is written, one to sign and one in force for each onboarding."""

    __tablename__ = "plan_version"
    __table_args__ = (
        UniqueConstraint("onboarding_id", "n"),
        _at_most_one("written", WRITTEN),
        _at_most_one("to_sign", TO_SIGN),
        _at_most_one("in_force", IN_FORCE),
        one_of("state", PlanState),
    )

    onboarding: Mapped[Onboarding] = relationship()
    amends: Mapped[PlanVersion | None] = relationship(remote_side="PlanVersion.id")
    sent_by: Mapped[User | None] = relationship(foreign_keys="PlanVersion.sent_by_id")
    declined_by: Mapped[User | None] = relationship(foreign_keys="PlanVersion.declined_by_id")
    signers: Mapped[list[PlanSigner]] = relationship(
        order_by="PlanSigner.position", cascade="all, delete-orphan"
    )
    signatures: Mapped[list[Signature]] = relationship(order_by="Signature.id")
    papers: Mapped[list[PlanPaper]] = relationship(order_by="PlanPaper.signed")
    seal: Mapped[Seal | None] = relationship()

    @classmethod
    def of(cls, onboarding: Onboarding) -> list[Self]:
        """Every version of one onboarding that is kept, the first one first."""
        query = select(cls).where(cls.onboarding_id == onboarding.id).order_by(cls.n)
        query = query.options(
            selectinload(cls.signers).joinedload(PlanSigner.user),
            selectinload(cls.signatures),
            selectinload(cls.seal),
        )
        return list(db.session.scalars(query))


class Plan:
    """The plan of one onboarding: all its versions, the first one first. There may be none yet: nothing is kept before
    somebody writes or sends it, and the draft can be read all the same."""

    def __init__(self, onboarding: Onboarding, versions: list[PlanVersion]) -> None:
        self.onboarding, self.versions = onboarding, versions

    @classmethod
    def of(cls, onboarding: Onboarding) -> Self:
        return cls(onboarding, PlanVersion.of(onboarding))

    @property
    def written(self) -> PlanVersion | None:
        """The draft, where somebody has begun to write it."""
        return self._last(lambda one: one.is_writable)

    @property
    def to_sign(self) -> PlanVersion | None:
        """The version that waits for signatures."""
        return self._last(lambda one: one.is_open)

    @property
    def in_force(self) -> PlanVersion | None:
        """The version that both sides have signed and that no later one has replaced."""
        return self._last(lambda one: one.state is PlanState.SIGNED)

    @property
    def last_sent(self) -> PlanVersion | None:
        """The last one that left our hands, whatever became of it."""
        return self._last(lambda one: one.sent_at is not None)

    def version(self, n: int) -> PlanVersion | None:
        return self._last(lambda one: one.n == n)

    @property
    def next_n(self) -> int:
        """The number of the draft that nobody has begun to write."""
        return max((one.n for one in self.versions), default=0) + 1

    def _last(self, wanted: Callable[[PlanVersion], bool]) -> PlanVersion | None:
        return next((one for one in reversed(self.versions) if wanted(one)), None)
