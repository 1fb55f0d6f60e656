"""From a letter to the bytes that leave. Headers take no line break, whoever typed what stands in them."""

import base64
import html as markup
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from portal import clock


def compose(letter: Any, replacements: dict[str, str], sender: str) -> EmailMessage:
    """The message as it leaves: text and html side by side, files attached, a Message-ID that never changes.

    `letter` is a row of the outbox, `sender` the address that it comes from.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(letter.from_name or "", addr_spec=sender)
    message["To"] = Address(addr_spec=_for_the_wire(letter.address))
    if letter.reply_to:
        message["Reply-To"] = Address(addr_spec=letter.reply_to)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{letter.message_id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_replace(letter.text, replacements))
    if letter.html:
        escaped = {name: markup.escape(value) for name, value in replacements.items()}
        message.add_alternative(_replace(letter.html, escaped), subtype="html")
    for name, mime, content in letter.attachments:
        _attach(message, name, mime, base64.b64decode(content))
    return message


def _attach(message: EmailMessage, name: str, mime: str, content: bytes) -> None:
    kind, *parameters = (part.strip() for part in mime.split(";"))
    main, _slash, sub = kind.partition("/")
    message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    part = list(message.iter_attachments())[-1]
    for parameter in parameters:
        key, _equals, value = parameter.partition("=")
        part.set_param(key, value)


def _replace(template: str, replacements: dict[str, str]) -> str:
    for name, value in replacements.items():
        template = template.replace("{{" + name + "}}", value)
    return template


def one_line(header: str | None) -> str | None:
    if header is not None and any(ord(c) < 32 or ord(c) == 127 for c in header):
        raise ValueError("a mail header takes one line of text")
    return header


def _for_the_wire(address: str) -> str:
    """The address with its domain in ASCII, as every mail server takes it."""
    name, _at, domain = address.rpartition("@")
    return f"{name}@{domain.encode('idna').decode()}"


def one_address(who: str) -> None:
    one_line(who)
    try:
        whole = str(Address(addr_spec=who)) == who
    except (ValueError, IndexError, MessageError):
        whole = False
    if not whole or " " in who:
        raise ValueError("a letter goes to one e-mail address")
