"""Something to have ready as a row: what is kept of it, and what can be read from it."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from sqlalchemy import ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from portal import seals
from portal.accounts.models import Person, User
from portal.db import Addressed, Base, OwnedRow, Word
from portal.onboardings import planning
from portal.onboardings.creation import player_of
from portal.playbooks.kit import PrerequisiteSpec
from portal.readiness.prerequisite_rules import (
    LONGEST,
    Facts,
    Status,
    asks_sponsors,
    days_late,
    proposes_hold,
)

if TYPE_CHECKING:
    from portal.onboardings.models import Onboarding
    from portal.onboardings.stages import Stage
    from portal.onboardings.steps import Step


def step_of(onboarding: Onboarding) -> Step | None:
    """The item of the road that is done by having everything ready."""
    return onboarding.step_of_kind("prerequisites")


class PrerequisiteRow(Base, OwnedRow, Addressed):
    """The columns of one thing to have ready, and what follows from them. What is enough and how to get there stands in
    the playbook, or here where staff added it. `because` is the answer that asks for it; `by_hand`: staff decided
    whether it is asked for, so no answer does. `hold_id` is the pause that waits for it."""

    __abstract__ = True

    if TYPE_CHECKING:
        onboarding: Mapped[Onboarding]
        said_by: Mapped[User | None]
        assignee: Mapped[Person | None]

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"))
    key: Mapped[str] = mapped_column(String(64))
    position: Mapped[int]
    title: Mapped[str]
    kind: Mapped[str] = mapped_column(String(20))
    own_enough: Mapped[str | None]
    own_guidance: Mapped[str | None] = mapped_column(String(2000))
    because: Mapped[str | None]
    by_hand: Mapped[bool] = mapped_column(default=False, server_default=false())
    status: Mapped[Status] = mapped_column(Word(Status), default=Status.NOT_READY)
    said_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    said_at: Mapped[datetime | None]
    in_the_way: Mapped[str | None] = mapped_column(String(LONGEST))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    due_on: Mapped[date | None]
    due_by_hand: Mapped[bool] = mapped_column(default=False, server_default=false())
    blocking: Mapped[bool] = mapped_column(default=False)
    sponsor_after: Mapped[int]
    left_out_at: Mapped[datetime | None]
    left_out_why: Mapped[str | None] = mapped_column(String(400))
    without_why: Mapped[str | None] = mapped_column(String(400))
    without_at: Mapped[datetime | None]
    without_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    hold_id: Mapped[int | None] = mapped_column(ForeignKey("hold.id"))
    sponsors_asked_at: Mapped[datetime | None]

    # --- Reading ---

    @property
    def spec(self) -> PrerequisiteSpec | None:
        """What the playbook says of it; None for one that staff added."""
        kit = self.onboarding.playbook_version.document.kit
        return kit.prerequisite(self.key) if kit else None

    @property
    def enough(self) -> str:
        """When it is ready."""
        return self.spec.enough if self.spec else self.own_enough or ""

    @property
    def guidance(self) -> str:
        """How to get there."""
        return self.spec.guidance if self.spec else self.own_guidance or ""

    @property
    def file(self) -> str | None:
        """The name of the template file that goes with it."""
        return self.spec.file if self.spec else None

    @property
    def minutes(self) -> int:
        return self.spec.minutes if self.spec else 0

    @property
    def sort(self) -> str:
        """What sort of date it has."""
        return _("to have ready")

    @property
    def stage(self) -> Stage:
        """The stage whose days its due rule counts in."""
        step = step_of(self.onboarding)
        return step.stage if step else self.onboarding.stage_called("expectations")

    @property
    def owner(self) -> Person | None:
        """Who on their side sees to it: whoever was given it, else whoever plays the role that it is meant for."""
        if self.assignee is not None and self.assignee.is_active:
            return self.assignee
        here = [person for person in self.onboarding.account.people if person.is_active]
        role = self.spec.assignee if self.spec else "admin"
        found = player_of(role, self.onboarding, here)
        return found if isinstance(found, Person) else None

    @property
    def facts(self) -> Facts:
        """It as the pure rules see it."""
        dropped = self.left_out_at is not None or self.without_at is not None
        return Facts(self.status, self.due_on, self.blocking, dropped, self.sponsor_after)

    @property
    def is_ready(self) -> bool:
        return self.status is Status.READY

    @property
    def needs_help(self) -> bool:
        """Whether they wait for an answer of ours about it."""
        return self.status is Status.NEED_HELP and self.onboarding.answer_due_on is not None

    @property
    def late(self) -> int:
        """How many working days it is past its date; 0 when it isn't, is there, or the onboarding is paused."""
        account = self.onboarding.account
        return days_late(self.facts, account.today, account.calendar, running=self.onboarding.is_running)

    @property
    def proposes_hold(self) -> bool:
        """Whether somebody of ours is asked now if the onboarding should pause for it."""
        account = self.onboarding.account
        return proposes_hold(self.facts, account.today, account.calendar, running=self.onboarding.is_running)

    @property
    def asks_sponsors(self) -> bool:
        """Whether both sponsors are to be asked now; once."""
        account, running = self.onboarding.account, self.onboarding.is_running
        late = asks_sponsors(self.facts, account.today, account.calendar, running=running)
        return late and self.sponsors_asked_at is None

    @property
    def ends_hold(self) -> bool:
        """Whether the pause that is on waits for it, and it is there."""
        hold = self.onboarding.hold
        return self.is_ready and hold is not None and hold.id == self.hold_id

    @property
    def seal(self) -> str:
        """A short word that differs when anything about it that somebody decides does."""
        said = (self.status.value, self.said_by_id, self.said_at)
        ours = (self.due_on, self.blocking, self.assignee_id, self.left_out_at, self.without_at)
        return seals.of(said, ours)

    def workable_by(self, user: User) -> bool:
        """An admin says of each whether it is ready; a teammate of their own and of those nobody has."""
        if user.is_staff or (isinstance(user, Person) and user.is_admin):
            return True
        owner = self.owner
        return owner is None or owner.id == user.id

    # --- Its date ---

    def redate(self) -> None:
        """The date that its rule gives, or today where that has passed; one set by hand stays."""
        spec, road = self.spec, self.onboarding
        if spec is None or self.due_by_hand:
            return
        opened, stage = self.stage.opened_at, self.stage
        due = planning.due(
            spec.due_rule,
            start=road.start_date,
            window=planning.Window(stage.planned_start, stage.planned_end),
            opened=opened.astimezone(road.account.zone).date() if opened else None,
            done={},
            planned={},
            calendar=road.account.calendar,
        )
        self.due_on = max(due.on, road.account.soonest)

    def make_up(self, pause: planning.Pause) -> None:
        """A pause takes no days: what was late before it is as late after it."""
        calendar = self.onboarding.account.calendar
        lost = pause.working_days(calendar)
        if lost and self.due_on:
            self.due_on = calendar.add_working_days(self.due_on, lost)
