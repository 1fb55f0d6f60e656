"""A step: the smallest unit one person can finish, and everything that may happen to it (product.md 2.3)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock
from portal.accounts.models import Person, Staff, User
from portal.activity.models import Verb, record
from portal.db import Addressed, Base, OwnedRow, Word, one_of
from portal.errors import Conflict, Refused
from portal.onboardings import letters, progress
from portal.onboardings.models import Module, Onboarding, Stage
from portal.onboardings.planning import StepFacts
from portal.onboardings.states import (
    CUSTOMERS_TURN,
    FINAL,
    Cause,
    OnboardingState,
    StageState,
    StepState,
    step_may,
)
from portal.playbooks.document import StepSpec

UNDO_WITHIN = timedelta(minutes=10)

WORKABLE = CUSTOMERS_TURN | {StepState.BLOCKED}


class Step(Base, OwnedRow, Addressed):
    """One item of the road. What it says to the reader stands in its playbook version, under `key`."""

    __tablename__ = "step"
    __table_args__ = (
        UniqueConstraint("onboarding_id", "key"),
        one_of("state", StepState),
        Index(None, "assignee_id", "state"),
        Index(None, "state", "due_on"),
    )

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"))
    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id"))
    module_id: Mapped[int] = mapped_column(ForeignKey("module.id"))
    key: Mapped[str] = mapped_column(String(64))
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
    state: Mapped[StepState] = mapped_column(Word(StepState), default=StepState.LOCKED)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    due_on: Mapped[date | None]
    first_due_on: Mapped[date | None]
    promised_late_at: Mapped[datetime | None]
    snoozed_until: Mapped[date | None]
    started_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    done_via: Mapped[str | None] = mapped_column(String(10))
    done_for_you: Mapped[bool] = mapped_column(default=False)
    gain: Mapped[Fraction] = mapped_column(default=Fraction(0))
    skip_reason: Mapped[str | None] = mapped_column(String(400))
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

    onboarding: Mapped[Onboarding] = relationship(back_populates="steps", foreign_keys=[onboarding_id])
    stage: Mapped[Stage] = relationship(back_populates="steps")
    module: Mapped[Module] = relationship(back_populates="steps")
    assignee: Mapped[User | None] = relationship(foreign_keys=[assignee_id])
    done_by: Mapped[User | None] = relationship(foreign_keys=[done_by_id])
    data_by: Mapped[User | None] = relationship(foreign_keys=[data_by_id])
    submitted_by: Mapped[User | None] = relationship(foreign_keys=[submitted_by_id])

    # --- Reading ---

    @property
    def spec(self) -> StepSpec:
        """What the playbook says about this step: why, instructions, done-when, its kind's content."""
        return self.onboarding.playbook_version.step(self.key)

    @property
    def counts(self) -> bool:
        """Whether the meter counts it: required, visible to the customer, not left out."""
        return self.required and self.visible and self.state is not StepState.SKIPPED

    @property
    def is_done(self) -> bool:
        return self.state is StepState.DONE

    @property
    def is_closed(self) -> bool:
        return self.state in FINAL

    @property
    def is_customers(self) -> bool:
        return self.owner_side != "us"

    @property
    def waits_for(self) -> "Step | None":
        """What we have to put down before the customer can agree to it; none when it is there."""
        key = self.spec.approve.shows if self.kind == "approve" and self.spec.approve else None
        first = self.onboarding.step_called(key) if key else None
        return first if first and not first.is_closed else None

    @property
    def with_us(self) -> bool:
        """Whether the provider has the ball."""
        if self.state is StepState.SUBMITTED or (self.state in WORKABLE and self.waits_for):
            return True
        return self.owner_side == "us" and self.state in WORKABLE

    @property
    def facts(self) -> StepFacts:
        """This step as the pure rules see it."""
        milestones = self.onboarding.milestones
        place = next((m.position for m in milestones if self.key in m.step_keys), None)
        return StepFacts(
            key=self.key,
            state=self.state,
            side="us" if self.waits_for else self.owner_side,
            weight=self.weight,
            minutes=self.minutes,
            due_on=max(self.due_on, self.snoozed_until)
            if self.due_on and self.snoozed_until
            else self.due_on,
            milestone=place,
            position=self.position,
            required=self.required,
            visible=self.visible,
        )

    def workable_by(self, user: User) -> bool:
        """A teammate works on their own steps and on unassigned ones; an admin and staff on any."""
        if user.is_staff or (isinstance(user, Person) and user.is_admin):
            return True
        return self.is_customers and self.assignee_id in (None, user.id)

    def undoable_by(self, user: User) -> bool:
        """The one who finished it may take that back for ten minutes."""
        return (
            self.is_done
            and self.done_via in ("customer", "staff")
            and self.done_by_id == user.id
            and self.done_at is not None
            and clock.now() - self.done_at < UNDO_WITHIN
            and self.onboarding.is_running
        )

    # --- Guards ---

    def _check(self, then: StepState, cause: Cause) -> None:
        """Refuse, in a sentence, what the table of states or the moment doesn't allow."""
        self._check_running()
        if self.state is StepState.LOCKED and then is not StepState.SKIPPED and cause is Cause.CUSTOMER:
            raise Refused(
                _("“%(title)s” isn't open yet. It %(opens)s.", title=self.title, opens=self.opens_when)
            )
        if self.is_done and then is StepState.DONE:
            who = self.done_by.called if self.done_by else _("us")
            raise Refused(_("“%(title)s” is done already, by %(who)s.", title=self.title, who=who))
        before = StepState(self.blocked_from) if self.blocked_from else None
        if not step_may(
            self.state, then, by=cause, before=before, stage=self.stage.state, needs_review=self.needs_review
        ):
            raise Refused(
                _("“%(title)s” has changed meanwhile. Look at it again before you go on.", title=self.title)
            )

    def _check_running(self) -> None:
        onboarding = self.onboarding
        if hold := onboarding.hold:
            until = f"{hold.review_on.day}.{hold.review_on.month}.{hold.review_on.year}"
            raise Refused(
                _("This onboarding is paused until %(date)s, so nothing can change now.", date=until)
            )
        if onboarding.state is OnboardingState.DRAFT:
            raise Refused(_("This onboarding hasn't started yet."))
        if not onboarding.is_running:
            raise Refused(_("This onboarding is over, so its items can't change any more."))

    @property
    def opens_when(self) -> str:
        """The sentence part after “opens”, from the playbook's text of this stage."""
        texts = self.onboarding.playbook_version.document
        return _("opens %(when)s", when=texts.stage_text(self.stage.key).opens_when)  # type: ignore[arg-type]

    # --- Working on it ---

    def start(self, *, by: User) -> None:
        """Somebody has begun. Doing it twice changes nothing."""
        if self.state is StepState.IN_PROGRESS:
            return
        self._check(StepState.IN_PROGRESS, _cause(by))
        self.state = StepState.IN_PROGRESS
        self.started_at = self.started_at or clock.now()
        self._say(Verb.STEP_STARTED, by)
        self.onboarding.settle()

    def save(self, data: dict[str, Any], *, version: int, by: User) -> None:
        """Keep what was typed. Raises Conflict, with both texts, when somebody saved since `version`."""
        self._check_running()
        if self.state is StepState.LOCKED and not by.is_staff:
            self._check(StepState.IN_PROGRESS, _cause(by))
        if self.state in FINAL | {StepState.SUBMITTED}:
            raise Refused(_("“%(title)s” is handed in, so its answers can't change now.", title=self.title))
        if version != self.data_version and data != self.data:
            who = self.data_by.called if self.data_by else _("Somebody")
            sentence = _(
                "%(who)s saved this while you were writing. Keep theirs, or send yours again.", who=who
            )
            raise Conflict(sentence, theirs=self.data, yours=data)
        if data == self.data:
            return
        self.data, self.data_version = data, self.data_version + 1
        self.data_by_id, self.data_at = by.id, clock.now()
        if self.state in (StepState.READY, StepState.RETURNED):
            self.state = StepState.IN_PROGRESS
            self.started_at = self.started_at or clock.now()
        self._say(Verb.STEP_SAVED, by)
        self.onboarding.settle()

    def submit(self, *, by: User) -> None:
        """Hand it in for review: the ball is with us, the meter waits."""
        self._check(StepState.SUBMITTED, _cause(by))
        self.state = StepState.SUBMITTED
        self.submitted_at, self.submitted_by_id = clock.now(), by.id
        self.return_reason = None
        self._say(Verb.STEP_SUBMITTED, by)
        letters.handed_in(self, by)
        self.onboarding.settle()

    def send_back(self, reason: str, *, by: User) -> None:
        """The review found something to change: `reason` is what, in the reviewer's words."""
        self._check(StepState.RETURNED, Cause.STAFF)
        self.state, self.return_reason = StepState.RETURNED, reason
        self._say(Verb.STEP_RETURNED, by, why=reason)
        letters.returned(self, by)
        self.onboarding.settle()

    def complete(self, *, by: User | None, via: str | None = None) -> None:
        """Finish it. `via` is customer, staff, call or creation; left out, it follows from `by`."""
        cause = Cause.CALL if via == "call" else Cause.RULE if via == "creation" else _cause(by)
        if via != "creation":
            self._check(StepState.DONE, cause)
        if self.spec.records == "graduation":
            self._check_graduation(by)
        stage = self.stage
        measure, (done_before, _total) = stage.measure, stage.weights()
        self.state, self.done_at, self.done_via = StepState.DONE, clock.now(), via or cause.value
        self.done_by_id = by.id if by else None
        self.done_for_you = bool(by and by.is_staff and self.owner_side == "customer") or via == "creation"
        self._clear_block()
        self.return_reason = self.asked_to_skip = None
        self.gain = progress.gain(measure, done_before, stage.weights()[0]) if self.counts else Fraction(0)
        self._say(Verb.STEP_DONE_FOR_YOU if self.done_for_you else Verb.STEP_COMPLETED, by)
        self._record_fact()
        self.onboarding.settle(finished=self)

    def undo(self, *, by: User) -> None:
        """Take back a completion; what it opened stays open."""
        if not self.undoable_by(by):
            raise Refused(
                _("This can be undone for 10 minutes, by the person who did it. Ask us to reopen it.")
            )
        stage, gained = self.stage, self.gain
        measure, (done_before, _total) = stage.measure, stage.weights()
        self._back_to_ready()
        done_after, total = stage.weights()
        if self.counts:
            stage.measure = progress.after_undo(measure, gained, done_before, done_after, total)
        self._say(Verb.STEP_UNDONE, by)
        letters.forget(self)
        self.onboarding.settle()

    def reopen(self, reason: str, *, by: User) -> None:
        """Staff take a finished step up again; the customer is told why."""
        self._check(StepState.READY, Cause.STAFF)
        if self.stage.is_complete and self.counts:
            self._back_to_ready()
            done_after, total = self.stage.weights()
            self.stage.measure = progress.after_reopening_complete(self.weight, total, done_after)
        else:
            with self._rescoped():
                self._back_to_ready()
        self.reopened_count += 1
        self.reopen_reason = reason
        self._say(Verb.STEP_REOPENED, by, why=reason)
        letters.reopened(self, by)
        self.onboarding.settle()

    def _back_to_ready(self) -> None:
        self.state = StepState.READY
        self.done_at = self.done_by_id = self.done_via = None
        self.done_for_you, self.gain = False, Fraction(0)
        if self.stage.is_complete and self.required:
            self.stage.state, self.stage.completed_at = StageState.IN_PROGRESS, None

    # --- In the way, or not needed ---

    def block(self, reason: str, detail: str, unblocker: str, *, by: User) -> None:
        """Something is in the way: what, and who can clear it. The customer's clock stops."""
        self._check(StepState.BLOCKED, _cause(by))
        self.blocked_from = self.state.value
        self.state, self.blocked_at = StepState.BLOCKED, clock.now()
        self.blocked_by, self.blocked_detail, self.unblocker = reason, detail, unblocker
        self._say(Verb.STEP_BLOCKED, by, why=detail)
        letters.blocked(self, by)
        self.onboarding.settle()

    def unblock(self, *, by: User) -> None:
        """It's sorted: the step is where it was before."""
        if self.state is not StepState.BLOCKED or self.blocked_from is None:
            raise Refused(_("Nothing is in the way of “%(title)s” any more.", title=self.title))
        before = StepState(self.blocked_from)
        self._check(before, _cause(by))
        self._clear_block()
        self.state = before
        self._say(Verb.STEP_UNBLOCKED, by)
        self.onboarding.settle()

    def _clear_block(self) -> None:
        self.blocked_by = self.blocked_detail = self.unblocker = self.blocked_at = self.blocked_from = None

    def ask_to_skip(self, reason: str, *, by: User) -> None:
        """The customer says it doesn't apply to them; staff decide."""
        self._check_running()
        if self.state not in CUSTOMERS_TURN | {StepState.BLOCKED, StepState.LOCKED}:
            raise Refused(
                _("“%(title)s” is finished or with us, so there is nothing to leave out.", title=self.title)
            )
        self.asked_to_skip = reason
        self._say(Verb.SKIP_ASKED, by, why=reason)
        letters.skip_asked(self, by)

    def keep(self, reason: str, *, by: User) -> None:
        """Staff decline to leave it out, and say why."""
        if self.asked_to_skip is None:
            raise Refused(_("Nobody asks to leave “%(title)s” out any more.", title=self.title))
        self.asked_to_skip = None
        self._say(Verb.SKIP_DECLINED, by, why=reason)
        letters.skip_declined(self, reason, by)

    def skip(self, reason: str, *, by: User) -> None:
        """Leave it out of this road. A gate stays, and so does the last item of a stage."""
        if self.is_gate:
            raise Refused(_("“%(title)s” opens the next stage, so it can't be left out.", title=self.title))
        if self.counts and len(self.stage.items) == 1:
            raise Refused(
                _("“%(title)s” is the only item of its stage, so it can't be left out.", title=self.title)
            )
        self._check(StepState.SKIPPED, Cause.STAFF)
        with self._rescoped():
            self.state, self.skip_reason = StepState.SKIPPED, reason
        self.asked_to_skip = None
        self._clear_block()
        self._note_scope(_("“%(title)s” left out: %(why)s", title=self.title, why=reason))
        self._say(Verb.STEP_SKIPPED, by, why=reason)
        self.onboarding.settle()

    def bring_back(self, reason: str, *, by: User) -> None:
        """Put a left-out step on the road again."""
        then = StepState.LOCKED if self.stage.state is StageState.LOCKED else StepState.READY
        self._check(then, Cause.STAFF)
        with self._rescoped():
            self.state, self.skip_reason = then, None
        self._note_scope(_("“%(title)s” is back: %(why)s", title=self.title, why=reason))
        self._say(Verb.STEP_BROUGHT_BACK, by, why=reason)
        self.onboarding.settle()

    # --- Whose ---

    def hand_to(self, user: User | None, *, by: User) -> None:
        """Give it to somebody of the same company who can sign in, or to nobody in particular."""
        if user is not None and not self._could_be_done_by(user):
            raise Refused(_("Choose someone who works on this onboarding."), field="person")
        if self.is_closed:
            raise Refused(_("“%(title)s” is finished, so there is nothing to hand over.", title=self.title))
        if user is not None and user.id == self.assignee_id:
            return
        self.assignee, self.assignee_id = user, user.id if user else None
        self._say(Verb.STEP_ASSIGNED, by, whom=user.called if user else "")
        if user and user.id != by.id:
            letters.assigned(self, by)

    def _could_be_done_by(self, user: User) -> bool:
        if not user.is_active:
            return False
        if isinstance(user, Person):
            return user.account_id == self.account_id
        return isinstance(user, Staff)

    def snooze(self, until: date, *, by: User) -> None:
        """“Not now”: the step stays due when it is due, but something else is offered next until then."""
        if until <= self.onboarding.account.today:
            raise Refused(_("Choose a day after today."), field="until")
        self.snoozed_until = until
        self._say(Verb.STEP_SNOOZED, by)
        self.onboarding.settle()

    # --- Inner ---

    def _check_graduation(self, by: User | None) -> None:
        waiting = [s.title for s in self.stage.steps if s.is_gate and s is not self and not s.is_closed]
        if waiting:
            titles = "”, “".join(waiting)
            raise Refused(_("Before you graduate, this has to be true: “%(titles)s”.", titles=titles))
        if not (isinstance(by, Person) and by.is_admin):
            raise Refused(_("Only an admin of the customer can say that they run this themselves."))

    def _record_fact(self) -> None:
        """Put on the onboarding what finishing this step establishes."""
        onboarding, fact = self.onboarding, self.spec.records
        if fact == "purchase_reason" and self.spec.form:
            onboarding.quote = str(self.data.get(self.spec.form.fields[0].key, ""))[:400] or onboarding.quote
            onboarding.quoted_by = self.done_by.called if self.done_by else onboarding.quoted_by
            onboarding.quoted_on = onboarding.account.today
        elif fact == "go_live":
            onboarding.went_live_on = self._seen_on
        elif fact == "first_value":
            onboarding.first_value_on = self._seen_on
        elif fact == "graduation":
            onboarding.graduate()

    @property
    def _seen_on(self) -> date:
        text = self.data.get("date")
        return date.fromisoformat(text) if text else self.onboarding.account.today

    def _note_scope(self, sentence: str) -> None:
        self.onboarding.scope_changed_on = self.onboarding.account.today
        self.onboarding.scope_change = sentence[:400]

    @contextmanager
    def _rescoped(self) -> Iterator[None]:
        """The meter stands still while the road around it changes (product.md 2.6.4)."""
        stage = self.stage
        measure, (done_before, _total) = stage.measure, stage.weights()
        yield
        done_after, total_after = stage.weights()
        stage.measure = progress.after_scope_change(measure, done_before, done_after, total_after)

    def _say(self, verb: Verb, by: User | None, **words: str) -> None:
        if by is not None and not by.is_staff:
            self.onboarding.customer_moved_at = clock.now()
        personal = {"what": self.title, **words}
        record(
            self,
            verb,
            by=by,
            onboarding=self.onboarding,
            after={"state": self.state.value},
            personal=personal,
        )


def _cause(by: User | None) -> Cause:
    return Cause.STAFF if by is not None and by.is_staff else Cause.CUSTOMER
