"""Why an event can't be used, in a word and in a sentence for whoever looks after its source."""

from enum import StrEnum, auto
from typing import Final

from flask_babel import lazy_gettext as _l

LARGEST_EVENT: Final = 32 * 1024  # Bytes, as the SDKs count them.
DEEPEST: Final = 20


class Reason(StrEnum):
    """Why one event can't be used."""

    NOT_AN_EVENT = auto()
    UNKNOWN_TYPE = auto()
    TOO_LARGE = auto()
    TOO_DEEP = auto()
    BAD_NUMBER = auto()
    BAD_TEXT = auto()
    NO_NAME = auto()
    TOO_LONG = auto()
    NOBODY = auto()
    NO_GROUP = auto()
    BAD_TIME = auto()
    TOO_OLD = auto()
    OTHER_ACCOUNT = auto()


WORDS: Final = {
    Reason.NOT_AN_EVENT: _l("It is no JSON object."),
    Reason.UNKNOWN_TYPE: _l("Its type is none of track, identify, group, page, screen and alias."),
    Reason.TOO_LARGE: _l("It is larger than 32 KB."),
    Reason.TOO_DEEP: _l("Its values are nested more than 20 levels deep."),
    Reason.BAD_NUMBER: _l("It has a number that is none, or too large to be kept."),
    Reason.BAD_TEXT: _l("It has text that isn't Unicode, or an empty character in a name."),
    Reason.NO_NAME: _l("A track event needs the name of what happened, in “event”."),
    Reason.TOO_LONG: _l("The event's name, the user's id or the group's is longer than 200 characters."),
    Reason.NOBODY: _l("It names neither a user nor an account, so it can never belong to anybody."),
    Reason.NO_GROUP: _l("A group call needs the user in “userId” and the account in “groupId”."),
    Reason.BAD_TIME: _l("Its timestamp can't be read. Send it like 2026-03-31T09:30:00.000Z."),
    Reason.TOO_OLD: _l("It is older than events are kept here, so it might have been counted before."),
    Reason.OTHER_ACCOUNT: _l("Its key may speak of one account alone, and the event names another."),
}


class Unusable(Exception):
    """One event can't be used."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason
