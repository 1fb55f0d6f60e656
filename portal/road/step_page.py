"""What the step page shows. Its line of state is in step_state, what can be done on it in step_offers."""

from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from portal import uploads, web
from portal.accounts.models import Person, User, provider
from portal.accounts.words import PORTAL_ROLES
from portal.calls.queries import call_at
from portal.handoffs.queries import told_at
from portal.messages.queries import talk_about
from portal.onboardings.answers import answers_of
from portal.onboardings.meter import road_of
from portal.onboardings.states import StepState
from portal.onboardings.steps import WORKABLE, Step
from portal.onboardings.whose import is_about, when
from portal.onboardings.words import STAGE_TITLES, facts, minutes
from portal.playbooks.kinds import PathOption
from portal.road.step_offers import may_hand, offers
from portal.road.step_state import said
from portal.usage.words import looks_for, so_far

NO_BREAK = "\N{NO-BREAK SPACE}"
PREFERENCES = "set_preferences"  # The item of the shipped playbook that is done on the page of preferences.
# What a link to this page may ask to find unfolded (`?do=hand`), and what the template calls it.
WISHES = {"hand": "hand", "not-now": "snooze", "block": "block", "leave-out": "leave_out"}


def page_of(step: Step, reader: User, refused: dict[str, Any], *, wish: str | None = None) -> dict[str, Any]:
    """Everything the template of the step page reads.

    `refused` are the forms that came back with errors, and under `conflict` what somebody else saved meanwhile.
    """
    items = step.stage.items
    place = items.index(step) + 1 if step in items else 0
    item = _("Item %(n)s of %(total)s", n=place, total=len(items)) if place else _("Optional")
    conflict = refused.get("conflict")
    told = told_at(step)
    offered = offers(step, reader, refused, told)
    opened = set(refused) or {WISHES.get(wish or "", "")}
    return {
        "onboarding": step.onboarding,
        "step": step,
        "spec": step.spec,
        "road": road_of(step.onboarding, step if step.state in WORKABLE else None, tag=item),
        "tag": item,
        "bar_text": _bar_text(step, place, len(items)),
        "ticket": _ticket(step, reader),
        "said": said(step, reader),
        "todo": _todo(step),
        "picture": step.spec.picture,
        "notes": _notes(step),
        "content": _content(step, reader),
        "files": _files(step),
        "documents": _document_rows(step),
        "shows": _shown(step),
        "told": told,
        **offered,
        "open_forms": opened,
        "on_top": next((name for name in WISHES.values() if name in opened and offered["can"][name]), ""),
        "conflict": conflict,
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


# --- The ticket ---------------------------------------------------------------------------------


def _ticket(step: Step, reader: User) -> list[dict[str, Any]]:
    """Takes · Who · By · Unlocks, as far as each is known."""
    shown: list[dict[str, Any]] = []
    if step.minutes:
        shown.append({"label": _("Takes"), "text": minutes(step.minutes).replace(" ", NO_BREAK)})
    who: dict[str, Any] = {"label": _("Who"), "text": _who(step, reader)}
    if step.is_customers and not step.is_closed and step.onboarding.is_running and may_hand(step, reader):
        who["link"] = {"text": _("change"), "url": "?do=hand#hand"}
    shown.append(who)
    if step.is_done:
        shown.append({"label": _("Done"), "text": web.day(step.done_at)})
    elif step.due_on and step.state is not StepState.SKIPPED:
        shown.append(_due(step, step.due_on))
    if step.spec.unlocks:
        shown.append({"label": _("Unlocks"), "text": step.spec.unlocks})
    return shown


def _due(step: Step, due: date) -> dict[str, str]:
    today = step.onboarding.account.today
    if not step.stage.is_open and is_about(step):
        return {"label": _("About"), "text": web.day(due)}
    return {"label": _("Planned for") if due < today else _("By"), "text": when(due, today)}


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


def _notes(step: Step) -> dict[str, str] | None:
    """Where the notes stand of the call from which the date of this step counts."""
    key = step.spec.due_rule.step
    first = step.beside(key) if key else None
    call = call_at(first) if first and first.spec.call and first.is_done else None
    if call is None or first is None:
        return None
    return {"title": first.title, "url": url_for("calls.show", oid=step.onboarding.ref, ref=call.ref)}


def _content(step: Step, reader: User) -> dict[str, Any]:
    """What only the template of this step's kind reads, in the shape of the component that shows it."""
    spec = step.spec
    if spec.checklist:
        return {"hints": {item.key: item.help for item in spec.checklist.items if item.help}}
    if spec.choose_path:
        return {"cards": {option.key: _card(option) for option in spec.choose_path.options}}
    if step.kind == "usage":
        return {"looks_for": looks_for(step), "so_far": "" if step.is_closed else so_far(step)}
    if step.key == PREFERENCES:
        here: dict[str, Any] = {"from": step.ref}
        return {"preferences": url_for("road.preferences", **here)}
    if step.kind == "invite":
        people = [person for person in step.onboarding.account.people if person.is_active]
        return {"here": [_line_of(person) for person in people], "is_alone": not step.has_company(reader)}
    return {}


def _card(option: PathOption) -> dict[str, str]:
    return {
        "title": option.title,
        "get": option.you_get,
        "takes": option.takes,
        "suits": option.suits,
        "first_value": option.first_value_in,
    }


def _line_of(person: Person) -> dict[str, Any]:
    absent = "" if person.joined_at else _("not here yet")
    return {"name": person.name, "line": facts([PORTAL_ROLES[person.portal_role], absent]), "us": False}


def _shown(step: Step) -> dict[str, Any] | None:
    """The earlier step that an approval is about: its answers, its files, and its address when they can open it."""
    key = step.spec.approve.shows if step.spec.approve else None
    about = step.beside(key) if key else None
    if about is None or not about.is_done:
        return None
    url = url_for("road.step", oid=step.onboarding.ref, sid=about.ref) if about.visible else ""
    return {
        "title": about.title,
        "url": url,
        "answers": answers_of(about, about.data),
        "files": _document_rows(about),
    }


# --- Files --------------------------------------------------------------------------------------


def _document_rows(step: Step) -> list[dict[str, str]]:
    """The files that came with a step, ready for the list of files."""
    oid = step.onboarding.ref
    found = uploads.documents(step.onboarding_id, for_staff=False, step_id=step.id)
    return [
        {"name": d.name, "url": url_for("road.document", oid=oid, ref=d.ref), "size": d.size_text}
        for d in found
    ]


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


def _neighbour(step: Step, way: int) -> dict[str, str] | None:
    shown = [s for s in step.onboarding.steps if s.visible and s.state is not StepState.SKIPPED]
    if step not in shown:
        return None
    place = shown.index(step) + way
    if not 0 <= place < len(shown):
        return None
    other = shown[place]
    return {"title": other.title, "url": url_for("road.step", oid=other.onboarding.ref, sid=other.ref)}
