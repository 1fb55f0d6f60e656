"""What happened on one onboarding, as staff read it, day by day."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import to_user_timezone

from portal import web
from portal.activity.models import Activity, Audience, Verb
from portal.activity.queries import timeline
from portal.activity.sentences import pattern, words
from portal.desk.waits import Open

HISTORY = 50


def history_of(now: Open) -> dict[str, Any]:
    """The tab: one page of what happened, and where the page before it begins."""
    onboarding, before = now.onboarding, request.args.get("before", "")
    place = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    found = timeline(
        onboarding.id, onboarding.account_id, audience=Audience.STAFF, limit=HISTORY + 1, before=place
    )
    earlier = found[HISTORY - 1].id if len(found) > HISTORY else None
    return {"days": days_of(found[:HISTORY]), "earlier": earlier}


def days_of(past: Iterable[Activity]) -> list[dict[str, Any]]:
    """What happened by day on the reader's wall, latest first (components/staff.html, history)."""
    days: dict[date, list[dict[str, Any]]] = {}
    for one in past:
        days.setdefault(to_user_timezone(one.at).date(), []).append(_entry(one))
    return [{"day": web.day(day), "entries": entries} for day, entries in days.items()]


def _entry(one: Activity) -> dict[str, Any]:
    told = words(one)
    text = (_for_staff(one) or pattern(one)) % told
    if why := (one.personal or {}).get("why"):
        text = _("%(what)s: “%(why)s”", what=text, why=why)
    return {
        "time": web.clock_time(one.at),
        "date": web.short_day(one.at),
        "text": text,
        "inside": one.audience is Audience.STAFF,
        "iso": one.at.isoformat(),
    }


def _for_staff(one: Activity) -> str:
    """Staff read of what was done for them, where customers read “for you”; and what a message is about."""
    if one.verb is Verb.STEP_DONE_FOR_YOU and one.on_behalf_of_id is None:
        return _("%(who)s did %(what)s for them")
    if one.verb is Verb.MESSAGE_WRITTEN and (one.personal or {}).get("what"):
        return _("%(who)s wrote about “%(what)s”")
    return ""


def lately_of(past: Iterable[Activity]) -> list[dict[str, Any]]:
    """The last few entries, with the date where the day isn't today."""
    return [{**_entry(one), "time": web.short_day(one.at)} for one in past]
