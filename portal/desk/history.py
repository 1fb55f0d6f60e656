"""What happened on one onboarding, as staff read it, day by day: who, for whom, what was and what is."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import to_user_timezone
from markupsafe import Markup, escape

from portal import clock, web
from portal.accounts.words import PORTAL_ROLES
from portal.activity.kinds import KIND_OF, Kind
from portal.activity.models import Activity, Audience, Verb
from portal.activity.queries import timeline
from portal.activity.sentences import FOR_SOMEBODY, pattern, words
from portal.desk import remarks
from portal.desk.account_forms import CorrectionForm
from portal.desk.history_filters import HistoryFilters
from portal.desk.nav import to
from portal.desk.waits import Open
from portal.health.words import LABELS
from portal.onboardings.models import Onboarding
from portal.onboardings.signals import KINDS as SIGNALS
from portal.onboardings.signals import SignalKind
from portal.onboardings.standings import Health
from portal.onboardings.words import minutes as span

HISTORY = 50
DAY = re.compile(r"\d{4}-\d\d-\d\d($|[ T]\d\d:)")
WRITTEN = ("title", "module", "department")  # Somebody's own words, whatever they look like.
SIGNS = (Verb.SIGNAL_RECORDED, Verb.SIGNAL_SETTLED)
WORDS = {
    Kind.STEPS: _l("Road"),
    Kind.CALLS: _l("Call"),
    Kind.PEOPLE: _l("People"),
    Kind.MESSAGES: _l("Message"),
    Kind.NOTES: _l("Note"),
    Kind.GOALS: _l("Goal"),
    Kind.DATES: _l("Dates"),
    Kind.SYSTEM: _l("System"),
}
STANDS = {
    "required": {True: _l("needed"), False: _l("optional")},
    "visible": {True: _l("the customer sees it"), False: _l("only your team sees it")},
}


@dataclass(frozen=True)
class Entry:
    """One line. `text` is markup with the name of who did it in bold, `whom` is for whom, `changes` are pairs of what
    was and what is, `quote` is what a note says; `form` corrects it, where the reader may."""

    time: str
    iso: str
    kind: str
    text: Markup
    inside: bool
    whom: str = ""
    changes: list[tuple[str, str]] = field(default_factory=list)
    quote: str = ""
    why: str = ""
    note: str = ""
    form: CorrectionForm | None = None


def history_of(now: Open) -> dict[str, Any]:
    """The tab: one page of what fits the filters in the address, and where the page before it begins. Anything mangled
    in the address is no filter."""
    onboarding, before = now.onboarding, request.args.get("before", "")
    place = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    asked = HistoryFilters.read(request.args)
    found = timeline(
        onboarding.id,
        onboarding.account_id,
        audience=Audience.STAFF,
        limit=HISTORY + 1,
        before=place,
        only=asked.limits(onboarding),
    )
    shown = found[:HISTORY]
    more = to(onboarding, "history", **asked.args, before=shown[-1].id) if len(found) > HISTORY else ""
    account = onboarding.account
    return {
        **remarks.forms_of(onboarding),
        "days": days_of(shown, onboarding),
        "earlier": more,
        "latest": to(onboarding, "history", **asked.args) if place else "",
        "asked": asked,
        "filters": asked.rows(onboarding),
        "all_words": to(onboarding, "history", **replace(asked, text="").args),
        "sheet": url_for("desk.history_sheet", ref=account.ref, o=onboarding.ref, **asked.args),
    }


def lately_of(onboarding: Onboarding, count: int) -> list[Entry]:
    """The last few entries, with the date in the place of the time."""
    found = timeline(
        onboarding.id,
        onboarding.account_id,
        audience=Audience.STAFF,
        limit=count,
        only=remarks.history_limits(onboarding),
    )
    return [entry_of(one, web.short_day(one.at)) for one in found]


# --- Days and lines -----------------------------------------------------------------------------


def days_of(past: Iterable[Activity], onboarding: Onboarding) -> list[dict[str, Any]]:
    """What happened by day on the reader's wall, latest first (components/staff.html, history)."""
    past = list(past)
    mine = remarks.correctable(past)
    days: dict[date, list[Entry]] = {}
    for one in past:
        note = mine.get(one.subject_id) if one.verb is Verb.NOTE_WRITTEN else None
        form = remarks.correction_of(note) if note else None
        entry = entry_of(one, web.clock_time(one.at), note.ref if note else "", form)
        days.setdefault(to_user_timezone(one.at).date(), []).append(entry)
    return [
        {"day": _day(day), "mark": _("day 0") if day == onboarding.start_date else "", "entries": entries}
        for day, entries in days.items()
    ]


def _day(day: date) -> str:
    if day == to_user_timezone(clock.now()).date():
        return _("Today, %(date)s", date=web.day(day))
    return web.day(day) if day.year == web.local_today().year else web.day(day, "yMMMd")


def said(one: Activity) -> str:
    """The sentence of a line, as plain text."""
    return (_for_staff(one) or pattern(one)) % words(one)


def entry_of(one: Activity, when: str, note: str = "", form: CorrectionForm | None = None) -> Entry:
    known, kind = one.personal or {}, KIND_OF.get(one.verb, Kind.SYSTEM)
    told = {
        name: Markup("<b>%s</b>") % text if name == "who" else escape(text)
        for name, text in words(one).items()
    }
    return Entry(
        time=when,
        iso=one.at.isoformat(),
        kind=_("Signal") if one.verb in SIGNS else str(WORDS[kind]),
        text=escape(_for_staff(one) or pattern(one)) % told,
        inside=one.audience is Audience.STAFF,
        whom=known["for"] if known.get("for") and one.verb not in FOR_SOMEBODY else "",
        changes=_changes(one),
        quote=known.get("text", "") if one.verb is Verb.NOTE_WRITTEN else "",
        why=known.get("why") or "",
        note=note,
        form=form,
    )


def _for_staff(one: Activity) -> str:
    """Staff read of what was done for them, where customers read “for you”; and what a message or note is about."""
    about = (one.personal or {}).get("what")
    match one.verb:
        case Verb.STEP_DONE_FOR_YOU if one.on_behalf_of_id is None:
            return _("%(who)s did %(what)s for them")
        case Verb.MESSAGE_WRITTEN if about:
            return _("%(who)s wrote about “%(what)s”")
        case Verb.NOTE_WRITTEN if about:
            return _("%(who)s wrote a note about “%(what)s”")
        case Verb.SIGNAL_RECORDED:
            return _("%(who)s recorded: %(signal)s") % {"who": "%(who)s", "signal": _signal(one)}
        case Verb.SIGNAL_SETTLED:
            return _("%(who)s settled: %(signal)s") % {"who": "%(who)s", "signal": _signal(one)}
    return ""


def _signal(one: Activity) -> str:
    kind = (one.data.get("after") or {}).get("kind")
    return str(SIGNALS[SignalKind(kind)]) if kind in set(SignalKind) else ""


def _changes(one: Activity) -> list[tuple[str, str]]:
    """What was and what is: of a note its words, else the plain values that differ."""
    known = one.personal or {}
    if "before" in known and "after" in known:
        return [(known["before"], known["after"])]
    before, after = one.data.get("before"), one.data.get("after")
    if not isinstance(before, dict) or not isinstance(after, dict):
        return []
    pairs = [(_value(name, before[name]), _value(name, after[name])) for name in after if name in before]
    return [(was, now) for was, now in pairs if was != now and (was or now)]


def _value(name: str, value: Any) -> str:
    """A stored value as people read it: roles in words, dates and moments on the reader's wall."""
    if name == "role" and value in PORTAL_ROLES:
        return str(PORTAL_ROLES[value])
    if name == "health" and value in set(Health):
        return str(LABELS[Health(value)])
    if name in STANDS and isinstance(value, bool):
        return str(STANDS[name][value])
    if name == "minutes":
        return span(value)
    if name == "weight":
        return _("weight %(n)s", n=value)
    if isinstance(value, bool | int | float):
        return str(value)
    if not isinstance(value, str):
        return ""
    if name in WRITTEN or not DAY.match(value):
        return value
    moment = datetime.fromisoformat(value)
    if moment.tzinfo:
        return f"{web.day(moment, 'EEEdMMM')} {web.clock_time(moment)}"
    return web.day(moment.date(), "EEEdMMM")
