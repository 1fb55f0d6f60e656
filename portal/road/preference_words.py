"""The words of the preferences page, and the time zones as places."""

from functools import lru_cache

from babel import Locale
from babel.core import get_global
from flask_babel import lazy_gettext as _l

from portal.accounts import places
from portal.notifications.rules import Cadence, Channel, Kind

CADENCES = {
    Cadence.AS_IT_HAPPENS: _l("As it happens"),
    Cadence.DAILY: _l("Once a day"),
    Cadence.WEEKLY: _l("Once a week"),
    Cadence.ONLY_DUE: _l("Only what's due"),
}
CADENCE_HINTS = {
    Cadence.AS_IT_HAPPENS: _l(
        "One letter a day at most; what comes on top waits for the next morning. Only answers to you, calls and what "
        "you just asked for come at once."
    ),
    Cadence.DAILY: _l("Everything in one letter, on each working morning with something to tell."),
    Cadence.WEEKLY: _l("Everything in one letter, on the first working morning of the week."),
    Cadence.ONLY_DUE: _l(
        "Reminders, calls, answers to what you asked, and word from us when we are late; nothing else."
    ),
}
CHANNELS = {
    Channel.EMAIL: _l("E-mail"),
    Channel.EMAIL_CALENDAR: _l("E-mail, with calendar files"),
    Channel.NONE: _l("Nothing but sign-in and security"),
}
CHANNEL_HINTS = {
    Channel.EMAIL_CALENDAR: _l("Calls and dates come with a file that your calendar reads."),
    Channel.NONE: _l("Nobody reminds you of anything; you look in here yourself."),
}
LETTERS = {
    Kind.WELCOME: _l("Welcome"),
    Kind.STEP_ASSIGNED: _l("Someone hands me an item"),
    Kind.STEP_RETURNED: _l("Something to change"),
    Kind.REMINDER_BEFORE: _l("The day before an item is due"),
    Kind.REMINDER_AFTER: _l("The day after an item was due"),
    Kind.STAGE_COMPLETE: _l("A stage is complete"),
    Kind.LATE: _l("When we are late"),
    Kind.CALL: _l("Calls: booked, moved, notes"),
    Kind.MESSAGE: _l("Messages"),
    Kind.HELP_ASKED: _l("Questions and requests"),
    Kind.REVIEW_ASKED: _l("Something was handed in"),
    Kind.HANDOFF: _l("Hand-offs from sales"),
    Kind.ESCALATION: _l("A customer needs me"),
    Kind.PREREQUISITE: _l("Something to get ready"),
    Kind.READINESS_HOLD: _l("A pause until something is ready"),
    Kind.SPONSORS_ASKED: _l("Sponsors: where a word of yours helps"),
    Kind.CRITERIA_TURN: _l("A result waits for my answer"),
    Kind.CRITERIA_AGREED: _l("A result is agreed"),
    Kind.SCOPE: _l("What is in and what is not waits for my answer"),
    Kind.PLAN_REVIEW: _l("The plan can be read"),
    Kind.PLAN_REMINDER: _l("The plan still waits to be signed"),
    Kind.PLAN_DECLINED: _l("Somebody won't sign the plan"),
    Kind.PLAN_EXPIRED: _l("The time to sign the plan is over"),
    Kind.QUESTION: _l("Single questions between colleagues"),
    Kind.NUDGE: _l("A word when an item has waited for a while"),
    Kind.STAFF_DIGEST: _l("What waits for me, each morning"),
    Kind.DIGEST: _l("The summary of what waited"),
}
STYLES = {
    "watch": _l("Watch"),
    "read": _l("Read"),
    "do": _l("Do it myself"),
    "live": _l("Live, with a person"),
}
REGIONS = {
    "Africa": _l("Africa"),
    "America": _l("The Americas"),
    "Antarctica": _l("Antarctica"),
    "Arctic": _l("Arctic Ocean"),
    "Asia": _l("Asia"),
    "Atlantic": _l("Atlantic Ocean"),
    "Australia": _l("Australia"),
    "Europe": _l("Europe"),
    "Indian": _l("Indian Ocean"),
    "Pacific": _l("Pacific Ocean"),
    "UTC": _l("Everywhere"),
}


@lru_cache(maxsize=16)
def zones_by_region(language: str) -> tuple[tuple[str, str, str], ...]:
    """Every time zone as region (a key of REGIONS), name and city in `language` (like en or pt_BR), in that order."""
    locale = Locale.parse(language)
    found = [(zone.partition("/")[0], zone, city(zone, locale)) for zone in places.zones()]
    return tuple(sorted((one for one in found if one[0] in REGIONS), key=_in_order))


def _in_order(one: tuple[str, str, str]) -> tuple[int, str]:
    return list(REGIONS).index(one[0]), places.as_sorted(one[2])


def city(zone: str, locale: Locale) -> str:
    """The place that a time zone is named after, in the reader's language as far as CLDR knows it there."""
    known = locale.time_zones
    names = (known.get(name, {}).get("city") for name in (zone, *_older_names().get(zone, ())))
    return next((name for name in names if name), zone.rpartition("/")[2].replace("_", " "))


@lru_cache(maxsize=1)
def _older_names() -> dict[str, list[str]]:
    """CLDR files a city under the name its zone had first."""
    older: dict[str, list[str]] = {}
    for old, new in get_global("zone_aliases").items():
        older.setdefault(new, []).append(old)
    return older
