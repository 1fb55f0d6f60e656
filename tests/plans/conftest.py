"""Northwind's road with everything agreed that a plan is made of."""

import pytest

from portal import db
from portal.accounts.models import User
from portal.plans.models import PlanVersion
from tests.desk.conftest import statements  # noqa: F401
from tests.plans import making
from tests.plans.signed import sign


@pytest.fixture
def made(app, clock):
    """Inside a request context, for what is done without a page; nothing is committed."""
    with app.test_request_context():
        yield making.road(clock)


@pytest.fixture
def people(app, clock):
    """Northwind, committed, so that browsers see it."""
    with app.test_request_context():
        made = making.road(clock)
        db.session.commit()
    return made


@pytest.fixture
def sent(app, people):
    """The next version, sent and signed by those named; committed."""

    def make(*signing: User) -> PlanVersion:
        with app.test_request_context():
            made = making.anew(people)
            who = [db.session.get_one(User, user.id) for user in signing]
            version = sign(making.sent(made), *who)
            db.session.commit()
        return version

    return make
