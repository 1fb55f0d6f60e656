"""One event as it came, read: who, what, when, of which account; or why it can't be used."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, NamedTuple

from portal.addresses import canonical
from portal.usage.models import LONGEST_NAME, EventKind
from portal.usage.rejects import DEEPEST, LARGEST_EVENT, Reason, Unusable

VIEWED: Final = {EventKind.PAGE: "Page viewed", EventKind.SCREEN: "Screen viewed"}
KINDS: Final = {kind.value: kind for kind in EventKind}
ADDRESS: Final = re.compile(r"[^@\s\0]+@[^@\s\0]+")
LONG_NUMBER: Final = re.compile(r"[0-9]{19}")
LARGEST_NUMBER: Final = 2**63
LONGEST_ADDRESS, LONGEST_PERSON = 254, 120
EXCERPT: Final = 500

_written = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":")
).encode


class Read(NamedTuple):
    """An event that can be used. `metric` is what it counts as, None for one that counts as nothing."""

    message_id: str
    kind: EventKind
    name: str
    metric: str | None
    user_key: str | None
    group_key: str | None
    at: datetime
    props: dict[str, Any]
    email: str | None
    person: str | None


class Refusal(NamedTuple):
    """One that can't, with its beginning."""

    message_id: str
    reason: Reason
    excerpt: str


class Reader:
    """Reads the events of one request: `received` now, `sent_at` as the request tells it, none older than `oldest`.

    `call` is what an event is that doesn't say it itself.
    """

    def __init__(self, call: str, received: datetime, oldest: datetime, sent_at: Any) -> None:
        self.call, self.received, self.oldest = call, received, oldest
        self.sent_at = _moment(sent_at)

    def read(self, event: Any) -> Read | Refusal:
        """This event, or why not."""
        try:
            if not isinstance(event, dict):
                raise Unusable(Reason.NOT_AN_EVENT)
            _check(event)
            return self._read(event)
        except Unusable as why:
            return Refusal(_id_of(event, self.call), why.reason, _excerpt(event))

    def _read(self, event: dict[str, Any]) -> Read:
        said = event.get("type") or self.call
        kind = KINDS.get(said) if isinstance(said, str) else None
        if kind is None:
            raise Unusable(Reason.UNKNOWN_TYPE)
        context = _object(event.get("context"))
        user = _key(event.get("userId"))
        own, told = _key(event.get("groupId")), _key(context.get("groupId"))
        group = (own or told) if kind is EventKind.GROUP else (told or own)
        if kind is EventKind.GROUP and not (user and group):
            raise Unusable(Reason.NO_GROUP)
        if not (user or group):
            raise Unusable(Reason.NOBODY)
        name, at = _name(kind, event), self._at(event)
        props = _object(event.get("properties"))
        if kind is EventKind.IDENTIFY:
            props = {**_object(context.get("traits")), **_object(event.get("traits"))}
        message_id = _message_id(event, kind)
        email, person = told_of(kind, props)
        if "\x00" in f"{message_id}{name}{user}{group}":
            raise Unusable(Reason.BAD_TEXT)
        return Read(message_id, kind, name, metric_of(kind, name), user, group, at, props, email, person)

    def _at(self, event: Mapping[str, Any]) -> datetime:
        """When it happened by our clock: `received - (sent - stamp)`, and never after it was received."""
        said = event.get("timestamp") or event.get("originalTimestamp")
        if said is None:
            return self.received
        stamp = _moment(said)
        if stamp is None:
            raise Unusable(Reason.BAD_TIME)
        sent = self.sent_at or _moment(event.get("sentAt"))
        try:
            at = self.received - (sent - stamp) if sent else stamp
        except OverflowError:
            raise Unusable(Reason.BAD_TIME) from None
        # By the sender's own clock too: a batch that is sent once more after a year brings its old times along.
        if stamp < self.oldest or at < self.oldest:
            raise Unusable(Reason.TOO_OLD)
        return min(at, self.received)


def _moment(said: Any) -> datetime | None:
    """`2026-03-31T09:30:00.000Z` and its like as a moment; None for what is none."""
    if not isinstance(said, str):
        return None
    try:
        read = datetime.fromisoformat(said)
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _check(event: dict[str, Any]) -> None:
    """Written once more it shows whether it can be kept, and how large it is. Raises Unusable."""
    try:
        written = _written(event)
        size = len(written.encode())
    except UnicodeEncodeError:
        raise Unusable(Reason.BAD_TEXT) from None
    except RecursionError:
        raise Unusable(Reason.TOO_DEEP) from None
    except ValueError:
        raise Unusable(Reason.BAD_NUMBER) from None
    if size > LARGEST_EVENT:
        raise Unusable(Reason.TOO_LARGE)
    if written.count("{") + written.count("[") > DEEPEST or LONG_NUMBER.search(written):
        _look_inside(event)


def _look_inside(event: dict[str, Any]) -> None:
    """Level by level: how deep it goes, and whether its whole numbers fit a database."""
    level: list[Any] = [event]
    for _depth in range(DEEPEST):
        inside: list[Any] = []
        for one in level:
            inside += one.values() if isinstance(one, dict) else one
        if any(isinstance(one, int) and abs(one) >= LARGEST_NUMBER for one in inside):
            raise Unusable(Reason.BAD_NUMBER)
        level = [one for one in inside if isinstance(one, dict | list)]
        if not level:
            return
    raise Unusable(Reason.TOO_DEEP)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _key(value: Any) -> str | None:
    """An id as text; numbers are ids too."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not (value := value.strip()):
        return None
    if len(value) > LONGEST_NAME:
        raise Unusable(Reason.TOO_LONG)
    return value


def _name(kind: EventKind, event: dict[str, Any]) -> str:
    """What it is called; what happened, for a track event."""
    if kind is EventKind.TRACK:
        said = event.get("event")
        if not isinstance(said, str) or not (said := said.strip()):
            raise Unusable(Reason.NO_NAME)
        if len(said) > LONGEST_NAME:
            raise Unusable(Reason.TOO_LONG)
        return said
    said = event.get("name") if kind is EventKind.PAGE or kind is EventKind.SCREEN else None
    return said.strip()[:LONGEST_NAME] if isinstance(said, str) else ""


def metric_of(kind: EventKind, name: str) -> str | None:
    """What an event counts as: a track event under its own name, pages and screens each under one; others nowhere."""
    return name if kind is EventKind.TRACK else VIEWED.get(kind)


def told_of(kind: EventKind, traits: dict[str, Any]) -> tuple[str | None, str | None]:
    """The user's address and name, which an identify event tells."""
    if kind is not EventKind.IDENTIFY:
        return None, None
    email, name = traits.get("email"), traits.get("name")
    if not isinstance(name, str):
        parts = traits.get("firstName"), traits.get("lastName")
        name = " ".join(part for part in parts if isinstance(part, str))
    name = name.replace("\x00", "").strip()[:LONGEST_PERSON]
    return (_address(email) if isinstance(email, str) else None), name or None


@lru_cache(4096)  # The same people tell it over and over.
def _address(email: str) -> str | None:
    """In the spelling by which people are known here; one that no mail server would take, like ann@acme.test, stays."""
    try:
        return canonical(email[:LONGEST_ADDRESS])
    except ValueError:
        said = email.strip().lower()
        return said if len(said) <= LONGEST_ADDRESS and ADDRESS.fullmatch(said) else None


def _message_id(event: dict[str, Any], kind: EventKind) -> str:
    """Its own id; without one that can be kept, one by its content, the same whenever it is sent again."""
    given = event.get("messageId")
    if given and isinstance(given, str) and len(given) <= LONGEST_NAME:
        return given
    content = {name: value for name, value in event.items() if name not in ("type", "sentAt")}
    return _hash(kind.value, json.dumps(content, sort_keys=True))


def _id_of(event: Any, call: str) -> str:
    """The name of an event that can't be used: its own where that can be kept, else one by its content."""
    given = event.get("messageId") if isinstance(event, dict) else None
    if isinstance(given, str) and 0 < len(given) <= LONGEST_NAME and given.isprintable():
        return given
    return _hash(call, _excerpt(event))


def _hash(call: str, text: str) -> str:
    return f"sha256:{sha256(f'{call} {text}'.encode()).hexdigest()}"


def _excerpt(event: Any) -> str:
    """The beginning of what came, in plain characters."""
    try:
        return json.dumps(event)[:EXCERPT]
    except (RecursionError, ValueError):
        return ""


def oldest_kept(received: datetime, days: int) -> datetime:
    """The moment before which nothing is taken: raw events from before it are forgotten, and with them whether they
    were counted."""
    return received - timedelta(days=days)
