"""The files of a version: the plan as it was sent or signed in part, and the one that is sealed."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from pathlib import Path

from flask import current_app
from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock
from portal.db import Base, OwnedRow, new_ref


class Paper(OwnedRow):
    """A PDF in the data directory."""

    stored_as: Mapped[str] = mapped_column(String(32), unique=True)
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))

    @property
    def path(self) -> Path:
        """Where the bytes lie."""
        return folder() / self.stored_as


class PlanPaper(Base, Paper):
    """The plan once `signed` of its signers have signed, before it is sealed."""

    __tablename__ = "plan_paper"
    __table_args__ = (UniqueConstraint("version_id", "signed"),)

    version_id: Mapped[int] = mapped_column(ForeignKey("plan_version.id"))
    signed: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(default=clock.now)


class Seal(Base, Paper):
    """The final file of a version, with the certificate of completion and our organisation's seal over all of it: the
    same bytes for ever. One for each version, whoever signs when.

    `certificate` and `time_certificate` are SHA-256 fingerprints of the seal's certificate and, where a time stamp
    authority vouches for the time, of that authority's; `time_source` is its host. `audit_head` is the head of the
    account's chain that stands in the file.
    """

    __tablename__ = "plan_seal"

    version_id: Mapped[int] = mapped_column(ForeignKey("plan_version.id"), unique=True)
    sealed_at: Mapped[datetime]
    certificate: Mapped[str] = mapped_column(String(64))
    time_source: Mapped[str | None]
    time_certificate: Mapped[str | None] = mapped_column(String(64))
    audit_head: Mapped[str] = mapped_column(String(64))


def folder() -> Path:
    """Where the plans lie."""
    where: Path = current_app.config["PORTAL"].data_dir / "plans"
    return where


def keep(content: bytes) -> dict[str, str | int]:
    """Write these bytes to the disk for good, under a name of the server's own: the columns of a `Paper`. A file
    without a row, as of a transaction that was rolled back, goes with `printing.sweep`."""
    folder().mkdir(parents=True, exist_ok=True)
    stored_as = f"{new_ref()}.pdf"
    path = folder() / stored_as
    try:
        with path.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:  # A full disk: half a file only makes it fuller.
        path.unlink(missing_ok=True)
        raise
    _fsync_folder()
    return {"stored_as": stored_as, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def drop(kept: dict[str, str | int]) -> None:
    """Remove what `keep` has just written, because no row will name it."""
    (folder() / str(kept["stored_as"])).unlink(missing_ok=True)


def _fsync_folder() -> None:
    """Make the names in it survive a power cut."""
    handle = os.open(folder(), os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
