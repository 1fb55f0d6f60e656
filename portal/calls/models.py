"""Calls: booked by the customer in hours both share, moved, cancelled, and logged afterwards by staff."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock, db
from portal.accounts.models import Person, Staff, User
from portal.activity.models import Verb, record
from portal.calendars import Span, WorkingHours
from portal.calls import letters, rules
from portal.calls.rules import CallState, Diary, Side
from portal.db import Addressed, Base, OwnedRow, Word, new_ref, one_of
from portal.errors import Refused
from portal.onboardings.models import Onboarding
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step
from portal.web import day

SCHEDULED = text("state = 'scheduled'")
LONGEST = timedelta(hours=4)
ATTENDABLE = {StepState.READY, StepState.IN_PROGRESS, StepState.SUBMITTED, StepState.BLOCKED}


class Call(Base, OwnedRow, Addressed):
    """One conversation between the two companies.

    `next_steps` holds dicts of text, who (a name) and due (ISO date or none). `sequence` rises with every change
    that calendars have to hear of; `uid` never changes.
    """

    __tablename__ = "call"
    __table_args__ = (
        one_of("state", CallState),
        one_of("no_show_side", Side),
        Index("uq_call_owner_start", "owner_id", "start", unique=True,
              sqlite_where=SCHEDULED, postgresql_where=SCHEDULED),
        Index("uq_call_step", "step_id", unique=True, sqlite_where=SCHEDULED, postgresql_where=SCHEDULED),
    )  # fmt: skip

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"), index=True)
    step_id: Mapped[int | None] = mapped_column(ForeignKey("step.id"))
    kind: Mapped[str] = mapped_column(String(24))
    title: Mapped[str]
    owner_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    start: Mapped[datetime]
    minutes: Mapped[int]
    state: Mapped[CallState] = mapped_column(Word(CallState), default=CallState.SCHEDULED)
    join_link: Mapped[str | None] = mapped_column(String(300))
    agenda: Mapped[list[str]] = mapped_column(default=list)
    notes: Mapped[str | None] = mapped_column(Text)
    next_steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    recording_link: Mapped[str | None] = mapped_column(String(300))
    no_show_side: Mapped[Side | None] = mapped_column(Word(Side))
    cancel_reason: Mapped[str | None] = mapped_column(String(400))
    sequence: Mapped[int] = mapped_column(default=0)
    uid: Mapped[str] = mapped_column(String(40), unique=True, default=lambda: f"{new_ref()}{new_ref()}")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    onboarding: Mapped[Onboarding] = relationship()
    step: Mapped[Step | None] = relationship()
    owner: Mapped[Staff] = relationship()
    attendees: Mapped[list["CallAttendee"]] = relationship(
        back_populates="call", order_by="CallAttendee.id", cascade="all, delete-orphan"
    )

    # --- Reading ---

    @property
    def end(self) -> datetime:
        return self.start + timedelta(minutes=self.minutes)

    @property
    def span(self) -> Span:
        return self.start, self.end

    @property
    def is_ahead(self) -> bool:
        """Whether it is to take place still; one that has begun but isn't logged is not."""
        return self.state is CallState.SCHEDULED and self.start > clock.now()

    @property
    def people(self) -> list[User]:
        """Everybody invited: its owner, whoever booked it, and the others."""
        return [attendee.user for attendee in self.attendees]

    @property
    def guest(self) -> Person:
        """The customer's person whose day the call was fitted to: who booked it, or was booked for."""
        return next(user for user in self.people if isinstance(user, Person))

    def when_for(self, user: User, locale: str) -> str:
        """“Thu 12 Mar, 15:00 your time (10:00 Priya's)”, for this reader."""
        other: User = self.guest if user.id == self.owner_id or user.is_staff else self.owner
        return rules.both_walls(self.start, user.zone, other.called, other.zone, locale)

    # --- Becoming ---

    @classmethod
    def book(
        cls,
        onboarding: Onboarding,
        *,
        kind: str,
        title: str,
        minutes: int,
        agenda: list[str],
        owner: Staff,
        start: datetime,
        by: User,
        people: list[Person],
        step: Step | None = None,
        join_link: str | None = None,
    ) -> "Call":
        """Fix a time that suits both. `people` are the customer's, the first one decides on working hours.

        A step of kind book_call is done with it. Raises Refused when the time is past, taken, outside either's hours,
        when the step has its call already, or when somebody isn't of this account.
        """
        _check_people(onboarding, people)
        _check_open(onboarding, step, by)
        _check_time(people[0], owner, start, minutes)
        call = cls(
            account_id=onboarding.account_id,
            onboarding=onboarding,
            step=step,
            kind=kind,
            title=title,
            minutes=minutes,
            agenda=list(agenda),
            owner=owner,
            start=start.astimezone(UTC),
            join_link=join_link,
        )
        call._invite(people)
        db.session.add(call)
        db.session.flush()
        record(call, Verb.CALL_BOOKED, by=by, onboarding=onboarding, after={"start": call.start})
        if step is not None and step.kind == "book_call" and not step.is_closed:
            step.complete(by=by)
        letters.announce(call, letters.News.BOOKED, by=by)
        return call

    def _invite(self, people: list[Person]) -> None:
        guests: dict[int, User] = {self.owner.id: self.owner}
        guests.update((person.id, person) for person in people)
        self.attendees = [CallAttendee(account_id=self.account_id, user=user) for user in guests.values()]

    def move(self, start: datetime, *, by: User) -> None:
        """Another time for the same call; calendars follow by its uid and a higher sequence."""
        self._check(CallState.SCHEDULED)
        if start.astimezone(UTC) == self.start:
            raise Refused(_("The call is at that time already. Choose another one."), field="start")
        _check_running(self.onboarding)
        _check_time(self.guest, self.owner, start, self.minutes, but=self)
        before, self.start = self.start, start.astimezone(UTC)
        self.sequence += 1
        after = {"start": self.start}
        record(
            self, Verb.CALL_MOVED, by=by, onboarding=self.onboarding, before={"start": before}, after=after
        )
        letters.announce(self, letters.News.MOVED, by=by)

    def cancel(self, reason: str, *, by: User) -> None:
        """It does not take place. A new time is a new call."""
        self._check(CallState.CANCELLED)
        self.state, self.cancel_reason = CallState.CANCELLED, reason
        self.sequence += 1
        record(self, Verb.CALL_CANCELLED, by=by, onboarding=self.onboarding, personal={"why": reason})
        letters.announce(self, letters.News.CANCELLED, by=by)

    def hold(
        self,
        *,
        notes: str | None,
        next_steps: list[dict[str, Any]],
        recording_link: str | None = None,
        by: Staff,
    ) -> None:
        """It took place: what was said, and what follows from it. The step to attend it is done with that."""
        self._check(CallState.HELD)
        if not (notes or recording_link):
            raise Refused(_("Write notes, or add the link to a recording."), field="notes")
        if not next_steps:
            raise Refused(
                _("Add at least one next step: what happens now, and who does it."), field="next_steps"
            )
        self.state = CallState.HELD
        self.notes, self.next_steps, self.recording_link = notes, next_steps, recording_link
        record(self, Verb.CALL_HELD, by=by, onboarding=self.onboarding)
        attended = self._step_to_attend()
        if attended is not None:
            attended.complete(by=by, via="call")
        letters.announce(self, letters.News.HELD, by=by)

    def no_show(self, side: Side, *, by: Staff) -> None:
        """One side did not come."""
        self._check(CallState.NO_SHOW)
        self.state, self.no_show_side = CallState.NO_SHOW, side
        record(self, Verb.CALL_NO_SHOW, by=by, onboarding=self.onboarding, after={"side": side})

    def _check(self, then: CallState) -> None:
        if then not in rules.MAY[self.state]:
            raise Refused(
                _("This call is %(state)s, so that can't be done any more.", state=rules.STATES[self.state])
            )
        if then in (CallState.HELD, CallState.NO_SHOW) and self.start > clock.now():
            raise Refused(_("This call has not begun yet. Log it afterwards."))

    def _step_to_attend(self) -> Step | None:
        """The step that waits for this call to take place, when it may be finished now."""
        if self.step is None or self.step.spec.call is None or not self.onboarding.is_running:
            return None
        partners = [self.step, *partners_of(self.step)]
        return next((s for s in partners if s.kind == "attend_call" and s.state in ATTENDABLE), None)


class CallAttendee(Base, OwnedRow):
    """Somebody invited to a call."""

    __tablename__ = "call_attendee"
    __table_args__ = (UniqueConstraint("call_id", "user_id"),)

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)

    call: Mapped[Call] = relationship(back_populates="attendees")
    user: Mapped[User] = relationship()


def partners_of(step: Step) -> list[Step]:
    """The steps about the same call: to book it and to attend it are two."""
    call = step.spec.call
    others = (other for other in step.onboarding.steps if call and other.kind != step.kind)
    return [other for other in others if other.spec.call and call and other.spec.call.kind == call.kind]


def diary(user: Person | Staff) -> Diary:
    """When this user can be met."""
    calendar = user.account.calendar if isinstance(user, Person) else user.calendar
    return Diary(WorkingHours(user.work_start, user.work_end, calendar), user.zone)


def taken(owner: Staff, since: datetime, *, but: Call | None = None) -> list[Span]:
    """When this staff member has calls that end after `since`."""
    rows = select(Call).where(
        Call.owner_id == owner.id, Call.state == CallState.SCHEDULED, Call.start > since - LONGEST
    )
    return [call.span for call in db.session.scalars(rows) if call is not but]


# --- Refusals -----------------------------------------------------------------------------------


def _check_people(onboarding: Onboarding, people: list[Person]) -> None:
    if not people:
        raise Refused(_("Choose at least one person of your company."), field="people")
    for person in people:
        if person.account_id != onboarding.account_id or not person.may_enter:
            raise Refused(_("Choose people of your own company who work on this."), field="people")


def _check_open(onboarding: Onboarding, step: Step | None, by: User) -> None:
    _check_running(onboarding)
    if step is None:
        return
    there = db.session.scalar(select(Call).where(Call.step_id == step.id, Call.state == CallState.SCHEDULED))
    if there is not None:
        raise Refused(
            _(
                "“%(title)s” is booked already. Move that call when another time suits better.",
                title=there.title,
            )
        )
    if not step.workable_by(by):
        who = step.assignee.called if step.assignee else _("us")
        raise Refused(
            _("“%(title)s” is with %(who)s. Ask an admin to hand it to you.", title=step.title, who=who)
        )
    if step.state is StepState.LOCKED:
        raise Refused(_("“%(title)s” isn't open yet. It %(opens)s.", title=step.title, opens=step.opens_when))


def _check_running(onboarding: Onboarding) -> None:
    if hold := onboarding.hold:
        raise Refused(
            _(
                "This onboarding is paused until %(date)s. Book a call for after that.",
                date=day(hold.review_on, "dMMMM"),
            )
        )
    if not onboarding.is_running:
        raise Refused(_("This onboarding is over, so no call can be booked. Write to your team instead."))


def _check_time(
    guest: Person, owner: Staff, start: datetime, minutes: int, *, but: Call | None = None
) -> None:
    """Refuse a time that doesn't suit. Bookings with one staff member pass here one at a time."""
    db.session.execute(select(Staff.id).where(Staff.id == owner.id).with_for_update())
    span = (start, start + timedelta(minutes=minutes))
    busy = taken(owner, start, but=but)
    refusal = rules.why_not(diary(guest), diary(owner), owner.called, span, busy, clock.now())
    if refusal:
        raise Refused(refusal, field="start")
