"""The four parts of an onboarding, each with its share of the meter, the modules inside them, and the milestones."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from sqlalchemy import ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock, seals, web
from portal.access import Can
from portal.accounts.models import User
from portal.activity.models import Verb, record
from portal.db import Base, OwnedRow, Word, one_of
from portal.errors import Refused
from portal.onboardings import changes, letters, progress, settling
from portal.onboardings.models import Onboarding
from portal.onboardings.outline import Outline
from portal.onboardings.progress import StageProgress
from portal.onboardings.record import check_running
from portal.onboardings.states import Cause, OnboardingState, ScopeChange, StageState, stage_may
from portal.onboardings.wave_keys import of_playbook
from portal.onboardings.words import STAGE_TITLES

if TYPE_CHECKING:
    from portal.onboardings.steps import Step


class Stage(Base, OwnedRow):
    """One of the four parts of an onboarding, with its share of the meter."""

    __tablename__ = "stage"
    __table_args__ = (UniqueConstraint("onboarding_id", "key"), one_of("state", StageState))

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"))
    key: Mapped[str] = mapped_column(String(16))
    position: Mapped[int]
    share: Mapped[int]
    state: Mapped[StageState] = mapped_column(Word(StageState), default=StageState.LOCKED)
    opened_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    planned_start: Mapped[date]
    planned_end: Mapped[date]
    base: Mapped[Fraction] = mapped_column(default=Fraction(0))
    base_done: Mapped[int] = mapped_column(default=0)
    base_remaining: Mapped[int] = mapped_column(default=0)

    onboarding: Mapped[Onboarding] = relationship(back_populates="stages")
    modules: Mapped[list["Module"]] = relationship(
        back_populates="stage", order_by="Module.position, Module.id"
    )
    steps: Mapped[list["Step"]] = relationship(back_populates="stage", order_by="Step.position")

    @property
    def is_open(self) -> bool:
        """Open, in progress or complete: an opened stage never closes again."""
        return self.state is not StageState.LOCKED

    @property
    def is_complete(self) -> bool:
        return self.state is StageState.COMPLETE

    @property
    def items(self) -> list["Step"]:
        """What the meter counts here."""
        return [step for step in self.steps if step.counts]

    @property
    def items_done(self) -> int:
        return sum(step.is_done for step in self.items)

    @property
    def tally(self) -> tuple[int, int]:
        """How many items are done, and how many there are, as stored when the road was last settled."""
        stored = next(stage for stage in self.onboarding.meter["stages"] if stage["key"] == self.key)
        return stored["done"], stored["total"]

    @property
    def measure(self) -> StageProgress:
        """The base that the meter stands on (product.md 2.6)."""
        return StageProgress(self.base, self.base_done, self.base_remaining)

    @measure.setter
    def measure(self, value: StageProgress) -> None:
        self.base, self.base_done, self.base_remaining = value.base, value.base_done, value.base_remaining

    def weights(self) -> tuple[int, int]:
        """The weight done, and the whole weight, of what counts."""
        items = self.items
        return sum(step.weight for step in items if step.is_done), sum(step.weight for step in items)

    @property
    def fraction(self) -> Fraction:
        """How much of this stage is behind the customer, exactly."""
        return progress.fraction(self.measure, self.weights()[0])

    @contextmanager
    def rescoped(self) -> Iterator[None]:
        """The meter stands still while the road around it changes (product.md 2.6.4)."""
        measure, (done_before, _total) = self.measure, self.weights()
        yield
        self.measure = progress.after_scope_change(measure, done_before, *self.weights())

    def check_open_for_more(self) -> None:
        """Nothing is put into a complete stage, because it stays complete. Raises Refused."""
        if self.is_complete:
            title, now = STAGE_TITLES[self.key], STAGE_TITLES[growing_stage(self.onboarding).key]
            raise Refused(
                _(
                    "%(stage)s is complete, so nothing can be put there. Choose %(now)s.",
                    stage=title,
                    now=now,
                ),
                field="place",
            )

    # --- Becoming ---

    def become(self, state: StageState, *, by: Cause | None = None) -> None:
        """Go on to `state`. Raises Refused for what the table leaves out (product.md 2.3)."""
        if not stage_may(self.state, state, by=by):
            raise Refused(
                _("“%(stage)s” has changed meanwhile. Open the page again.", stage=STAGE_TITLES[self.key])
            )
        self.state = state

    def unlock(self) -> None:
        """Open this stage; it never closes again."""
        self.become(StageState.OPEN)
        self.opened_at = clock.now()

    def open_early(self, why: str, *, by: User) -> None:
        """Staff open it before its gates are passed; the customer is told why. Raises Refused unless it is the next."""
        onboarding, title = self.onboarding, STAGE_TITLES[self.key]
        check_running(onboarding)
        if self.is_open:
            raise Refused(_("%(stage)s is open already.", stage=title))
        if onboarding.state is not OnboardingState.ACTIVE:
            start = web.day(onboarding.start_date, "dMMMM")
            raise Refused(_("Stages can be opened from the start date on, %(date)s.", date=start))
        previous = onboarding.stages[self.position - 1]
        if not previous.is_open:
            raise Refused(_("%(stage)s comes first; open that one.", stage=STAGE_TITLES[previous.key]))
        self.unlock()
        settling.date_from_opening(self, Outline(onboarding))
        record(
            self,
            Verb.STAGE_OPENED_EARLY,
            by=by,
            onboarding=onboarding,
            personal={"what": self.key, "why": why},
        )
        changes.note(onboarding, ScopeChange.OPENED_EARLY, why, stage=self.key, to=self.key)
        onboarding.settle()

    def complete(self) -> None:
        """Everything required is done: say so, and in ten minutes by letter."""
        self.become(StageState.COMPLETE)
        self.completed_at = clock.now()
        record(self, Verb.STAGE_COMPLETED, by=None, onboarding=self.onboarding, personal={"what": self.key})
        letters.stage_complete(self)

    def take_up_again(self, *, by: Cause) -> None:
        """Something required is open again after this stage was complete."""
        self.become(StageState.IN_PROGRESS, by=by)
        self.completed_at = None


@contextmanager
def all_rescoped(stages: Iterable[Stage]) -> Iterator[None]:
    """The meter stands still in each of these while the road changes."""
    with ExitStack() as still:
        for stage in stages:
            still.enter_context(stage.rescoped())
        yield


def growing_stage(onboarding: Onboarding) -> Stage:
    """Where new steps go: the current stage or, when that is complete, the next one that isn't. Raises Refused when
    all are."""
    ahead = onboarding.stages[onboarding.stage.position :]
    for stage in [*ahead, *onboarding.stages]:
        if not stage.is_complete:
            return stage
    raise Refused(_("Every stage is complete, so nothing can be added any more."))


class Module(Base, OwnedRow):
    """A named group of steps inside one stage, with one outcome.

    `by_hand`: one of us left it out or brought it back, so no rule decides about it any more. `depth` and `role` are
    how deep it goes and whose its items are where a rule says otherwise than the playbook.
    """

    __tablename__ = "module"
    __table_args__ = (UniqueConstraint("onboarding_id", "key"),)

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"))
    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id"), index=True)
    key: Mapped[str] = mapped_column(String(64))
    position: Mapped[int]
    title: Mapped[str]
    outcome: Mapped[str] = mapped_column(String(400))
    included_because: Mapped[str] = mapped_column(String(300), default="always")
    added_by: Mapped[str | None] = mapped_column(String(120))
    added_why: Mapped[str | None] = mapped_column(String(400))
    wave_n: Mapped[int | None]
    by_hand: Mapped[bool] = mapped_column(default=False, server_default=false())
    depth: Mapped[str | None] = mapped_column(String(10))
    role: Mapped[str | None] = mapped_column(String(16))

    stage: Mapped[Stage] = relationship(back_populates="modules")
    steps: Mapped[list["Step"]] = relationship(back_populates="module", order_by="Step.position")

    @property
    def seal(self) -> str:
        """A short word that differs when its steps, or how they stand, do."""
        return seals.of([(step.key, step.state.value) for step in self.steps])

    @property
    def is_technical(self) -> bool:
        """Whether the integration specialist answers for it."""
        spec = self.stage.onboarding.playbook_version.module(of_playbook(self.key))
        return spec is not None and spec.owner_role == "integration_specialist"

    def editable_by(self, user: User) -> bool:
        """Who may edit the whole road edits any module; the integration specialist the technical ones (product.md
        2.2)."""
        return user.may(Can.EDIT_WHOLE_ROAD) or (user.may(Can.EDIT_ROAD) and self.is_technical)

    @property
    def grows(self) -> bool:
        """Whether something can be put into it."""
        return not self.stage.is_complete and not self._is_of_wave_left_out

    @property
    def _is_of_wave_left_out(self) -> bool:
        return self.wave_n is not None and not self.stage.onboarding.wave_called(self.wave_n).is_on

    def check_open_for_more(self) -> None:
        """Nothing is put into what is over. Raises Refused."""
        self.stage.check_open_for_more()
        self.check_of_wave()

    def check_of_wave(self) -> None:
        """A wave that is left out stays so: what it is spared comes back with a new one, with its own dates and people.
        Raises Refused."""
        if self._is_of_wave_left_out:
            raise Refused(
                _("The wave of “%(title)s” is left out. Add a wave again instead.", title=self.title),
                field="place",
            )


class Milestone(Base, OwnedRow):
    """A dated checkpoint, reached when its steps are done; `original_due_on` is the date first promised and
    `signed_due_on` the one that the plan in force names."""

    __tablename__ = "milestone"
    __table_args__ = (UniqueConstraint("onboarding_id", "key"),)

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"))
    key: Mapped[str] = mapped_column(String(64))
    position: Mapped[int]
    title: Mapped[str]
    step_keys: Mapped[list[str]]
    due_on: Mapped[date]
    original_due_on: Mapped[date]
    signed_due_on: Mapped[date | None]
    reached_on: Mapped[date | None]
    wave_n: Mapped[int | None]

    @property
    def promised_on(self) -> date:
        """By when it was promised: as signed, else as first planned."""
        return self.signed_due_on or self.original_due_on

    def on_time(self, today: date) -> bool | None:
        """Whether it was reached by the day promised; None while it can be still."""
        if self.reached_on is not None:
            return self.reached_on <= self.promised_on
        return None if today <= self.promised_on else False
