"""Milestones are judged by the plan that was signed, and pages say what it promised."""

from datetime import date, timedelta

import pytest

from portal import db
from portal.onboardings.promised import promised
from tests.plans import making
from tests.plans.signed import sign

MOVED = date(2026, 4, 20)


@pytest.fixture
def made(app, clock):
    """Northwind's plan is signed; the import moved since. Committed."""
    with app.test_request_context():
        there = making.road(clock, on=making.signing_book())
        making.sent(there)
        db.session.commit()
    return there


@pytest.fixture
def moved(app, made):
    with app.test_request_context():
        now = making.anew(made)
        sign(making.Plan.of(now.onboarding).to_sign, now.ana, now.priya)
        one = milestone(now)
        was = one.due_on
        one.due_on = MOVED
        db.session.commit()
    return was


def milestone(made):
    return next(one for one in made.onboarding.milestones if one.key == "imported")


def test_on_time_is_what_was_signed(app, made, moved) -> None:
    with app.test_request_context():
        one, day = milestone(making.anew(made)), timedelta(days=1)
        assert (one.promised_on, one.signed_due_on) == (moved, moved)
        one.original_due_on = moved - 9 * day
        assert (one.on_time(moved), one.on_time(moved + day)) == (None, False)
        one.reached_on = moved
        assert one.on_time(moved + 30 * day) is True
        one.reached_on = moved + day
        assert one.on_time(moved + 30 * day) is False
        one.signed_due_on = None
        assert one.promised_on == one.original_due_on, "unsigned, it is the day first planned"


def test_nothing_is_said_while_it_is_kept(app, made, moved) -> None:
    with app.test_request_context():
        one = milestone(making.anew(made))
        assert promised(one) == f"promised for {moved.day} {moved:%B} in your plan"
        one.due_on = moved
        assert promised(one) == ""
        one.due_on, one.reached_on = MOVED, moved
        assert promised(one) == "", "it was reached in time"
        one.reached_on = moved + timedelta(days=2)
        assert promised(one, for_staff=True) == f"promised for {moved.day} {moved:%B} in the signed plan"


def test_the_stage_page_says_what_was_promised(made, moved, visitor) -> None:
    ana = visitor(made.ana)
    page = ana.get(f"/o/{made.onboarding.ref}/stages/training")
    said = f"Partners imported and checked by Mon 20 April, promised for {moved.day} {moved:%B} in your plan"
    assert said in page.one("main").text()
    other = ana.get(f"/o/{made.onboarding.ref}/stages/graduation")
    assert "in your plan" not in other.one("main").text()


def test_the_desk_says_it_too(made, moved, visitor) -> None:
    page = visitor(made.priya).get(f"/staff/accounts/{made.account.ref}/road?o={made.onboarding.ref}")
    said = (
        f"Partners imported and checked promised for {moved.day} {moved:%B} in the signed planby Mon 20 April"
    )
    assert said in page.one("main").text()
