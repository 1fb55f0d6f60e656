"""The desk's side navigation, and the way to each tab of an account."""

from typing import Any

from flask import g, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from portal.access import Can
from portal.desk.list_filters import Filters
from portal.onboardings.models import Onboarding


def desk_nav(current: str) -> list[dict[str, object]]:
    """The entries of the desk; `current` is the key of the page that is shown."""
    entries = [
        (Can.SEE_DESK, "today", _("Today"), "desk.today", "sun"),
        (Can.SEE_DESK, "notices", _("News"), "desk.notices", "bell"),
        (Can.SEE_DESK, "accounts", _("Accounts"), "desk.accounts", "users"),
        (Can.SEE_ESCALATIONS, "escalations", _("Escalations"), "escalations.index", "siren"),
        (Can.SEE_TEAM, "team", _("Team"), "desk.team", "scale"),
        (Can.LOG_CALL, "calls", _("Calls"), "calls.week", "clock"),
        (Can.SEND_NUDGE, "nudges", _("Follow-ups"), "nudges.outbox", "send"),
        (Can.SEE_HANDOFF, "handoffs", _("Hand-offs"), "handoffs.index", "arrow-up-right"),
        (Can.CREATE_ONBOARDING, "new", _("New onboarding"), "desk.new", "flag"),
        (Can.SEE_TRIGGERS, "triggers", _("Triggers"), "escalations.triggers", "zap"),
        (Can.MANAGE_SETTINGS, "settings", _("Settings"), "usage_desk.keys", "settings"),
    ]
    counts = {"notices": _("%(n)s new", n=g.unread) if g.get("unread") else None}
    return [
        {
            "label": label,
            "url": url_for(endpoint),
            "icon": icon,
            "current": key == current,
            "count": counts.get(key),
        }
        for permission, key, label, endpoint, icon in entries
        if current_user.may(permission)
    ]


def settings_nav(current: str) -> list[dict[str, object]]:
    """The pages of the settings, in their order; `current` is the key of the one that is shown."""
    entries = [
        ("keys", _("Keys"), "usage_desk.keys"),
        ("events", _("Events"), "usage_desk.events"),
        ("import", _("Daily counts"), "usage_import.page"),
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
