"""The outbox: a letter is a row put in the caller's transaction, and leaves afterwards by the worker.

So a rolled-back request never mails. A letter leaves at least once, always with the same Message-ID, by which
a repeat is recognised. Without a mail server it becomes an `.eml` file under the data directory.

Secrets never rest here. A letter with a link that signs somebody in holds a placeholder (`{{link}}`) and the
name of a filler; the filler makes the token when the letter is about to leave and stores its hash. It is called
for every attempt, and decides whether a repeat carries the same token or a new one in place of the old.
"""

import base64
import os
import secrets
import smtplib
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import JSON, ForeignKey, Index, String, Text, cast, exists, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock, db, jobs, mime
from portal.config import LOOPBACK, Config
from portal.db import Base, BigId

TIMEOUT = 15  # Seconds for each exchange with the mail server.
UNTRUSTED_AFTER = timedelta(minutes=10)


class Letter(Base):
    """One letter to one address. Neither sent nor dropped: still waiting."""

    __tablename__ = "letter"
    __table_args__ = (
        Index("ix_letter_waiting", "created_at", postgresql_where=text("sent_at IS NULL AND dropped_at IS NULL"),
              sqlite_where=text("sent_at IS NULL AND dropped_at IS NULL")),
    )  # fmt: skip

    account_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("app_user.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    about: Mapped[str | None] = mapped_column(index=True)
    address: Mapped[str] = mapped_column(String(254))
    from_name: Mapped[str | None]
    reply_to: Mapped[str | None] = mapped_column(String(254))
    subject: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str | None] = mapped_column(Text)
    attachments: Mapped[list[Any]] = mapped_column(JSON, default=list)
    fill: Mapped[list[Any] | None] = mapped_column(JSON)
    message_id: Mapped[str] = mapped_column(String(64), unique=True, default=lambda: secrets.token_hex(16))
    not_before: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    sent_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]
    dropped_because: Mapped[str | None]

    def drop(self, reason: str) -> None:
        """This letter is not sent any more."""
        self.dropped_at, self.dropped_because = clock.now(), reason[:200]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a letter. `mime` is a full type, parameters allowed: `text/calendar; method=REQUEST`."""

    name: str
    mime: str
    content: bytes


Filler = Callable[..., dict[str, str] | None]
Gate = Callable[[Letter], datetime | None]

_fillers: dict[str, Filler] = {}
_gate: Gate | None = None
_settings: Config | None = None


def configure(settings: Config) -> None:
    """How letters leave from this process."""
    global _settings
    _settings = settings


def filler(name: str) -> Callable[[Filler], Filler]:
    """Register a function that is called, in a transaction of its own, when a letter is about to leave.

    It gets the letter's `fill` values as keywords and returns what replaces each `{{name}}` in the text and the
    html (escaped there), or None when the letter is no longer wanted.
    """

    def register(function: Filler) -> Filler:
        _fillers[name] = function
        return function

    return register


def gate(function: Gate) -> Gate:
    """Register the function that is asked before each letter leaves: a moment puts it off, None lets it go."""
    global _gate
    _gate = function
    return function


def put(
    *,
    address: str,
    subject: str,
    text: str,
    html: str | None = None,
    kind: str,
    user_id: int | None = None,
    account_id: int | None = None,
    from_name: str | None = None,
    reply_to: str | None = None,
    attachments: Sequence[Attachment] = (),
    about: str | None = None,
    not_before: datetime | None = None,
    fill: tuple[str, dict[str, Any]] | None = None,
) -> Letter:
    """Put a letter into the outbox, in the caller's transaction; it leaves at once or at `not_before`.

    `about` is a key of the caller's choice by which `withdraw` finds it. `fill` names a registered filler and
    its values (ids, never secrets). Raises ValueError for a header that holds a line break or no address.
    """
    for header in (
        subject,
        from_name,
        *(file.name for file in attachments),
        *(file.mime for file in attachments),
    ):
        mime.one_line(header)
    for who in (address, reply_to):
        if who is not None:
            mime.one_address(who)
    letter = Letter(
        account_id=account_id, user_id=user_id, kind=kind, about=about, address=address, subject=subject[:200],
        from_name=from_name, reply_to=reply_to, text=text, html=html, not_before=not_before,
        attachments=[[f.name, f.mime, base64.b64encode(f.content).decode()] for f in attachments],
        fill=list(fill) if fill else None,
    )  # fmt: skip
    db.session.add(letter)
    db.session.flush()
    _queue(letter)
    return letter


def withdraw(about: str) -> list[int]:
    """Drop the letters about this that have not left yet; returns their ids."""
    waiting = update(Letter).where(
        Letter.about == about, Letter.sent_at.is_(None), Letter.dropped_at.is_(None)
    )
    dropped = waiting.values(dropped_at=clock.now(), dropped_because="withdrawn").returning(Letter.id)
    return list(db.session.scalars(dropped))


def sweep() -> int:
    """Queue the letters anew that wait without a job, because somebody emptied the queue; returns how many."""
    with db.transaction():
        job = exists().where(jobs.Job.key == "letter:" + cast(Letter.id, String))
        lost = select(Letter).where(
            Letter.sent_at.is_(None),
            Letter.dropped_at.is_(None),
            Letter.created_at < clock.now() - UNTRUSTED_AFTER,
            ~job,
        )
        return sum(_queue(letter) for letter in db.session.scalars(lost).all())


# --- Sending --------------------------------------------------------------------------------------


def _gave_up(payload: dict[str, Any], reason: str) -> None:
    letter = db.session.get(Letter, payload["letter"])
    if letter is not None and letter.sent_at is None:
        letter.drop(f"Given up: {reason}")


@jobs.handles("mail.send", gave_up=_gave_up)
def send(claim: jobs.Claim) -> None:
    """Send one letter of the outbox: read and fill it, let it leave outside any transaction, mark it sent."""
    letter_id = claim.payload["letter"]
    later = message = None
    with claim.transaction():
        letter = db.session.get(Letter, letter_id)
        if letter is not None and not letter.sent_at and not letter.dropped_at:
            later = _gate(letter) if _gate else None
            message = None if later else _ready(letter)
    if later:
        raise jobs.Later("Put off.", at=later)
    if message is None:
        return
    refusal = _deliver(message, letter_id)
    with claim.finish():
        letter = db.session.get_one(Letter, letter_id)
        if refusal:
            letter.drop(refusal)
        else:
            letter.sent_at = clock.now()


def _ready(letter: Letter) -> EmailMessage | None:
    """The message to send now; None when nobody wants it any more."""
    replacements: dict[str, str] | None = {}
    if letter.fill:
        name, values = letter.fill
        replacements = _fillers[name](**values)
    if replacements is None:
        letter.drop("no longer wanted")
        return None
    return compose(letter, replacements)


def compose(letter: Letter, replacements: dict[str, str]) -> EmailMessage:
    """The message as it leaves, with the placeholders filled."""
    return mime.compose(letter, replacements, _configured().mail_from)


def _deliver(message: EmailMessage, letter_id: int) -> str | None:
    """Let the message leave. Returns why the mail server will never take it, else None. Raises Later."""
    settings = _configured()
    if settings.smtp_url is None:
        _write(message, settings.data_dir / "mail")
        return None
    try:
        _smtp(settings.smtp_url, message)
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        return _verdict(f"The mail server does not take letters for this address ({code}).", code)
    except smtplib.SMTPDataError as error:
        return _verdict(f"The mail server did not take this letter ({error.smtp_code}).", error.smtp_code)
    except (OSError, smtplib.SMTPException) as error:
        answer = error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else ""
        raise jobs.Later(
            f"Letter {letter_id} did not leave: {type(error).__name__} {answer}".strip()
        ) from None
    return None


def _verdict(sentence: str, code: int) -> str:
    """A refusal for good is the answer; one for now (4xx) means trying again."""
    if code < 500:
        raise jobs.Later(sentence) from None
    return sentence


def _smtp(url: str, message: EmailMessage) -> None:
    parts = urlsplit(url)
    host, near = parts.hostname or "", parts.hostname in LOOPBACK
    trust = ssl.create_default_context()
    if near:
        # A relay on the same machine usually shows a certificate made for nobody.
        trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    secure = parts.scheme == "smtps"
    client: smtplib.SMTP
    if secure:
        client = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT, context=trust)
    else:
        client = smtplib.SMTP(host, parts.port or 25, timeout=TIMEOUT)
    try:
        client.ehlo()
        if not secure and client.has_extn("starttls"):
            client.starttls(context=trust)
            client.ehlo()
            secure = True
        if parts.username:
            if not (secure or near):
                raise jobs.Later("The mail server offers no encryption, so the password was not sent.")
            client.login(unquote(parts.username), unquote(parts.password or ""))
        client.send_message(message)
    finally:
        # The letter is taken once the server said so; a clumsy goodbye must not send it twice.
        with suppress(OSError, smtplib.SMTPException):
            client.quit()
        client.close()


def _write(message: EmailMessage, folder: Path) -> None:
    """Write the message as one whole file, for its owner only: it may hold a link that signs somebody in."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = message["Message-ID"].strip("<>").partition("@")[0]
    unfinished = folder / f".{name}.{secrets.token_hex(4)}"
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(message.as_bytes())
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(folder / f"{name}.eml")


def _queue(letter: Letter) -> bool:
    return jobs.put(
        "mail.send",
        {"letter": letter.id},
        at=letter.not_before,
        key=f"letter:{letter.id}",
        account_id=letter.account_id,
    )


def _configured() -> Config:
    if _settings is None:
        raise RuntimeError("mail.configure has not been called")
    return _settings
