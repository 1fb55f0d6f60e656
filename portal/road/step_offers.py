"""What a reader may do on the page of a step, and the forms and choices with which they do it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from flask_babel import gettext as _
from wtforms.fields import SelectChoice

from portal import web
from portal.accounts.kinds import PortalRole
from portal.accounts.models import Account, Person, Staff, User
from portal.calls import queries as calls
from portal.calls.cards import card_of
from portal.calls.forms import BookForm, choices_of
from portal.handoffs.queries import Told
from portal.onboardings.forms import HandForm, work_form
from portal.onboardings.states import StepState
from portal.onboardings.steps import WORKABLE, Step
from portal.road.forms import BlockForm, DeclineForm, HelpForm, LeaveOutForm, SnoozeForm

A_DAY = timedelta(days=1)

Forms = Mapping[str, Any]


def offers(step: Step, reader: User, refused: Forms, told: Told | None) -> dict[str, Any]:
    """What the template asks before it shows a button, and the forms behind them; `told` fills in the step's own.

    `refused` are the forms that come back with errors, by name. Such a form is shown once more, wherever the step
    stands by now: nobody's words are lost.
    """
    theirs = is_theirs(step, reader)
    turn = theirs and step.with_them
    stuck = theirs and (step.state in WORKABLE or step.state is StepState.LOCKED)
    return {
        **_forms(step, reader, refused, told),
        "can_work": (theirs and step.state in WORKABLE and step.waits_for is None) or "work" in refused,
        "can_undo": theirs and step.undoable_by(reader),
        "can_unblock": theirs and step.state is StepState.BLOCKED,
        "can_decline": turn or "decline" in refused,
        "can": {
            "block": turn or "block" in refused,
            "do_it": theirs and step.state in WORKABLE and step.spec.can_do_for_you,
            "leave_out": (stuck and not step.is_gate and not step.asked_to_skip) or "leave_out" in refused,
            "snooze": turn or "snooze" in refused,
            "hand": (stuck and may_hand(step, reader)) or "hand" in refused,
        },
        "can_take": stuck and may_hand(step, reader) and step.assignee_id != reader.id,
        "not_here": _not_here(step, reader),
        "clearers": _clearers(step),
        "days": [d for d in later_days(step.due_on, step.onboarding.account) if d.day <= step.latest_return],
        "booking": _booking(step, reader, theirs) if step.spec.call else None,
    }


def is_theirs(step: Step, reader: User) -> bool:
    """Whether this reader may work on it, today or once it opens."""
    return step.workable_by(reader) and step.onboarding.is_running


def may_hand(step: Step, reader: User) -> bool:
    """Admins hand out their company's items, save those that one of us has taken on."""
    return isinstance(reader, Person) and reader.is_admin and not isinstance(step.assignee, Staff)


def _forms(step: Step, reader: User, refused: Forms, told: Told | None) -> dict[str, Any]:
    """Every form of the page: as it came back, or empty."""
    return {
        "work": refused.get("work") or work_form(step, finishing=False, fresh=True, told=told),
        "hand": _hand(step, reader, refused.get("hand") or HandForm(formdata=None)),
        "block": refused.get("block") or BlockForm(formdata=None),
        "help_form": refused.get("help") or HelpForm(formdata=None),
        "snooze": refused.get("snooze") or SnoozeForm(formdata=None),
        "leave_out": refused.get("leave_out") or LeaveOutForm(formdata=None),
        "decline": refused.get("decline") or DeclineForm(formdata=None),
    }


def _hand(step: Step, reader: User, form: HandForm) -> HandForm:
    """The reader's colleagues, nobody chosen beforehand; empty when there is nobody else who could do it."""
    people = step.onboarding.account.people
    others = [p for p in people if p.id not in (reader.id, step.assignee_id) and step.could_be_done_by(p)]
    form.offer(others, [])
    if form.person.choices:
        form.person.choices = [SelectChoice("", _("Choose a colleague")), *form.person.choices]
    return form


def _not_here(step: Step, reader: User) -> list[str]:
    """Colleagues who were invited or suggested and haven't come yet; to the former it can be handed all the same."""
    known = (reader.id, step.assignee_id)
    roles = {PortalRole.ADMIN} if step.is_agreement else {PortalRole.ADMIN, PortalRole.TEAMMATE}
    people = [p for p in step.onboarding.account.people if p.is_active and p.id not in known]
    return [p.called for p in people if p.joined_at is None and p.portal_role in roles]


def _clearers(step: Step) -> list[str]:
    """Who is suggested as able to clear what is in the way: everybody on this road."""
    people = [person.name for person in step.onboarding.account.people if person.is_active]
    return [*people, *dict.fromkeys(member.staff.name for member in step.onboarding.team)]


# --- Not now ------------------------------------------------------------------------------------


class Later(NamedTuple):
    """A day on which a step may come back, as a button says it."""

    day: date
    word: str

    @property
    def date_text(self) -> str:
        return web.day(self.day, "EEEdMMM")


def later_days(due: date | None, account: Account) -> list[Later]:
    """Up to three working days to choose from: the next one, one in a week, the last one before it is due."""
    today, calendar = account.today, account.calendar
    soon = calendar.add_working_days(today, 1)
    offered = [
        Later(soon, _("Tomorrow") if soon == today + A_DAY else _("Next working day")),
        Later(calendar.next_working_day(today + 7 * A_DAY), _("In a week")),
    ]
    if due is not None:
        offered.append(Later(calendar.previous_working_day(due - A_DAY), _("Before it is due")))
    first = {later.day: later for later in reversed(offered) if later.day > today}
    return sorted(first.values())


# --- The call that a step asks for --------------------------------------------------------------


def _booking(step: Step, reader: User, theirs: bool) -> dict[str, Any]:
    """Its card once booked, else the times to choose from: one call at a time, until it has been logged."""
    call = calls.call_at(step)
    if call is not None and (call.state == "scheduled" or step.is_closed):
        return {"card": card_of(call, reader), "picker": None, "form": None}
    if not isinstance(reader, Person) or not theirs or step.state not in WORKABLE:
        return {"card": None, "picker": None, "form": None}
    form = BookForm(formdata=None)
    others = [p for p in step.onboarding.account.people if p.may_enter and p.id != reader.id]
    form.people.choices = choices_of(others)
    return {"card": None, "picker": calls.picker(calls.wanted_for(step), reader), "form": form}
