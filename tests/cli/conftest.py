"""Runs the `portal` command: here in this process, or in one of its own for what only a process can show."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest

from portal import cli, db

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ("PORTAL_", "HOST", "PORT")


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    def worked(self) -> str:
        assert (self.code, self.err) == (0, ""), self
        return self.out

    def refused(self) -> str:
        """The sentence on stderr. Anything more than a sentence fails the test."""
        assert self.code == 1, self
        assert self.err.strip(), "it does not say why"
        assert "Traceback" not in self.err
        assert "Error:" not in self.err
        assert self.err.endswith("\n")
        return self.err.strip()


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """The settings of an install whose database has not been made yet."""
    return {
        "PORTAL_DATABASE_URL": f"sqlite:///{tmp_path}/portal.sqlite3",
        "PORTAL_SECRET_KEY": "only-for-tests-" * 3,
        "PORTAL_SEAL_PASSPHRASE": "only-for-tests",
        "PORTAL_DATA_DIR": str(tmp_path / "data"),
    }


@pytest.fixture
def portal(environ, monkeypatch, capsys) -> Iterator[Callable[..., Ran]]:
    """Run one command with these settings: `portal("staff", "add", …, PORTAL_LOG="json")`."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def run(*arguments: str, **changes: str) -> Ran:
        with monkeypatch.context() as patch:
            for name in [name for name in os.environ if name.startswith(SETTINGS)]:
                patch.delenv(name)
            for name, value in {**environ, **changes}.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["portal", *arguments])
            capsys.readouterr()
            code = 0
            try:
                cli.main()
            except SystemExit as end:
                code = int(end.code or 0)
            return Ran(code, *capsys.readouterr())

    yield run
    db.disconnect()
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def install(environ, real_database) -> str:
    """An empty, migrated database behind the commands, on SQLite and on PostgreSQL; gives its address."""
    environ["PORTAL_DATABASE_URL"] = real_database
    return real_database


@pytest.fixture
def sql(install) -> Callable[..., list]:
    """Look into the database, or change it behind the portal's back, between two commands."""

    def run(statement: str, **values: object) -> list:
        from sqlalchemy import create_engine, text

        engine = create_engine(install)
        with engine.begin() as connection:
            result = connection.execute(text(statement), values)
            rows = list(result.all()) if result.returns_rows else []
        engine.dispose()
        return rows

    return run


class Process:
    """`python -m portal …` as a process. Its lines are collected while it runs."""

    def __init__(self, arguments: tuple[str, ...], environ: dict[str, str]) -> None:
        own = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)}
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "portal", *arguments],
            cwd=ROOT,
            env={**own, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: dict[str, list[str]] = {"out": [], "err": []}
        self._readers = [self._reading("out", self.popen.stdout), self._reading("err", self.popen.stderr)]

    def _reading(self, name: str, stream) -> threading.Thread:
        thread = threading.Thread(target=lambda: self.lines[name].extend(stream), daemon=True)
        thread.start()
        return thread

    @property
    def err(self) -> str:
        return "".join(self.lines["err"])

    def wait_for(self, true: Callable[[], bool], seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while not true():
            assert self.popen.poll() is None, f"it ended by itself: {self.err}"
            assert time.monotonic() < until, f"it did not get there: {self.err}"
            time.sleep(0.05)

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """Ask it to end; gives the exit code and how many seconds that took."""
        began = time.monotonic()
        self.popen.send_signal(number)
        code = self.popen.wait(30)
        took = time.monotonic() - began
        for reader in self._readers:
            reader.join(5)
        return code, took

    def end(self) -> None:
        if self.popen.poll() is None:
            self.popen.kill()
            self.popen.wait()
        for reader in self._readers:
            reader.join(5)
        for stream in (self.popen.stdout, self.popen.stderr):
            stream.close()


@pytest.fixture
def start(environ) -> Iterator[Callable[..., Process]]:
    """Start a command as a process of its own; whatever still runs at the end is killed."""
    with contextlib.ExitStack() as stack:

        def started(*arguments: str, **changes: str) -> Process:
            process = Process(arguments, {**environ, **changes})
            stack.callback(process.end)
            return process

        yield started


@pytest.fixture
def port() -> int:
    """A port of the loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(port: int, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and text of a GET; status 0 when nobody answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read().decode()
    except OSError:
        return 0, {}, ""
    finally:
        connection.close()
