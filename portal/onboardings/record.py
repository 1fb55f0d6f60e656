"""A step as a row: what is kept of it, what can be read from it, and the guards that every change passes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from flask_babel import gettext as _
from sqlalchemy import JSON, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock, db, web
from portal.access import Can
from portal.accounts.models import Person, User
from portal.activity.models import Audience, Verb, record
from portal.db import Addressed, Base, OwnedRow, Word
from portal.errors import Refused
from portal.onboardings import changes
from portal.onboardings.own import own_spec
from portal.onboardings.settling import promised_on
from portal.onboardings.standing import Standing
from portal.onboardings.states import Cause, OnboardingState, ScopeChange, SkipRule, StepState, step_may
from portal.onboardings.wave_keys import in_wave, of_playbook
from portal.playbooks.document import StepSpec
from portal.playbooks.kinds import FOR_ALL, OWN_PAGE

if TYPE_CHECKING:
    from portal.onboardings.models import Onboarding
    from portal.onboardings.stages import Module, Stage
    from portal.onboardings.steps import Step
    from portal.onboardings.waves import Wave

UNDO_MINUTES: Final = 10
# What one of ours can do in the place of somebody at the customer.
THEIR_WORK: Final = {Verb.STEP_STARTED, Verb.STEP_SAVED, Verb.STEP_SUBMITTED, Verb.STEP_DONE_FOR_YOU}
UNDO_WITHIN: Final = timedelta(minutes=UNDO_MINUTES)


class StepRecord(Base, OwnedRow, Addressed, Standing):
    """The columns of a step, and what follows from them. What it says to the reader is its `spec`."""

    __abstract__ = True

    if TYPE_CHECKING:
        onboarding: Mapped[Onboarding]
        stage: Mapped[Stage]
        assignee: Mapped[User | None]
        done_by: Mapped[User | None]
        data_by: Mapped[User | None]
        submitted_by: Mapped[User | None]
        module: Mapped[Module]

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"))
    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id"))
    module_id: Mapped[int] = mapped_column(ForeignKey("module.id"))
    key: Mapped[str] = mapped_column(String(64))
    own: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    position: Mapped[int]
    title: Mapped[str]
    kind: Mapped[str] = mapped_column(String(20))
    owner_side: Mapped[str] = mapped_column(String(10))
    required: Mapped[bool] = mapped_column(default=True)
    visible: Mapped[bool] = mapped_column(default=True)
    is_gate: Mapped[bool] = mapped_column(default=False)
    needs_review: Mapped[bool] = mapped_column(default=False)
    early_start: Mapped[bool] = mapped_column(default=False)
    weight: Mapped[int]
    minutes: Mapped[int]
    milestone_place: Mapped[int | None]
    wave_n: Mapped[int | None]
    waiting: Mapped[bool] = mapped_column(default=False)
    ours_since: Mapped[datetime | None]
    state: Mapped[StepState] = mapped_column(Word(StepState), default=StepState.LOCKED)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    given_by_hand: Mapped[bool] = mapped_column(default=False, server_default=false())
    due_on: Mapped[date | None]
    due_by_hand: Mapped[bool] = mapped_column(default=False, server_default=false())
    first_due_on: Mapped[date | None]
    promised_late_at: Mapped[datetime | None]
    snoozed_until: Mapped[date | None]
    asked_on: Mapped[date | None]
    call_on: Mapped[date | None]
    started_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    done_via: Mapped[str | None] = mapped_column(String(10))
    done_for_you: Mapped[bool] = mapped_column(default=False)
    gain: Mapped[Fraction] = mapped_column(default=Fraction(0))
    skip_reason: Mapped[str | None] = mapped_column(String(400))
    skip_rule: Mapped[SkipRule | None] = mapped_column(Word(SkipRule))
    asked_to_skip: Mapped[str | None] = mapped_column(String(400))
    return_reason: Mapped[str | None] = mapped_column(String(1000))
    reopen_reason: Mapped[str | None] = mapped_column(String(400))
    reopened_count: Mapped[int] = mapped_column(default=0)
    blocked_by: Mapped[str | None] = mapped_column(String(20))
    blocked_detail: Mapped[str | None] = mapped_column(String(400))
    unblocker: Mapped[str | None] = mapped_column(String(120))
    blocked_at: Mapped[datetime | None]
    blocked_from: Mapped[str | None] = mapped_column(String(16))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    data_version: Mapped[int] = mapped_column(default=0)
    data_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    data_at: Mapped[datetime | None]

    # --- Reading ---

    @property
    def spec(self) -> StepSpec:
        """What this step says: why, instructions, done-when, its kind's content. It stands in the playbook, or with
        the step itself when somebody added it to this road."""
        return own_spec(self) if self.own else self.onboarding.playbook_version.step(of_playbook(self.key))

    @property
    def waits_for(self) -> StepRecord | None:
        """What we have to put down before the customer can agree to it or sign it; none when it is there."""
        if not self.waiting:
            return None
        key = self.spec.approve.shows if self.spec.approve else None
        first = self.onboarding.step_of_kind("plan") if self.kind == "sign" else key and self.beside(key)
        return first if first and not first.is_closed else None

    @property
    def wave(self) -> Wave | None:
        """Whose copy it is; None for what is one for all."""
        return self.onboarding.wave_called(self.wave_n) if self.wave_n else None

    @property
    def plain_title(self) -> str:
        """What it is called, without the department whose copy it is."""
        return self.wave.unnamed(self.title) if self.wave else self.title

    def beside(self, key: str) -> Step | None:
        """The step of this road that its playbook calls `key`: of the same wave, where that has its own."""
        road = self.onboarding
        own = road.step_called(in_wave(key, self.wave_n)) if self.wave_n else None
        return own or road.step_called(key)

    @property
    def promised_on(self) -> date | None:
        """By when we said we would do what is ours here; None while nothing is, or no day was named."""
        return promised_on(self, self.onboarding)

    @property
    def is_agreement(self) -> bool:
        """Whether it agrees, for the whole company, to what we wrote: an admin does that (product.md 2.2)."""
        approve = self.spec.approve if self.kind == "approve" else None
        return self.kind in FOR_ALL or bool(approve and approve.shows)

    @property
    def has_own_page(self) -> bool:
        """Whether it is done on a page of its own, by what happens there: the kit, the criteria, the scope …"""
        return self.kind in OWN_PAGE

    @property
    def page(self) -> str:
        """The address where the customer does it."""
        road = f"/o/{self.onboarding.ref}"
        return f"{road}/{OWN_PAGE[self.kind]}" if self.has_own_page else f"{road}/steps/{self.ref}"

    def workable_by(self, user: User) -> bool:
        """Staff work on any step; an admin on any of the customer's, a teammate on their own and unassigned ones that
        agree to nothing."""
        if user.is_staff:
            return True
        if not self.is_customers or not user.may(Can.COMPLETE_STEP):
            return False
        if isinstance(user, Person) and user.is_admin:
            return True
        return self.assignee_id in (None, user.id) and not self.is_agreement

    def done_for(self, by: User | None) -> Person | None:
        """In whose place one of ours works on a step of the customer's: its assignee's, else an admin's."""
        if by is None or not by.is_staff or self.owner_side != "customer":
            return None
        if isinstance(self.assignee, Person) and self.assignee.may_enter:
            return self.assignee
        people = self.onboarding.account.people
        return next((person for person in people if person.is_admin and person.may_enter), None)

    def undoable_by(self, user: User) -> bool:
        """The one who finished it may take that back for ten minutes; what a call finished changes with the call.

        What was handed in counts as its sender's work, so whoever reviews may take back that it was accepted.
        """
        own = user.may(Can.REVIEW_STEP) if self.was_accepted else self.done_by_id == user.id
        return (
            self.is_done
            and own
            and self.done_via in ("customer", "staff")
            and self.done_at is not None
            and clock.now() - self.done_at < UNDO_WITHIN
            and self.onboarding.is_running
            and self.spec.call is None
            and not self.has_own_page
        )

    @property
    def was_accepted(self) -> bool:
        """Whether it is done because we accepted what was handed in."""
        return (
            self.is_done and self.done_via == "staff" and self.done_by_id == self.submitted_by_id is not None
        )

    # --- Guards ---

    def _check(self, then: StepState, cause: Cause) -> None:
        """Refuse, in a sentence, what the table of states or the moment doesn't allow."""
        check_running(self.onboarding, or_draft=StepState.SKIPPED in (then, self.state))
        if self.state is StepState.LOCKED and then is not StepState.SKIPPED and cause is Cause.CUSTOMER:
            raise Refused(
                _("“%(title)s” isn't open yet. It %(opens)s.", title=self.title, opens=self.opens_when)
            )
        if self.is_done and then is StepState.DONE:
            who = self.done_by.called if self.done_by else _("us")
            raise Refused(_("“%(title)s” is done already, by %(who)s.", title=self.title, who=who))
        before = StepState(self.blocked_from) if self.blocked_from else None
        if not step_may(
            self.state,
            then,
            by=cause,
            before=before,
            stage=self.stage.state,
            needs_review=self.needs_review,
            accepted=self.was_accepted,
        ):
            raise Refused(
                _("“%(title)s” has changed meanwhile. Look at it again before you go on.", title=self.title)
            )

    def check_here(self) -> None:
        """Refuse to finish, save, hand in or send back here what is done on a page of its own."""
        if self.has_own_page:
            raise Refused(
                _("“%(title)s” is done on its own page, by what you answer or agree there.", title=self.title)
            )

    def check_open(self, *, by: User) -> None:
        """Refuse, before anything else is looked at, what isn't open yet, is paused or is over."""
        self._check_running()
        if self.state is StepState.LOCKED and not by.is_staff:
            raise Refused(
                _("“%(title)s” isn't open yet. It %(opens)s.", title=self.title, opens=self.opens_when)
            )

    def _check_running(self) -> None:
        check_running(self.onboarding)

    @property
    def opens_when(self) -> str:
        """The sentence part after “opens”, from the playbook's text of this stage."""
        texts = self.onboarding.playbook_version.document
        return _("opens %(when)s", when=texts.stage_text(self.stage.key).opens_when)  # type: ignore[arg-type]

    def _clear_block(self) -> None:
        self.blocked_by = self.blocked_detail = self.unblocker = self.blocked_at = self.blocked_from = None

    def note_scope(self, change: ScopeChange, why: str) -> None:
        """Tell the customer, if they see it at all."""
        if self.visible:
            changes.note(self.onboarding, change, why, stage=self.stage.key, title=self.title)

    def say(
        self,
        verb: Verb,
        by: User | None,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
        **words: str,
    ) -> None:
        if by is not None and not by.is_staff:
            self.onboarding.customer_moved_at = clock.now()
        with db.session.no_autoflush:  # All that changes is written together at the end.
            record(
                self,
                verb,
                by=by,
                on_behalf_of=self.done_for(by) if verb in THEIR_WORK else None,
                onboarding=self.onboarding,
                before=before,
                after={"state": self.state.value, **(after or {})},
                personal={"what": self.title, **words},
                audience=Audience.CUSTOMER if self.visible else Audience.STAFF,
            )


def check_running(onboarding: Onboarding, *, or_draft: bool = False) -> None:
    """Refuse to change what is paused or over, or hasn't started, unless a draft may change too."""
    if hold := onboarding.hold:
        until = web.day(hold.review_on, "dMMMM")
        raise Refused(_("This onboarding is paused until %(date)s, so nothing can change now.", date=until))
    if onboarding.state is OnboardingState.DRAFT:
        if or_draft:
            return
        raise Refused(_("This onboarding hasn't started yet."))
    if not onboarding.is_running:
        raise Refused(_("This onboarding is over, so its items can't change any more."))


def check_due(onboarding: Onboarding, day: date) -> None:
    """Refuse a day that has passed, or on which they can't see anything of it yet."""
    begins = onboarding.stages[0].planned_start
    if day < onboarding.account.today:
        raise Refused(_("That day has passed. Choose today or later."), field="due_on")
    if day < begins:
        raise Refused(
            _("Choose a day from %(date)s on; Welcome begins then.", date=web.day(begins)), field="due_on"
        )


def cause_of(by: User | None) -> Cause:
    return Cause.STAFF if by is not None and by.is_staff else Cause.CUSTOMER
