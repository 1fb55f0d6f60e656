"""The staff's page of one onboarding, whichever tab is open and whatever was just refused on it."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import format_datetime, ngettext
from flask_babel import gettext as _
from flask_login import current_user

from portal import clock, db, uploads, web
from portal.activity.models import Audience
from portal.activity.queries import timeline
from portal.calls.queries import calls_of
from portal.desk import lines, queries
from portal.desk.forms import HoldForm, ReasonForm
from portal.desk.nav import desk_nav
from portal.messages.forms import MessageForm
from portal.messages.queries import page_of as messages_of
from portal.onboardings.models import Onboarding
from portal.onboardings.queries import waiting_on_us
from portal.onboardings.states import OnboardingState
from portal.onboardings.steps import Step
from portal.onboardings.words import (
    ONBOARDING_STATES,
    PORTAL_ROLES,
    SEGMENTS,
    STAKEHOLDER_ROLES,
    TEAM_ROLES,
)

HISTORY = 50
LATELY = 6
TABS = ("overview", "road", "people", "messages", "history")


def page(onboarding: Onboarding, tab: str, status: int = 200, **forms: Any) -> Any:
    """Render one tab. `forms` replaces the page's own forms by those that were refused; `refusal` is a sentence."""
    shown = {**_forms(), **forms}
    told = [form.problems for name, form in forms.items() if name != "refusal"]
    problems = [problem for listed in told for problem in listed]
    if refusal := shown.pop("refusal", ""):
        problems.insert(0, (None, str(refusal)))
    return render_template(
        "desk/account.html",
        nav=desk_nav("accounts"),
        onboarding=onboarding,
        account=onboarding.account,
        tab=tab,
        tabs=_tabs(onboarding, tab),
        problems=problems,
        tried=[name for name in forms if name != "refusal"],
        road=lines.road_for_staff(onboarding),
        head=_head(onboarding),
        **shown,
        **_OF_TAB[tab](onboarding),
    ), status


def _forms() -> dict[str, Any]:
    hold, cancel = HoldForm(formdata=None), ReasonForm(formdata=None)
    return {
        "hold_form": hold.called("hold"),
        "cancel_form": cancel.called("cancel"),
        "message_form": MessageForm(formdata=None),
        "refusal": "",
    }


def _tabs(onboarding: Onboarding, current: str) -> list[dict[str, Any]]:
    here = sum(person.is_active for person in onboarding.account.people)
    words = {
        "overview": _("Overview"),
        "road": _("Road"),
        "people": _("People %(n)s", n=here),
        "messages": _("Messages"),
        "history": _("History"),
    }
    return [{"text": words[key], "url": to(onboarding, key), "current": key == current} for key in TABS]


def to(onboarding: Onboarding, tab: str = "overview", **more: Any) -> str:
    """The address of one tab."""
    if tab != "overview":
        more["tab"] = tab
    return url_for("desk.account", ref=onboarding.account.ref, o=onboarding.ref, **more)


# --- The head -----------------------------------------------------------------------------------


def _head(onboarding: Onboarding) -> dict[str, Any]:
    account = onboarding.account
    there = format_datetime(clock.now().astimezone(account.zone), "HH:mm", rebase=False)
    place = web.city(account.time_zone)
    parts = [
        str(SEGMENTS[account.segment]),
        _(
            "%(book)s, %(days)s days",
            book=onboarding.playbook_version.document.name,
            days=onboarding.programme,
        ),
        _("%(time)s in %(place)s", time=there, place=place),
        ", ".join(member.staff.name for member in onboarding.team),
    ]
    kind, word, why = _standing(onboarding)
    return {
        "line": " · ".join(filter(None, parts)),
        "kind": kind,
        "word": word,
        "why": why,
        "lines": _pace(onboarding),
    }


def _standing(onboarding: Onboarding) -> tuple[str, str, str]:
    """Shape, word and reason: who has to move, or what the onboarding is instead."""
    state, since = onboarding.state, web.short_day(onboarding.ball_since)
    if hold := onboarding.hold:
        return "on_hold", _("On hold"), _("until %(date)s", date=web.day(hold.review_on))
    if state is OnboardingState.DRAFT:
        return "in_progress", _("Draft"), _("the customer sees nothing yet")
    if onboarding.graduated:
        return "done", _("Graduated"), web.day(onboarding.graduated_at)
    if not onboarding.is_running:
        return "on_hold", str(ONBOARDING_STATES[state]).capitalize(), onboarding.cancel_reason or ""
    today = onboarding.account.today
    if late := next((s for s in waiting_on_us(onboarding.steps) if s.due_on and s.due_on < today), None):
        why = _("“%(title)s” was due %(date)s", title=late.title, date=web.short_day(late.due_on))
        return "with_us", _("Waiting on us"), why
    words = {
        "us": ("with_us", _("Waiting on us")),
        "customer": ("todo", _("Customer's turn")),
    }
    kind, word = words.get(onboarding.ball, ("on_track", _("Nobody's turn")))
    return kind, word, _("since %(date)s", date=since)


def _pace(onboarding: Onboarding) -> list[str]:
    lines_ = [_("%(done)s of %(total)s items", done=onboarding.items_done, total=onboarding.items_total)]
    if onboarding.day < 0 and onboarding.is_running:
        lines_.append(_("starts %(date)s", date=web.day(onboarding.start_date)))
    elif onboarding.is_running:
        lines_.append(_("day %(day)s of %(days)s", day=onboarding.day, days=onboarding.programme))
        points = onboarding.pace
        if points >= 0:
            lines_.append(ngettext("%(num)s point ahead of plan", "%(num)s points ahead of plan", points))
        else:
            lines_.append(ngettext("%(num)s point behind plan", "%(num)s points behind plan", -points))
    return lines_


# --- The tabs -----------------------------------------------------------------------------------


def _overview(onboarding: Onboarding) -> dict[str, Any]:
    ahead, behind = calls_of(onboarding)
    past = timeline(onboarding.id, audience=Audience.STAFF, limit=LATELY)
    return {
        "now": lines.overview_of(onboarding),
        "next": _next(onboarding),
        "lately": lines.lately_of(past),
        "ahead": ahead,
        "behind": behind,
        "documents": uploads.documents(onboarding.id, for_staff=True),
        "others": queries.others_of(onboarding),
        "people": _people_rows(onboarding)[:6],
    }


def _next(onboarding: Onboarding) -> dict[str, Any] | None:
    """What we owe first: the reader's own before a colleague's."""
    ours = waiting_on_us(onboarding.steps) if onboarding.is_running else []
    if not ours:
        return None
    step: Step = min(ours, key=lambda step: step.assignee_id != current_user.id)
    due = _("due %(date)s", date=web.day(step.due_on)) if step.due_on else ""
    line = lines.line_of(step)
    whose = step.assignee.called if step.assignee and step.assignee_id != current_user.id else ""
    return {
        "title": step.title,
        "url": line.url,
        "label": _("Next for %(name)s", name=whose) if whose else _("Next for you"),
        "own": not whose,
        "text": ", ".join(filter(None, [due, line.waiting_text])),
        "button": _("Review it") if step.state == "submitted" else _("Open it"),
    }


def _people_rows(onboarding: Onboarding) -> list[dict[str, Any]]:
    return [
        {
            "name": person.name,
            "email": person.email,
            "role": str(PORTAL_ROLES[person.portal_role]),
            "who": ", ".join(str(STAKEHOLDER_ROLES[role]) for role in person.stakeholder_roles),
            "job": person.job_title or "",
            "seen": lines.seen_text(person),
            "never": person.is_active and person.joined_at is None,
        }
        for person in sorted(onboarding.account.people, key=lambda person: not person.is_active)
    ]


def _people(onboarding: Onboarding) -> dict[str, Any]:
    team = [(member.staff, str(TEAM_ROLES[member.role])) for member in onboarding.team]
    return {"people": _people_rows(onboarding), "team": team}


def _road(onboarding: Onboarding) -> dict[str, Any]:
    return {"stages": lines.stages_of(onboarding)}


def _messages(onboarding: Onboarding) -> dict[str, Any]:
    sid = request.values.get("step", "")
    about = next((step for step in onboarding.steps if step.ref == sid and step.visible), None)
    return {"thread": messages_of(onboarding), "about": about, "to_step": lines.address}


def _history(onboarding: Onboarding) -> dict[str, Any]:
    before = request.args.get("before", "")
    place = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    past = timeline(onboarding.id, audience=Audience.STAFF, limit=HISTORY + 1, before=place)
    earlier = past[HISTORY - 1].id if len(past) > HISTORY else None
    return {"days": lines.days_of(past[:HISTORY]), "earlier": earlier}


_OF_TAB = {
    "overview": _overview,
    "road": _road,
    "people": _people,
    "messages": _messages,
    "history": _history,
}


# --- After a change -----------------------------------------------------------------------------


def done(onboarding: Onboarding, said: str, tab: str = "overview") -> Any:
    """Back to the page, with what was done said on top."""
    flash(said, "done")
    return redirect(to(onboarding, tab), 303)


def refused(ref: str, oid: str, tab: str = "overview", **forms: Any) -> Any:
    """The page as it is without the change, with the reason on top and what was typed still there."""
    db.session.rollback()
    return page(queries.onboarding_of(ref, oid), tab, 409, **forms)
