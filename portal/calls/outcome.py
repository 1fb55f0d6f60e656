"""What came of a call: it was held, missed, or held without having been booked here; its notes, and the way back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from flask_babel import gettext as _
from sqlalchemy import JSON, String, Text, and_, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock, db, seals
from portal.accounts.models import Person, Staff
from portal.activity.models import Activity, Verb, record
from portal.calls import follow_up, letters, rules
from portal.calls.diaries import one_at_a_time
from portal.calls.partners import partners_of
from portal.calls.refusals import check_people, check_running
from portal.calls.rules import CallState, Side
from portal.db import Addressed, Base, OwnedRow, Word
from portal.errors import Conflict, Refused
from portal.onboardings.models import Onboarding
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step

ATTENDABLE = {StepState.READY, StepState.IN_PROGRESS, StepState.SUBMITTED, StepState.BLOCKED}


class Outcome(Base, OwnedRow, Addressed):
    """The columns and acts of a call that is over. `next_steps` holds dicts of text, who (their name then), user (their
    ref; older ones have none), due (ISO date or none) and, of those on the road, the ref of their step."""

    __abstract__ = True

    if TYPE_CHECKING:
        onboarding: Mapped[Onboarding]
        step: Mapped[Step | None]
        owner: Mapped[Staff]
        owner_id: Mapped[int]
        step_id: Mapped[int | None]
        start: Mapped[datetime]
        title: Mapped[str]
        agenda: Mapped[list[str]]
        agenda_set_at: Mapped[datetime | None]

        @property
        def points(self) -> list[str]: ...
        def invite(self, people: list[Person]) -> None: ...
        def tell(self, news: letters.News, *, by: Staff, former: Staff | None = None) -> None: ...

    state: Mapped[CallState] = mapped_column(Word(CallState), default=CallState.SCHEDULED)
    notes: Mapped[str | None] = mapped_column(Text)
    next_steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    recording_link: Mapped[str | None] = mapped_column(String(300))
    no_show_side: Mapped[Side | None] = mapped_column(Word(Side))

    # --- Reading ---

    @property
    def agreed(self) -> list[dict[str, Any]]:
        """The next steps with their people as they are called now, their days as dates, and with the `item` that those
        on the road became."""
        return [
            {
                **one,
                "who": follow_up.who_of(self, one),
                "due": follow_up.due_of(one),
                "item": follow_up.step_of(self, one),
            }
            for one in self.next_steps
        ]

    @property
    def on_road(self) -> list[dict[str, Any]]:
        """The next steps that became steps of the road, where they are changed from then on."""
        return [one for one in self.next_steps if one.get("step")]

    @property
    def waits_for_its_log(self) -> bool:
        """Whether it has begun and nobody has said what came of it."""
        return self.state is CallState.SCHEDULED and self.start <= clock.now()

    @property
    def log_is_open(self) -> bool:
        """Whether what was logged can still be changed: until the end of that day on its owner's wall."""
        if self.state is not CallState.HELD:
            return False
        logged = db.session.scalar(
            select(Activity.at)
            .where(
                Activity.subject_type == "call",
                Activity.subject_id == self.id,
                Activity.verb == Verb.CALL_HELD,
            )
            .order_by(Activity.id.desc())
            .limit(1)
        )
        zone = self.owner.zone
        return logged is not None and logged.astimezone(zone).date() == clock.today(str(zone))

    @property
    def log_seal(self) -> str:
        """A short word that differs once somebody has changed what was logged."""
        return seals.of(self.notes, self.recording_link, self.next_steps)

    # --- Becoming ---

    @classmethod
    def log(
        cls,
        step: Step,
        *,
        kind: str,
        title: str,
        minutes: int,
        owner: Staff,
        start: datetime,
        people: list[Person],
        notes: str | None,
        next_steps: list[dict[str, Any]],
        recording_link: str | None = None,
        by: Staff,
    ) -> Self:
        """A call about `step` that took place without having been booked here; `people` are the customer's.

        The step to book it and the step to attend it are done with that. Raises Refused when it lies ahead or more
        than a year back, when the step isn't open or has a call already, or as `hold` does.
        """
        if refusal := rules.why_not_logged(start, clock.now()):
            raise Refused(refusal, field="day")
        check_people(step.onboarding, people)
        check_running(step.onboarding)
        if step.is_closed or step.state is StepState.LOCKED:
            raise Refused(_("“%(title)s” isn't open, so no call can be logged for it.", title=step.title))
        cls._check_nothing_stands(step, owner, start)
        call = cls(
            account_id=step.account_id,
            onboarding=step.onboarding,
            step=step,
            kind=kind,
            title=title,
            minutes=minutes,
            agenda_set_at=clock.now(),
            owner=owner,
            start=start.astimezone(UTC),
        )
        call.invite(people)
        db.session.add(call)
        db.session.flush()
        if step.kind == "book_call" and not step.is_closed:
            step.complete(by=by, via="call")
        call.hold(notes=notes, next_steps=next_steps, recording_link=recording_link, by=by)
        return call

    def hold(
        self,
        *,
        notes: str | None,
        next_steps: list[dict[str, Any]],
        recording_link: str | None = None,
        by: Staff,
    ) -> None:
        """It took place: what was said, and what follows from it. The step to attend it is done with that.

        Those of `next_steps` that say `on_road` become steps. Raises Refused when there are no notes or next steps.
        """
        self.check(CallState.HELD)
        self._write_down(notes, next_steps, recording_link)
        self.agenda, self.agenda_set_at = self.points, self.agenda_set_at or clock.now()
        self.state = CallState.HELD
        self.keep_day()
        record(self, Verb.CALL_HELD, by=by, onboarding=self.onboarding, after={"start": self.start})
        attended = self._step_to_attend()
        if attended is not None:
            attended.complete(by=by, via="call")
        self.next_steps = follow_up.put_on_road(self, next_steps, by=by)
        self.tell(letters.News.HELD, by=by)

    def rewrite(
        self,
        *,
        notes: str | None,
        next_steps: list[dict[str, Any]],
        recording_link: str | None,
        seen: str,
        by: Staff,
    ) -> None:
        """Other notes for a call that was logged today; everybody invited gets them as they stand now. `next_steps`
        stand beside those that are on the road already, `seen` is the seal of what their writer saw.

        Raises Conflict when somebody else changed them meanwhile.
        """
        self._check_log_open()
        if seen != self.log_seal:
            raise Conflict(
                _(
                    "Somebody changed these notes while you were writing. They stand on this page as they are now. "
                    "Save again to put yours in their place."
                )
            )
        kept = self.on_road
        self._write_down(notes, [*kept, *next_steps], recording_link)
        self.next_steps = [*kept, *follow_up.put_on_road(self, next_steps, by=by)]
        record(self, Verb.CALL_NOTED, by=by, onboarding=self.onboarding)
        self.tell(letters.News.HELD, by=by)

    def take_back(self, reason: str, *, by: Staff) -> None:
        """It was logged today by mistake: it waits for its log again, and so does the step to attend it; what it put
        on the road is left out."""
        self._check_log_open()
        self._check_nothing_stands(self.step, self.owner, self.start)
        follow_up.take_off(self, reason, by=by)
        attended = self._step_that_was_attended()
        if attended is not None:
            attended.reopen(reason, by=by)
        self.state = CallState.SCHEDULED
        self.keep_day()
        self.notes, self.next_steps, self.recording_link = None, [], None
        record(self, Verb.CALL_LOG_TAKEN_BACK, by=by, onboarding=self.onboarding, personal={"why": reason})
        letters.forget(self)

    def no_show(self, side: Side, *, by: Staff) -> None:
        """One side did not come."""
        self.check(CallState.NO_SHOW)
        self.state, self.no_show_side = CallState.NO_SHOW, side
        self.keep_day()
        record(self, Verb.CALL_NO_SHOW, by=by, onboarding=self.onboarding, after={"side": side})

    def check(self, then: CallState) -> None:
        """Refuse what the table of states doesn't allow, or what the clock doesn't yet."""
        if then not in rules.MAY[self.state]:
            raise Refused(
                _("This call is %(state)s, so that can't be done any more.", state=rules.STATES[self.state])
            )
        if then in (CallState.HELD, CallState.NO_SHOW) and self.start > clock.now():
            raise Refused(_("This call has not begun yet. Log it afterwards."))

    def _check_log_open(self) -> None:
        if not self.log_is_open:
            raise Refused(
                _("A log can be changed on the day on which it was written. Write a message instead.")
            )

    @classmethod
    def _check_nothing_stands(cls, step: Step | None, owner: Staff, start: datetime) -> None:
        """Refuse a second call that is booked for this step, or that its owner has at this very moment."""
        one_at_a_time(owner)
        same = and_(cls.owner_id == owner.id, cls.start == start)
        if step is not None:
            same = or_(same, cls.step_id.in_([step.id, *(other.id for other in partners_of(step))]))
        if db.session.scalar(select(cls.id).where(cls.state == CallState.SCHEDULED, same).limit(1)):
            raise Refused(_("There is a booked call already. Log that one, or cancel it first."))

    def _write_down(
        self, notes: str | None, next_steps: list[dict[str, Any]], recording_link: str | None
    ) -> None:
        if not (notes or recording_link):
            raise Refused(_("Write notes, or add the link to a recording."), field="notes")
        if not next_steps:
            raise Refused(
                _("Add at least one next step: what happens now, and who does it."), field="next_steps"
            )
        self.notes, self.next_steps, self.recording_link = notes, next_steps, recording_link

    # --- Its steps ---

    def keep_day(self) -> None:
        """Let its steps know for which day of the account it is booked: whose turn it is follows from that."""
        if self.step is None or self.step.spec.call is None:
            return
        booked = self.state is CallState.SCHEDULED
        on = self.start.astimezone(self.onboarding.account.zone).date() if booked else None
        about = (self.step, *partners_of(self.step))
        for step in about:
            step.expect_call(on)
        if booked:
            letters.booked_now(about)
        self.onboarding.settle()

    def _step_to_attend(self) -> Step | None:
        """The step that waits for this call to take place, when it may be finished now."""
        if self.step is None or self.step.spec.call is None or not self.onboarding.is_running:
            return None
        return next((s for s in self._attended() if s.state in ATTENDABLE), None)

    def _step_that_was_attended(self) -> Step | None:
        """The step that this call finished."""
        if self.step is None:
            return None
        return next((s for s in self._attended() if s.is_done and s.done_via == "call"), None)

    def _attended(self) -> list[Step]:
        assert self.step is not None
        return [s for s in (self.step, *partners_of(self.step)) if s.kind == "attend_call"]
