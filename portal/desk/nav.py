"""The desk's side navigation, and the way to each tab of an account."""

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from portal.access import Can
from portal.desk.list_filters import Filters
from portal.onboardings.models import Onboarding


def desk_nav(current: str) -> list[dict[str, object]]:
    """The entries of the desk; `current` is the key of the page that is shown."""
    entries = []
    if current_user.may(Can.SEE_DESK):
        entries.append(("today", _("Today"), url_for("desk.today"), "sun"))
        entries.append(("accounts", _("Accounts"), url_for("desk.accounts"), "users"))
    if current_user.may(Can.SEE_ESCALATIONS):
        entries.append(("escalations", _("Escalations"), url_for("escalations.index"), "siren"))
    if current_user.may(Can.SEE_TEAM):
        entries.append(("team", _("Team"), url_for("desk.team"), "scale"))
    if current_user.may(Can.LOG_CALL):
        entries.append(("calls", _("Calls"), url_for("calls.week"), "clock"))
    if current_user.may(Can.SEND_NUDGE):
        entries.append(("nudges", _("Follow-ups"), url_for("nudges.outbox"), "send"))
    if current_user.may(Can.SEE_HANDOFF):
        entries.append(("handoffs", _("Hand-offs"), url_for("handoffs.index"), "arrow-up-right"))
    if current_user.may(Can.CREATE_ONBOARDING):
        entries.append(("new", _("New onboarding"), url_for("desk.new"), "flag"))
    if current_user.may(Can.SEE_TRIGGERS):
        entries.append(("triggers", _("Triggers"), url_for("escalations.triggers"), "zap"))
    if current_user.may(Can.MANAGE_SETTINGS):
        entries.append(("settings", _("Settings"), url_for("usage_desk.keys"), "settings"))
    return [
        {"label": label, "url": url, "icon": icon, "current": key == current}
        for key, label, url, icon in entries
    ]


def settings_nav(current: str) -> list[dict[str, object]]:
    """The pages of the settings, in their order; `current` is the key of the one that is shown."""
    entries = [
        ("keys", _("Keys"), "usage_desk.keys"),
        ("events", _("Events"), "usage_desk.events"),
        ("products", _("Products"), "products.index"),
        ("health", _("Health"), "health.thresholds"),
    ]
    return [
        {"text": text, "url": url_for(endpoint), "current": key == current} for key, text, endpoint in entries
    ]


def from_day() -> bool:
    """Whether a form that was sent stood on My day (`back=today`)."""
    return request.args.get("back") == "today"


def way_back(usual: str) -> str:
    """Where a change made at the desk leads: back to the day it was made from (`back=today`), or to the peek it was
    made in and the list beside it, with what that list was narrowed to (`back=list`), else `usual`."""
    if from_day():
        return url_for("desk.today")
    if request.args.get("back") != "list":
        return usual
    kept: dict[str, Any] = {name: request.args.get(name) or None for name in (*Filters.names(), "after")}
    return url_for("desk.accounts", peek=request.args.get("o"), _anchor="peek-h", **kept)


def to(onboarding: Onboarding, tab: str = "overview", **more: Any) -> str:
    """The address of one tab of an onboarding's page."""
    if tab != "overview":
        more["tab"] = tab
    return url_for("desk.account", ref=onboarding.account.ref, o=onboarding.ref, **more)


def follow_up_at(onboarding: Onboarding) -> str:
    """Where the reader writes a follow-up by hand; empty where none is written."""
    if not onboarding.is_running or not current_user.may(Can.SEND_NUDGE):
        return ""
    return url_for("nudges.by_hand", ref=onboarding.account.ref, o=onboarding.ref)
