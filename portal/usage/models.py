"""Usage events as they came in, what each day adds up to, and who the product's users are."""

from datetime import date, datetime
from enum import StrEnum, auto
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock
from portal.accounts.models import Person
from portal.db import Base, BigId, OwnedRow, Word, one_of
from portal.usage.rejects import Reason

LONGEST_NAME = 200
WAITING = text("account_id IS NULL")


class EventKind(StrEnum):
    """The calls of the tracking API."""

    TRACK = auto()
    IDENTIFY = auto()
    GROUP = auto()
    PAGE = auto()
    SCREEN = auto()
    ALIAS = auto()


class UsageSource(Base):
    """A program that sends events, by the name of its keys. Message ids are its own."""

    __tablename__ = "usage_source"

    name: Mapped[str] = mapped_column(String(80), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class UsageEvent(Base):
    """One event as it came. Without an account it waits, for a `group` call of its user or an account with the name
    `group_key`; then it counts like any other. `at` is corrected by the sender's clock."""

    __tablename__ = "usage_event"
    __table_args__ = (
        UniqueConstraint("source_id", "message_id"),
        one_of("kind", EventKind),
        Index("ix_usage_event_account", "account_id", "at"),
        Index("ix_usage_event_received", "source_id", "received_at"),
        Index("ix_usage_event_waiting", "source_id", "user_key", sqlite_where=WAITING, postgresql_where=WAITING),
        Index("ix_usage_event_unknown", "group_key", sqlite_where=WAITING, postgresql_where=WAITING),
    )  # fmt: skip

    source_id: Mapped[int] = mapped_column(ForeignKey("usage_source.id"))
    message_id: Mapped[str] = mapped_column(String(LONGEST_NAME))
    account_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    kind: Mapped[EventKind] = mapped_column(Word(EventKind))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    user_key: Mapped[str | None] = mapped_column(String(LONGEST_NAME))
    group_key: Mapped[str | None] = mapped_column(String(LONGEST_NAME))
    at: Mapped[datetime]
    received_at: Mapped[datetime]
    props: Mapped[dict[str, Any]] = mapped_column(JSON)


class UsageDay(Base, OwnedRow):
    """How often one thing happened in one account on one of its days. `metric` is the event's name."""

    __tablename__ = "usage_day"
    __table_args__ = (UniqueConstraint("account_id", "metric", "day"), Index(None, "account_id", "day"))

    day: Mapped[date]
    metric: Mapped[str] = mapped_column(String(LONGEST_NAME))
    count: Mapped[int] = mapped_column(default=0)


class UsageUser(Base, OwnedRow):
    """Somebody who uses the product in one account, by the id that sources know them by. `person_id` is who that is
    here, when the address is known. Address and name are those of the latest event that told them."""

    __tablename__ = "usage_user"
    __table_args__ = (UniqueConstraint("account_id", "key"), Index(None, "account_id", "last_seen_at"))

    key: Mapped[str] = mapped_column(String(LONGEST_NAME))
    email: Mapped[str | None] = mapped_column(String(254))
    name: Mapped[str | None] = mapped_column(String(120))
    person_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"), index=True)
    email_at: Mapped[datetime | None]
    name_at: Mapped[datetime | None]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]

    person: Mapped[Person | None] = relationship()


class UsagePersonDay(Base, OwnedRow):
    """How often one user of the product did one thing on one day of their account's."""

    __tablename__ = "usage_person_day"
    __table_args__ = (UniqueConstraint("user_id", "metric", "day"), Index(None, "account_id", "day"))

    user_id: Mapped[int] = mapped_column(ForeignKey("usage_user.id"))
    day: Mapped[date]
    metric: Mapped[str] = mapped_column(String(LONGEST_NAME))
    count: Mapped[int] = mapped_column(default=0)


class UsageImported(Base, OwnedRow):
    """What a file last said of one day: sent again it sets the same, and never counts twice. `user_key` is empty where
    it named nobody."""

    __tablename__ = "usage_imported"
    __table_args__ = (UniqueConstraint("account_id", "metric", "day", "user_key"),)

    day: Mapped[date]
    metric: Mapped[str] = mapped_column(String(LONGEST_NAME))
    user_key: Mapped[str] = mapped_column(String(LONGEST_NAME))
    count: Mapped[int]


class UsageGroup(Base, OwnedRow):
    """Which account a user of a source belongs to, by their last `group` call."""

    __tablename__ = "usage_group"
    __table_args__ = (UniqueConstraint("source_id", "user_key"),)

    source_id: Mapped[int] = mapped_column(ForeignKey("usage_source.id"))
    user_key: Mapped[str] = mapped_column(String(LONGEST_NAME))
    at: Mapped[datetime]


class UsageReject(Base):
    """An event that could not be used, with the reason in a word and the beginning of what came."""

    __tablename__ = "usage_reject"
    __table_args__ = (UniqueConstraint("source_id", "message_id"), one_of("reason", Reason))

    source_id: Mapped[int] = mapped_column(ForeignKey("usage_source.id"))
    reason: Mapped[Reason] = mapped_column(Word(Reason))
    message_id: Mapped[str] = mapped_column(String(LONGEST_NAME))
    excerpt: Mapped[str] = mapped_column(String(500))
    received_at: Mapped[datetime] = mapped_column(index=True)
