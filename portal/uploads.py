"""A file in, and out again: judged by its content, kept under a name of the server's own, sent as an attachment.

The limits are those of security.md rule 9; the quotas per account are ours.
"""

import hashlib
import os
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from enum import StrEnum, auto
from pathlib import Path
from typing import IO, Protocol

from flask import Response, abort, after_this_request, current_app, has_request_context, send_file
from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.datastructures import FileStorage

from portal import clock, db
from portal.db import Addressed, Base, OwnedRow, Word, new_ref, one_of
from portal.errors import Refused
from portal.filekinds import Kind, clean_name, judge

MEGABYTE = 1024 * 1024
MOST_BYTES = 25 * MEGABYTE
MOST_DOCUMENTS = 500  # of one account, without those that were removed
MOST_BYTES_OF_ACCOUNT = 2048 * MEGABYTE
CHUNK = 64 * 1024
REPEATED_WITHIN = timedelta(seconds=10)
KEEP_REMOVED = timedelta(days=30)
KEEP_STRAYS = timedelta(days=1)


class Audience(StrEnum):
    """Who sees a document: both companies, or the provider's staff alone."""

    SHARED = auto()
    STAFF = auto()


class HasId(Protocol):
    """A row; here, the person or staff member who uploads."""

    @property
    def id(self) -> int: ...


class Document(Base, OwnedRow, Addressed):
    """A file that somebody gave, at a step or for the whole road."""

    __tablename__ = "document"
    __table_args__ = (one_of("kind", Kind), one_of("audience", Audience))

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"), index=True)
    step_id: Mapped[int | None] = mapped_column(ForeignKey("step.id"), index=True)
    uploader_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    name: Mapped[str]
    kind: Mapped[Kind] = mapped_column(Word(Kind))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    stored_as: Mapped[str] = mapped_column(String(32), unique=True)
    audience: Mapped[Audience] = mapped_column(Word(Audience), default=Audience.SHARED)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    removed_at: Mapped[datetime | None]

    is_repeat = False  # Whether this request has sent again what was there a moment before.

    @property
    def path(self) -> Path:
        """Where the bytes lie."""
        return folder() / self.stored_as

    @property
    def size_text(self) -> str:
        """How large it is, in words: `340 kB`, `2.4 MB`."""
        if self.size < MEGABYTE:
            return _("%(size)s kB", size=format_decimal(max(1, round(self.size / 1024))))
        return _("%(size)s MB", size=_megabytes(self.size))

    def remove(self) -> None:
        """Take it off every page; the bytes go 30 days later. Removing it twice changes nothing."""
        self.removed_at = self.removed_at or clock.now()


def documents(onboarding_id: int, *, for_staff: bool, step_id: int | None = None) -> list[Document]:
    """What is shared on one road, or at one of its steps, newest first."""
    query = select(Document).where(Document.onboarding_id == onboarding_id, Document.removed_at.is_(None))
    if not for_staff:
        query = query.where(Document.audience == Audience.SHARED)
    if step_id is not None:
        query = query.where(Document.step_id == step_id)
    return list(db.session.scalars(query.order_by(Document.created_at.desc(), Document.id.desc())))


def documents_of(step_ids: Collection[int]) -> dict[int, list[Document]]:
    """What came with each of these steps, newest first, for staff; one statement."""
    found: dict[int, list[Document]] = {step_id: [] for step_id in step_ids}
    query = select(Document).where(Document.step_id.in_(step_ids), Document.removed_at.is_(None))
    for document in db.session.scalars(query.order_by(Document.created_at.desc(), Document.id.desc())):
        if document.step_id is not None:
            found[document.step_id].append(document)
    return found


# --- In -----------------------------------------------------------------------------------------


def receive(
    storage: FileStorage | None,
    *,
    account_id: int,
    onboarding_id: int,
    step_id: int | None = None,
    by: HasId,
    audience: Audience = Audience.SHARED,
) -> Document:
    """Keep this file. The bytes are on the disk before the row can commit, and go when the request is refused.

    Sent twice at once, as by two clicks, it is kept once: the second gets the document of the first, `is_repeat`.
    Raises Refused, with field `file`, when it is missing, too large, of a kind we don't take, or one too many.
    """
    if storage is None or not storage.filename:
        raise Refused(_("Choose a file to send."), field="file")
    stored_as = _new_place()
    document = Document(
        account_id=account_id,
        onboarding_id=onboarding_id,
        step_id=step_id,
        uploader_id=by.id,
        stored_as=stored_as,
        audience=audience,
    )
    if earlier := _store(storage, folder() / stored_as, document):
        earlier.is_repeat = True
        return earlier
    _leave_with_a_refusal(folder() / stored_as)
    db.session.add(document)
    db.session.flush()
    return document


def _store(storage: FileStorage, path: Path, document: Document) -> Document | None:
    """Bring the bytes to `path`, whole and for good, or leave nothing there. The document that has them already."""
    part = path.with_name(path.name + ".part")
    try:
        with part.open("xb+") as file:
            document.size, document.sha256 = _copy(storage.stream, file)
            document.kind = judge(file, storage.filename or "")
            document.name = clean_name(storage.filename or "", document.kind)
            _take_turns(document.account_id)
            if earlier := _sent_before(document):
                part.unlink()
                return earlier
            _check_quota(document.account_id, document.size)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _fsync_folder(path.parent)
    return None


def _leave_with_a_refusal(path: Path) -> None:
    """Remove the bytes when this request is answered with a refusal, which keeps no row either.

    Whether a row is there after a commit that failed, nobody knows: then they are a stray, and `sweep` decides.
    """
    if has_request_context():

        @after_this_request
        def go(response: Response) -> Response:
            if response.status_code >= 400:
                path.unlink(missing_ok=True)
            return response


def folder() -> Path:
    """The directory that holds every uploaded file of this install."""
    return current_app.config["PORTAL"].data_dir / "uploads"


def _new_place() -> str:
    name = new_ref()
    place = f"{name[:2]}/{name}"
    home = (folder() / place).parent
    if not home.is_dir():
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        _fsync_folder(home.parent)
    return place


def _copy(source: IO[bytes], target: IO[bytes]) -> tuple[int, str]:
    """Size and SHA-256 of what was copied; what is too large is counted to its end but not kept."""
    size, digest = 0, hashlib.sha256()
    while chunk := source.read(CHUNK):
        size += len(chunk)
        if size <= MOST_BYTES:
            digest.update(chunk)
            target.write(chunk)
    if size > MOST_BYTES:
        raise Refused(
            _(
                "The file is %(size)s MB. Send one under %(most)s MB, or share a link.",
                size=_megabytes(size),
                most=MOST_BYTES // MEGABYTE,
            ),
            field="file",
        )
    if not size:
        raise Refused(_("The file is empty. Choose the one with your content."), field="file")
    return size, digest.hexdigest()


def _megabytes(size: int) -> str:
    """One decimal, rounded up: a file just above the limit never reads as the limit itself."""
    return format_decimal(-(-size * 10 // MEGABYTE) / 10)


def _take_turns(account_id: int) -> None:
    """From here on, uploads of one account go one at a time, each of which sees what the one before has kept."""
    account = Base.metadata.tables["account"]
    db.session.execute(select(account.c.id).where(account.c.id == account_id).with_for_update())


def _sent_before(document: Document) -> Document | None:
    """The same file that the same person sent to the same place within the last seconds."""
    same = ("onboarding_id", "step_id", "uploader_id", "audience", "name", "sha256", "removed_at")
    alike = select(Document).filter_by(**{column: getattr(document, column) for column in same})
    return db.session.scalar(alike.where(Document.created_at > clock.now() - REPEATED_WITHIN).limit(1))


def _check_quota(account_id: int, size: int) -> None:
    """Raises Refused when the account has no room left."""
    held = select(func.count(), func.coalesce(func.sum(Document.size), 0)).where(
        Document.account_id == account_id, Document.removed_at.is_(None)
    )
    count, total = db.session.execute(held).one()
    if count >= MOST_DOCUMENTS:
        raise Refused(
            ngettext(
                "%(num)s document is here, all we keep for one company. Remove one on the Documents page first.",
                "%(num)s documents are here, all we keep for one company. Remove one on the Documents page first.",
                count,
            ),
            field="file",
        )
    if total + size > MOST_BYTES_OF_ACCOUNT:
        raise Refused(
            _(
                "Documents fill the %(most)s MB we keep for one company. Remove one on the Documents page first.",
                most=format_decimal(MOST_BYTES_OF_ACCOUNT // MEGABYTE),
            ),
            field="file",
        )


def _fsync_folder(path: Path) -> None:
    """Make the names in this directory survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# --- Out ----------------------------------------------------------------------------------------


def send(document: Document) -> Response:
    """The file as an attachment, which no browser shows as a page of ours. 404 when it was removed."""
    if document.removed_at is not None or not document.path.is_file():
        abort(404)
    response = send_file(
        document.path,
        mimetype=document.kind.mime,
        as_attachment=True,
        download_name=document.name,
        etag=document.sha256,
        last_modified=document.created_at,
        max_age=0,
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def sweep() -> int:
    """Delete bytes that no document holds: of removed documents after 30 days, strays after one.

    How many files went. Run twice, the second run finds nothing.
    """
    gone = 0
    for home in sorted(folder().glob("*/")):
        kept = _kept(home.name)
        for path in home.iterdir():
            if f"{home.name}/{path.name}" not in kept and _is_old(path):
                path.unlink(missing_ok=True)
                gone += 1
    return gone


def _kept(prefix: str) -> set[str]:
    rows: Iterable[str] = db.session.scalars(
        select(Document.stored_as).where(
            Document.stored_as.startswith(f"{prefix}/", autoescape=True),
            Document.removed_at.is_(None) | (Document.removed_at > clock.now() - KEEP_REMOVED),
        )
    )
    return set(rows)


def _is_old(path: Path) -> bool:
    return path.stat().st_mtime < (clock.now() - KEEP_STRAYS).timestamp()
