"""`portal demo`: a new database with the portfolio, then the portal on it until somebody stops it."""

import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import click
from flask import Flask

from portal import config, db, migrating
from portal.auth.passwords import DEMO_PASSWORD
from portal.config import LOOPBACK, Config
from portal.demo import portfolio
from portal.errors import Refused
from portal.worker import Stop

MakeApp: TypeAlias = Callable[[Config], Flask]

FOLDER = Path("var/demo")
EVERYWHERE = {"0.0.0.0", "::", *LOOPBACK}  # noqa: S104 — what is reached by the loopback address
STOP_WITHIN = 2.0  # Seconds; what still runs then is killed.
READY_WITHIN = 30.0
SIGN_IN = [
    ("lena@partnerly.example", "leads customer success, administers the site"),
    ("priya@partnerly.example", "onboarding consultant"),
    ("tomas@partnerly.example", "integration specialist"),
    ("june@partnerly.example", "customer success manager"),
    ("sam@partnerly.example", "account executive"),
    ("ana@northwind.example", "Northwind, admin: in Expectations"),
    ("ben@northwind.example", "Northwind, teammate: looks after IT"),
    ("rui@northwind.example", "Northwind, sponsor: invited, never in"),
    ("fay@fabrikam.example", "Fabrikam, admin: in Training, quiet for 8 days"),
    ("carl@contoso.example", "Contoso, admin: in Training, we are late"),
    ("lee@tailspin.example", "Tailspin, admin: in Welcome, no kickoff yet"),
    ("lou@litware.example", "Litware, admin: graduated"),
]


def run(create_app: MakeApp, *, serve: bool) -> None:
    """Build the demo and, with `serve`, show it until SIGTERM or Ctrl-C. Exits with 1 when a process of it dies.

    `create_app` makes the application: it knows every feature, this one included, so it is handed in.
    """
    env = _environment()
    settings = config.read(env)
    if serve:
        _check_port(settings)
    began = time.monotonic()
    _build(create_app, settings, fresh=not config.environment().get("PORTAL_DATABASE_URL"))
    path = _leave_settings(env)
    click.echo(f"The demo is built, in {time.monotonic() - began:.0f} s. Its settings are in {path}.")
    if serve:
        sys.exit(_show(settings, env))


# --- Settings -----------------------------------------------------------------------------------


def _environment() -> dict[str, str]:
    """The environment of the demo: what is given, and for the rest a new install of its own on this machine."""
    given = config.environment()
    host, port = given.get("HOST") or "127.0.0.1", given.get("PORT") or "8000"
    own = {
        "PORTAL_DATABASE_URL": f"sqlite:///{(FOLDER / 'portal.sqlite3').absolute()}",
        "PORTAL_DATA_DIR": str(FOLDER.absolute()),
        "PORTAL_SECRET_KEY": secrets.token_hex(32),
        "PORTAL_SEAL_PASSPHRASE": _earlier_passphrase() or secrets.token_urlsafe(24),
        "PORTAL_BASE_URL": f"http://{'127.0.0.1' if host in EVERYWHERE else host}:{port}",
        "PORTAL_MAIL_FROM": "onboarding@partnerly.example",
    }
    if not given.get("PORTAL_DATABASE_URL"):
        given.pop("PORTAL_DATA_DIR", None)
    return {**own, **{name: value for name, value in given.items() if value}, "PORTAL_DEMO": "1"}


def _earlier_passphrase() -> str | None:
    """What opens the key that an earlier demo left here: with a database of one's own the data directory is kept."""
    path = FOLDER / "portal.env"
    lines = path.read_text().splitlines() if path.is_file() else []
    named = [line.partition("=") for line in lines if line.startswith("PORTAL_SEAL_PASSPHRASE=")]
    return "".join(shlex.split(named[0][2])) if named else None


def _leave_settings(env: dict[str, str]) -> Path:
    """Write the PORTAL_ settings where any other command can read them; for their owner only."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / "portal.env"
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    lines = [
        f"{name}={shlex.quote(value)}\n" for name, value in sorted(env.items()) if name.startswith("PORTAL_")
    ]
    path.write_text("".join(lines))
    return path


def _check_port(settings: Config) -> None:
    """Raise Refused when nothing can listen there."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            where = f"{settings.host}:{settings.port}"
            raise Refused(
                f"Nothing can listen on {where} ({error.strerror}). Choose another port, like PORT=8100 make demo."
            ) from None


# --- Building -----------------------------------------------------------------------------------


def _build(make_app: MakeApp, settings: Config, *, fresh: bool) -> None:
    """The schema and the portfolio; `fresh` removes the demo that was built here before."""
    if fresh:
        shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    app = make_app(settings)
    migrating.upgrade()
    with app.app_context():
        portfolio.build()
    db.disconnect()


# --- Showing ------------------------------------------------------------------------------------


def _show(settings: Config, env: dict[str, str]) -> int:
    """Run web and worker until told to stop; returns the exit code."""
    stopping = Stop(signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    commands = ["serve", "worker"]
    children = {
        name: subprocess.Popen([sys.executable, "-m", "portal", name], env=env, start_new_session=True)
        for name in commands
    }
    try:
        if _answers(settings, children, stopping):
            _say(settings)
        while not stopping.wait(0.2):
            dead = [name for name, child in children.items() if child.poll() is not None]
            if dead:
                click.echo(f"portal {dead[0]} ended by itself, so the demo stops.", err=True)
                return 1
        return 0
    finally:
        _stop(list(children.values()))


def _answers(settings: Config, children: dict[str, subprocess.Popen[bytes]], stopping: Stop) -> bool:
    """Wait until the web server takes connections; False when it ended, or is to end, before."""
    host = "127.0.0.1" if settings.host in EVERYWHERE else settings.host
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until and not stopping.wait(0.1):
        if any(child.poll() is not None for child in children.values()):
            return False
        try:
            socket.create_connection((host, settings.port), timeout=1).close()
        except OSError:
            continue
        return True
    return False


def _say(settings: Config) -> None:
    click.echo(f"\nPartnerly's portal answers on {settings.base_url}\n")
    click.echo(f"Sign in with the password {DEMO_PASSWORD} as")
    width = max(len(email) for email, _who in SIGN_IN)
    for email, who in SIGN_IN:
        click.echo(f"  {email:<{width}}  {who}")
    click.echo(f"\nLetters are written to {settings.data_dir / 'mail'}. Ctrl-C stops everything.")


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    """End the children: asked first, killed when they do not listen."""
    for child in children:
        if child.poll() is None:
            child.terminate()
    until = time.monotonic() + STOP_WITHIN
    for child in children:
        try:
            child.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
