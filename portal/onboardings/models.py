"""One run of a playbook for one account: Onboarding → Stage → Module → Step, with its holds."""

from datetime import date, datetime
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock, web
from portal.accounts.kinds import TeamRole
from portal.accounts.models import Account, Product, Staff, TeamMember, User
from portal.activity.models import Verb, record
from portal.db import Addressed, Base, BigId, Numbered, OwnedRow, Word, one_of
from portal.errors import Refused
from portal.onboardings import letters, planning, progress, settling
from portal.onboardings.holds import Hold, make_up
from portal.onboardings.kept import Kept
from portal.onboardings.outline import Outline
from portal.onboardings.states import RUNNING, OnboardingState, StepState, onboarding_may
from portal.onboardings.turns import Turn
from portal.onboardings.words import ONBOARDING_STATES
from portal.playbooks.models import PlaybookVersion

if TYPE_CHECKING:
    from portal.onboardings.record import StepRecord
    from portal.onboardings.stages import Milestone, Stage
    from portal.onboardings.steps import Step
    from portal.onboardings.waves import Wave


class Onboarding(Base, OwnedRow, Addressed, Kept):
    """One account's way through one playbook version.

    The columns under “stored” are written by `settle` whenever something changes, so that a list
    of a hundred thousand reads them and computes nothing.
    """

    __tablename__ = "onboarding"
    __table_args__ = (
        one_of("state", OnboardingState),
        # The staff's list: its order, the same within one stage, and whose promise passes today.
        Index(None, "turn", "turn_order", "id"),
        Index(None, "current_stage", "turn", "turn_order", "id"),
        Index(None, "turn", "our_due_on"),
        Index(None, "health", "turn", "turn_order", "id"),
    )

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    playbook_version_id: Mapped[int] = mapped_column(ForeignKey("playbook_version.id"))
    programme: Mapped[int]
    starts_after_id: Mapped[int | None] = mapped_column(ForeignKey("onboarding.id"), index=True)
    state: Mapped[OnboardingState] = mapped_column(Word(OnboardingState), default=OnboardingState.DRAFT)
    quote: Mapped[str | None] = mapped_column(String(400))
    quoted_by: Mapped[str | None] = mapped_column(String(120))
    quoted_on: Mapped[date | None]
    contract_date: Mapped[date | None]
    start_date: Mapped[date]
    target_graduation: Mapped[date]
    first_value_due: Mapped[date]
    first_value_on: Mapped[date | None]
    went_live_on: Mapped[date | None]
    graduated_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    started_at: Mapped[datetime | None]
    customer_moved_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None] = mapped_column(String(400))
    changes: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    topics: Mapped[list[dict[str, str]] | None] = mapped_column(JSON(none_as_null=True))
    waves_made: Mapped[int] = mapped_column(default=0, server_default="0")
    size: Mapped[int | None]
    change_resources: Mapped[int | None]

    # stored
    progress: Mapped[Fraction] = mapped_column(default=Fraction(0))
    percent: Mapped[int] = mapped_column(default=0)
    items_done: Mapped[int] = mapped_column(default=0)
    items_total: Mapped[int] = mapped_column(default=0)
    minutes_left: Mapped[int] = mapped_column(default=0)
    current_stage: Mapped[str] = mapped_column(String(16), default=planning.STAGES[0])
    next_step_id: Mapped[int | None] = mapped_column(ForeignKey("step.id", use_alter=True))
    next_due_on: Mapped[date | None]
    meter: Mapped[dict[str, Any]] = mapped_column(default=dict)
    ball: Mapped[str] = mapped_column(String(10), default="customer")
    ball_since: Mapped[datetime | None]
    our_due_on: Mapped[date | None]
    answer_due_on: Mapped[date | None]
    turn: Mapped[Turn] = mapped_column(Numbered(Turn), default=Turn.DRAFT, server_default="4")
    turn_order: Mapped[int] = mapped_column(BigId, default=0, server_default="0")

    account: Mapped[Account] = relationship()
    product: Mapped[Product] = relationship()
    playbook_version: Mapped[PlaybookVersion] = relationship()
    stages: Mapped[list["Stage"]] = relationship(back_populates="onboarding", order_by="Stage.position")
    steps: Mapped[list["Step"]] = relationship(
        back_populates="onboarding", order_by="Step.position", foreign_keys="Step.onboarding_id"
    )
    milestones: Mapped[list["Milestone"]] = relationship(order_by="Milestone.position, Milestone.id")
    waves: Mapped[list["Wave"]] = relationship(back_populates="onboarding", order_by="Wave.n")
    team: Mapped[list[TeamMember]] = relationship(order_by="TeamMember.id")
    holds: Mapped[list["Hold"]] = relationship(order_by="Hold.id")
    starts_after: Mapped["Onboarding | None"] = relationship(remote_side="Onboarding.id")
    next_step: Mapped["Step | None"] = relationship(foreign_keys=[next_step_id], viewonly=True)

    # --- Reading ---

    @property
    def stage(self) -> "Stage":
        """The current stage: the last one that is open (product.md 2.4)."""
        return self.stage_called(self.current_stage)

    def stage_called(self, key: str) -> "Stage":
        """One of the four stages, by key. Raises KeyError."""
        for stage in self.stages:
            if stage.key == key:
                return stage
        raise KeyError(key)

    @property
    def priority(self) -> int | None:
        """Size times what they can put into the change, 1 to 9; None while nobody of ours has said."""
        return self.size * self.change_resources if self.size and self.change_resources else None

    def on_team(self, role: TeamRole) -> Staff | None:
        """Who plays this role here."""
        return next((member.staff for member in self.team if member.role is role), None)

    @property
    def owner(self) -> Staff | None:
        """The onboarding consultant, who owns the onboarding until graduation."""
        return self.on_team(TeamRole.CONSULTANT)

    @property
    def hold(self) -> "Hold | None":
        """The pause that is on now."""
        if self.state is not OnboardingState.ON_HOLD:
            return None
        return next((hold for hold in self.holds if hold.ended_on is None), None)

    @property
    def is_running(self) -> bool:
        """Whether steps can be finished now."""
        return self.state in RUNNING

    @property
    def graduated(self) -> bool:
        return self.graduated_at is not None

    @property
    def day(self) -> int:
        """How many days since day 0, in the account's zone; negative before the start."""
        return (self.account.today - self.start_date).days

    @property
    def plan(self) -> planning.Plan:
        """The planned window of each stage."""
        return {stage.key: planning.Window(stage.planned_start, stage.planned_end) for stage in self.stages}

    @property
    def stored_plan(self) -> planning.Plan:
        """The planned windows as they were last settled, without reading the stages."""
        return {
            stage["key"]: planning.Window(
                date.fromisoformat(stage["starts"]), date.fromisoformat(stage["ends"])
            )
            for stage in self.meter["stages"]
        }

    @property
    def stored_shares(self) -> dict[str, int]:
        """The stages' shares, read with the stored plan."""
        return {stage["key"]: stage["share"] for stage in self.meter["stages"]}

    @property
    def pauses(self) -> list[planning.Pause]:
        """The holds as the pure rules see them."""
        return [hold.pause for hold in self.holds]

    @property
    def shares(self) -> dict[str, int]:
        return {stage.key: stage.share for stage in self.stages}

    @property
    def pace(self) -> int:
        """Whole points ahead of the plan today; negative when behind, where ten and a half are eleven."""
        return floor(progress.pace(self.progress, self.account.today, self.plan, self.pauses, self.shares))

    @property
    def checkpoints(self) -> list["Milestone"]:
        """Its milestones without those of which every step is left out; what is reached stays."""
        there = {step.key for step in self.steps if step.state is not StepState.SKIPPED}
        return [one for one in self.milestones if one.reached_on or there.intersection(one.step_keys)]

    @property
    def waves_on(self) -> "list[Wave]":
        """The waves that are part of the road; none are read of a road that never had any."""
        return [wave for wave in self.waves if wave.is_on] if self.waves_made else []

    def wave_called(self, n: int) -> "Wave":
        """The wave with this number, left out or not. Raises KeyError."""
        for wave in self.waves:
            if wave.n == n:
                return wave
        raise KeyError(n)

    def step_called(self, key: str) -> "Step | None":
        """The step that the playbook calls `key`, when it is on this road."""
        return next((step for step in self.steps if step.key == key), None)

    def step_of_kind(self, kind: str) -> "Step | None":
        """The first step of this kind, left out or not; of kinds with pages of their own there is one at most."""
        return next((step for step in self.steps if step.kind == kind), None)

    # --- Becoming ---

    def _become(self, state: OnboardingState, *, before: OnboardingState | None = None) -> OnboardingState:
        """Go on to `state` and return the one that was. `before` is where a hold began, for `resume` alone: nothing
        else ends one but a cancellation. Raises Refused for what the table leaves out (product.md 2.3)."""
        if not onboarding_may(self.state, state, before=before):
            raise Refused(
                _(
                    "That can't be done while this onboarding is %(state)s.",
                    state=ONBOARDING_STATES[self.state],
                )
            )
        was, self.state = self.state, state
        return was

    def prepare(self, *, by: User | None) -> None:
        """Open the portal to the customer: the team is assigned, Welcome begins."""
        if self.owner is None:
            raise Refused(_("Choose an onboarding consultant first; someone has to own this onboarding."))
        self._become(OnboardingState.PREPARING)
        self.started_at = clock.now()
        record(self, Verb.ONBOARDING_STARTED, by=by, onboarding=self)
        self.stages[0].unlock()
        self.settle()
        host = self.on_team(TeamRole.ACCOUNT_EXECUTIVE) or self.owner
        for step in self.steps:
            if step.spec.done_for_you:
                step.complete(by=host, via="creation")
        letters.welcome(self)

    def begin(self) -> None:
        """Day 0 has come."""
        self._become(OnboardingState.ACTIVE)
        record(self, Verb.ONBOARDING_BEGAN, by=None, onboarding=self)
        self.settle()

    def pause(self, reason: str, review_on: date, *, by: User) -> "Hold":
        """Agree a pause: nothing is due and nobody is reminded until it ends."""
        if hold := self.hold:
            until = web.day(hold.review_on, "dMMMM")
            raise Refused(_("This onboarding is on hold already, until %(date)s.", date=until))
        if review_on <= self.account.today:
            raise Refused(_("Choose a review date after today."), field="review_on")
        before = self._become(OnboardingState.ON_HOLD)
        hold = Hold(
            account_id=self.account_id,
            reason=reason,
            began_on=self.account.today,
            review_on=review_on,
            by_id=by.id,
            state_before=before,
        )
        self.holds.append(hold)
        after = {"review_on": review_on.isoformat()}
        record(self, Verb.HELD, by=by, onboarding=self, after=after, personal={"why": reason})
        self.settle()
        return hold

    def resume(self, *, by: User) -> int:
        """End the pause; every date ahead moves by the working days it took. Returns how many: none when it ends on
        the day it began, or within days off."""
        hold = self.hold
        if hold is None:
            raise Refused(_("This onboarding is not on hold."))
        before = OnboardingState(hold.state_before)
        self._become(before, before=before)
        hold.ended_on = max(self.account.today, hold.began_on)
        make_up(self, hold.pause)
        record(self, Verb.RESUMED, by=by, onboarding=self)
        self.settle()
        lost = hold.pause.working_days(self.account.calendar)
        if lost and self.ball != "us":
            self.ball_since = clock.now()  # Their turn begins anew.
        return lost

    def cancel(self, reason: str, *, by: User) -> None:
        """End it without graduating; the pages stay readable."""
        self._become(OnboardingState.CANCELLED)
        self.cancel_reason = reason
        self.ball, self.ball_since = "nobody", clock.now()
        record(self, Verb.CANCELLED, by=by, onboarding=self, personal={"why": reason})
        self.take_turn()

    def graduate(self) -> None:
        """The customer has confirmed that they run this themselves; what is open still isn't needed any more."""
        self._become(OnboardingState.GRADUATED)
        self.graduated_at = clock.now()
        for step in self.steps:
            if not step.is_closed:
                step.retire()
        record(self, Verb.GRADUATED, by=None, onboarding=self)

    def settle(self, *, finished: "StepRecord | None" = None, road: "Outline | None" = None) -> None:
        """Bring all that follows from the steps up to date: gates, stages, milestones, stored columns."""
        settling.settle(self, finished=finished, road=road)

    def take_turn(self) -> None:
        """Bring up to date whose turn it is, after something beside the steps changed: a question, a day, a name."""
        settling.take_turn(self, Outline(self))

    def expect_answer(self, by: date | None) -> None:
        """The customer waits for an answer of ours until then; None: not any more."""
        self.answer_due_on = by
        self.take_turn()
