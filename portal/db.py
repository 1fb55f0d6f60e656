"""The database: one session per request or job, one commit, in one place."""

import random
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Engine,
    ForeignKey,
    Integer,
    MetaData,
    String,
    create_engine,
    event,
    func,
    make_url,
    text,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    SessionTransaction,
    declared_attr,
    mapped_column,
    scoped_session,
    sessionmaker,
)

from portal import sqlite
from portal.columns import REF_LENGTH, DecimalText, FractionText, Ref
from portal.columns import BigId as BigId
from portal.columns import Numbered as Numbered
from portal.columns import UtcDateTime as UtcDateTime
from portal.columns import Word as Word
from portal.columns import one_of as one_of

session: scoped_session[Session] = scoped_session(sessionmaker(expire_on_commit=False))

# How long a hasty transaction waits for another's lock on PostgreSQL; on SQLite not at all.
HASTE = "100ms"

# Letters that are not mistaken for one another when an address is read aloud.
ALPHABET = "23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
_choose: Any = secrets.SystemRandom()
_writing: Engine | Connection | None = None
_reading: Engine | Connection | None = None


# --- Connecting ---------------------------------------------------------------------------------


def connect(url: str) -> None:
    """Bind this process to the database at `url`, replacing any database bound before.

    Reading requests get connections on which the database itself refuses to write.
    """
    disconnect()
    if url.startswith("sqlite"):
        Path(make_url(url).database or "").parent.mkdir(parents=True, exist_ok=True)
        bind(sqlite.engine(url, reading=False), sqlite.engine(url, reading=True))
    else:
        options = {"pool_size": 10, "max_overflow": 10, "pool_pre_ping": True, "hide_parameters": True}
        bind(
            create_engine(url, **options),
            create_engine(
                url,
                isolation_level="AUTOCOMMIT",
                connect_args={"options": "-c default_transaction_read_only=on"},
                **options,
            ),
        )


def bind(writing: Engine | Connection, reading: Engine | Connection) -> None:
    """Use these two for writing and reading requests (tests pass one and the same connection)."""
    global _writing, _reading
    session.remove()
    _writing, _reading = writing, reading
    session.configure(bind=writing)


def disconnect() -> None:
    """Let go of every connection."""
    session.remove()
    for engine in (_writing, _reading):
        if isinstance(engine, Engine):
            engine.dispose()


def start(*, reading: bool = False) -> None:
    """Begin this thread's session afresh; a reading session can't change anything.

    Raises RuntimeError when the one before has changed something and was neither committed nor rolled back.
    """
    _renew(_reading if reading else _writing)


def writing_engine() -> Engine:
    """The engine that may write. Raises RuntimeError before `connect`."""
    if _writing is None:
        raise RuntimeError("no database is connected")
    return _writing.engine


def is_sqlite() -> bool:
    """Whether the bound database is SQLite."""
    return writing_engine().dialect.name == "sqlite"


def lowered(text: ColumnElement[str]) -> ColumnElement[str]:
    """This text in small letters, whatever their alphabet."""
    return func.lowered(text) if is_sqlite() else func.lower(text)


@contextmanager
def transaction(*, hasty: bool = False) -> Iterator[None]:
    """A session of its own for a job or a command: commits at the end, rolls back on any error.

    A hasty one raises OperationalError at once when somebody else holds the lock that it needs. Raises RuntimeError
    inside another transaction, whose work it would drop.
    """
    bind = _writing
    if hasty and isinstance(bind, Engine):
        bind = bind.execution_options(hasty=True)
    _renew(bind)
    session.info[OPEN] = True
    try:
        if hasty and not is_sqlite():
            session.execute(text(f"SET LOCAL lock_timeout = '{HASTE}'"))
        yield
        session.commit()
    finally:
        session.remove()


@contextmanager
def reading() -> Iterator[None]:
    """A session of its own that can't change anything and waits for nobody's lock."""
    start(reading=True)
    try:
        yield
    finally:
        session.remove()


# --- What a session has changed -----------------------------------------------------------------

OPEN, CHANGED = "open", "changed"


def _renew(bind: Engine | Connection | None) -> None:
    if session.registry.has() and (OPEN in session.info or CHANGED in session.info or session.new):
        raise RuntimeError(
            "A transaction was begun inside another, whose work would be lost: end that one first."
        )
    session.remove()
    session(bind=bind)


@event.listens_for(session, "after_flush")
def _flushed(changing: Session, _context: object) -> None:
    changing.info[CHANGED] = True


@event.listens_for(session, "do_orm_execute")
def _executed(statement: ORMExecuteState) -> None:
    if statement.is_insert or statement.is_update or statement.is_delete:
        statement.session.info[CHANGED] = True


@event.listens_for(session, "after_transaction_end")
def _ended(changing: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        changing.info.pop(CHANGED, None)


# --- Rows ---------------------------------------------------------------------------------------


class Base(DeclarativeBase):
    """Every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        int: Integer,
        str: String(200),
        datetime: UtcDateTime,
        date: None,
        Fraction: FractionText,
        Decimal: DecimalText,
        dict[str, Any]: JSON,
        list[str]: JSON,
    }

    id: Mapped[int] = mapped_column(BigId, primary_key=True)


class OwnedRow:
    """A row that belongs to one customer account; the account is the whole of its tenant scope."""

    @declared_attr
    def account_id(cls) -> Mapped[int]:  # noqa: N805
        return mapped_column(BigId, ForeignKey("account.id"), index=True)


def new_ref() -> str:
    """A short text for addresses: 12 letters, about 69 bits, not to be guessed."""
    return "".join(_choose.choice(ALPHABET) for _ in range(REF_LENGTH))


class Addressed:
    """A row with an address of its own: `ref` stands in the URL instead of the id."""

    @declared_attr
    def ref(cls) -> Mapped[str]:  # noqa: N805
        return mapped_column(Ref, unique=True, default=new_ref)


@contextmanager
def reproducible(seed: int) -> Iterator[None]:
    """Make refs repeat from run to run, for the demo only: its addresses may be guessed."""
    global _choose
    before, _choose = _choose, random.Random(seed)  # noqa: S311
    try:
        yield
    finally:
        _choose = before
