"""Finishing a step: begun, saved, handed in, sent back, completed, undone, taken up again."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import ngettext

from portal import clock
from portal.accounts.models import Person, Staff, User
from portal.activity.models import Verb
from portal.characters import unquoted
from portal.errors import Conflict, Refused
from portal.onboardings import letters, progress
from portal.onboardings.fact_days import DAYS, note_day
from portal.onboardings.outline import Outline
from portal.onboardings.record import UNDO_MINUTES, StepRecord, cause_of
from portal.onboardings.states import FINAL, Cause, StepState, step_may
from portal.onboardings.words import listed

# What finishes a step without anybody's hand, by the word for it, and what is remembered of that.
CAUSES: Final = {"call": Cause.CALL, "usage": Cause.USAGE, "creation": Cause.RULE}
BY_ITSELF: Final = {Cause.CALL: Verb.STEP_DONE_BY_CALL, Cause.USAGE: Verb.STEP_SEEN}


class Finishing(StepRecord):
    """What brings a step to its end, and back."""

    __abstract__ = True

    def start(self, *, by: User) -> None:
        """Somebody has begun. Doing it twice changes nothing."""
        self._check_running()
        if self.state is StepState.IN_PROGRESS:
            return
        self._check(StepState.IN_PROGRESS, cause_of(by))
        self.state = StepState.IN_PROGRESS
        self.started_at = self.started_at or clock.now()
        self.say(Verb.STEP_STARTED, by)
        self.onboarding.settle()

    def save(self, data: dict[str, Any], *, version: int, by: User) -> None:
        """Keep what was typed. Raises Conflict, with both texts, when somebody saved since `version`."""
        self._check_running()
        if self.state is StepState.LOCKED and not by.is_staff:
            self._check(StepState.IN_PROGRESS, cause_of(by))
        if self.state in FINAL | {StepState.SUBMITTED}:
            raise Refused(_("“%(title)s” is handed in, so its answers can't change now.", title=self.title))
        if version != self.data_version and data != self.data:
            who = self.data_by.called if self.data_by else _("Somebody")
            sentence = _(
                "%(who)s saved this while you were writing. Keep theirs, or send yours again.", who=who
            )
            if self.data_by_id == by.id:
                sentence = _("You saved this in another window since. Keep that, or send this again.")
            raise Conflict(sentence, theirs=self.data, yours=data)
        if data == self.data:
            return
        self.data, self.data_version = data, self.data_version + 1
        self.data_by_id, self.data_at = by.id, clock.now()
        if self.state in (StepState.READY, StepState.RETURNED):
            self.state = StepState.IN_PROGRESS
            self.started_at = self.started_at or clock.now()
        self.say(Verb.STEP_SAVED, by)
        self.onboarding.settle()

    def submit(self, *, by: User) -> None:
        """Hand it in for review: the ball is with us, the meter waits."""
        self._check(StepState.SUBMITTED, cause_of(by))
        self.state = StepState.SUBMITTED
        self.submitted_at, self.submitted_by_id = clock.now(), by.id
        self.return_reason = self.promised_late_at = None  # A new promise begins: to look at it.
        self.say(Verb.STEP_SUBMITTED, by)
        letters.handed_in(self, by)
        self.onboarding.settle()

    def send_back(self, reason: str, *, by: User) -> None:
        """The review found something to change: `reason` is what, in the reviewer's words.

        The working days that it lay with us are added to its date, and the next one is the least they get.
        """
        self._check(StepState.RETURNED, Cause.STAFF)
        self.state, self.return_reason = StepState.RETURNED, reason
        if self.is_customers and isinstance(self.assignee, Staff):
            self.assignee = self.submitted_by  # Whoever reviewed it had it for that alone.
            self.assignee_id = self.submitted_by_id
        if self.due_on and self.submitted_at:
            account = self.onboarding.account
            handed_in = self.submitted_at.astimezone(account.zone).date()
            lost = account.calendar.working_days_between(handed_in, account.today)
            later = account.calendar.add_working_days(self.due_on, lost) if lost else self.due_on
            self.due_on = max(later, account.calendar.add_working_days(account.today, 1))
        self.say(Verb.STEP_RETURNED, by, why=reason)
        letters.returned(self, by)
        self.onboarding.settle()

    def complete(self, *, by: User | None, via: str | None = None) -> None:
        """Finish it. `via` is customer, staff, call, usage or creation; left out, it follows from `by`.

        What was handed in is accepted by `by`, and done by whoever handed it in.
        """
        cause = CAUSES.get(via or "") or cause_of(by)
        if via != "creation":
            self._check(StepState.DONE, cause)
        if cause is Cause.CUSTOMER and (first := self.waits_for):
            raise Refused(
                _("“%(title)s” isn't written yet. We put it here first, then you agree.", title=first.title)
            )
        self.check_by_hand(cause)
        if cause is Cause.CUSTOMER and self.kind == "invite":
            self._check_invited(by)
        if self.spec.records == "graduation":
            self._check_graduation(by)
        accepted = self.state is StepState.SUBMITTED and cause is Cause.STAFF
        road = Outline(self.onboarding)
        if self.counts:
            done, _total = road.weights(self.stage)
            self.gain = progress.gain(self.stage.measure, done, done + self.weight)
        self.state, self.done_at, self.done_via = StepState.DONE, clock.now(), via or cause.value
        self.done_by_id = self.submitted_by_id if accepted else by.id if by else None
        self.done_for_you = (via == "creation") or bool(
            by and by.is_staff and self.owner_side == "customer" and not accepted
        )
        self._clear_block()
        self.return_reason = self.asked_to_skip = None
        self.say(self._how_done(cause, accepted), by)
        self._record_fact()
        # Graduation ends every other step too, so the road is read anew then.
        self.onboarding.settle(finished=self, road=road if self.onboarding.is_running else None)

    def _how_done(self, cause: Cause, accepted: bool) -> Verb:
        if cause in BY_ITSELF:
            return BY_ITSELF[cause]
        if accepted:
            return Verb.STEP_ACCEPTED
        return Verb.STEP_DONE_FOR_YOU if self.done_for_you else Verb.STEP_COMPLETED

    def check_by_hand(self, cause: Cause = Cause.CUSTOMER) -> None:
        """Refuse that the customer says what is only seen."""
        if self.kind == "usage" and cause is Cause.CUSTOMER:
            raise Refused(
                _(
                    "“%(title)s” is done once it is seen in your account. Nobody has to press anything.",
                    title=self.title,
                )
            )

    def be_seen(self, on: date, where: str) -> None:
        """It happened on that day in the customer's account: done, whoever would have had to say so. `where` is what
        was seen there, in their own words or ours. Nothing when its state allows none of that."""
        if not step_may(self.state, StepState.DONE, by=Cause.USAGE):
            return
        self.data = {**self.data, "date": on.isoformat(), "evidence": where}
        self.data_version, self.data_by_id, self.data_at = self.data_version + 1, None, clock.now()
        self.onboarding.customer_moved_at = clock.now()  # Who uses it moves on (product.md 2.8).
        self.complete(by=None, via=Cause.USAGE)

    def undo(self, *, by: User) -> None:
        """Take back a completion; what it opened stays open. What we accepted is handed in as it was, so the customer
        sends nothing again; anything else is ready."""
        if self.is_done and self.spec.call is not None:
            raise Refused(
                _("“%(title)s” is done with its call. Move or cancel the call instead.", title=self.title)
            )
        if not self.undoable_by(by):
            raise Refused(
                ngettext(
                    "This can be undone for %(num)s minute, by the person who did it. Ask us to reopen it.",
                    "This can be undone for %(num)s minutes, by the person who did it. Ask us to reopen it.",
                    UNDO_MINUTES,
                )
            )
        stage, gained = self.stage, self.gain
        measure, (done_before, _total) = stage.measure, stage.weights()
        then = StepState.SUBMITTED if self.was_accepted else StepState.READY
        self._check(then, cause_of(by))
        self._back_to(then, cause_of(by))
        if then is StepState.SUBMITTED:
            self.ours_since = self.submitted_at
        done_after, total = stage.weights()
        if self.counts:
            stage.measure = progress.after_undo(measure, gained, done_before, done_after, total)
        self.say(Verb.STEP_UNDONE, by)
        letters.forget(self)
        self.onboarding.settle()

    def reopen(self, reason: str, *, by: User) -> None:
        """Staff take a finished step up again; the customer is told why."""
        self._check(StepState.READY, Cause.STAFF)
        if self.stage.is_complete and self.counts:
            self._back_to(StepState.READY, Cause.STAFF)
            done_after, total = self.stage.weights()
            self.stage.measure = progress.after_reopening_complete(self.weight, total, done_after)
        else:
            with self.stage.rescoped():
                self._back_to(StepState.READY, Cause.STAFF)
        self.reopened_count += 1
        self.reopen_reason = reason
        self.say(Verb.STEP_REOPENED, by, why=reason)
        letters.reopened(self, by)
        self.onboarding.settle()

    def _back_to(self, state: StepState, cause: Cause) -> None:
        if self.spec.records in DAYS:
            note_day(self.onboarding, self.spec.records, None, self.wave)
        self.state = state
        self.done_at = self.done_by_id = self.done_via = None
        self.done_for_you, self.gain = False, Fraction(0)
        if self.stage.is_complete and self.required:
            self.stage.take_up_again(by=cause)

    def _check_invited(self, by: User | None) -> None:
        """Refuse while whoever finishes it is the only one invited, unless they have said that it stays so."""
        if self.data.get("alone") or (by and self.has_company(by)):
            return
        if self.spec.invite and self.spec.invite.alone:
            raise Refused(
                _(
                    "Nobody else is invited yet. Invite a colleague first, or tick “%(words)s”.",
                    words=self.spec.invite.alone,
                )
            )
        raise Refused(_("Nobody else is invited yet. Invite a colleague first; then this item is done."))

    def has_company(self, user: User) -> bool:
        """Whether anybody else of this company is invited or here."""
        people = [p for p in self.onboarding.account.people if p.may_enter and p.id != user.id]
        return any(person.invited_at or person.joined_at for person in people)

    def _check_graduation(self, by: User | None) -> None:
        waiting = [s.title for s in self.stage.steps if s.is_gate and s is not self and not s.is_closed]
        if waiting:
            titles = listed(f"“{title}”" for title in waiting)
            raise Refused(_("Before you graduate, this has to be true: %(titles)s.", titles=titles))
        if not (isinstance(by, Person) and by.is_admin):
            raise Refused(_("Only an admin of the customer can say that they run this themselves."))

    def _record_fact(self) -> None:
        """Put on the onboarding what finishing this step establishes."""
        onboarding, fact = self.onboarding, self.spec.records
        if fact == "purchase_reason" and self.spec.form:
            self._note_reason(unquoted(str(self.data.get(self.spec.form.fields[0].key, "")))[:400])
        elif fact in DAYS:
            note_day(onboarding, fact, self.seen_on, self.wave)
        elif fact == "graduation":
            onboarding.graduate()

    def _note_reason(self, said: str) -> None:
        """Keep why they bought, with who of theirs said it: whoever said it to sales, while it is left as it was."""
        onboarding, who = self.onboarding, self.done_by
        theirs = who.called if isinstance(who, Person) else None
        if said and said != onboarding.quote:
            onboarding.quote, onboarding.quoted_by = said, theirs
        elif onboarding.quoted_by or theirs is None:
            return
        else:
            onboarding.quoted_by = theirs
        onboarding.quoted_on = onboarding.account.today

    @property
    def seen_on(self) -> date:
        """On which day of theirs it happened, as it was said or seen; today where nobody named one."""
        text = self.data.get("date")
        return date.fromisoformat(text) if text else self.onboarding.account.today
