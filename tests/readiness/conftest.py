"""Northwind on the small road with a readiness kit, opened to them."""

import pytest

from portal import clock, db
from portal.handoffs.models import Handoff
from portal.handoffs.rules import REQUIRED, HandoffState
from portal.playbooks.models import publish
from portal.playbooks.reader import read_checked
from portal.readiness.models import ReadinessSubmission
from tests import make
from tests.desk.conftest import statements  # noqa: F401
from tests.playbooks.ready import READY


@pytest.fixture
def cast(app):
    """Committed; its kit may be answered from the first day of Welcome."""
    with app.test_request_context():
        make.provider()
        made = make.northwind(book=publish(read_checked(READY)), programme=90)
        db.session.commit()
    return made


@pytest.fixture
def spoken(app, cast):
    """The cast inside a request context, for what is done without a page."""
    with app.test_request_context():
        yield cast


@pytest.fixture
def kit(spoken) -> ReadinessSubmission:
    """Begun, with nothing answered."""
    return ReadinessSubmission.begin(spoken.onboarding)


@pytest.fixture
def told(cast) -> Handoff:
    """Sam's hand-off, accepted."""
    words = dict.fromkeys(REQUIRED, "x") | {"problem": "Payouts take 14 hours a month"}
    made = Handoff(
        account_id=cast.account.id,
        onboarding_id=cast.onboarding.id,
        author_id=cast.sam.id,
        state=HandoffState.ACCEPTED,
        submitted_at=clock.now(),
        **words,
    )
    db.session.add(made)
    db.session.commit()
    return made
