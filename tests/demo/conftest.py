"""The demo (tests/infra/staged.py) opened for reading, and all its rows."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select

from portal import clock, db, tables
from portal.activity.models import Verb
from tests.infra import cluster
from tests.infra.missing import missing
from tests.infra.staged import TUESDAY, Built

__all__ = ["TUESDAY"]


@pytest.fixture(scope="session")
def on_postgresql(build_demo: Callable[..., Built]) -> Built:
    try:
        return build_demo("postgresql")
    except cluster.Unavailable as why:
        missing(str(why))
        raise


@pytest.fixture
def demo(demo_on_sqlite: Built) -> Iterator[Built]:
    """The demo on SQLite, opened for reading in the app's context at the moment at which it was built."""
    yield from opened(demo_on_sqlite)


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
    "plan_seal": {"size", "sha256", "certificate", "audit_head"},
    "session": {"token_hash"},
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
        if table.name == "activity" and row["verb"] == Verb.PLAN_SEALED:
            del row["data"]["after"]["sha256"]
    return kept


def everything(built: Built) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables of a demo."""
    for _opened in opened(built):
        return {table.name: rows(table) for table in tables.metadata.sorted_tables}
    raise AssertionError("unreachable")
