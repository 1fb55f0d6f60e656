"""What happened: rows that are only ever added, each chained by its hash to the one before.

One chain per account and one for the installation. A row hashes a salted digest of its personal fields, which
stand in a column of their own: erasing blanks the column, and the chain still verifies.
"""

import hashlib
import json
import secrets
from datetime import UTC, datetime
from enum import StrEnum, auto
from typing import Any

from flask import g, has_request_context, request
from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, bindparam, select, text
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock, db
from portal.activity.verbs import ANSWERED_AT_ONCE
from portal.activity.verbs import Verb as Verb
from portal.db import Base, BigId, Word, one_of
from portal.jobs import insert_if_new, put

INSTALLATION = 0
FIRST = "0" * 64
# What concerns a company and none of its roads more than another: who was invited, joined, left, may do what.
OF_THE_COMPANY = "onboarding_id IS NULL AND audience = 'customer'"


class Audience(StrEnum):
    """Who may read of it: everybody on the road, or the provider's staff only."""

    CUSTOMER = auto()
    STAFF = auto()


class Activity(Base):
    """One thing that happened. `personal` holds names, free text and the address it came from, and may be blanked;
    `data` holds `before` and `after` and nothing personal."""

    __tablename__ = "activity"
    __table_args__ = (
        UniqueConstraint("chain", "seq"),
        Index("ix_activity_timeline", "onboarding_id", "id"),
        Index(
            "ix_activity_company",
            "account_id",
            "id",
            postgresql_where=text(OF_THE_COMPANY),
            sqlite_where=text(OF_THE_COMPANY),
        ),
        Index("ix_activity_subject", "subject_type", "subject_id"),
        one_of("audience", Audience),
    )

    chain: Mapped[int] = mapped_column(BigId)
    seq: Mapped[int]
    account_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    onboarding_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("onboarding.id"))
    at: Mapped[datetime]
    verb: Mapped[Verb] = mapped_column(Word(Verb))
    actor_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("app_user.id"), index=True)
    on_behalf_of_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("app_user.id"))
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int] = mapped_column(BigId)
    audience: Mapped[Audience] = mapped_column(Word(Audience))
    data: Mapped[dict[str, Any]]
    personal: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    personal_digest: Mapped[str] = mapped_column(String(64))
    request_id: Mapped[str | None] = mapped_column(String(64))
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

    def hashed(self) -> str:
        """The hash that this row's fields give now."""
        fields = {name: getattr(self, name) for name in HASHED}
        return digest({**fields, "at": self.at.astimezone(UTC).isoformat()})


HASHED = (
    "chain", "seq", "account_id", "onboarding_id", "verb", "actor_id", "on_behalf_of_id", "subject_type",
    "subject_id", "audience", "data", "personal_digest", "request_id", "prev_hash",
)  # fmt: skip


class AuditChain(Base):
    """The head of one chain: how many rows it has and the hash of the last. Its id is the account's, or 0."""

    __tablename__ = "audit_chain"

    seq: Mapped[int] = mapped_column(default=0)
    head: Mapped[str] = mapped_column(String(64), default=FIRST)


def record(
    subject: Any,
    verb: Verb,
    *,
    by: Any,
    onboarding: Any = None,
    account_id: int | None = None,
    on_behalf_of: Any = None,
    before: Any = None,
    after: Any = None,
    personal: dict[str, Any] | None = None,
    audience: str = Audience.CUSTOMER,
) -> Activity:
    """Remember that this happened, in the caller's transaction; its chain stays locked until that ends.

    `by` is the user who did it, None for the portal itself. The account is the onboarding's or the subject's
    own; without one it goes to the installation's chain. `before` and `after` are plain values without
    anything personal; names and free text go into `personal`, where `who`, `what`, `whom` and `why` are the
    words the sentences use (`who` and `what` are filled in from `by` and the subject's title or name).
    """
    if subject.id is None:
        db.session.flush()
    account_id = account_id or _account(onboarding) or _account(subject)
    head = _head(account_id)
    private = _private(subject, by, on_behalf_of, personal or {})
    given = {"before": before, "after": after}
    row = Activity(
        chain=head.id, seq=head.seq + 1, account_id=account_id, onboarding_id=onboarding and onboarding.id,
        at=clock.now(), verb=verb, actor_id=by and by.id, on_behalf_of_id=on_behalf_of and on_behalf_of.id,
        subject_type=subject.__tablename__, subject_id=subject.id, audience=Audience(audience),
        data=plain({name: value for name, value in given.items() if value is not None}), personal=private,
        personal_digest=digest(private), request_id=g.get("request_id") if has_request_context() else None,
        prev_hash=head.head,
    )  # fmt: skip
    row.hash = row.hashed()
    head.seq, head.head = row.seq, row.hash
    db.session.add(row)
    if verb in ANSWERED_AT_ONCE:
        db.session.flush()
        put("triggers.answer", {"activity": row.id}, account_id=account_id)
    return row


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON of a plain value, in hexadecimal."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def plain(value: Any) -> Any:
    """The value as it comes back from a JSON column: dates, fractions and enums as text."""
    return json.loads(json.dumps(value, default=str))


def _private(subject: Any, by: Any, on_behalf_of: Any, given: dict[str, Any]) -> dict[str, Any]:
    """The erasable part. The salt keeps a short name from being guessed by its digest once it is erased."""
    known = {
        "who": by and by.name,
        "for": on_behalf_of and on_behalf_of.name,
        "what": getattr(subject, "title", None) or getattr(subject, "name", None),
        "ip": request.remote_addr if has_request_context() else None,
    }
    filled = {name: value for name, value in known.items() if value is not None}
    return plain({**filled, **given, "salt": secrets.token_hex(16)})


def _account(row: Any) -> int | None:
    if getattr(row, "__tablename__", None) == "account":
        return row.id
    return getattr(row, "account_id", None)


def _head(account_id: int | None) -> AuditChain:
    """The chain's head, locked for the rest of this transaction; selected once per transaction."""
    chain = account_id or INSTALLATION
    session = db.session()
    transaction = session.get_transaction() or session.begin()
    if session.info.get("transaction") is not transaction:
        session.info.update(transaction=transaction, chains={})
    held: dict[int, AuditChain] = session.info["chains"]
    if chain not in held or held[chain] not in session:
        held[chain] = _locked(chain) or _begun(chain, account_id)
    return held[chain]


def _locked(chain: int) -> AuditChain | None:
    return db.session.scalar(_HEAD, {"chain": chain})


_HEAD = (
    select(AuditChain)
    .where(AuditChain.id == bindparam("chain"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


def _begun(chain: int, account_id: int | None) -> AuditChain:
    """A new chain. The installation's chain notes that it began: a chain removed whole is missed there."""
    new = insert_if_new(AuditChain, id=chain, seq=0, head=FIRST)
    head = _locked(chain)
    if head is None:
        raise RuntimeError(f"audit chain {chain} could not be begun")
    if new and account_id is not None:
        record(_Chain(chain), Verb.CHAIN_BEGUN, by=None, audience=Audience.STAFF)
    return head


class _Chain:
    """A chain as the subject of an activity; it belongs to the installation, so it names no account."""

    __tablename__ = "audit_chain"

    def __init__(self, chain: int) -> None:
        self.id = chain
