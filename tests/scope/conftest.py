"""Northwind on a small road whose playbook says what is in and what is needed."""

from datetime import UTC, datetime

import pytest

from portal import db
from portal.onboardings.models import Onboarding
from portal.playbooks.models import publish
from portal.playbooks.reader import read_checked
from portal.scope.models import Scope
from tests import make
from tests.desk.conftest import statements  # noqa: F401
from tests.playbooks.ready import READY

MOMENT = datetime(2026, 3, 10, 9, tzinfo=UTC)  # Day 1: both steps are open.


def laid(clock) -> make.Cast:
    """Their road on its second day; committed. Needs a request context."""
    made = make.northwind(book=publish(read_checked(READY)), programme=90)
    clock.at(MOMENT)
    made.onboarding.begin()
    made.step("hello").complete(by=made.ana)
    db.session.commit()
    return made


@pytest.fixture
def cast(app, clock):
    with app.test_request_context():
        return laid(clock)


def the(cast) -> Scope:
    """Its lists, read anew."""
    db.session.expire_all()
    return Scope.of(db.session.get_one(Onboarding, cast.onboarding.id))


def state(cast, kind: str) -> str:
    """Where the road's item of this kind is."""
    db.session.expire_all()
    road = db.session.get_one(Onboarding, cast.onboarding.id)
    return next(step.state.value for step in road.steps if step.kind == kind)
