"""The demo, built once for each kind of database that asks for it, on the Tuesday of the pictures."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock, config, db, tables
from portal.app import create_app
from portal.demo import portfolio
from tests.infra import cluster
from tests.infra.databases import Databases
from tests.infra.missing import missing

TUESDAY = datetime(2026, 3, 10, 14, 20, tzinfo=UTC)


@dataclass
class Built:
    """A demo: where it lies, the app that shows it, and how many seconds it took to build."""

    url: str
    data: Path
    app: Flask
    seconds: float


@pytest.fixture(scope="session")
def build(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Built]:
    """Builds a demo into a new database of this kind."""

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


def _settings(url: str, data: Path) -> config.Config:
    return config.read(
        {
            "PORTAL_DATABASE_URL": url,
            "PORTAL_DATA_DIR": str(data),
            "PORTAL_SECRET_KEY": "only-for-tests-" * 3,
            "PORTAL_DEMO": "1",
        }
    )


@pytest.fixture(scope="session")
def on_sqlite(build: Callable[..., Built]) -> Built:
    return build("sqlite")


@pytest.fixture(scope="session")
def on_postgresql(build: Callable[..., Built]) -> Built:
    try:
        return build("postgresql")
    except cluster.Unavailable as why:
        missing(str(why))
        raise


@pytest.fixture
def demo(on_sqlite: Built) -> Iterator[Built]:
    """The demo on SQLite, opened for reading in the app's context at the moment at which it was built."""
    yield from opened(on_sqlite)


def opened(built: Built) -> Iterator[Built]:
    """Its database is bound, its clock stands still."""
    db.connect(built.url)
    with clock.frozen(TUESDAY), built.app.test_request_context(base_url="http://127.0.0.1:8000"):
        db.start(reading=True)
        yield built
    db.disconnect()


# What differs from build to build on purpose: salts, tokens, and the hashes over them.
SECRET = {
    "activity": {"personal_digest", "prev_hash", "hash"},
    "audit_chain": {"head"},
    "letter": {"message_id", "text", "html", "fill"},
    "sign_in_link": {"salt", "token_hash", "code_hash"},
}


def rows(table: Any) -> list[dict[str, Any]]:
    """Every row of a table, without its secrets."""
    hidden = SECRET.get(table.name, set())
    found = db.session.execute(select(table).order_by(table.c.id)).mappings()
    kept = [{name: value for name, value in row.items() if name not in hidden} for row in found]
    for row in kept:
        if table.name == "activity" and row["personal"]:
            row["personal"] = {name: value for name, value in row["personal"].items() if name != "salt"}
    return kept


def everything(built: Built) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables of a demo."""
    for _opened in opened(built):
        return {table.name: rows(table) for table in tables.metadata.sorted_tables}
    raise AssertionError("unreachable")
