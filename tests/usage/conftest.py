"""Northwind, whose product's use means something."""

from functools import cache

import pytest

from portal import db
from portal.accounts.models import Account, Staff
from portal.onboardings.models import Onboarding
from portal.playbooks.document import PlaybookDocument
from portal.playbooks.models import publish
from portal.playbooks.reader import read_checked, shipped
from tests import make
from tests.desk.conftest import statements  # noqa: F401
from tests.usage.seen import means
from tests.usage.sending import Sender, key


@cache
def _newest() -> PlaybookDocument:
    return next(read_checked(path) for path in shipped() if path.stem == "partner-programme")


def _committed(app, *, newest: bool = False) -> make.Cast:
    with app.test_request_context():
        made = make.northwind(**({"book": publish(_newest())} if newest else {}))
        means(made.onboarding.product)
        made.account.licensed_seats = 4
        db.session.commit()
    return made


@pytest.fixture
def cast(app, clock) -> make.Cast:
    """Northwind on a road of the first edition, prepared, on Tuesday 3 March 2026; committed."""
    return _committed(app)


@pytest.fixture
def seeing(app, clock) -> make.Cast:
    """The same on the newest edition, on which first value and half of the people are seen by themselves."""
    return _committed(app, newest=True)


@pytest.fixture
def road(cast) -> Onboarding:
    """The onboarding of `cast`, in the test's own session."""
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


@pytest.fixture
def watched(app, seeing):
    """The onboarding of `seeing`, in the test's own session and in an application's context, as a worker has it."""
    with app.test_request_context():
        yield db.session.get(Onboarding, seeing.onboarding.id)


@pytest.fixture
def northwind(app, cast) -> Account:
    """Northwind as the product knows it: `nw-7`."""
    with app.test_request_context():
        found = db.session.get_one(Account, cast.account.id)
        found.external_id = "nw-7"
        db.session.commit()
    return found


@pytest.fixture
def product(app, northwind) -> Sender:
    """The product's own back end, which may name any account."""
    return Sender(app, key(app))
