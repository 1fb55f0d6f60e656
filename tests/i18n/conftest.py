"""The two customers of the isolation tests, in a portal that speaks wide letters."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import delete, func, select

from portal import clock, db, mail, worker
from portal.mail import Letter
from portal.notifications.models import DailyLetter, DigestItem
from tests.i18n.wide import speaking
from tests.infra.databases import Databases, rolled_back
from tests.infra.still import START
from tests.security.asking import Caller
from tests.security.world import World, build


@pytest.fixture(scope="module")
def wide_world(databases: Databases, shared_app) -> Iterator[World]:
    """Made once for a file of tests. Pages are the same on every database, so this is SQLite only."""
    with ExitStack() as stack:
        stack.enter_context(clock.frozen(START))
        stack.enter_context(speaking())
        world_connection = stack.enter_context(rolled_back(databases.engine("sqlite")))
        mail.configure(shared_app.config["PORTAL"])
        with shared_app.test_request_context():
            world = build()
            db.session.commit()
        worker.work(once=True, around=shared_app.test_request_context)  # What building it put into the queue.
        with db.transaction():
            for gone in (DailyLetter, DigestItem):
                db.session.execute(delete(gone))  # As if nobody had had the letter of this day.
            world.letters = db.session.scalar(select(func.max(Letter.id)))
        world.connection = world_connection
        yield world


@pytest.fixture
def caller(shared_app, wide_world: World) -> Callable[[str], Caller]:
    """`caller("ana")`: sends requests as she would; `caller("nobody")` is not signed in."""
    return lambda name: Caller(shared_app, wide_world.cookies.get(name, ""))
