"""The staff's page of one onboarding, whichever tab is open and whatever was just refused on it."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from portal.desk import day_page, lines, queries, standing
from portal.desk.account_forms import eyes_of
from portal.desk.day_entries import Tried
from portal.desk.head import head_of
from portal.desk.nav import desk_nav, follow_up_at, from_day, to, way_back
from portal.desk.tabs import TABS
from portal.desk.waits import open_now
from portal.errors import Refused
from portal.forms import Form
from portal.messages.models import Thread
from portal.onboardings.models import Onboarding
from portal.onboardings.wave_choice import chosen_wave, ways


def page(onboarding: Onboarding, tab: str, status: int = 200, **forms: Any) -> Any:
    """Render one tab. `forms` replaces the tab's own forms by those that were refused."""
    problems = [problem for form in forms.values() for problem in form.problems]
    now = open_now(onboarding)
    wave = chosen_wave(onboarding, request.args.get("wave") if tab in ("overview", "road") else None)
    shown = {**TABS[tab](now), **forms}
    return render_template(
        "desk/account.html",
        nav=desk_nav("accounts"),
        onboarding=onboarding,
        account=onboarding.account,
        tab=tab,
        tabs=_tabs(onboarding, tab, now.thread),
        problems=problems,
        tried=[name for name in forms if name != "button"],
        road=lines.road_for_staff(onboarding, wave),
        waves_ways=ways(onboarding, wave, o=onboarding.ref) if tab in ("overview", "road") else [],
        head=head_of(now),
        health=standing.whole_of(onboarding),
        follow_url=follow_up_at(onboarding),
        **{"eyes_form": eyes_of(onboarding), **shown},
    ), status


def has_tab(onboarding: Onboarding, tab: str) -> bool:
    """Whether this road has anything to show there."""
    return tab != "readiness" or onboarding.playbook_version.document.kit is not None


def _tabs(onboarding: Onboarding, current: str, thread: Thread | None) -> list[dict[str, Any]]:
    here = sum(person.is_active for person in onboarding.account.people)
    unanswered = thread.unanswered if thread else 0
    words = {
        "overview": _("Overview"),
        "road": _("Road"),
        "goals": _("Goals"),
        "plan": _("Plan"),
        "readiness": _("Readiness"),
        "people": _("People %(n)s", n=here),
        "calls": _("Calls"),
        "usage": _("Usage"),
        "messages": _("Messages %(n)s", n=unanswered) if unanswered else _("Messages"),
        "documents": _("Documents"),
        "history": _("History"),
    }
    notes = {"messages": _("unanswered")} if unanswered else {}
    return [
        {
            "text": words[key],
            "url": _address(onboarding, key),
            "current": key == current,
            "note": notes.get(key, ""),
        }
        for key in words
        if has_tab(onboarding, key)
    ]


def _address(onboarding: Onboarding, tab: str) -> str:
    """The plan has a page of its own."""
    if tab == "plan":
        return url_for("plans.desk", ref=onboarding.account.ref, o=onboarding.ref)
    return to(onboarding, tab)


# --- After a change -----------------------------------------------------------------------------


def attempt(onboarding: Onboarding, tab: str, act: Callable[[], str], **sent: Form) -> Any:
    """Do `act` once the one form in `sent` is right, and go back to `tab` with the sentence it returns on top.

    What is wrong, or why it was refused, is said on the same tab, or on My day where it was sent from there, with what
    was typed still there.
    """
    ((name, form),) = sent.items()
    ref, oid = onboarding.account.ref, onboarding.ref
    if not form.validate():
        if from_day():
            return day_page.page(422, Tried(oid, name, form))
        return page(onboarding, tab, 422, **sent)
    try:
        said = act()
    except Refused as refusal:
        status = form.refuse(refusal)
        if from_day():
            return day_page.page(status, Tried(oid, name, form))
        return page(queries.onboarding_of(ref, oid), tab, status, **sent)
    flash(said, "done")
    return redirect(way_back(to(onboarding, tab)), 303)
