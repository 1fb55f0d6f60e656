"""How this process uses a SQLite file: many read, one writes, and whoever reads never waits for the one.

Threads of ours that write take turns in milliseconds. A stranger may hold the file's lock for long (a backup, a
shell left open); then a few threads wait for it, and the others give up soon, so that threads are left for reading.
"""

from threading import BoundedSemaphore
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError

PATIENCE, LITTLE_PATIENCE = 10_000, 500  # Milliseconds
PATIENT_THREADS = 4

_waiting_room = BoundedSemaphore(PATIENT_THREADS)
_holders: set[int] = set()  # Our connections that hold the lock: one of them at most, in truth.
_turns = 0  # How often one of ours has got it.


def engine(url: str, *, reading: bool) -> Engine:
    """The engine for a file; a reading one refuses to write. `execution_options(hasty=True)` waits for no lock."""
    made = create_engine(url, pool_size=10, max_overflow=10, hide_parameters=True)
    event.listen(made, "connect", _prepare_reading if reading else _prepare)
    if reading:
        event.listen(made, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    else:
        event.listen(made, "begin", _take_lock)
        event.listen(made, "commit", _give_back)
        event.listen(made, "rollback", _give_back)
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


def _prepare_reading(connection: Any, record: object) -> None:
    _prepare(connection, record)
    connection.execute("PRAGMA query_only = ON")


def _take_lock(connection: Connection) -> None:
    """Begin writing. The lock is taken at once: upgrading later fails when somebody wrote in between."""
    if connection.get_execution_options().get("hasty"):
        _begin(connection, 0)
    elif _waiting_room.acquire(blocking=False):
        try:
            _begin(connection, PATIENCE)
        finally:
            _waiting_room.release()
    else:
        _begin_after_ours(connection)


def _begin_after_ours(connection: Connection) -> None:
    """Wait as long as others of ours get their turns; give up when it is a stranger who holds the lock."""
    for tries_left in reversed(range(PATIENCE // LITTLE_PATIENCE)):
        before = _turns
        try:
            _begin(connection, LITTLE_PATIENCE)
        except OperationalError:
            if not tries_left or (before == _turns and not _holders):
                raise
        else:
            return


def _begin(connection: Connection, milliseconds: int) -> None:
    global _turns
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {milliseconds}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    _turns += 1
    _holders.add(id(connection.connection.driver_connection))


def _give_back(connection: Connection) -> None:
    _holders.discard(id(connection.connection.driver_connection))
