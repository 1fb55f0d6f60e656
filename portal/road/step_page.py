"""What the step page shows: its ticket, its form, the ways out when stuck. Its line of state is in step_state."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from wtforms.fields import SelectChoice

from portal import uploads, web
from portal.accounts.models import Person, Staff, User, provider
from portal.calls import queries as calls
from portal.calls.forms import BookForm
from portal.messages.queries import talk_about
from portal.onboardings.answers import answers_of
from portal.onboardings.forms import HandForm, work_form
from portal.onboardings.meter import is_about, minutes, road_of, when
from portal.onboardings.states import CUSTOMERS_TURN, StepState
from portal.onboardings.steps import WORKABLE, Step
from portal.onboardings.words import PORTAL_ROLES, STAGE_TITLES
from portal.road.forms import BlockForm, DeclineForm, HelpForm, LeaveOutForm, SnoozeForm
from portal.road.step_state import said

# What a link to this page may ask to find unfolded (`?do=hand`), and what the template calls it.
WISHES = {"hand": "hand", "not-now": "snooze", "block": "block", "leave-out": "leave_out"}


def page_of(step: Step, reader: User, forms: dict[str, Any], *, wish: str | None = None) -> dict[str, Any]:
    """Everything the template of the step page reads; `forms` are those that came back with errors."""
    onboarding = step.onboarding
    items = step.stage.items
    place = items.index(step) + 1 if step in items else 0
    item = _("Item %(n)s of %(total)s", n=place, total=len(items)) if place else _("Optional")
    conflict = forms.get("conflict")
    return {
        "onboarding": onboarding,
        "step": step,
        "spec": step.spec,
        "road": road_of(onboarding, step if step.state in WORKABLE else None, tag=item),
        "tag": item,
        "bar_text": _bar_text(step, place, len(items)),
        "ticket": _ticket(step, reader),
        "said": said(step, reader),
        "todo": _todo(step),
        "picture": step.spec.picture,
        "files": _files(step),
        "documents": document_rows(step),
        "shows": _shown(step),
        "portal_roles": PORTAL_ROLES,
        **_forms_of(step, forms),
        **_may(step, reader, forms),
        "open_forms": set(forms) | {WISHES.get(wish or "", "")},
        "conflict": conflict,
        "booking": _booking(step, reader, _is_theirs(step, reader)) if step.spec.call else None,
        "talk": talk_about(step),
        "before": _neighbour(step, -1),
        "after": _neighbour(step, +1),
        "answers": answers_of(step, step.data),
        "mine": answers_of(step, conflict.yours) if conflict else [],
    }


def _bar_text(step: Step, place: int, total: int) -> str:
    """The right end of the phone's bar."""
    stage = STAGE_TITLES[step.stage.key]
    return _("%(stage)s, item %(n)s of %(total)s", stage=stage, n=place, total=total) if place else ""


def _forms_of(step: Step, forms: dict[str, Any]) -> dict[str, Any]:
    """Every form of the page: as it came back, or empty."""
    return {
        "work": forms.get("work") or work_form(step, finishing=False, fresh=True),
        "hand": _hand(step, forms),
        "block": forms.get("block") or BlockForm(formdata=None),
        "help_form": forms.get("help") or HelpForm(formdata=None),
        "snooze": forms.get("snooze") or SnoozeForm(formdata=None),
        "leave_out": forms.get("leave_out") or LeaveOutForm(formdata=None),
        "decline": forms.get("decline") or DeclineForm(formdata=None),
    }


def _is_theirs(step: Step, reader: User) -> bool:
    return step.workable_by(reader) and step.onboarding.is_running


def _may(step: Step, reader: User, forms: dict[str, Any]) -> dict[str, Any]:
    """What the reader may do here now.

    A form that was refused is shown once more, wherever the step stands by now: nobody's words are lost.
    """
    yours = _is_theirs(step, reader)
    turn = yours and step.state in CUSTOMERS_TURN
    stuck = yours and (step.state in WORKABLE or step.state is StepState.LOCKED)
    return {
        "can_work": (yours and step.state in WORKABLE and step.waits_for is None) or "work" in forms,
        "can_undo": step.undoable_by(reader) and yours,
        "can_unblock": yours and step.state is StepState.BLOCKED,
        "can_decline": (turn and step.waits_for is None) or "decline" in forms,
        "can": {
            "block": turn or "block" in forms,
            "do_it": yours and step.state in WORKABLE and step.spec.can_do_for_you,
            "leave_out": (stuck and not step.is_gate and not step.asked_to_skip) or "leave_out" in forms,
            "snooze": turn or "snooze" in forms,
            "hand": (stuck and _is_admin(reader) and not isinstance(step.assignee, Staff)) or "hand" in forms,
        },
    }


def _is_admin(reader: User) -> bool:
    return isinstance(reader, Person) and reader.is_admin


def document_rows(step: Step) -> list[dict[str, str]]:
    """The files that came with a step, ready for the list of files."""
    oid = step.onboarding.ref
    found = uploads.documents(step.onboarding_id, for_staff=False, step_id=step.id)
    return [
        {"name": d.name, "url": url_for("road.document", oid=oid, ref=d.ref), "size": d.size_text}
        for d in found
    ]


def _booking(step: Step, reader: User, yours: bool) -> dict[str, Any]:
    """The call that this step asks for: its card once booked, else the times to choose from."""
    call = calls.call_at(step)
    if call is not None and (call.is_ahead or step.is_closed):
        return {"card": calls.card_of(call, reader), "picker": None, "form": None}
    if not isinstance(reader, Person) or not yours or step.state not in WORKABLE:
        return {"card": None, "picker": None, "form": None}
    form = BookForm(formdata=None)
    others = [p for p in step.onboarding.account.people if p.may_enter and p.id != reader.id]
    form.people.choices = [SelectChoice(p.ref, p.name) for p in others]
    return {"card": None, "picker": calls.picker(calls.wanted_for(step), reader), "form": form}


# --- The ticket ---------------------------------------------------------------------------------


def _ticket(step: Step, reader: User) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = []
    if step.minutes:
        facts.append({"label": _("Takes"), "text": minutes(step.minutes)})
    who: dict[str, Any] = {"label": _("Who"), "text": _who(step, reader)}
    theirs = step.is_customers and not isinstance(step.assignee, Staff) and not step.is_closed
    if theirs and _is_admin(reader) and step.onboarding.is_running:
        who["link"] = {"text": _("change"), "url": "?do=hand#hand"}
    facts.append(who)
    if step.is_done:
        facts.append({"label": _("Done"), "text": web.day(step.done_at)})
    elif step.due_on and step.state is not StepState.SKIPPED:
        facts.append(_due(step))
    if step.spec.unlocks:
        facts.append({"label": _("Unlocks"), "text": step.spec.unlocks})
    return facts


def _due(step: Step) -> dict[str, str]:
    today = step.onboarding.account.today
    if step.due_on is None:
        return {}
    if not step.stage.is_open and is_about(step):
        return {"label": _("About"), "text": web.day(step.due_on)}
    return {"label": _("Planned for") if step.due_on < today else _("By"), "text": when(step.due_on, today)}


def _who(step: Step, reader: User) -> str:
    if step.assignee is None:
        company = step.onboarding.account.name
        return _("anyone at %(company)s", company=company) if step.is_customers else provider().name
    return _("you") if step.assignee_id == reader.id else step.assignee.name


# --- What it is about ---------------------------------------------------------------------------


def _todo(step: Step) -> list[dict[str, Any]]:
    """The numbered lines; *Open settings* is built from the provider's product address, hidden without one."""
    base = provider().product_base_url
    lines: list[dict[str, Any]] = []
    for line in step.spec.you:
        link = (
            {"text": _("Open settings"), "url": base.rstrip("/") + line.path} if base and line.path else None
        )
        lines.append({"text": line.text, "link": link})
    return lines


def _files(step: Step) -> list[dict[str, str]]:
    oid, sid = step.onboarding.ref, step.ref
    return [
        {
            "name": file.label,
            "url": url_for("road.step_file", oid=oid, sid=sid, name=file.name),
            "size": web.file_size(web.playbook_file(file.name).stat().st_size),
        }
        for file in step.spec.files
    ]


def _shown(step: Step) -> dict[str, Any] | None:
    """The earlier step that an approval is about: its answers, its files, and its address when they can open it."""
    key = step.spec.approve.shows if step.spec.approve else None
    about = step.onboarding.step_called(key) if key else None
    if about is None or not about.is_done:
        return None
    url = url_for("road.step", oid=step.onboarding.ref, sid=about.ref) if about.visible else ""
    return {
        "title": about.title,
        "url": url,
        "answers": answers_of(about, about.data),
        "files": document_rows(about),
    }


def _hand(step: Step, forms: dict[str, Any]) -> HandForm:
    if "hand" in forms:
        form: HandForm = forms["hand"]
        return form
    form = HandForm(formdata=None, person=step.assignee.ref if step.assignee else None)
    form.offer(step.onboarding.account.people, [])
    return form


def _neighbour(step: Step, way: int) -> dict[str, str] | None:
    shown = [s for s in step.onboarding.steps if s.visible and s.state is not StepState.SKIPPED]
    if step not in shown:
        return None
    place = shown.index(step) + way
    if not 0 <= place < len(shown):
        return None
    other = shown[place]
    return {"title": other.title, "url": url_for("road.step", oid=other.onboarding.ref, sid=other.ref)}
