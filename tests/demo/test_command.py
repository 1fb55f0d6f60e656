"""`portal demo` as a command: what it leaves behind, what it refuses, and how it stops."""

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal import config
from portal.demo import show

ROOT = Path(__file__).parents[2]
PLAIN = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def portal(folder: Path, *arguments: str, **env: str) -> subprocess.Popen[str]:
    """A command of the portal, run in `folder`."""
    return subprocess.Popen(
        [sys.executable, "-m", "portal", *arguments],
        cwd=folder,
        env={**PLAIN, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def settings_of(folder: Path) -> dict[str, str]:
    """What the demo left in its portal.env, read as a shell reads it."""
    lines = (folder / "var/demo/portal.env").read_text().splitlines()
    return dict(shlex.split(line)[0].split("=", 1) for line in lines)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("place")


@pytest.fixture(scope="module")
def shown(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int, list[str]]]:
    """A running demo: its process, its port, and what it said until it was ready."""
    port = free_port()
    process = portal(folder, "demo", PORT=str(port))
    said: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        if "Ctrl-C" in line:
            break
    assert process.poll() is None, process.stderr.read() if process.stderr else ""
    yield process, port, said
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def get(port: int, path: str) -> int:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return int(answer.status)


def test_it_says_the_address_the_password_and_who_can_sign_in(shown):
    _process, port, said = shown
    text = "".join(said)
    assert f"http://127.0.0.1:{port}" in text
    assert "onboarding-demo" in text
    for email in ("ana@northwind.example", "priya@partnerly.example", "lou@litware.example"):
        assert email in text


def test_web_and_worker_run(shown, folder):
    _process, port, _said = shown
    assert get(port, "/healthz") == 200
    assert get(port, "/login") == 200
    until = time.monotonic() + 20
    while not list((folder / "var/demo/mail").glob("*.eml")):
        assert time.monotonic() < until, "the worker wrote no letter"
        time.sleep(0.2)


def test_its_settings_serve_other_commands_and_are_for_the_owner_only(shown, folder):
    path = folder / "var/demo/portal.env"
    assert path.stat().st_mode & 0o777 == 0o600
    settings = settings_of(folder)
    assert settings["PORTAL_DEMO"] == "1"
    assert len(settings["PORTAL_SECRET_KEY"]) == 64
    assert len(settings["PORTAL_SEAL_PASSPHRASE"]) == 32
    link = portal(folder, "signin-link", "ana@northwind.example", **settings)
    out, _err = link.communicate(timeout=60)
    assert link.returncode == 0
    assert out.startswith(settings["PORTAL_BASE_URL"])
    audit = portal(folder, "audit", "verify", **settings)
    audit.communicate(timeout=60)
    assert audit.returncode == 0


def test_a_port_in_use_is_one_sentence(shown, folder, tmp_path):
    _process, port, _said = shown
    second = portal(tmp_path, "demo", PORT=str(port))
    _out, err = second.communicate(timeout=60)
    assert second.returncode == 1
    assert len(err.strip().splitlines()) == 1
    assert str(port) in err
    assert not (tmp_path / "var").exists()


def test_sigterm_stops_everything_within_five_seconds(shown):
    process, port, _said = shown
    began = time.monotonic()
    process.terminate()
    assert process.wait(timeout=10) == 0
    assert time.monotonic() - began < 5
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_the_demo_ends_when_one_of_its_processes_dies(tmp_path, monkeypatch, capsys):
    keys = {"PORTAL_SECRET_KEY": "k" * 40, "PORTAL_SEAL_PASSPHRASE": "k" * 12}
    settings = config.read({**keys, "PORTAL_DEMO": "1", "PORT": str(free_port())})
    monkeypatch.setattr(show.sys, "executable", "/bin/false")
    monkeypatch.setattr(show.signal, "signal", lambda *_arguments: None)
    assert show._show(settings, dict(PLAIN)) == 1
    assert "ended by itself" in capsys.readouterr().err
