"""What many tests start from is made once for each worker, and its rows are put in again: milliseconds, not tenths.

Rows travel as the driver gives them, so that they come back to the byte: a JSON null stays apart from a NULL.
"""

import pickle
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from sqlalchemy import func, select

from portal import clock, db, tables

Made = TypeVar("Made")


# For each name: the rows by table, and what was returned, with all that its session had loaded.
_kept: dict[Hashable, tuple[dict[str, Any], bytes]] = {}


def once(name: Hashable, build: Callable[[], Made]) -> Made:
    """What `build()` makes on an empty database; from the second time on its rows are copied, not built.

    `build` returns rows, or an object that holds some. On a database that is not empty it is simply called.
    Time is part of the name: another hour, another copy.
    """
    if not _is_empty():
        return build()
    key = (db.is_sqlite(), clock.now(), name)
    if key not in _kept:
        made = build()
        db.session.flush()
        _kept[key] = _copied(), pickle.dumps((made, list(db.session)))
        return made
    rows, pickled = _kept[key]
    _put(rows)
    again: Made
    again, loaded = pickle.loads(pickled)  # noqa: S301
    db.session.add_all(loaded)
    return again


def forget() -> None:
    """Build everything anew from now on."""
    _kept.clear()


def _is_empty() -> bool:
    names = ("provider", "account", "app_user", "playbook", "product", "job", "activity")
    each = [select(tables.metadata.tables[name].c.id).limit(1).exists() for name in names]
    return not any(db.session.execute(select(*each)).one())


def _copied() -> dict[str, Any]:
    """The rows of every table that has any."""
    found = {}
    for table in tables.metadata.sorted_tables:
        if db.session.scalar(select(func.count()).select_from(table)):
            found[table.name] = _sqlite_rows(table.name) if db.is_sqlite() else _postgresql_rows(table.name)
    return found


def _put(rows: dict[str, Any]) -> None:
    if db.is_sqlite():
        driver = _driver()
        driver.execute("PRAGMA defer_foreign_keys = ON")
        for name, values in rows.items():
            driver.executemany(f'INSERT INTO "{name}" VALUES ({",".join("?" * len(values[0]))})', values)
        return
    cursor = _driver().cursor()
    cursor.execute("SET session_replication_role = replica")  # Foreign keys hold: these rows were in once.
    for name, text in rows.items():
        with cursor.copy(f'COPY "{name}" FROM STDIN') as copy:
            copy.write(text)
    cursor.execute("SET session_replication_role = origin")
    last = ", ".join(
        f"""setval(pg_get_serial_sequence('{n}', 'id'), (SELECT max(id) FROM "{n}"))""" for n in rows
    )
    cursor.execute(f"SELECT {last}")


def _sqlite_rows(table: str) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = _driver().execute(f'SELECT * FROM "{table}"').fetchall()
    return found


def _postgresql_rows(table: str) -> bytes:
    with _driver().cursor().copy(f'COPY "{table}" TO STDOUT') as copy:
        return b"".join(bytes(part) for part in copy)


def _driver() -> Any:
    """The driver's own connection, in the session's transaction."""
    return db.session.connection().connection.driver_connection
