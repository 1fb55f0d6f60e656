"""What each tab of an account shows."""

from collections.abc import Callable
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from portal import uploads, web
from portal.access import find_or_404, viewer
from portal.accounts.models import Person
from portal.calls.follow_up import who_of
from portal.calls.minimum import minimum_of
from portal.calls.models import Call
from portal.calls.queries import calls_of
from portal.desk import history, lines, meetings
from portal.desk.account_forms import ShareForm
from portal.desk.goals import goals_of
from portal.desk.nav import to
from portal.desk.overview import overview_of
from portal.desk.readiness_tab import readiness_of
from portal.desk.stakeholders import people_of
from portal.desk.usage_tab import usage_of
from portal.desk.waits import Open
from portal.messages.forms import MessageForm
from portal.messages.models import Message
from portal.messages.queries import page_of as messages_of
from portal.messages.queries import step_of
from portal.onboardings import files
from portal.onboardings.models import Onboarding
from portal.onboardings.promised import dated
from portal.onboardings.wave_choice import chosen_wave
from portal.onboardings.words import facts


def _road(now: Open) -> dict[str, Any]:
    onboarding, wave = now.onboarding, chosen_wave(now.onboarding, request.args.get("wave"))
    return {
        "stages": lines.stages_of(onboarding, now.calls, wave),
        "dates": {stage.key: dated(stage, wave, for_staff=True) for stage in onboarding.stages},
    }


def _messages(now: Open) -> dict[str, Any]:
    """An answer is about the step that the question is about, unless another, or none (`-`), is chosen."""
    onboarding, question = now.onboarding, now.thread.question if now.thread else None
    sid = request.values.get("step")
    asked_about = question.step.ref if question and question.step and question.step.visible else None
    about = step_of(onboarding, asked_about if sid is None else sid)
    before = request.args.get("before")
    start = find_or_404(Message, before, onboarding_id=onboarding.id) if before else None
    return {
        "message_form": MessageForm(formdata=None),
        "thread": messages_of(onboarding, before=start),
        "older": start is not None,
        "about": about,
        "question": question,
        "to_step": lines.address,
        "to": to,
    }


# --- Calls --------------------------------------------------------------------------------------


def _calls(now: Open) -> dict[str, Any]:
    """What is ahead, what is behind with what came of it, and the steps whose call nobody has booked yet."""
    ahead, behind = calls_of(now.onboarding, with_people=True)
    booked = meetings.by_step([*ahead, *behind])
    return {
        "minimum": minimum_of(now.onboarding, [*ahead, *behind]),
        "ahead": [_call(call) for call in ahead],
        "behind": [_call(call) for call in behind],
        "unbooked": [_unbooked(now.onboarding, step) for step in _wanting(now.onboarding, booked)],
    }


def _wanting(onboarding: Onboarding, booked: dict[int, Call]) -> list[Any]:
    """One step for each call: the one that is done by attending it, where there is one."""
    found: dict[str, Any] = {}
    for step in onboarding.steps:
        if step.spec.call and not step.is_closed and step.id not in booked:
            found[step.spec.call.kind] = step
    return list(found.values()) if onboarding.is_running else []


def _unbooked(onboarding: Onboarding, step: Any) -> dict[str, str]:
    due = _("by %(date)s", date=web.day(step.due_on, "EEEdMMM")) if step.due_on else ""
    to_book = url_for("calls.arrange", ref=onboarding.account.ref, sid=step.ref)
    return {"title": step.title, "due": due, "url": to_book}


def _call(call: Call) -> dict[str, Any]:
    """Title, when, who of both sides, what came of it; and what was agreed where it was held."""
    theirs = [user.called for user in call.people if isinstance(user, Person)]
    steps = [facts([one["text"], who_of(call, one)]) for one in call.next_steps or []]
    return {
        "title": call.title,
        "url": url_for("calls.desk", ref=call.ref),
        "when": meetings.when(call),
        "minutes": call.minutes,
        "who": facts([call.owner.called, *theirs]),
        "came": meetings.what_came(call),
        "notes": call.notes or "",
        "next_steps": steps,
    }


# --- Documents ----------------------------------------------------------------------------------


def _documents(now: Open) -> dict[str, Any]:
    onboarding, shelf = now.onboarding, files.Shelf(now.onboarding, viewer())
    found = uploads.documents(onboarding.id, for_staff=True)
    return {
        "documents": [
            _document(onboarding, one) | {"ref": one.ref, "removable": shelf.why_stays(one) is None}
            for one in found
        ],
        "share_form": ShareForm(formdata=None),
    }


def _document(onboarding: Onboarding, one: uploads.Document) -> dict[str, Any]:
    people = [*onboarding.account.people, *(member.staff for member in onboarding.team)]
    step = next((step for step in onboarding.steps if step.id == one.step_id), None)
    return {
        "name": one.name,
        "size": one.size_text,
        "url": url_for("desk.document", ref=onboarding.account.ref, o=onboarding.ref, document=one.ref),
        "who": next((user.called for user in people if user.id == one.uploader_id), _("a colleague")),
        "on": one.created_at,
        "about": step and {"title": step.title, "url": lines.address(onboarding, step)},
        "inside": one.audience is uploads.Audience.STAFF,
    }


TABS: dict[str, Callable[[Open], dict[str, Any]]] = {
    "overview": overview_of,
    "road": _road,
    "goals": goals_of,
    "readiness": readiness_of,
    "people": people_of,
    "calls": _calls,
    "usage": usage_of,
    "messages": _messages,
    "documents": _documents,
    "history": history.history_of,
}
