"""How this process uses a SQLite file: many read, one writes, and whoever reads never waits for the one.

Whoever writes takes the file's lock as they begin. Ours hold it for milliseconds and take turns. Somebody else (the
worker's process, a backup, a shell left open) may hold it for longer: once nobody of ours has got it for a while, the
few who have waited longest stay and the others give up, so that threads are left for reading.
"""

import sqlite3
from threading import Lock, get_ident
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError

PATIENCE = 10_000  # Milliseconds, as all here: how long anybody waits at most.
STUCK_AFTER = 2_000  # How long nobody of ours gets a turn before it is taken for a lock that stays.
ROUND = 250  # How long one asks before looking around again.
PATIENT_THREADS = 4

_guard = Lock()
_waiting: dict[int, float] = {}  # Threads that wait, and since when: whoever came first stands first.
_last_turn = 0.0  # When one of ours got the lock.


def engine(url: str, *, reading: bool) -> Engine:
    """The engine for a file; a reading one refuses to write. `execution_options(hasty=True)` waits for no lock."""
    made = create_engine(url, pool_size=10, max_overflow=10, hide_parameters=True)
    event.listen(made, "connect", _prepare_reading if reading else _prepare)
    if reading:
        event.listen(made, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    else:
        event.listen(made, "begin", _take_lock)
    return made


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # The driver begins nothing by itself; the event does.
    for pragma in (
        f"busy_timeout = {PATIENCE}",
        "journal_mode = WAL",
        "synchronous = FULL",  # An answer given is an answer kept, power cut included.
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")
    connection.create_function("lowered", 1, _lowered, deterministic=True)


def _lowered(text: Any) -> Any:
    """SQLite's own `lower` knows the letters A to Z alone."""
    return text.lower() if isinstance(text, str) else text


def _prepare_reading(connection: Any, record: object) -> None:
    _prepare(connection, record)
    connection.execute("PRAGMA query_only = ON")


def _take_lock(connection: Connection) -> None:
    """Begin writing. The lock is taken at once: upgrading later fails when somebody wrote in between."""
    if connection.get_execution_options().get("hasty"):
        _begin(connection, 0)
        return
    with _guard:
        _waiting[get_ident()] = monotonic()
    try:
        _begin_in_rounds(connection)
    finally:
        with _guard:
            del _waiting[get_ident()]


def _begin_in_rounds(connection: Connection) -> None:
    """Ask again and again. Raises OperationalError when patience has run out, or it is better to make room."""
    gives_up = monotonic() + PATIENCE / 1000
    while True:
        left = max(0, round((gives_up - monotonic()) * 1000))
        try:
            _begin(connection, min(ROUND, left))
        except OperationalError as refusal:
            if not _is_locked(refusal) or left <= ROUND or _makes_room():
                raise
        else:
            return


def _makes_room() -> bool:
    """Whether the lock is stuck, and enough others wait for it already."""
    with _guard:
        in_turn = list(_waiting)
        stuck_since = max(_last_turn, _waiting[in_turn[0]])
    is_stuck = monotonic() - stuck_since >= STUCK_AFTER / 1000
    return is_stuck and get_ident() not in in_turn[:PATIENT_THREADS]


def _is_locked(refusal: OperationalError) -> bool:
    code: int = getattr(refusal.orig, "sqlite_errorcode", 0)
    return code & 0xFF == sqlite3.SQLITE_BUSY  # The higher bits say which kind of busy.


def _begin(connection: Connection, milliseconds: int) -> None:
    global _last_turn
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {milliseconds}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    with _guard:
        _last_turn = monotonic()
