"""The demo, built once for each worker and kind of database, on the Tuesday of the pictures; and a copy to act on."""

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from portal import clock, config, db
from portal.demo import portfolio
from tests.infra.browser import Site, serve
from tests.infra.databases import Databases
from tests.infra.still import Clock

TUESDAY = datetime(2026, 3, 10, 14, 20, tzinfo=UTC)


@dataclass
class Built:
    """A demo: where it lies, the app that shows it, and how many seconds it took to build."""

    url: str
    data: Path
    app: Flask
    seconds: float


@pytest.fixture(scope="session")
def build_demo(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Built]:
    """Builds a demo into a new database of this kind."""
    from portal.app import create_app  # Only tests of pages need every feature at hand.

    def make(kind: str, day: datetime = TUESDAY) -> Built:
        data = tmp_path_factory.mktemp("demo")
        url = databases.copy(kind)
        app = create_app(_settings(url, data))
        began = time.monotonic()
        with app.app_context(), clock.frozen(day):
            portfolio.build()
        db.disconnect()
        return Built(url, data, app, time.monotonic() - began)

    return make


@pytest.fixture(scope="session")
def demo_on_sqlite(build_demo: Callable[..., Built]) -> Built:
    return build_demo("sqlite")


@pytest.fixture
def demo_site(clock: Clock, demo_on_sqlite: Built, databases: Databases, tmp_path: Path) -> Iterator[Site]:
    """The demo's portal on loopback, at the moment at which it was built; what is done there is gone after the test."""
    clock.at(TUESDAY)
    url = databases.copy("sqlite")
    with closing(_opened(demo_on_sqlite.url)) as kept, closing(_opened(url)) as copy:
        kept.backup(copy)
    shutil.copytree(demo_on_sqlite.data, tmp_path / "data")
    yield from serve(url, tmp_path)
    databases.drop(url)


def _opened(url: str) -> sqlite3.Connection:
    return sqlite3.connect(url.removeprefix("sqlite:///"))


def _settings(url: str, data: Path) -> config.Config:
    return config.read(
        {
            "PORTAL_DATABASE_URL": url,
            "PORTAL_DATA_DIR": str(data),
            "PORTAL_SECRET_KEY": "only-for-tests-" * 3,
            "PORTAL_SEAL_PASSPHRASE": "only-for-tests",
            "PORTAL_DEMO": "1",
        }
    )
