"""Northwind's hand-off on its way: begun by Sam, submitted, accepted by Priya."""

import pytest
from sqlalchemy import select

from portal import db
from portal.handoffs.models import Handoff
from tests import make
from tests.desk.conftest import statements  # noqa: F401

WORDS = {
    "reason": "Their board asked for a partner channel",
    "problem": "Payouts take 14 hours a month",
    "promised_impact": "2 hours a month by summer",
    "quote": "We lose partners because we pay late.",
    "stakeholders": "Rui decides, likes a call",
    "promised_dates": "First payout before May",
    "surprises": "none seen",
}


@pytest.fixture
def cast(app):
    """Northwind's draft; committed."""
    with app.test_request_context():
        made = make.northwind(prepared=False)
        db.session.commit()
    return made


def the(cast) -> Handoff:
    """Northwind's, read anew."""
    db.session.expire_all()
    return db.session.scalars(select(Handoff).where(Handoff.onboarding_id == cast.onboarding.id)).one()


@pytest.fixture
def begun(visitor, cast):
    """Sam has begun it; he is on its page."""
    sam = visitor(cast.sam)
    sam.get("/staff/handoffs")
    sam.submit(f"/handoff?o={cast.onboarding.ref}")
    sam.follow()
    return sam


@pytest.fixture
def submitted(cast, begun):
    """Its address, once it is complete and submitted."""
    here = f"/staff/handoffs/{the(cast).ref}"
    begun.submit(here, {**WORDS, "go": "submit"})
    return here


@pytest.fixture
def accepted(visitor, cast, submitted):
    """Its address, once Priya has accepted it."""
    priya = visitor(cast.priya)
    priya.get(submitted)
    priya.submit(f"{submitted}/accept")
    return submitted
