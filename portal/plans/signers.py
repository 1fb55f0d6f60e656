"""Who signs a version, and each signature as a row: what was read and typed, by whom, and how they showed it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock
from portal.accounts.models import User
from portal.db import Addressed, Base, OwnedRow, Word, one_of
from portal.plans.rules import Identified, SignerRole

LONGEST_NAME = 120
LONGEST_REASON = 600
SHA = 64


class ConsentText(Base):
    """What a signer agreed to about signing electronically, kept once for each wording and language, by its hash."""

    __tablename__ = "consent_text"

    sha256: Mapped[str] = mapped_column(String(SHA), unique=True)
    locale: Mapped[str] = mapped_column(String(16))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class PlanSigner(Base, OwnedRow, Addressed):
    """Somebody who is asked to sign one version. `typed_name`, `viewed_at` and `consented_at` are what they did so far;
    nothing is signed before they said again who they are. `asked_at` is when it became their turn."""

    __tablename__ = "plan_signer"
    __table_args__ = (
        UniqueConstraint("version_id", "user_id"),
        UniqueConstraint("version_id", "position"),
        one_of("role", SignerRole),
    )

    version_id: Mapped[int] = mapped_column(ForeignKey("plan_version.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    role: Mapped[SignerRole] = mapped_column(Word(SignerRole))
    position: Mapped[int]
    viewed_at: Mapped[datetime | None]
    typed_name: Mapped[str | None] = mapped_column(String(LONGEST_NAME))
    consented_at: Mapped[datetime | None]
    consent_sha256: Mapped[str | None] = mapped_column(String(SHA))
    asked_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    # The one before, when somebody else should sign.
    instead_of_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))

    user: Mapped[User] = relationship(foreign_keys=[user_id])
    instead_of: Mapped[User | None] = relationship(foreign_keys=[instead_of_id])


class Signature(Base, OwnedRow):
    """One signature, bound to the SHA-256 of the plan's canonical text and of the consent. It names the signer in words
    of its own, so that it stays what it was when the person changes or is erased."""

    __tablename__ = "signature"
    __table_args__ = (
        UniqueConstraint("version_id", "user_id"),
        one_of("role", SignerRole),
        one_of("identified_by", Identified),
    )

    version_id: Mapped[int] = mapped_column(ForeignKey("plan_version.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    role: Mapped[SignerRole] = mapped_column(Word(SignerRole))
    name: Mapped[str]
    email: Mapped[str]
    typed_name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    snapshot_sha256: Mapped[str] = mapped_column(String(SHA))
    consent_sha256: Mapped[str] = mapped_column(String(SHA), ForeignKey("consent_text.sha256"))
    identified_by: Mapped[Identified] = mapped_column(Word(Identified))
    identified_at: Mapped[datetime]
    viewed_at: Mapped[datetime]
    consented_at: Mapped[datetime]
    signed_at: Mapped[datetime]
    zone: Mapped[str] = mapped_column(String(64))
    ip: Mapped[str] = mapped_column(String(45), default="")
    user_agent: Mapped[str] = mapped_column(String(300), default="")

    user: Mapped[User] = relationship()
