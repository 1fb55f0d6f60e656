"""What the customer reads of it: that a colleague helps, by when they write, and nothing else."""

import pytest
from sqlalchemy import select

from portal import db
from portal.accounts.models import Staff
from portal.escalations import cases, closing, working
from portal.escalations.models import Escalation


@pytest.fixture
def done(app, cast, opened):
    """Does something with the case as June: `done(cases.take)`."""

    def act(what, *words):
        with app.test_request_context():
            case = db.session.scalars(select(Escalation)).one()
            what(case, *words, by=db.session.get_one(Staff, cast.june.id))
            db.session.commit()

    return act


@pytest.fixture
def home(visitor, cast):
    """Ana's home, opened anew: its words, below the header."""
    ana = visitor(cast.ana)
    return lambda: ana.get(f"/o/{cast.onboarding.ref}").one("main").text()


def test_it_says_who_helps_once_somebody_is_on_it_until_it_is_over(home, done):
    assert "to help" not in home()
    done(cases.take)
    assert "We've asked June to help. You'll hear by Wed 4 March." in home()
    done(working.note, "Called, nobody")
    assert "We've asked June to help. " in home()
    assert "You'll hear by" not in home()
    done(closing.resolve, "Holidays", "A call", True)
    assert "to help" not in home()


def test_it_never_says_why(home, done):
    inner = ("too long", "escalat", "case", "risk", "level", "stalled", "9 days", "7 days", "stage_")
    done(cases.take)
    for deed in (None, "Called, nobody"):
        if deed:
            done(working.note, deed)
        words = home().lower()
        assert "we've asked june to help" in words
        assert [word for word in (*inner, "called, nobody") if word in words] == []
