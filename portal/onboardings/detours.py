"""Off the straight way: something blocks a step, it doesn't apply, somebody else does it, or not now."""

from __future__ import annotations

from datetime import date, timedelta

from flask_babel import gettext as _

from portal import clock
from portal.access import Can
from portal.accounts.models import Person, Staff, User
from portal.activity.models import Verb
from portal.errors import Refused
from portal.onboardings import letters, milestones
from portal.onboardings.record import StepRecord, cause_of
from portal.onboardings.states import CUSTOMERS_TURN, Cause, ScopeChange, SkipRule, StageState, StepState
from portal.onboardings.words import SKIP_RULES
from portal.web import day


class Detours(StepRecord):
    """What happens to a step besides being finished."""

    __abstract__ = True

    def block(self, reason: str, detail: str, unblocker: str, *, by: User) -> None:
        """Something is in the way: what, and who can clear it. The customer's clock stops."""
        self._check(StepState.BLOCKED, cause_of(by))
        self.blocked_from = self.state.value
        self.state, self.blocked_at = StepState.BLOCKED, clock.now()
        self.blocked_by, self.blocked_detail, self.unblocker = reason, detail, unblocker
        if self.asks_change:
            self.promised_late_at = None  # A new promise begins: to answer it.
        self.say(Verb.CHANGE_ASKED if self.asks_change else Verb.STEP_BLOCKED, by, why=detail)
        letters.blocked(self, by)
        self.onboarding.settle()

    def unblock(self, *, by: User) -> None:
        """It's sorted: the step is where it was before."""
        if self.state is not StepState.BLOCKED or self.blocked_from is None:
            raise Refused(_("Nothing is in the way of “%(title)s” any more.", title=self.title))
        before, change = StepState(self.blocked_from), self.asks_change and not by.is_staff
        self._check(before, cause_of(by))
        self._clear_block()
        self.state = before
        self.say(Verb.CHANGE_TAKEN_BACK if change else Verb.STEP_UNBLOCKED, by)
        self.onboarding.settle()

    def ask_to_skip(self, reason: str, *, by: User) -> None:
        """The customer says it doesn't apply to them; staff decide."""
        self._check_running()
        if self.state not in CUSTOMERS_TURN | {StepState.BLOCKED, StepState.LOCKED}:
            raise Refused(
                _("“%(title)s” is finished or with us, so there is nothing to leave out.", title=self.title)
            )
        self.asked_to_skip = reason
        self.say(Verb.SKIP_ASKED, by, why=reason)
        letters.skip_asked(self, by)

    def keep(self, reason: str, *, by: User) -> None:
        """Staff decline to leave it out, and say why."""
        if self.asked_to_skip is None:
            raise Refused(_("Nobody asks to leave “%(title)s” out any more.", title=self.title))
        self.asked_to_skip = None
        self.say(Verb.SKIP_DECLINED, by, why=reason)
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
        with self.stage.rescoped():
            self.leave(reason)
        self.note_scope(ScopeChange.LEFT_OUT, reason)
        self.say(Verb.STEP_SKIPPED, by, why=reason)
        self.onboarding.settle()

    def leave(self, reason: str, rule: SkipRule | None = None) -> None:
        """It is left out, alone or with its module; whoever calls keeps the meter still."""
        self.state, self.skip_reason, self.skip_rule = StepState.SKIPPED, reason, rule
        self.asked_to_skip = None
        self._clear_block()

    def come_back(self) -> None:
        """It is on the road again, open when its stage is; whoever calls keeps the meter still."""
        self.state = StepState.LOCKED if self.stage.state is StageState.LOCKED else StepState.READY
        self.skip_reason = self.skip_rule = None

    @property
    def why_left_out(self) -> str:
        """Why it is left out: what somebody wrote, or a rule's sentence in the language of whoever reads it now."""
        if self.skip_rule is None:
            return self.skip_reason or ""
        return str(SKIP_RULES[self.skip_rule]) % {"why": self.skip_reason}

    def retire(self) -> None:
        """The onboarding graduated without it."""
        self.state, self.skip_rule = StepState.SKIPPED, SkipRule.GRADUATED
        self._clear_block()

    def bring_back(self, reason: str, *, by: User) -> None:
        """Put a left-out step on the road again."""
        if self.state is not StepState.SKIPPED:
            raise Refused(_("“%(title)s” is on the road already.", title=self.title))
        then = StepState.LOCKED if self.stage.state is StageState.LOCKED else StepState.READY
        self._check(then, Cause.STAFF)
        self.module.check_of_wave()
        with milestones.returning(self.onboarding), self.stage.rescoped():
            self.come_back()
        self.module.by_hand = True
        self.note_scope(ScopeChange.BROUGHT_BACK, reason)
        self.say(Verb.STEP_BROUGHT_BACK, by, why=reason)
        self.onboarding.settle()

    # --- Its call: whoever changes it settles ---

    def ask_for_call(self) -> None:
        """The customer was asked to choose a time for its call: it is theirs to move."""
        self.asked_on = self.onboarding.account.today

    def expect_call(self, on: date | None) -> None:
        """Its call is booked for this day of the account; None: not any more."""
        self.asked_on, self.call_on = None, on

    # --- Whose ---

    def hand_to(self, user: User | None, *, by: User) -> None:
        """Give it to somebody of the same company who can sign in, or to nobody in particular; while it is in review,
        to one of ours."""
        if self.is_agreement and isinstance(user, Person) and not user.is_admin:
            raise Refused(
                _("“%(title)s” is agreed for the whole company. Choose an admin.", title=self.title)
            )
        if user is not None and not self.could_be_done_by(user):
            raise Refused(_("Choose someone who works on this onboarding."), field="person")
        if self.state is StepState.SUBMITTED and not isinstance(user, Staff):
            raise Refused(
                _("“%(title)s” is with us for review. Choose one of us.", title=self.title), field="person"
            )
        if self.is_closed:
            raise Refused(_("“%(title)s” is finished, so there is nothing to hand over.", title=self.title))
        if isinstance(self.assignee, Staff) and not by.is_staff:
            who = self.assignee.called
            raise Refused(_("%(who)s does this one. Write to them if it should be someone else.", who=who))
        if user is not None and user.id == self.assignee_id:
            return
        self.assignee, self.assignee_id = user, user.id if user else None
        self.given_by_hand = True
        self.say(Verb.STEP_ASSIGNED, by, whom=user.called if user else "")
        self.onboarding.take_turn()
        if user and user.id != by.id:
            letters.assigned(self, by)

    def could_be_done_by(self, user: User) -> bool:
        if not user.is_active:
            return False
        if isinstance(user, Person):
            works_here = user.account_id == self.account_id and user.may(Can.COMPLETE_STEP)
            return works_here and self.visible and (user.is_admin or not self.is_agreement)
        return isinstance(user, Staff)

    @property
    def latest_return(self) -> date:
        """The last day it may be put off to: the end of its stage or of the programme, whichever is later; a week
        from today once both are near or over."""
        account = self.onboarding.account
        next_week = account.calendar.next_working_day(account.today + timedelta(days=7))
        return max(self.stage.planned_end, self.onboarding.target_graduation, next_week)

    def snooze(self, until: date, *, by: User) -> None:
        """“Not now”: the step stays due when it is due, but something else is offered next until then."""
        self._check_running()
        if until <= self.onboarding.account.today:
            raise Refused(_("Choose a day after today."), field="until")
        if not self.with_them:
            raise Refused(_("“%(title)s” isn't waiting for you now.", title=self.title))
        if until > self.latest_return:
            last = day(self.latest_return)
            raise Refused(
                _("Choose a day up to %(date)s, when the programme ends.", date=last), field="until"
            )
        self.snoozed_until = until
        self.say(Verb.STEP_SNOOZED, by)
        if self.due_on and self.due_on < until:
            letters.put_off(self, by)
        self.onboarding.settle()
