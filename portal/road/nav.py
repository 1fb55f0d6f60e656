"""The customer's navigation."""

from flask import request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from portal.criteria.road_step import asked_for
from portal.onboardings.models import Onboarding


def nav_of(onboarding: Onboarding) -> list[dict[str, object]]:
    """The entries of the header in order, the one that is shown marked; none for staff, who come from the desk."""
    if not current_user.is_authenticated or current_user.is_staff:
        return []
    oid = onboarding.ref
    entries = [
        (_("Road"), "road.home"),
        *([(_("Goals"), "criteria.show")] if asked_for(onboarding) else []),
        (_("Plan"), "plans.show"),
        (_("Messages"), "messages.thread"),
        (_("Calls"), "calls.index"),
        (_("Documents"), "road.documents"),
        (_("Team"), "road.team"),
    ]
    if current_user.portal_role == "teammate":
        entries.insert(0, (_("Your part"), "road.mine"))
    if current_user.portal_role == "admin":
        entries.append((_("People"), "road.people"))
    shown = _place()
    return [{"label": label, "url": url_for(to, oid=oid), "current": to == shown} for label, to in entries]


def _place() -> str:
    """Which entry this page belongs to: stages and steps are the road's, a call is the calls', preferences none's."""
    endpoint = request.endpoint or ""
    feature = endpoint.partition(".")[0]
    pages = {
        "messages": "messages.thread",
        "calls": "calls.index",
        "criteria": "criteria.show",
        "plans": "plans.show",
    }
    if feature in pages:
        return pages[feature]
    own = {"road.documents", "road.team", "road.people", "road.mine"}
    if endpoint in ("road.preferences", "road.save_preferences"):
        return ""
    return endpoint if endpoint in own else "road.home"
