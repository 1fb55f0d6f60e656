"""The words of the preferences page."""

from flask_babel import lazy_gettext as _l

from portal.notifications.rules import Cadence, Channel, Kind

CADENCES = {
    Cadence.AS_IT_HAPPENS: _l("As it happens, at most one letter a day"),
    Cadence.DAILY: _l("Once a day, all in one"),
    Cadence.WEEKLY: _l("Once a week, all in one"),
    Cadence.ONLY_DUE: _l("Only what's due"),
}
CHANNELS = {
    Channel.EMAIL: _l("E-mail"),
    Channel.EMAIL_CALENDAR: _l("E-mail, with calendar files"),
    Channel.NONE: _l("Nothing but sign-in and security"),
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
    Kind.DIGEST: _l("The summary of what waited"),
}
STYLES = {
    "watch": _l("Watch"),
    "read": _l("Read"),
    "do": _l("Do it myself"),
    "live": _l("Live, with a person"),
}
