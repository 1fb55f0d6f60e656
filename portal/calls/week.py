"""The calls of one week as staff have them: by day, on both walls, and what each of them still needs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from flask import url_for
from flask_babel import format_datetime
from flask_babel import gettext as _
from sqlalchemy import Select, or_
from sqlalchemy.orm import joinedload, selectinload

from portal import clock, db, web
from portal.access import visible
from portal.accounts.absence import covered_by
from portal.accounts.models import Staff
from portal.calendars import at
from portal.calls.forms import HeldForm
from portal.calls.models import Call, CallAttendee
from portal.calls.rules import STATES, CallState
from portal.onboardings.models import Onboarding

WEEK = timedelta(days=7)
TO_LOG = 20  # Shown at once; the rest follows when these are logged.


@dataclass(frozen=True)
class Week:
    """`first` is its Monday; `unlogged` are calls of any week that have begun, oldest first, each with its form."""

    first: date
    days: list[tuple[date, list[dict[str, Any]]]]
    unlogged: list[tuple[dict[str, Any], HeldForm]]
    count: int

    @property
    def last(self) -> date:
        return self.first + WEEK - timedelta(days=1)

    @property
    def before(self) -> date:
        return self.first - WEEK

    @property
    def after(self) -> date:
        return self.first + WEEK


def monday(text: str | None, today: date) -> date:
    """The Monday of the week of this ISO date; of today's when it is none, or beyond what a calendar shows."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        day = today
    if not 1970 < day.year < 9000:
        day = today
    return day - timedelta(days=day.weekday())


def week_of(reader: Staff, first: date, *, everybody: bool) -> Week:
    """The week from this Monday: the reader's calls and those of colleagues they stand in for, or everybody's."""
    whose = None if everybody else [reader, *covered_by(reader)]
    since, until = (at(day, time(), reader.zone) for day in (first, first + WEEK))
    calls = _read(_of(whose).where(Call.start >= since, Call.start < until))
    begun = _of(whose).where(Call.state == CallState.SCHEDULED, Call.start <= clock.now())
    days: dict[date, list[dict[str, Any]]] = {}
    for call in calls:
        days.setdefault(call.start.astimezone(reader.zone).date(), []).append(_line(call, reader))
    return Week(
        first,
        list(days.items()),
        [(_line(call, reader), _form(call)) for call in _read(begun.limit(TO_LOG))],
        sum(call.state is not CallState.CANCELLED for call in calls),
    )


def _of(whose: Sequence[Staff] | None) -> Select[tuple[Call]]:
    rows: Select[tuple[Call]] = visible(Call)
    ids = [one.id for one in whose or ()]
    return rows if whose is None else rows.where(or_(Call.owner_id.in_(ids), Call.next_host_id.in_(ids)))


def _read(rows: Select[tuple[Call]]) -> list[Call]:
    with_people = rows.options(
        joinedload(Call.onboarding).joinedload(Onboarding.account),
        joinedload(Call.owner),
        selectinload(Call.attendees).joinedload(CallAttendee.user),
    )
    return list(db.session.scalars(with_people.order_by(Call.start, Call.id)))


def _form(call: Call) -> HeldForm:
    form = HeldForm(formdata=None).called(call.ref)
    form.offer(call.onboarding, call)
    return form


def _line(call: Call, reader: Staff) -> dict[str, Any]:
    """One call: its time here and there, with whom, and what it needs."""
    guest = call.guest
    there = format_datetime(call.start.astimezone(guest.zone), "HH:mm", rebase=False)
    names = [] if call.owner_id == reader.id else [call.owner.called]
    return {
        "ref": call.ref,
        "day": web.day(call.start, "EEEdMMM"),
        "time": web.clock_time(call.start),
        "iso": call.start.isoformat(),
        "there": _("%(time)s in %(place)s", time=there, place=web.city(str(guest.zone))),
        "title": call.title,
        "minutes": call.minutes,
        "url": url_for("calls.desk", ref=call.ref, back="calls"),
        "account": call.onboarding.account.name,
        "who": ", ".join([*names, *_theirs(call)]),
        "needs": _needs(call),
        "came": "" if call.state is CallState.SCHEDULED else str(STATES[call.state]),
    }


def _theirs(call: Call) -> Iterable[str]:
    return (user.called for user in call.people if not user.is_staff)


def _needs(call: Call) -> str:
    """A log once it has begun; before that another time where its new host has none, or an agenda where neither the
    playbook nor anybody gave it one."""
    if call.waits_for_its_log:
        return _("needs its log")
    if call.needs_time:
        return _("needs another time")
    return _("needs an agenda") if call.is_ahead and not call.agenda else ""
