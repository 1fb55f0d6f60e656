"""The databases of a test run: each worker has its own on SQLite and on PostgreSQL.

The schema is made once for each worker and kind, as a template; what tests write to is a copy of it.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, Engine

from portal import db, migrating, tables
from tests.infra import cluster

KINDS = ("sqlite", "postgresql")
PREFIX = "fm-"
SHARED_MEMORY = Path("/dev/shm")
ROOM = 4 * 1024**3  # Bytes; a run takes a few hundred megabytes.


@dataclass
class Databases:
    """The databases of one worker, made when first asked for."""

    folder: Path
    postgres: Path
    worker: str
    _templates: dict[str, str] = field(default_factory=dict)
    _engines: dict[str, Engine] = field(default_factory=dict)
    _copies: int = 0

    def engine(self, kind: str) -> Engine:
        """The engine behind the tests that are rolled back. Raises cluster.Unavailable."""
        if kind not in self._engines:
            db.connect(self.copy(kind))
            self._engines[kind] = db.writing_engine()
        return self._engines[kind]

    def copy(self, kind: str) -> str:
        """The address of a fresh, empty, migrated database of its own. Raises cluster.Unavailable."""
        template = self._template(kind)
        self._copies += 1
        name = f"{self.worker}_{self._copies}"
        if kind == "postgresql":
            return cluster.create(self.postgres, name, template=template)
        shutil.copyfile(template, self.folder / f"{name}.sqlite3")
        return f"sqlite:///{self.folder / name}.sqlite3"

    def drop(self, url: str) -> None:
        """Remove a copy again."""
        if url.startswith("sqlite"):
            path = url.removeprefix("sqlite:///")
            for suffix in ("", "-wal", "-shm"):
                Path(path + suffix).unlink(missing_ok=True)
        else:
            cluster.drop(self.postgres, url.rpartition("/")[0].rpartition("/")[2].partition("?")[0])

    def close(self) -> None:
        """Let go of every connection."""
        for engine in self._engines.values():
            engine.dispose()

    def _template(self, kind: str) -> str:
        if kind not in self._templates:
            name = f"{self.worker}_template"
            if kind == "postgresql":
                cluster.start(self.postgres)
                _make_schema(cluster.create(self.postgres, name))
                self._templates[kind] = name
            else:
                _make_schema(f"sqlite:///{self.folder / name}.sqlite3")
                self._templates[kind] = str(self.folder / f"{name}.sqlite3")
        return self._templates[kind]


def _make_schema(url: str) -> None:
    db.connect(url)
    if list(migrating.FOLDER.glob("versions/*.py")):
        migrating.upgrade()
    else:
        tables.metadata.create_all(db.writing_engine())
    db.disconnect()


@contextmanager
def rolled_back(engine: Engine) -> Iterator[Connection]:
    """Bind the portal's session to one connection whose outer transaction is undone at the end.

    What the code under test commits is a savepoint in it; reading requests share the connection.
    """
    with engine.connect() as connection:
        outer = connection.begin()
        db.session.configure(join_transaction_mode="create_savepoint")
        db.bind(connection, connection)
        try:
            yield connection
        finally:
            db.session.remove()
            db.session.configure(join_transaction_mode="conditional_savepoint")
            outer.rollback()


def run_folder(*, in_memory: bool) -> Path:
    """A new folder of this run, whose path is short enough for a unix socket (107 bytes).

    `in_memory` puts it where nothing is written to a disk, if such a place has room: a commit takes microseconds.
    """
    base = SHARED_MEMORY if in_memory and _has_room(SHARED_MEMORY) else _temporary()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=base))
    (folder / "run.pid").write_text(str(os.getpid()))
    return folder


def sweep() -> None:
    """End what earlier runs left behind that were killed before they could."""
    for note in (note for base in (SHARED_MEMORY, _temporary()) for note in base.glob(f"{PREFIX}*/run.pid")):
        if not cluster.alive(int(note.read_text() or 0)):
            cluster.stop(note.parent / "pg")
            shutil.rmtree(note.parent, ignore_errors=True)


def _temporary() -> Path:
    base = tempfile.gettempdir()
    return Path(base if len(base) < 60 else "/tmp")


def _has_room(folder: Path) -> bool:
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ROOM
