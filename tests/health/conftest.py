"""An app context and a clock that stands still: what is walked here writes letters."""

from collections.abc import Iterator

import pytest

from portal import mail
from tests import make
from tests.health.telling import MONDAY, on
from tests.plans import making


@pytest.fixture
def context(app, session) -> Iterator[None]:
    with app.app_context():
        mail.configure(app.config["PORTAL"])
        yield


@pytest.fixture
def here(app, session) -> Iterator[None]:
    with app.test_request_context():
        mail.configure(app.config["PORTAL"])
        yield


@pytest.fixture
def cast(here, clock) -> make.Cast:
    """Northwind on its day 0."""
    made = make.northwind()
    on(clock, MONDAY)
    made.onboarding.begin()
    return made


@pytest.fixture
def planned(here, clock) -> making.Made:
    """Northwind on its second day, on a road with a plan to sign and things to have ready."""
    return making.road(clock, on=making.signing_book(), agreed=False)
