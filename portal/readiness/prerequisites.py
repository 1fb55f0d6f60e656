"""What the customer must have before the work begins, one row each: whether it is there, who said so, and what our
side decided about it."""

from datetime import date

from flask_babel import gettext as _
from sqlalchemy import UniqueConstraint, select
from sqlalchemy.orm import Mapped, joinedload, relationship

from portal import clock, db
from portal.accounts.models import Person, User
from portal.activity.models import Audience, Verb, record
from portal.db import one_of
from portal.errors import Conflict, Refused
from portal.messages.models import Message
from portal.onboardings.holds import Hold
from portal.onboardings.models import Onboarding
from portal.onboardings.record import check_running
from portal.onboardings.states import CUSTOMERS_TURN, OnboardingState, StepState
from portal.readiness import prerequisite_letters as letters
from portal.readiness.prerequisite_record import PrerequisiteRow, step_of
from portal.readiness.prerequisite_rules import LEAST_DAYS, Status, all_ready, order

SAID = {
    Status.READY: Verb.PREREQUISITE_READY,
    Status.NOT_READY: Verb.PREREQUISITE_NOT_READY,
    Status.NEED_HELP: Verb.PREREQUISITE_HELP,
}


class Prerequisite(PrerequisiteRow):
    """One thing to have ready."""

    __tablename__ = "prerequisite"
    __table_args__ = (UniqueConstraint("onboarding_id", "key"), one_of("status", Status))

    onboarding: Mapped[Onboarding] = relationship()
    said_by: Mapped[User | None] = relationship(foreign_keys="Prerequisite.said_by_id")
    assignee: Mapped[Person | None] = relationship(foreign_keys="Prerequisite.assignee_id")

    # --- What the customer says ---

    def say(self, status: Status, *, by: User, words: str | None = None) -> bool:
        """Set whether it is ready; returns False when it is so already. Asked for help, `words` are what is in the
        way. Raises Refused while it isn't asked for, or not yet."""
        self.check_open(by=by)
        if status is self.status and words == self.in_the_way:
            return False
        self.status, self.in_the_way = status, words
        self.said_by, self.said_by_id, self.said_at = by, by.id, clock.now()
        if not by.is_staff:
            self.onboarding.customer_moved_at = clock.now()
        self.tell(SAID[status], by, why=words or "")
        if status is Status.NEED_HELP:
            self._ask_us(words or "", by)
        touch_step(self.onboarding, by=by)
        settle_step(self.onboarding, by=by)
        return True

    def _ask_us(self, words: str, by: User) -> None:
        """A question in the thread, so that it is our turn until somebody answers it there."""
        asked = _("We need help with “%(title)s”: %(words)s", title=self.title, words=words)
        Message.write(self.onboarding, asked, by=by, step=step_of(self.onboarding))

    def check_open(self, *, by: User) -> None:
        """Refuse to say anything of it when nobody asks for it now. A pause is no hindrance: it may be what ends it."""
        if self.left_out_at is not None:
            raise Refused(_("“%(title)s” isn't asked for any more.", title=self.title))
        if self.onboarding.state is not OnboardingState.ON_HOLD:
            check_running(self.onboarding)
        step = step_of(self.onboarding)
        if step is not None and step.state is StepState.LOCKED and not by.is_staff:
            raise Refused(
                _("“%(title)s” isn't open yet. It %(opens)s.", title=self.title, opens=step.opens_when)
            )

    def hand_to(self, person: Person, *, by: User) -> None:
        """Somebody else of theirs sees to it, and is told."""
        self.check_open(by=by)
        if person.id == self.assignee_id:
            return
        self.assignee, self.assignee_id = person, person.id
        self.tell(Verb.PREREQUISITE_HANDED, by, whom=person.name)
        letters.handed(self, by)

    # --- What staff decide ---

    def change(self, *, due_on: date, blocking: bool, assignee: Person | None, seen: str, by: User) -> bool:
        """Another date, owner or weight; returns whether anything is different. A new date asks anew: it is no longer
        gone on without. Raises Conflict when it changed since `seen`."""
        same = (due_on, blocking, assignee.id if assignee else None)
        if same == (self.due_on, self.blocking, self.assignee_id):
            return False
        if seen != self.seal:
            raise Conflict(
                _("“%(title)s” changed while you were writing. Look at it again.", title=self.title)
            )
        if due_on != self.due_on:
            if due_on < self.onboarding.account.today:
                raise Refused(_("That day has passed. Choose today or later."), field="due_on")
            self.due_on, self.due_by_hand, self.sponsors_asked_at = due_on, True, None
            self.without_at = self.without_by_id = self.without_why = None
        self.blocking = blocking
        self.tell(Verb.PREREQUISITE_CHANGED, by, after={"due_on": due_on, "blocking": blocking})
        if assignee is not None and assignee.id != self.assignee_id:
            self.hand_to(assignee, by=by)
        elif assignee is None:
            self.assignee = self.assignee_id = None
        return True

    def leave_out(self, why: str, *, by: User | None, by_hand: bool = True) -> None:
        """Nobody asks for it any more; they read why. A second time changes nothing."""
        if self.left_out_at is not None:
            return
        self.left_out_at, self.left_out_why, self.by_hand = clock.now(), why, by_hand
        letters.forget(self)
        self.tell(Verb.PREREQUISITE_LEFT_OUT, by, why=why)
        settle_step(self.onboarding, by=by)

    def bring_back(self, *, by: User | None, because: str | None = None, by_hand: bool = True) -> None:
        """It is asked for again, with days enough to get it."""
        if self.left_out_at is None:
            return
        self.left_out_at = self.left_out_why = None
        self.because, self.by_hand = because or self.because, by_hand
        self.due_on = max(self.due_on or date.min, least_due(self.onboarding))
        self.tell(Verb.PREREQUISITE_BACK, by)
        letters.asked(self, by)

    def go_without(self, why: str, *, by: User) -> None:
        """Decide that the work begins though it isn't there; `why` is remembered among us."""
        if not self.facts.is_open:
            raise Refused(_("Nothing is proposed for “%(title)s” any more.", title=self.title))
        self.without_at, self.without_by_id, self.without_why = clock.now(), by.id, why
        self.tell(Verb.PREREQUISITE_WITHOUT, by, audience=Audience.STAFF, why=why)
        settle_step(self.onboarding, by=by)

    def hold(self, reason: str, review_on: date, *, by: User) -> Hold:
        """Pause the onboarding until it is there. They are told what would end the pause."""
        if not self.facts.is_open:
            raise Refused(_("“%(title)s” doesn't need a pause any more.", title=self.title))
        hold = self.onboarding.pause(reason, review_on, by=by)
        db.session.flush()
        self.hold_id = hold.id
        letters.held(self, hold, by)
        return hold

    def tell(
        self,
        verb: Verb,
        by: User | None,
        *,
        after: dict[str, object] | None = None,
        audience: Audience = Audience.CUSTOMER,
        **words: str,
    ) -> None:
        facts = {"status": self.status.value, **(after or {})}
        personal = {"what": self.title, **{name: said for name, said in words.items() if said}}
        record(
            self, verb, by=by, onboarding=self.onboarding, after=facts, personal=personal, audience=audience
        )


# --- All of one road ------------------------------------------------------------------------------


def asked_of(onboarding: Onboarding) -> bool:
    """Whether its playbook knows of anything to have ready: pages that count their statements ask first."""
    return onboarding.playbook_version.document.kit is not None


def all_of(onboarding: Onboarding) -> list[Prerequisite]:
    """Everything to have ready, left out or not, in the order of the kit; one statement."""
    rows = select(Prerequisite).where(Prerequisite.onboarding_id == onboarding.id)
    rows = rows.options(joinedload(Prerequisite.said_by)).order_by(Prerequisite.position, Prerequisite.id)
    return list(db.session.scalars(rows))


def wanted_of(onboarding: Onboarding) -> list[Prerequisite]:
    """What is asked for, what is still to come first, by date."""
    wanted = [one for one in all_of(onboarding) if one.left_out_at is None]
    return sorted(wanted, key=lambda one: (order(one.facts), one.position))


def least_due(onboarding: Onboarding) -> date:
    """The earliest date for what is asked for once the road is under way."""
    account = onboarding.account
    return account.calendar.add_working_days(account.today, LEAST_DAYS)


# --- The item of the road -------------------------------------------------------------------------


def touch_step(onboarding: Onboarding, *, by: User) -> None:
    """The first word about any of them begins the item."""
    step = step_of(onboarding)
    if step is not None and onboarding.is_running and step.state in (StepState.READY, StepState.RETURNED):
        step.start(by=by)


def settle_step(onboarding: Onboarding, *, by: User | None) -> bool:
    """Finish the item once everything is ready and the kit is handed in, for its answers may ask for more; returns
    whether it is finished just now. Call it after anything that this follows from; what comes later reopens nothing."""
    step = step_of(onboarding)
    if (
        step is None
        or not onboarding.is_running
        or step.state not in CUSTOMERS_TURN
        or not kit_is_in(onboarding)
    ):
        return False
    wanted = wanted_of(onboarding)
    if not all_ready(one.facts for one in wanted):
        return False
    last = max(wanted, key=lambda one: one.said_at.timestamp() if one.said_at else 0, default=None)
    who = by or (last.said_by if last else None)
    if step.needs_review and who is not None:
        step.submit(by=who)
    else:
        step.complete(by=who)
    return True


def kit_is_in(onboarding: Onboarding) -> bool:
    """Whether the answers to the kit are handed in, or none are asked for."""
    kit = onboarding.step_of_kind("kit")
    return kit is None or kit.is_closed or kit.state is StepState.SUBMITTED
