"""A wave: one department's roll-out inside a large onboarding (product.md 2.12)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import seals
from portal.accounts.models import Person
from portal.db import Base, OwnedRow
from portal.onboardings.planning import Pause, Window, shifted
from portal.onboardings.wave_keys import of_playbook

if TYPE_CHECKING:
    from portal.onboardings.models import Onboarding
    from portal.onboardings.record import StepRecord
    from portal.onboardings.stages import Module
    from portal.onboardings.steps import Step

BETWEEN: Final = " · "
LONGEST: Final = 200  # Characters of a title, as its column holds it.


class Wave(Base, OwnedRow):
    """A department with its people, its dates, and its own copy of the modules that a wave can have.

    `n` counts from 1 on each road and is never used again; modules, steps and milestones name it as `wave_n`. It
    trains from `starts_on` until the eve of `go_live_on`, and what it does of Graduation goes on until `ends_on`;
    all are days in the account's zone.
    """

    __tablename__ = "wave"
    __table_args__ = (UniqueConstraint("onboarding_id", "n"),)

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"))
    n: Mapped[int]
    department: Mapped[str] = mapped_column(String(40))
    starts_on: Mapped[date]
    go_live_on: Mapped[date]
    ends_on: Mapped[date]
    first_value_due: Mapped[date]
    went_live_on: Mapped[date | None]
    first_value_on: Mapped[date | None]
    left_out_on: Mapped[date | None]
    left_out_why: Mapped[str | None] = mapped_column(String(400))

    onboarding: Mapped[Onboarding] = relationship(back_populates="waves")
    members: Mapped[list[WavePerson]] = relationship(
        back_populates="wave", order_by="WavePerson.id", cascade="all, delete-orphan", lazy="joined"
    )

    @property
    def is_on(self) -> bool:
        """Whether it is part of the road, and not left out."""
        return self.left_out_on is None

    @property
    def people(self) -> list[Person]:
        """Who belongs to it and still works there."""
        return [member.person for member in self.members if member.person.is_active]

    @property
    def seal(self) -> str:
        """A short word that differs when anything that staff decide about it does."""
        people = sorted(person.id for person in self.people)
        return seals.of(self.department, people, self.starts_on, self.go_live_on, self.left_out_on)

    @property
    def modules(self) -> list[Module]:
        """Its own copy of the modules, in the order of the road."""
        return [m for stage in self.onboarding.stages for m in stage.modules if m.wave_n == self.n]

    @property
    def steps(self) -> list[Step]:
        """Its items, in the order of the road."""
        return [step for step in self.onboarding.steps if step.wave_n == self.n]

    @property
    def day_0(self) -> date:
        """The day that due rules call `start`: the road's own for the first wave, whose items were there before."""
        return self.onboarding.start_date if self.n == 1 else self.starts_on

    @property
    def training_ends(self) -> date:
        """The eve of its go-live, or its first day when both are the same."""
        return max(self.starts_on, self.go_live_on - timedelta(days=1))

    def window_of(self, step: StepRecord) -> Window:
        """When it does this; where it stands in a later stage than its playbook has it, still before the go-live."""
        spec = self.onboarding.playbook_version.module(of_playbook(step.module.key))
        return self.window(spec.stage if spec else step.stage.key)

    def window(self, stage: str) -> Window:
        """When this wave is in that stage of the road."""
        if stage == "graduation":
            return Window(self.go_live_on, self.ends_on)
        return Window(self.starts_on, self.training_ends)

    def make_up(self, pause: Pause) -> None:
        """Move what is ahead of it by the working days that a pause took."""
        calendar = self.onboarding.account.calendar
        for name in ("starts_on", "go_live_on", "ends_on", "first_value_due"):
            setattr(self, name, shifted(getattr(self, name), pause, calendar))

    def named(self, title: str) -> str:
        """What one of its modules, items or milestones is called, so that every list and letter says whose it is."""
        return f"{title[: LONGEST - len(self.department) - len(BETWEEN)]}{BETWEEN}{self.department}"

    def unnamed(self, title: str) -> str:
        """A title without this wave's name."""
        return title.removesuffix(f"{BETWEEN}{self.department}")


class WavePerson(Base, OwnedRow):
    """Somebody who belongs to a wave; on one road to one wave only."""

    __tablename__ = "wave_person"
    __table_args__ = (UniqueConstraint("onboarding_id", "person_id"),)

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"))
    wave_id: Mapped[int] = mapped_column(ForeignKey("wave.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)

    wave: Mapped[Wave] = relationship(back_populates="members")
    person: Mapped[Person] = relationship()
