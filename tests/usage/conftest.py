"""Northwind, whose product's use means something."""

import pytest

from portal import db
from portal.accounts.models import Staff
from portal.onboardings.models import Onboarding
from tests import make
from tests.desk.conftest import statements  # noqa: F401
from tests.usage.seen import means


@pytest.fixture
def cast(app, clock) -> make.Cast:
    """Northwind, prepared, on Tuesday 3 March 2026; committed."""
    with app.test_request_context():
        made = make.northwind()
        means(made.onboarding.product)
        db.session.commit()
    return made


@pytest.fixture
def road(cast) -> Onboarding:
    """Its onboarding, in the test's own session."""
    found = db.session.get(Onboarding, cast.onboarding.id)
    assert found is not None
    return found


@pytest.fixture
def otto(app, cast) -> Staff:
    """Looks after the install, and has no customers."""
    with app.test_request_context():
        found = make.staff("Otto Brandt", "site_admin")
        db.session.commit()
    return found
