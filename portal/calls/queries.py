"""Which calls there are, which can be booked, and when."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from portal import clock, db
from portal.accounts.kinds import TeamRole
from portal.accounts.models import Person, Staff, User
from portal.calls import rules
from portal.calls.models import ATTENDABLE, Call, diary, partners_of, taken
from portal.calls.rules import CallState, Day
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


@dataclass(frozen=True)
class Picker:
    """The times to choose from with one host. `never`: the two working days share no hour; `others` may fit better."""

    wanted: Wanted
    host: Staff
    times: list[tuple[date, list[tuple[str, str]]]]
    never: bool
    others: list[Staff]


def calls_of(onboarding: Onboarding) -> tuple[list[Call], list[Call]]:
    """The calls ahead, soonest first, and those behind or cancelled, latest first."""
    rows = select(Call).where(Call.onboarding_id == onboarding.id).order_by(Call.start, Call.id)
    found = list(db.session.scalars(rows))
    return [c for c in found if c.is_ahead], [c for c in reversed(found) if not c.is_ahead]


def next_call(onboarding: Onboarding) -> dict[str, Any] | None:
    """The card of the call that comes next, for whoever looks."""
    rows = select(Call).where(
        Call.onboarding_id == onboarding.id, Call.state == CallState.SCHEDULED, Call.start > clock.now()
    )
    call = db.session.scalar(rows.order_by(Call.start, Call.id).limit(1))
    return card_of(call, current_user) if call else None


def card_of(call: Call, reader: User) -> dict[str, Any]:
    """What components/people.html's call_card shows: the time on both walls, and where to find more."""
    address = f"/o/{call.onboarding.ref}/calls/{call.ref}"
    links = [{"text": _("Add to calendar"), "url": f"{address}.ics"}]
    if call.join_link and call.is_ahead:
        links.insert(0, {"text": _("Join"), "url": call.join_link})
    when = call.when_for(reader, str(get_locale() or "en"))
    shown = when if call.is_ahead else _("%(when)s · %(state)s", when=when, state=rules.STATES[call.state])
    return {"title": call.title, "when": shown, "url": address, "links": links if call.is_ahead else []}


def call_at(step: Step) -> Call | None:
    """The call that was last booked for this step or its partner, unless it was cancelled or missed."""
    about = [step.id, *(partner.id for partner in partners_of(step))]
    rows = select(Call).where(Call.step_id.in_(about), Call.state.in_((CallState.SCHEDULED, CallState.HELD)))
    return db.session.scalar(rows.order_by(Call.id.desc()).limit(1))


def bookable(onboarding: Onboarding, viewer: Person) -> list[Wanted]:
    """What this person may book now: calls that open steps wait for, then a quarter of an hour of help."""
    if not onboarding.is_running:
        return []
    taken_care_of = {call.step_id for call in calls_of(onboarding)[0]}
    found: list[Wanted] = []
    for step in onboarding.steps:
        if (
            step.spec.call is None
            or not step.visible
            or step.state not in OPEN
            or not step.workable_by(viewer)
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
    host = onboarding.on_team(TeamRole(call.owner_role)) or onboarding.owner
    title = str(rules.KINDS[call.kind])
    return Wanted(call.kind, title, call.minutes, _hosts(host), list(call.agenda), step)


def wanted_help(onboarding: Onboarding, step: Step | None = None) -> Wanted:
    """“Do it with me”: a quarter of an hour with the owner."""
    agenda = [step.title] if step else []
    title = str(rules.KINDS["walk_through"])
    return Wanted("walk_through", title, HELP_MINUTES, _hosts(onboarding.owner), agenda, step)


def _hosts(staff: Staff | None) -> list[Staff]:
    """Who can take the call: the one whose part it is, unless away, and their stand-in."""
    either = [staff.acting, staff.stand_in] if staff else []
    return list(dict.fromkeys(one for one in either if one and one.is_active))


def picker(wanted: Wanted, guest: Person, *, host: str | None = None) -> Picker | None:
    """The times this person can choose from, with the first host or the one whose ref is `host`."""
    chosen = next((one for one in wanted.hosts if host in (None, one.ref)), None)
    if chosen is None:
        return None
    now, mine, theirs = clock.now(), diary(guest), diary(chosen)
    days = rules.free(mine, theirs, wanted.minutes, taken(chosen, now), now)
    others = [one for one in wanted.hosts if one is not chosen]
    times = rules.listed(days, guest.zone, chosen.called, chosen.zone)
    return Picker(wanted, chosen, times, not rules.ever_overlap(mine, theirs, now), others)


def times_to_move(call: Call, reader: User) -> list[tuple[date, list[tuple[str, str]]]]:
    """The other times for this call, on the reader's wall."""
    now = clock.now()
    days = rules.free(
        diary(call.guest), diary(call.owner), call.minutes, taken(call.owner, now, but=call), now
    )
    elsewhen = [Day(day.day, tuple(slot for slot in day.slots if slot[0] != call.start)) for day in days]
    return rules.listed(elsewhen, reader.zone, call.owner.called, call.owner.zone)
