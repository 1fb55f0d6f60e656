"""Northwind on a road that asks for two to five results, on the first day of Expectations."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from portal import db
from portal.criteria.models import SuccessCriterion
from portal.criteria.rules import Direction
from portal.criteria.wanted import Wanted
from portal.playbooks.models import publish
from portal.playbooks.reader import read_checked
from tests import make
from tests.desk.conftest import statements  # noqa: F401
from tests.playbooks.ready import READY

QUOTE = "Stop losing partners because we pay them late."
PAID = Wanted(
    statement="Partners paid on time",
    direction=Direction.UP,
    baseline=Decimal(71),
    target=Decimal(95),
    target_on=date(2026, 4, 30),
    unit="%",
    must_have=True,
    seen_in="the payout dates",
)
HOURS = Wanted(
    statement="Hours spent on each payout run",
    direction=Direction.DOWN,
    baseline=Decimal(14),
    target=Decimal(2),
    target_on=date(2026, 4, 20),
    unit="h",
    seen_in="the payout log",
)


def northwind() -> make.Cast:
    """Northwind on its small road, Expectations open."""
    made = make.northwind(book=publish(read_checked(READY)), programme=90)
    made.onboarding.begin()
    made.step("hello").complete(by=made.ana)
    made.onboarding.quote = QUOTE
    return made


@pytest.fixture
def cast(app, clock):
    """Northwind on Monday 9 March 2026; committed."""
    clock.at(datetime(2026, 3, 9, 9, tzinfo=UTC))
    with app.test_request_context():
        made = northwind()
        db.session.commit()
    return made


@pytest.fixture
def spoken(app, clock):
    """The same inside a request context, for what is done without a page."""
    clock.at(datetime(2026, 3, 9, 9, tzinfo=UTC))
    with app.test_request_context():
        yield northwind()


@pytest.fixture
def paid(spoken) -> SuccessCriterion:
    """Priya's proposal: partners paid on time, 95 %."""
    return SuccessCriterion.add(spoken.onboarding, PAID, "As similar teams do.", by=spoken.priya)
