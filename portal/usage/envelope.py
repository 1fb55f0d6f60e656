"""What a request of the tracking API carries: its bytes, as a list of events that nobody has looked at yet."""

import json
import zlib
from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from flask_babel import gettext as _

MOST_BYTES: Final = 500 * 1024  # Of a whole request, packed or not.
LONGEST_NUMBER: Final = 400  # Digits; Python refuses to read 4,300 and with them the whole body.
GZIP: Final = 16 + zlib.MAX_WBITS


class Unreadable(Exception):
    """The request as a whole can't be read; nothing of it is kept. The sentence is for whoever wrote the sender."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True, slots=True)
class Envelope:
    """The events of one request, in their order, with what stands around them."""

    events: list[Any]
    sent_at: Any
    write_key: str


def opened(body: bytes, encoding: str, call: str) -> Envelope:
    """The events in this body, whatever its Content-Type said. `call` is the last part of the address. Raises
    Unreadable."""
    read = _parsed(_unpacked(body, encoding))
    around = read if isinstance(read, dict) else {}
    events: Any = [read]
    if isinstance(read, list):
        events = read
    elif call == "batch":
        events = around.get("batch")
    if not isinstance(events, list):
        raise Unreadable(
            HTTPStatus.BAD_REQUEST, _("A batch is an object with the list “batch”, or a list of events.")
        )
    key = around.get("writeKey")
    return Envelope(events, around.get("sentAt"), key if isinstance(key, str) else "")


def user_name(authorization: str | None) -> str:
    """The user name of a Basic header, where SDKs put the key; empty for any other header."""
    scheme, _space, packed = (authorization or "").strip().partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return b64decode(packed.strip() + "==").decode().partition(":")[0]
    except (NotBase64, ValueError):
        return ""


def too_large() -> Unreadable:
    """The refusal of a body that is larger than a batch may be."""
    return Unreadable(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _("A request may have 500 KB. Send smaller batches.")
    )


def _unpacked(body: bytes, encoding: str) -> bytes:
    if len(body) > MOST_BYTES:
        raise too_large()
    word = encoding.strip().lower()
    if word in ("", "identity"):
        return body
    if word not in ("gzip", "x-gzip"):
        raise Unreadable(
            HTTPStatus.BAD_REQUEST, _("The body is packed in a way that isn't known here. Use gzip.")
        )
    try:
        return _gunzipped(body)
    except zlib.error:
        raise _broken_gzip() from None


def _gunzipped(body: bytes) -> bytes:
    """All members one after another, never more than a byte beyond the cap in memory."""
    found = bytearray()
    while body:
        member = zlib.decompressobj(GZIP)
        found += member.decompress(body, MOST_BYTES + 1 - len(found))
        if len(found) > MOST_BYTES:
            raise too_large()
        if not member.eof:
            raise _broken_gzip()
        body = member.unused_data
    return bytes(found)


def _broken_gzip() -> Unreadable:
    return Unreadable(HTTPStatus.BAD_REQUEST, _("The body says that it is gzip and can't be unpacked."))


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except RecursionError:
        raise Unreadable(HTTPStatus.BAD_REQUEST, _("The body is nested too deep to be read.")) from None
    except ValueError:
        pass
    try:  # Once more for a number that alone would cost the good events beside it.
        return json.loads(body, parse_int=_whole)
    except (ValueError, RecursionError):
        raise Unreadable(HTTPStatus.BAD_REQUEST, _("The body is no JSON.")) from None


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= LONGEST_NUMBER else float("inf")
