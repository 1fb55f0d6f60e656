"""The time stamp authority (RFC 3161) asked for the time of a seal, by a client of our own.

It speaks to the one host that PORTAL_TSA_URL names, follows no redirect, and takes what it gets within 15 seconds and
64 kB. The address is the administrator's own setting, so a private one is allowed here.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from contextlib import suppress
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

from asn1crypto import tsp
from flask_babel import gettext as _
from pyhanko.sign.timestamps.api import TimeStamper

from portal.plans.keys import CannotSeal

TIMEOUT = 15  # Seconds for the whole exchange, however slowly the answer drips.
MOST = 64 * 1024
REPLY = "application/timestamp-reply"


class Authority(TimeStamper):
    """The authority at `url`. What goes wrong is raised as CannotSeal."""

    def __init__(self, url: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.url = url

    async def async_timestamp(self, message_digest: Any, md_algorithm: Any) -> Any:
        """A token for this digest, or a refusal: whatever is wrong with an answer, it is the authority's."""
        try:
            return await super().async_timestamp(message_digest, md_algorithm)
        except (OSError, ValueError, TypeError, LookupError, AttributeError):
            raise self.refusal(_("it refused, or answered another question")) from None

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Send one request; the worker does nothing else meanwhile."""
        try:
            return tsp.TimeStampResp.load(_exchange(self.url, req.dump()), strict=True)
        except ValueError:
            raise self.refusal(_("what it says can't be read")) from None
        except (OSError, http.client.HTTPException) as error:
            raise self.refusal(type(error).__name__) from None

    def refusal(self, why: str) -> CannotSeal:
        """The sentence for our own people."""
        host = urlsplit(self.url).hostname
        return CannotSeal(_("The time stamp authority %(host)s gave no time: %(why)s.", host=host, why=why))


def _exchange(url: str, body: bytes) -> bytes:
    """Raises OSError, HTTPException or ValueError."""
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    client: http.client.HTTPConnection
    if parts.scheme == "https":
        trust = ssl.create_default_context()
        client = http.client.HTTPSConnection(parts.hostname or "", parts.port, timeout=TIMEOUT, context=trust)
    else:
        client = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT)
    lines: list[Any] = []
    over = Timer(TIMEOUT, _hang_up, [client, lines])
    over.daemon = True
    over.start()
    try:
        client.request("POST", path, body, {"Content-Type": "application/timestamp-query", "Accept": REPLY})
        lines.append(client.sock)  # The client forgets it with the head of an answer that closes the line.
        answer = client.getresponse()
        if answer.status != 200:
            raise ValueError(f"status {answer.status}")
        if answer.headers.get_content_type() != REPLY:
            raise ValueError("another kind of answer")
        content = answer.read(MOST + 1)
        if len(content) > MOST:
            raise ValueError("too long")
        return content
    finally:
        over.cancel()
        client.close()


def _hang_up(client: Any, lines: list[Any]) -> None:
    for line in filter(None, [*lines, client.sock]):
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
