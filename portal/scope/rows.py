"""The rows of both lists, and each time that the first was agreed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock, seals
from portal.accounts.models import User
from portal.db import Base, OwnedRow, Word, one_of
from portal.scope.rules import LONGEST_LINE, LONGEST_TEXT, LONGEST_WHO, NeedKind, Side

MARK = 10  # Letters of a mark: it tells two wordings of one row apart, not rows.


@dataclass(frozen=True)
class ItemTerms:
    """What a statement says. `module` is the playbook's key of the one it stands for, if it stands for one."""

    side: Side
    statement: str
    why: str | None = None
    alternative: str | None = None
    module: str | None = None

    @property
    def mark(self) -> str:
        """Differs when anything that the customer reads does."""
        return seals.of(self.side.value, self.statement, self.why, self.alternative)[:MARK]


@dataclass(frozen=True)
class NeedTerms:
    """What is needed, from the first day of one stage to the last of another. Who brings it is a person, a role of the
    playbook or somebody in words: one of them, or nobody yet."""

    kind: NeedKind
    what: str
    person_id: int | None = None
    role: str | None = None
    who: str | None = None
    minutes: int | None = None
    first_stage: str = "expectations"
    last_stage: str = "graduation"

    @property
    def mark(self) -> str:
        return seals.of(asdict(self))[:MARK]


class ScopeItem(Base, OwnedRow):
    """One statement of what is in, or not in **and why**. `key` is the playbook's, or one of its own."""

    __tablename__ = "scope_item"
    __table_args__ = (
        UniqueConstraint("scope_id", "key"),
        one_of("side", Side),
        CheckConstraint("side = 'in' OR why IS NOT NULL", name="why"),
    )

    scope_id: Mapped[int] = mapped_column(ForeignKey("scope.id"))
    key: Mapped[str] = mapped_column(String(40))
    side: Mapped[Side] = mapped_column(Word(Side))
    statement: Mapped[str] = mapped_column(String(LONGEST_LINE))
    why: Mapped[str | None] = mapped_column(String(LONGEST_TEXT))
    alternative: Mapped[str | None] = mapped_column(String(LONGEST_TEXT))
    module: Mapped[str | None] = mapped_column(String(40))
    position: Mapped[int]
    from_playbook: Mapped[bool] = mapped_column(default=False, server_default=false())
    left_out: Mapped[bool] = mapped_column(default=False, server_default=false())

    @property
    def title(self) -> str:
        return self.statement

    @property
    def terms(self) -> ItemTerms:
        return ItemTerms(self.side, self.statement, self.why, self.alternative, self.module)

    @terms.setter
    def terms(self, wanted: ItemTerms) -> None:
        for name, value in vars(wanted).items():
            setattr(self, name, value)

    @property
    def seal(self) -> str:
        """What its editor saw of it, where it stood included."""
        return seals.of(self.terms.mark, self.position, self.left_out)


class ResourceNeed(Base, OwnedRow):
    """One thing the customer brings. It counts as confirmed, or as one they can't release, while it is what it was
    when they said so."""

    __tablename__ = "resource_need"
    __table_args__ = (UniqueConstraint("scope_id", "key"), one_of("kind", NeedKind))

    scope_id: Mapped[int] = mapped_column(ForeignKey("scope.id"))
    key: Mapped[str] = mapped_column(String(40))
    kind: Mapped[NeedKind] = mapped_column(Word(NeedKind))
    what: Mapped[str] = mapped_column(String(LONGEST_LINE))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    role: Mapped[str | None] = mapped_column(String(20))
    who: Mapped[str | None] = mapped_column(String(LONGEST_WHO))
    minutes: Mapped[int | None]
    first_stage: Mapped[str] = mapped_column(String(16))
    last_stage: Mapped[str] = mapped_column(String(16))
    position: Mapped[int]
    from_playbook: Mapped[bool] = mapped_column(default=False, server_default=false())
    left_out: Mapped[bool] = mapped_column(default=False, server_default=false())
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    confirmed_mark: Mapped[str | None] = mapped_column(String(MARK))
    refused_at: Mapped[datetime | None]
    refused_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    refused_mark: Mapped[str | None] = mapped_column(String(MARK))
    refused_why: Mapped[str | None] = mapped_column(String(LONGEST_TEXT))

    confirmed_by: Mapped[User | None] = relationship(foreign_keys=[confirmed_by_id])
    refused_by: Mapped[User | None] = relationship(foreign_keys=[refused_by_id])

    @property
    def title(self) -> str:
        return self.what

    @property
    def terms(self) -> NeedTerms:
        return NeedTerms(**{name: getattr(self, name) for name in NeedTerms.__dataclass_fields__})

    @terms.setter
    def terms(self, wanted: NeedTerms) -> None:
        for name, value in vars(wanted).items():
            setattr(self, name, value)

    @property
    def seal(self) -> str:
        return seals.of(self.terms.mark, self.position, self.left_out)

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_mark == self.terms.mark

    @property
    def is_refused(self) -> bool:
        """Whether they have said that they can't release it as it is now."""
        return self.refused_mark == self.terms.mark

    def window(self, stages: dict[str, tuple[date, date]]) -> tuple[date, date]:
        """From when to when, by the planned days of each stage."""
        return stages[self.first_stage][0], stages[self.last_stage][1]


class ScopeAgreement(Base, OwnedRow):
    """The list as one of the customer's agreed it; the latest stays in force until the changed list is agreed."""

    __tablename__ = "scope_agreement"
    __table_args__ = (UniqueConstraint("scope_id", "n"),)

    scope_id: Mapped[int] = mapped_column(ForeignKey("scope.id"))
    n: Mapped[int]
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    at: Mapped[datetime] = mapped_column(default=clock.now)

    by: Mapped[User] = relationship()

    @property
    def terms(self) -> dict[str, ItemTerms]:
        """What each statement said, by key."""
        return {
            one["key"]: ItemTerms(Side(one["side"]), one["statement"], one["why"], one["alternative"])
            for one in self.items
        }

    @property
    def marks(self) -> dict[str, str]:
        return {key: terms.mark for key, terms in self.terms.items()}
