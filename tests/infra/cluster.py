"""A PostgreSQL cluster of our own: unix socket only, made for one test run and thrown away after it.

Workers of one run share it: the folder is agreed before they start, and whoever needs it first starts
it under a file lock. Started by root, the server drops to an unprivileged user, as it insists.
"""

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

USER = "portal"
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "log_min_messages": "warning",
}
# What tests may do without: nobody needs their rows after a power cut.
HASTE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


class Unavailable(Exception):
    """PostgreSQL's programs are not on this machine; the message says what to install."""


def binaries() -> Path:
    """The folder with `initdb` and `postgres`: the newest Debian keeps, or the one on PATH. Raises Unavailable."""
    kept = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    found = sorted(kept, key=lambda path: int(path.parts[-3]) if path.parts[-3].isdigit() else 0)
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    if on_path:
        return Path(on_path).resolve().parent
    raise Unavailable("PostgreSQL's server programs are missing (Debian: apt-get install postgresql)")


def start(folder: Path, *, durable: bool = False) -> None:
    """Have the cluster in `folder` answer; made and started when it does not yet. `folder` must have a short path.

    A durable one waits for the disk at each commit, as an install does.
    """
    bin_folder = binaries()
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "postgres.pid").exists():
            _launch(bin_folder, folder, SETTINGS if durable else SETTINGS | HASTE)


def stop(folder: Path) -> None:
    """End the cluster in `folder`, if one was started there, and remove the folder."""
    note = folder / "postgres.pid"
    if note.exists():
        pid = int(note.read_text())
        try:
            os.kill(pid, signal.SIGQUIT)
            _wait(lambda: not alive(pid), 5)
        except ProcessLookupError:
            pass
    shutil.rmtree(folder, ignore_errors=True)


def halt(folder: Path) -> None:
    """End the server as a power cut would; what it keeps in `folder` stays."""
    pid = int((folder / "postgres.pid").read_text())
    os.kill(pid, signal.SIGQUIT)
    if not _wait(lambda: not alive(pid), 20):
        raise RuntimeError("PostgreSQL did not stop")


def resume(folder: Path) -> None:
    """Start a durable server again that was halted."""
    (folder / "data" / "postmaster.pid").unlink(missing_ok=True)
    _run(binaries(), folder, SETTINGS)


def url(folder: Path, database: str) -> str:
    """SQLAlchemy's address of one database in the cluster."""
    return f"postgresql+psycopg://{USER}@/{database}?host={folder}"


def create(folder: Path, database: str, *, template: str = "template0") -> str:
    """Make a database anew, as a copy of `template`, and return its address. Nobody may be connected to either."""
    with _administrator(folder) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
    return url(folder, database)


def drop(folder: Path, database: str) -> None:
    """Remove a database, whoever is connected."""
    with _administrator(folder) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


def _administrator(folder: Path) -> psycopg.Connection:
    return psycopg.connect(host=str(folder), user=USER, dbname="postgres", autocommit=True)


def _launch(bin_folder: Path, folder: Path, settings: dict[str, str]) -> None:
    data, common = folder / "data", _common(folder)
    arguments = ["--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", f"--username={USER}"]
    making = [str(bin_folder / "initdb"), *arguments, "--pgdata", str(data)]
    subprocess.run(making, check=True, stdout=subprocess.DEVNULL, **common)
    _run(bin_folder, folder, settings)


def _common(folder: Path) -> dict[str, Any]:
    """How the programs are started: with next to nothing of our environment, and not as root."""
    owner = _unprivileged()
    plain = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8", "HOME": str(folder)}
    common: dict[str, Any] = {"cwd": folder, "env": plain, "stdin": subprocess.DEVNULL}
    if owner:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        common |= {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    return common


def _run(bin_folder: Path, folder: Path, settings: dict[str, str]) -> None:
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    running = [str(bin_folder / "postgres"), "-D", str(folder / "data"), "-k", str(folder), *options]
    with (folder / "log").open("a") as log:
        server = subprocess.Popen(running, stdout=log, stderr=log, start_new_session=True, **_common(folder))
    if not _wait(lambda: server.poll() is not None or _answers(folder), 20) or server.poll() is not None:
        raise RuntimeError(f"PostgreSQL did not start:\n{(folder / 'log').read_text()}")
    (folder / "postgres.pid").write_text(str(server.pid))
    server.returncode = 0  # It outlives this process on purpose: nothing here waits for its end.


def _unprivileged() -> pwd.struct_passwd | None:
    """The user that the server runs as when we are root; None when we are somebody else already."""
    if os.geteuid() != 0:
        return None
    names = {user.pw_name: user for user in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _answers(folder: Path) -> bool:
    try:
        _administrator(folder).close()
    except psycopg.OperationalError:
        return False
    return True


def alive(pid: int) -> bool:
    """Whether a process runs under this number, and is more than a remainder that nobody has collected."""
    try:
        with Path(f"/proc/{pid}/stat").open() as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _wait(ready: Callable[[], bool], seconds: float) -> bool:
    """Whether `ready()` came true within `seconds`."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if ready():
            return True
        time.sleep(0.02)
    return False
