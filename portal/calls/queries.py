"""Which calls there are, which can be booked, and when."""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from portal import clock, db, web
from portal.access import find_or_404
from portal.accounts.models import Person, Staff, User
from portal.calls import rules
from portal.calls.diaries import diary, holder, host_for, is_away_at
from portal.calls.models import Call, taken
from portal.calls.openings import Asked
from portal.calls.outcome import ATTENDABLE
from portal.calls.partners import attended, partners_of
from portal.calls.rules import CallState, Time
from portal.errors import Refused
from portal.onboardings.models import Onboarding
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step

HELP_MINUTES = 15
OPEN = ATTENDABLE - {StepState.SUBMITTED}


@dataclass(frozen=True)
class Wanted:
    """A call that can be booked now, for the step that asks for it or about a step; without one, about anything."""

    kind: str
    title: str
    minutes: int
    hosts: list[Staff]
    agenda: list[str] = field(default_factory=list)
    step: Step | None = None

    def book(
        self,
        onboarding: Onboarding,
        start: datetime,
        *,
        host: str | None,
        people: list[Person],
        by: User,
        join_link: str | None = None,
    ) -> Call:
        """Fix it at `start` with the host whose ref this is (their stand-in on a day off). Raises Refused."""
        return Call.book(
            onboarding,
            kind=self.kind,
            title=self.title,
            minutes=self.minutes,
            agenda=self.agenda,
            owner=holder(host_of(self, host), start),
            start=start,
            by=by,
            people=people,
            step=self.step,
            join_link=join_link,
        )


@dataclass(frozen=True)
class Picker:
    """The times to choose from with one host, by day on the reader's wall.

    `note` says who is away and who stands in, `mixed` that some of the times are with the stand-in. `never`: the two
    working days share no hour; `others` may fit better.
    """

    wanted: Wanted
    host: Staff
    guest: Person
    times: list[tuple[date, list[tuple[str, str]]]]
    never: bool
    others: list[Staff]
    note: str = ""
    mixed: bool = False


def calls_of(onboarding: Onboarding, *, with_people: bool = False) -> tuple[list[Call], list[Call]]:
    """The calls ahead, soonest first, and those behind or cancelled, latest first; `with_people` reads who is invited
    to all of them at once."""
    rows = select(Call).where(Call.onboarding_id == onboarding.id).order_by(Call.start, Call.id)
    if with_people:
        rows = rows.options(selectinload(Call.attendees))
    found = list(db.session.scalars(rows))
    return [c for c in found if c.is_ahead], [c for c in reversed(found) if not c.is_ahead]


def calls_by_day(onboarding: Onboarding, reader: User) -> tuple[list[Call], list[Call], list[Call]]:
    """Today's on the reader's wall, in their order; those ahead, soonest first; those behind, latest first.

    One that was cancelled is behind whenever it was to be.
    """
    ahead, behind = calls_of(onboarding)
    today = clock.today(str(reader.zone))

    def is_today(call: Call) -> bool:
        return call.start.astimezone(reader.zone).date() == today and call.state is not CallState.CANCELLED

    now = [call for call in [*reversed(behind), *ahead] if is_today(call)]
    return now, [c for c in ahead if not is_today(c)], [c for c in behind if not is_today(c)]


def call_at(step: Step) -> Call | None:
    """The call that was last booked for this step or its partner, unless it was cancelled or missed."""
    about = [step.id, *(partner.id for partner in partners_of(step))]
    rows = select(Call).where(Call.step_id.in_(about), Call.state.in_((CallState.SCHEDULED, CallState.HELD)))
    return db.session.scalar(rows.order_by(Call.id.desc()).limit(1))


def bookable(onboarding: Onboarding, reader: Person) -> list[Wanted]:
    """What this person may book now: calls that open steps wait for, then a quarter of an hour of help."""
    if not onboarding.is_running:
        return []
    taken_care_of = {
        c.step_id for calls in calls_of(onboarding) for c in calls if c.state is CallState.SCHEDULED
    }
    found: list[Wanted] = []
    for step in onboarding.steps:
        if (
            step.spec.call is None
            or not step.visible
            or step.state not in OPEN
            or not step.workable_by(reader)
        ):
            continue
        about = {step.id, *(partner.id for partner in partners_of(step))}
        if not about & taken_care_of:
            found.append(wanted_for(step))
            taken_care_of.add(step.id)
    return [*found, wanted_help(onboarding)] if onboarding.owner else found


def wanted_for(step: Step) -> Wanted:
    """The call that this step asks for; a quarter of an hour about it when it is of another kind."""
    call, onboarding = step.spec.call, step.onboarding
    if call is None:
        return wanted_help(onboarding, step)
    host = host_for(step, onboarding)
    return Wanted(call.kind, attended(step).title, call.minutes, _hosts(host), list(call.agenda), step)


def wanted_help(onboarding: Onboarding, step: Step | None = None) -> Wanted:
    """“Do it with me”: a quarter of an hour with the owner."""
    agenda = [step.title] if step else []
    title = _("15 minutes of help")
    return Wanted("walk_through", title, HELP_MINUTES, _hosts(onboarding.owner), agenda, step)


def _hosts(staff: Staff | None) -> list[Staff]:
    """Who can take the call: the one whose part it is, and their stand-in."""
    either = [staff, staff.stand_in] if staff else []
    return list(dict.fromkeys(one for one in either if one and one.is_active))


def host_of(wanted: Wanted, ref: str | None) -> Staff:
    """The one of us with this ref who can hold the call, the first when none is named. Raises Refused."""
    found = next((one for one in wanted.hosts if ref in (None, one.ref)), None)
    if found is None:
        raise Refused(
            _("Whoever was chosen to hold this call can't. Choose a time with somebody shown here.")
        )
    return found


def picker(
    wanted: Wanted, guest: Person, *, host: str | None = None, reader: User | None = None
) -> Picker | None:
    """The times this guest can choose from, with the first host or the one whose ref is `host`; on days on which
    that one is away, with their stand-in. `reader` is who looks, when it isn't the guest."""
    chosen = next((one for one in wanted.hosts if host in (None, one.ref)), None)
    if chosen is None:
        return None
    now, reader = clock.now(), reader or guest
    times = _times(wanted, guest, reader, chosen, chosen)
    instead = chosen.stand_in if is_away_at(chosen, now) else None
    if instead and instead.is_active:
        times = sorted([*times, *_times(wanted, guest, reader, instead, chosen)], key=lambda time: time.start)
    return Picker(
        wanted=wanted,
        host=chosen,
        guest=guest,
        times=rules.listed(times, reader.zone),
        never=not rules.ever_overlap(diary(guest), diary(chosen, away=False), now),
        others=[one for one in wanted.hosts if one is not chosen],
        note=_who_stands_in(chosen),
        mixed=len({time.stand_in for time in times}) > 1,
    )


def _times(wanted: Wanted, guest: Person, reader: User, host: Staff, whose: Staff) -> list[Time]:
    """When this host and the guest can meet for a call that is `whose` part, for this reader."""
    now = clock.now()
    other: User = guest if reader.is_staff else host
    stand_in = "" if host is whose else host.called
    return [
        Time(start, other.called, other.zone, stand_in)
        for day in rules.free(diary(guest), diary(host), wanted.minutes, taken(host, now), now)
        for start, _end in day.slots
        if holder(whose, start) is host
    ]


def _who_stands_in(host: Staff) -> str:
    """Until when this host is away, and who holds their calls till then; empty while they are here."""
    if host.away_until is None or not is_away_at(host, clock.now()):
        return ""
    until = web.day(host.away_until)
    if host.stand_in and host.stand_in.is_active:
        return _(
            "%(name)s is away until %(date)s. A call before that is with %(other)s, who stands in.",
            name=host.called,
            date=until,
            other=host.stand_in.called,
        )
    return _("%(name)s is away until %(date)s.", name=host.called, date=until)


def times_to_move(call: Call, reader: User) -> list[tuple[date, list[tuple[str, str]]]]:
    """The other times for this call, on the reader's wall."""
    now, host = clock.now(), call.next_host or call.owner
    busy = taken(host, now, but=call)
    other: User = call.guest if reader.is_staff else host
    days = rules.free(diary(call.guest), diary(host), call.minutes, busy, now)
    times = [Time(start, other.called, other.zone) for day in days for start, _end in day.slots]
    kept = None if call.next_host else call.start
    return rules.listed([time for time in times if time.start != kept], reader.zone)


def why_no_times(call: Call, reader: User) -> str:
    """Why there is none to move this call to."""
    return Asked(
        call.guest, call.next_host or call.owner, call.span, reader, partial(taken, but=call)
    ).nowhere


def lock(onboarding_id: int) -> None:
    """One at a time changes a road; what was read before is read again."""
    db.session.scalar(select(Onboarding.id).where(Onboarding.id == onboarding_id).with_for_update())
    db.session.expire_all()


def locked(ref: str) -> Call:
    """The viewer's call, locked after its onboarding since logging it finishes a step; or 404."""
    lock(find_or_404(Call, ref).onboarding_id)
    return find_or_404(Call, ref, lock=True)
