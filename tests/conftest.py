"""What every test may ask for.

A test that asks for `session`, `client` or `visitor` is a database test: it runs on SQLite and on
PostgreSQL, inside a transaction that is undone, with the clock standing still. A test with threads,
processes or a browser asks for `real_database` or `site` and gets a database of its own instead.
"""

import os
import shutil
import signal
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.orm import Session, scoped_session

from portal import config, db
from portal.accounts.models import User
from tests.infra import cluster
from tests.infra.databases import KINDS, Databases, rolled_back, run_folder, sweep
from tests.infra.letters import MailServer, mail_server
from tests.infra.missing import lines, missing
from tests.infra.still import Clock
from tests.infra.visit import Visitor

pytest_plugins = ["tests.infra.browser", "tests.infra.staged"]

RUN_FOLDER = "PORTAL_TEST_RUN"  # Workers inherit it from the process that started them.
SECRET_KEY = "only-for-tests-" * 3

# A busy machine is slow: that is no reason to fail.
hypothesis.settings.register_profile(
    "here", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("here")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("portal")
    group.addoption("--database", choices=[*KINDS, "both"], default="both", help="where database tests run")
    group.addoption("--faults", choices=["tenth", "full"], default="tenth", help="size of the fault tests")


@pytest.hookimpl(tryfirst=True)  # Before pytest decides where `tmp_path` lies.
def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        sweep()
        folder = run_folder(in_memory=config.getoption("--faults") == "tenth")
        os.environ[RUN_FOLDER] = str(folder)
        config.option.basetemp = config.option.basetemp or str(folder / "tests")
        # A shell lets what it starts in the background ignore Ctrl-C, and so would the servers that tests start.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # Many tests build an application of their own: templates are compiled once for all of them.
    compiled = Path(os.environ[RUN_FOLDER]) / "templates"
    compiled.mkdir(exist_ok=True)
    Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(str(compiled))}


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        folder = Path(os.environ.pop(RUN_FOLDER))
        cluster.stop(folder / "pg")
        shutil.rmtree(folder, ignore_errors=True)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--database")
        metafunc.parametrize(
            "database", KINDS if chosen == "both" else [chosen], scope="session", indirect=True
        )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> Generator[None, None, None]:
    """Name what could not run, below everything else but the closing line."""
    yield
    for line in lines(terminalreporter.stats.get("skipped", [])):
        terminalreporter.write_line(line, yellow=True)
    if config.getoption("--database") != "both":
        only = config.getoption("--database")
        terminalreporter.write_line(
            f"NOT RUN: database tests on anything but {only} (--database)", yellow=True
        )


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Databases]:
    """This worker's databases of either kind."""
    shared = Path(os.environ[RUN_FOLDER])
    (shared / "pg").mkdir(exist_ok=True)
    shared.chmod(0o755)
    made = Databases(tmp_path_factory.mktemp("databases"), shared / "pg", worker_id)
    yield made
    made.close()


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest, databases: Databases) -> str:
    """`sqlite` or `postgresql`: the kind that this test runs on now."""
    try:
        databases.engine(request.param)
    except cluster.Unavailable as why:
        missing(str(why))
    return str(request.param)


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A clock that stands still at Tuesday 3 March 2026, 09:00 UTC, until the test moves it."""
    with ExitStack() as stack:
        yield Clock(stack)


@pytest.fixture
def session(database: str, databases: Databases, clock: Clock) -> Iterator[scoped_session[Session]]:
    """The portal's own session, on an empty database; all that the test does is undone after it."""
    with rolled_back(databases.engine(database)):
        yield db.session


@pytest.fixture
def settings(tmp_path: Path) -> Callable[..., config.Config]:
    """Makes the settings of an install; `settings(PORTAL_LOG="json")` changes some of them."""

    def make(**changes: str) -> config.Config:
        plain = {
            "PORTAL_DATABASE_URL": f"sqlite:///{tmp_path}/portal.sqlite3",
            "PORTAL_SECRET_KEY": SECRET_KEY,
            "PORTAL_SEAL_PASSPHRASE": "only-for-tests",
            "PORTAL_BASE_URL": "http://127.0.0.1",
            "PORTAL_DATA_DIR": str(tmp_path / "data"),
        }
        return config.read({**plain, **changes})

    return make


@pytest.fixture(scope="session")
def shared_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application, built once; which database it talks to is what `session` has bound."""
    from portal.app import create_app  # Only tests of pages need every feature at hand.

    folder = tmp_path_factory.mktemp("app")
    made = create_app(
        config.read(
            {
                "PORTAL_DATABASE_URL": f"sqlite:///{folder}/unused.sqlite3",
                "PORTAL_SECRET_KEY": SECRET_KEY,
                "PORTAL_SEAL_PASSPHRASE": "only-for-tests",
                "PORTAL_BASE_URL": "http://127.0.0.1",
                "PORTAL_DATA_DIR": str(folder),
            }
        )
    )
    made.testing = True
    return made


@pytest.fixture
def app(shared_app: Flask, session: scoped_session[Session]) -> Flask:
    """The application on this test's database. Push its context for set-up only, never around a request."""
    return shared_app


@pytest.fixture
def visitor(app: Flask) -> Callable[..., Visitor]:
    """Makes people with a browser each: `visitor(ana).get("/")`, or `visitor()` for somebody who is not signed in.

    Every page that they open is judged."""

    def make(user: User | None = None) -> Visitor:
        made = Visitor(app.test_client())
        return made.sign_in(user) if user else made

    return make


@pytest.fixture
def real_database(database: str, databases: Databases) -> Iterator[str]:
    """The address of an empty, migrated database that threads and processes may share. Nothing is bound to it yet."""
    url = databases.copy(database)
    yield url
    db.disconnect()
    databases.drop(url)


@pytest.fixture
def letterbox() -> Iterator[MailServer]:
    """A running mail server; `letterbox.url` goes into PORTAL_SMTP_URL."""
    with mail_server() as server:
        yield server


@pytest.fixture
def sized(request: pytest.FixtureRequest) -> Callable[[int], int]:
    """How many times a fault test does its work: all with `--faults=full`, else a tenth (one at least)."""
    full = request.config.getoption("--faults") == "full"
    return lambda count: count if full else max(1, count // 10)
