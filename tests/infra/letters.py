"""A mail server of our own on loopback, which keeps what it is sent and can be told to misbehave."""

import email
import email.policy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class MailServer:
    """What arrived, and how the server answers from now on."""

    url: str = ""
    received: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    answer: str = "250 Message accepted for delivery"
    _lock: Any = field(default_factory=threading.Lock)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            with self._lock:
                letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
                self.received.append(letter)
                self.recipients.append(list(envelope.rcpt_tos))
        return self.answer

    def to(self, address: str) -> list[EmailMessage]:
        """The letters that arrived for `address`, in order."""
        pairs = zip(self.received, self.recipients, strict=True)
        return [letter for letter, recipients in pairs if address in recipients]


class _Controller(Controller):
    def _trigger_server(self) -> None:
        """Port 0 means any free one, and its number is known only now."""
        server: Any = self.server
        self.port = server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def mail_server(port: int = 0) -> Iterator[MailServer]:
    """Run a mail server on 127.0.0.1; `url` is what PORTAL_SMTP_URL takes."""
    kept = MailServer()
    controller = _Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    kept.url = f"smtp://127.0.0.1:{controller.port}"
    try:
        yield kept
    finally:
        controller.stop()
