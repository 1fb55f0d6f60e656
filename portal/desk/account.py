"""The staff's page of one onboarding, whichever tab is open and whatever was just refused on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from portal import uploads, web
from portal.access import Can, find_or_404, viewer
from portal.accounts.words import PORTAL_ROLES, STAKEHOLDER_ROLES, TEAM_ROLES
from portal.activity.models import Audience
from portal.activity.queries import timeline
from portal.calls.models import Call
from portal.calls.queries import calls_of
from portal.desk import lines, meetings, past, queries, waits
from portal.desk.forms import HoldForm, InviteForm, ReasonForm, StartForm
from portal.desk.head import head_of
from portal.desk.nav import desk_nav, way_back
from portal.desk.waits import Wait
from portal.errors import Refused
from portal.forms import Form
from portal.messages.forms import MessageForm
from portal.messages.models import Message, Thread
from portal.messages.queries import page_of as messages_of
from portal.messages.queries import step_of, waiting
from portal.onboardings.meter import expected_on
from portal.onboardings.models import Onboarding
from portal.onboardings.people import is_taken
from portal.onboardings.words import facts

HISTORY = 50
LATELY = 6
TABS = ("overview", "road", "people", "messages", "history")


def page(onboarding: Onboarding, tab: str, status: int = 200, **forms: Any) -> Any:
    """Render one tab. `forms` replaces the page's own forms by those that were refused."""
    shown = {**_forms(), **forms}
    problems = [problem for form in forms.values() for problem in form.problems]
    open_now = _open_now(onboarding)
    return render_template(
        "desk/account.html",
        nav=desk_nav("accounts"),
        onboarding=onboarding,
        account=onboarding.account,
        tab=tab,
        tabs=_tabs(onboarding, tab, open_now.thread),
        problems=problems,
        tried=[name for name in forms if name != "button"],
        road=lines.road_for_staff(onboarding),
        head=head_of(onboarding, open_now.waits),
        **shown,
        **_OF_TAB[tab](open_now),
    ), status


@dataclass(frozen=True)
class Open:
    """What waits on us here, oldest promise first, the thread if its last word is the customer's, and the calls ahead
    and behind."""

    onboarding: Onboarding
    waits: list[Wait]
    thread: Thread | None
    ahead: list[Call]
    behind: list[Call]

    @property
    def calls(self) -> dict[int, Call]:
        """The call of each step, by the step's id."""
        return meetings.by_step([*self.ahead, *self.behind])


def _open_now(onboarding: Onboarding) -> Open:
    thread = waiting([onboarding.id]).get(onboarding.id)
    ahead, behind = calls_of(onboarding)
    found = waits.waits_of(onboarding, onboarding.steps, thread, behind)
    return Open(onboarding, found, thread, ahead, behind)


def _forms() -> dict[str, Any]:
    hold, cancel = HoldForm(formdata=None), ReasonForm(formdata=None)
    return {
        "hold_form": hold.called("hold"),
        "cancel_form": cancel.called("cancel"),
        "start_form": StartForm(formdata=None).called("start"),
        "message_form": MessageForm(formdata=None),
        "invite_form": InviteForm(formdata=None).called("invite"),
    }


def _tabs(onboarding: Onboarding, current: str, thread: Thread | None) -> list[dict[str, Any]]:
    here = sum(person.is_active for person in onboarding.account.people)
    unanswered = thread.unanswered if thread else 0
    words = {
        "overview": _("Overview"),
        "road": _("Road"),
        "people": _("People %(n)s", n=here),
        "messages": _("Messages %(n)s", n=unanswered) if unanswered else _("Messages"),
        "history": _("History"),
    }
    notes = {"messages": _("unanswered")} if unanswered else {}
    return [
        {
            "text": words[key],
            "url": to(onboarding, key),
            "current": key == current,
            "note": notes.get(key, ""),
        }
        for key in TABS
    ]


def to(onboarding: Onboarding, tab: str = "overview", **more: Any) -> str:
    """The address of one tab."""
    if tab != "overview":
        more["tab"] = tab
    return url_for("desk.account", ref=onboarding.account.ref, o=onboarding.ref, **more)


# --- The tabs -----------------------------------------------------------------------------------


def _overview(now: Open) -> dict[str, Any]:
    onboarding = now.onboarding
    calls = now.calls
    lately = timeline(onboarding.id, onboarding.account_id, audience=Audience.STAFF, limit=LATELY)
    bars = [_next(onboarding, one, calls) for one in sorted(now.waits, key=waits.readers_first)]
    return {
        "now": lines.overview_of(onboarding, calls),
        "next": bars[0] if bars else None,
        "besides": [bar for bar in bars[1:] if bar["is_spoken"]],
        "lately": past.lately_of(lately),
        "ahead": [(call, "") for call in now.ahead],
        "behind": [(call, meetings.what_came(call)) for call in now.behind],
        "documents": uploads.documents(onboarding.id, for_staff=True),
        "others": queries.others_of(onboarding),
        "people": _people_rows(onboarding)[:6],
        "first_value": _first_value(onboarding),
        "graduation": _graduation(onboarding),
    }


def _next(onboarding: Onboarding, wait: Wait, calls: Mapping[int, Call]) -> dict[str, Any]:
    """What the bar says: whose it is, what it is, by when we promised it, and the way there. `is_spoken`: it is about
    a talk with the customer and not an item, so it stands on this page whatever stands before it."""
    if wait.question is not None:
        said = _answer(onboarding, wait, wait.question)
    elif wait.call is not None:
        said = _log(wait.call)
    else:
        said = _do(wait, calls)
    return {
        **said,
        "label": waits.next_for(wait),
        "own": wait.is_viewers,
        "may": wait.open_to_viewer,
        "is_spoken": wait.step is None,
    }


def _log(call: Call) -> dict[str, str]:
    """A call that has begun and that nobody has logged: its host is asked what came of it."""
    whose = _("you") if call.owner_id == viewer().id else call.owner.called
    return {
        "title": _("Log the call: %(title)s", title=call.title),
        "text": _("%(when)s, with %(who)s", when=meetings.when(call), who=whose),
        "url": url_for("calls.desk", ref=call.ref) if viewer().may(Can.LOG_CALL) else "",
        "button": _("Log the call"),
    }


def _answer(onboarding: Onboarding, wait: Wait, question: Message) -> dict[str, str]:
    about = _("on “%(title)s”", title=question.step.title) if question.step else ""
    asked = _("asked on %(date)s", date=web.day(wait.since))
    promised = _("answer promised for %(date)s", date=web.day(wait.by)) if wait.by else ""
    return {
        "title": _("%(asks)s: %(text)s", asks=waits.asks(wait), text=waits.excerpt(question)),
        "text": facts([about, asked, promised]),
        "url": to(onboarding, "messages", _anchor="write"),
        "button": _("Answer %(who)s", who=question.author.called),
    }


def _do(wait: Wait, calls: Mapping[int, Call]) -> dict[str, str]:
    step = wait.step
    assert step is not None
    day = web.day(wait.by)
    promised = _("promised for %(date)s", date=day) if wait.promised else _("due %(date)s", date=day)
    line = lines.line_of(step, calls.get(step.id))
    waits_for = "" if step.with_us and not wait.is_review else line.waiting_text
    return {
        "title": step.title,
        "text": facts([waits_for, day and promised]),
        "url": line.url,
        "button": _("Review it") if wait.is_review else _("Open it"),
    }


def _first_value(onboarding: Onboarding) -> str:
    """When first value was seen; else the day planned at the start beside the one that today's progress leads to."""
    if onboarding.first_value_on:
        return _("seen %(date)s", date=web.short_day(onboarding.first_value_on))
    return _ahead(onboarding, onboarding.first_value_due)


def _graduation(onboarding: Onboarding) -> str:
    """When they graduated; else the day planned beside the one that today's progress leads to."""
    if onboarding.graduated_at:
        return web.day(onboarding.graduated_at, "EEEdMMM")
    return _ahead(onboarding, onboarding.target_graduation)


def _ahead(onboarding: Onboarding, planned_on: date) -> str:
    planned = _("planned %(date)s", date=web.short_day(planned_on))
    if not onboarding.is_running:
        return planned
    forecast = _("forecast %(date)s", date=web.short_day(expected_on(onboarding, planned_on)))
    return f"{planned} · {forecast}"


def _people_rows(onboarding: Onboarding) -> list[dict[str, Any]]:
    return [
        {
            "name": person.name,
            "email": person.shown_email,
            "role": str(PORTAL_ROLES[person.portal_role]),
            "who": facts(STAKEHOLDER_ROLES[role] for role in person.stakeholder_roles),
            "job": person.job_title or "",
            "seen": lines.seen_text(person),
            "never": person.is_active and person.joined_at is None,
            "invited": person.invited_at is not None,
            "ref": person.ref,
            "taken": is_taken(person),
        }
        for person in sorted(onboarding.account.people, key=lambda person: not person.is_active)
    ]


def _people(now: Open) -> dict[str, Any]:
    team = [(member.staff, str(TEAM_ROLES[member.role])) for member in now.onboarding.team]
    return {"people": _people_rows(now.onboarding), "team": team}


def _road(now: Open) -> dict[str, Any]:
    return {"stages": lines.stages_of(now.onboarding, now.calls)}


def _messages(now: Open) -> dict[str, Any]:
    """An answer is about the step that the question is about, unless another, or none (`-`), is chosen."""
    onboarding, question = now.onboarding, now.thread.question if now.thread else None
    sid = request.values.get("step")
    asked_about = question.step.ref if question and question.step and question.step.visible else None
    about = step_of(onboarding, asked_about if sid is None else sid)
    before = request.args.get("before")
    start = find_or_404(Message, before, onboarding_id=onboarding.id) if before else None
    return {
        "thread": messages_of(onboarding, before=start),
        "older": start is not None,
        "about": about,
        "question": question,
        "to_step": lines.address,
        "to": to,
    }


def _history(now: Open) -> dict[str, Any]:
    onboarding, before = now.onboarding, request.args.get("before", "")
    place = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    found = timeline(
        onboarding.id, onboarding.account_id, audience=Audience.STAFF, limit=HISTORY + 1, before=place
    )
    earlier = found[HISTORY - 1].id if len(found) > HISTORY else None
    return {"days": past.days_of(found[:HISTORY]), "earlier": earlier}


_OF_TAB = {
    "overview": _overview,
    "road": _road,
    "people": _people,
    "messages": _messages,
    "history": _history,
}


# --- After a change -----------------------------------------------------------------------------


def attempt(onboarding: Onboarding, tab: str, act: Callable[[], str], **sent: Form) -> Any:
    """Do `act` once the one form in `sent` is right, and go back to `tab` with the sentence it returns on top.

    What is wrong, or why it was refused, is said on the same tab with what was typed still there.
    """
    (form,) = sent.values()
    if not form.validate():
        return page(onboarding, tab, 422, **sent)
    ref, oid = onboarding.account.ref, onboarding.ref
    try:
        said = act()
    except Refused as refusal:
        status = form.refuse(refusal)
        return page(queries.onboarding_of(ref, oid), tab, status, **sent)
    flash(said, "done")
    return redirect(way_back(to(onboarding, tab)), 303)
