"""Calls: booked by the customer or for them in hours both share, moved, cancelled. What came of one is in `outcome`."""

from datetime import UTC, datetime, timedelta
from functools import partial

from flask_babel import gettext as _
from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock, db
from portal.accounts.models import Person, Staff, User
from portal.activity.models import Verb, record
from portal.calendars import Span
from portal.calls import letters, rules
from portal.calls.agenda import points_of
from portal.calls.diaries import host_for, is_away_at
from portal.calls.openings import Asked
from portal.calls.outcome import Outcome
from portal.calls.partners import partners_of
from portal.calls.refusals import check_people, check_running, check_step
from portal.calls.rules import CallState, Side
from portal.db import Base, OwnedRow, new_ref, one_of
from portal.errors import Conflict, Refused
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step

SCHEDULED = text("state = 'scheduled'")
LONGEST = timedelta(hours=4)
REASON = 400  # Letters.


class Call(Outcome):
    """One conversation between the two companies.

    `sequence` rises with every change that calendars have to hear of; `uid` never changes. `next_host` is who takes it
    over from `owner` and has no time then: theirs is to move it, or to log it once it has begun.
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
    next_host_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    start: Mapped[datetime]
    minutes: Mapped[int]
    join_link: Mapped[str | None] = mapped_column(String(300))
    agenda: Mapped[list[str]] = mapped_column(default=list)
    agenda_set_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None] = mapped_column(String(REASON))
    sequence: Mapped[int] = mapped_column(default=0)
    uid: Mapped[str] = mapped_column(String(40), unique=True, default=lambda: f"{new_ref()}{new_ref()}")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    onboarding: Mapped[Onboarding] = relationship()
    step: Mapped[Step | None] = relationship()
    owner: Mapped[Staff] = relationship(foreign_keys=[owner_id])
    next_host: Mapped[Staff | None] = relationship(foreign_keys=[next_host_id])
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
    def is_joinable(self) -> bool:
        """Whether it is ahead or going on right now."""
        return self.state is CallState.SCHEDULED and self.end > clock.now()

    @property
    def needs_time(self) -> bool:
        """Whether it is ahead and whoever takes it over has to be given another time."""
        return self.next_host_id is not None and self.is_ahead

    @property
    def people(self) -> list[User]:
        """Everybody invited: its owner, whoever booked it, and the others."""
        return [attendee.user for attendee in self.attendees]

    @property
    def guest(self) -> Person:
        """The customer's person whose day the call was fitted to: who booked it, or was booked for."""
        return next(user for user in self.people if isinstance(user, Person))

    @property
    def points(self) -> list[str]:
        """Its agenda, as it stands now."""
        return points_of(self)

    @property
    def agenda_seal(self) -> str:
        """A short word that differs once somebody has written the agenda."""
        return f"{self.agenda_set_at.timestamp():.6f}" if self.agenda_set_at else ""

    @property
    def partners(self) -> list[Step]:
        """The other step about this call: to book it and to attend it are two."""
        return partners_of(self.step) if self.step else []

    def when_for(self, user: User, locale: str) -> str:
        """“Thu 12 Mar, 15:00 your time (10:00 Priya's)”, for this reader."""
        other: User = self.guest if user.id == self.owner_id or user.is_staff else self.owner
        return rules.both_walls(self.start, user.zone, other.called, other.zone, locale)

    # --- Becoming ---

    @property
    def held_for(self) -> Staff | None:
        """In whose place its owner holds it, when it isn't their own part of the road."""
        # The team is at hand wherever a call is shown; the step would have to be read first.
        covered = [
            member.staff for member in self.onboarding.team if member.staff.stand_in_id == self.owner_id
        ]
        whose = host_for(self.step, self.onboarding) if covered else None
        return whose if whose in covered and whose.id != self.owner_id else None

    @property
    def is_owner_away(self) -> bool:
        """Whether its owner is away on that day."""
        return is_away_at(self.owner, self.start)

    @property
    def lies_in_pause(self) -> bool:
        """Whether it is ahead and its onboarding is paused beyond that day."""
        hold = self.onboarding.hold
        local = self.start.astimezone(self.onboarding.account.zone).date()
        return hold is not None and self.is_ahead and local < hold.review_on

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

        A step of kind book_call is done with it. Raises Refused for a time that doesn't suit, and as `refusals` says.
        """
        check_people(onboarding, people)
        check_running(onboarding)
        if step is not None:
            check_step(step, booked_for(step), by)
        Asked(people[0], owner, (start, start + timedelta(minutes=minutes)), by, taken).check()
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
        call.invite(people)
        db.session.add(call)
        db.session.flush()
        record(call, Verb.CALL_BOOKED, by=by, onboarding=onboarding, after={"start": call.start})
        call.keep_day()
        if step is not None and step.kind == "book_call" and not step.is_closed:
            step.complete(by=by)
        call.tell(letters.News.BOOKED, by=by)
        return call

    def invite(self, people: list[Person]) -> None:
        guests: dict[int, User] = {self.owner.id: self.owner}
        guests.update((person.id, person) for person in people)
        self.attendees = [CallAttendee(account_id=self.account_id, user=user) for user in guests.values()]

    def tell(self, news: letters.News, *, by: User, former: Staff | None = None) -> None:
        """Write to everybody invited, and to who was to hold it until now."""
        letters.announce(self, news, by=by, former=former)

    def give_to(self, host: Staff) -> Staff:
        """It is this one's to hold; who was invited to hold it is no longer. Returns that one."""
        former, self.owner, self.next_host = self.owner, host, None
        mine = next(one for one in self.attendees if one.user_id == former.id)
        if any(one.user_id == host.id for one in self.attendees):
            self.attendees.remove(mine)
        else:
            mine.user, mine.user_id = host, host.id
        return former

    def plan(self, points: list[str], *, seen: str, by: Staff) -> None:
        """Write the agenda; without any points it writes itself again. `seen` is the seal of what its writer saw.

        Raises Conflict when somebody else wrote it meanwhile, Refused once the call is over.
        """
        if self.state is not CallState.SCHEDULED or self.end <= clock.now():
            raise Refused(_("The agenda can be written until the call is over. Write notes instead."))
        if seen != self.agenda_seal:
            theirs = " · ".join(self.points)
            sentence = _(
                "Somebody changed the agenda while you were writing. It is now: %(theirs)s. "
                "Save again to put yours in its place.",
                theirs=theirs,
            )
            raise Conflict(sentence, theirs=self.points, yours=points)
        usual = self.step.spec.call.agenda if self.step and self.step.spec.call else []
        self.agenda, self.agenda_set_at = points or list(usual), clock.now() if points else None
        record(self, Verb.CALL_PLANNED, by=by, onboarding=self.onboarding)

    def move(self, start: datetime, *, by: User) -> None:
        """Another time for the same call, with whoever takes it over; calendars follow by its uid and a higher
        sequence."""
        self.check(CallState.SCHEDULED)
        if start.astimezone(UTC) == self.start and self.next_host is None:
            raise Refused(_("The call is at that time already. Choose another one."), field="start")
        check_running(self.onboarding)
        span = start, start + timedelta(minutes=self.minutes)
        host, now_at = self.next_host or self.owner, None if self.next_host else self.start
        Asked(self.guest, host, span, by, partial(taken, but=self), but=now_at).check()
        former = self.give_to(host) if self.next_host else None
        before, self.start = self.start, start.astimezone(UTC)
        self.sequence += 1
        self.keep_day()
        after = {"start": self.start}
        record(
            self, Verb.CALL_MOVED, by=by, onboarding=self.onboarding, before={"start": before}, after=after
        )
        self.tell(letters.News.MOVED, by=by, former=former)

    def cancel(self, reason: str, *, by: User) -> None:
        """It does not take place. A new time is a new call."""
        self.check(CallState.CANCELLED)
        self.state, self.cancel_reason = CallState.CANCELLED, reason
        self.sequence += 1
        self.keep_day()
        record(self, Verb.CALL_CANCELLED, by=by, onboarding=self.onboarding, personal={"why": reason})
        self.tell(letters.News.CANCELLED, by=by)


class CallAttendee(Base, OwnedRow):
    """Somebody invited to a call."""

    __tablename__ = "call_attendee"
    __table_args__ = (UniqueConstraint("call_id", "user_id"),)

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)

    call: Mapped[Call] = relationship(back_populates="attendees")
    user: Mapped[User] = relationship()


def booked_for(step: Step) -> Call | None:
    """The call that is fixed for this step, whichever of its two steps it was booked at; its log may be missing."""
    about = [step.id, *(other.id for other in partners_of(step))]
    rows = select(Call).where(Call.step_id.in_(about), Call.state == CallState.SCHEDULED)
    return db.session.scalar(rows.order_by(Call.start).limit(1))


def taken(owner: Staff, since: datetime, *, but: Call | None = None) -> list[Span]:
    """When this staff member has calls that end after `since`."""
    rows = select(Call).where(
        Call.owner_id == owner.id, Call.state == CallState.SCHEDULED, Call.start > since - LONGEST
    )
    return [call.span for call in db.session.scalars(rows) if call is not but]
