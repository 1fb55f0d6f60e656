"""Is everything there that the portal needs? Asked by a command and by `/readyz`."""

import os
import shutil
import socket
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from portal import clock, db, migrating, pdf, worker
from portal.config import Config
from portal.plans import keys

WORKER_LATE = timedelta(minutes=2)
DISK_FREE = 200 * 1024 * 1024
MARKS = ".workers"
USUAL_PORT = {"smtp": 25, "smtps": 465}


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well, and what was seen or what to do."""

    what: str
    ok: bool
    text: str


def ready(settings: Config) -> list[Finding]:
    """What a load balancer needs to know: database, worker, disk."""
    return [_database(), _worker(), _disk(settings)]


def examine(settings: Config) -> list[Finding]:
    """Everything."""
    return [
        _database(),
        _schema(),
        _worker(),
        _mail(settings),
        _clock(),
        _disk(settings),
        _data_dir(settings),
        _seal(settings),
        _pdf(),
    ]


def _database() -> Finding:
    try:
        with db.reading():
            db.session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        return Finding(
            "database", False, f"does not answer ({type(error).__name__}); check PORTAL_DATABASE_URL"
        )
    return Finding("database", True, "answers")


def _schema() -> Finding:
    try:
        migrating.check()
    except (migrating.Behind, SQLAlchemyError) as error:
        return Finding("schema", False, str(error).splitlines()[0])
    return Finding("schema", True, "is this version's")


def _worker() -> Finding:
    try:
        with db.reading():
            seen = worker.last_heartbeat()
    except SQLAlchemyError:
        return Finding("worker", False, "unknown; the database does not say")
    if seen is None:
        return Finding("worker", False, "never seen; start one with: portal worker")
    age = clock.now() - seen
    if age > WORKER_LATE:
        return Finding(
            "worker", False, f"last seen {int(age.total_seconds())} s ago; start one with: portal worker"
        )
    return Finding("worker", True, f"seen {int(age.total_seconds())} s ago")


def _mail(settings: Config) -> Finding:
    if settings.smtp_url is None:
        return Finding("mail", True, f"letters are written to {settings.data_dir / 'mail'}")
    parts = urlsplit(settings.smtp_url)
    try:
        with socket.create_connection(
            (parts.hostname or "", parts.port or USUAL_PORT[parts.scheme]), timeout=5
        ):
            pass
    except OSError as error:
        return Finding(
            "mail", False, f"{parts.hostname} does not answer ({type(error).__name__}); check PORTAL_SMTP_URL"
        )
    return Finding("mail", True, f"{parts.hostname} answers")


def _clock() -> Finding:
    """The database's clock and ours agree; sign-in links of ten minutes depend on it."""
    if db.is_sqlite():
        return Finding("clock", True, "is the database's own")
    try:
        with db.writing_engine().connect() as connection:
            theirs = connection.execute(text("SELECT now()")).scalar_one()
    except SQLAlchemyError:
        return Finding("clock", False, "unknown; the database does not say")
    apart = abs((clock.now() - theirs).total_seconds())
    if apart > 30:
        return Finding("clock", False, f"differs from the database's by {int(apart)} s; set both by NTP")
    return Finding("clock", True, "agrees with the database's")


def _disk(settings: Config) -> Finding:
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(settings.data_dir).free
    except OSError as error:
        return Finding("disk", False, f"can't be used ({error.strerror}); check PORTAL_DATA_DIR")
    if free < DISK_FREE:
        return Finding("disk", False, f"only {free // 1_000_000} MB are free under {settings.data_dir}")
    return Finding("disk", True, f"{free // 1_000_000} MB free")


def leave_mark(settings: Config) -> None:
    """Called by each worker as it starts: its name in the data directory, which the doctor looks for there.

    One file for each machine, so that they don't pile up; a worker that can't write still works, and the doctor
    says why.
    """
    folder = settings.data_dir / MARKS
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / socket.gethostname()).write_text(f"{socket.gethostname()}:{os.getpid()}")
    except OSError:
        return


def _data_dir(settings: Config) -> Finding:
    """It can be written, and the workers that this database knows have left their marks in this very directory."""
    probe = settings.data_dir / f".doctor-{os.getpid()}"
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        probe.write_text("")
        probe.unlink()
        missing = sorted(host for host, names in _workers().items() if _mark(settings, host) not in names)
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "no text"
        return Finding("data directory", False, f"can't be used ({why}); check PORTAL_DATA_DIR")
    except SQLAlchemyError:
        return Finding("data directory", False, "unknown; the database does not say who uses it")
    if missing:
        where = f"the worker on {missing[0]} uses another than {settings.data_dir}"
        return Finding(
            "data directory", False, f"{where}; all processes of one install share PORTAL_DATA_DIR"
        )
    return Finding("data directory", True, str(settings.data_dir))


def _mark(settings: Config, host: str) -> str:
    file = settings.data_dir / MARKS / host
    return file.read_text() if file.exists() else ""


def _workers() -> dict[str, set[str]]:
    """The hosts with a worker that lives, each with the names of its workers since yesterday."""
    with db.reading():
        beats = db.session.execute(select(worker.Heartbeat.worker, worker.Heartbeat.seen_at)).all()
    living = {name.rpartition(":")[0] for name, seen in beats if clock.now() - seen <= WORKER_LATE}
    return {host: {name for name, _seen in beats if name.rpartition(":")[0] == host} for host in living}


def _pdf() -> Finding:
    lacking = pdf.missing_libraries()
    return Finding("PDF libraries", not lacking, lacking or "are here")


def _seal(settings: Config) -> Finding:
    """The key that seals signed plans opens, and its certificate lasts."""
    try:
        certificate = keys.current(settings).certificate
    except keys.CannotSeal as why:
        return Finding("seal", False, str(why))
    ends = certificate.not_valid_after_utc
    left = (ends - clock.now()).days
    if keys.ends_soon(settings):
        return Finding(
            "seal",
            False,
            f"its certificate ends in {left} days, on {ends:%Y-%m-%d}; renew it: portal seal renew",
        )
    return Finding("seal", True, f"its certificate lasts until {ends:%Y-%m-%d}")
