"""A database that is busy: the sender is told to come again, nothing is half stored, and nothing counts twice."""

import sqlite3

import pytest

from portal import db, sqlite
from portal.app import create_app
from portal.auth import keys
from portal.auth.keys import USAGE_WRITE
from tests import make
from tests.usage.sending import Sender, counts, track


@pytest.fixture
def sender(databases, settings, monkeypatch):
    """The portal on a SQLite file of its own, on which a writer waits a tenth of a second instead of ten."""
    url = databases.copy("sqlite")
    monkeypatch.setattr(sqlite, "PATIENCE", 100)
    app = create_app(settings(PORTAL_DATABASE_URL=url))
    with app.test_request_context(), db.transaction():
        make.provider()
        make.account(external_id="nw-7")
        secret = keys.make("Product", [USAGE_WRITE], by=None)[1]
    yield Sender(app, secret), url.removeprefix("sqlite:///")
    db.disconnect()
    databases.drop(url)


def test_a_locked_database_is_503_with_retry_after_and_the_same_batch_counts_once_later(sender) -> None:
    product, path = sender
    stranger = sqlite3.connect(path, isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")
    answer = product.batch(track(messageId="a"), status=503)
    assert int(answer.headers["Retry-After"]) > 0
    product.send({"batch": [track()]}, Authorization="", status=401)  # Who has no key waits for no lock.
    stranger.execute("ROLLBACK")
    stranger.close()
    product.batch(track(messageId="a"))
    product.batch(track(messageId="a"))
    with product.app.test_request_context(), db.reading():
        assert counts() == {"Report Exported": 1}
