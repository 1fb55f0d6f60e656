"""What the customer's home says of a plan that waits for the reader's signature."""

from datetime import timedelta

import pytest

from portal import db
from portal.accounts.models import User
from portal.plans.models import Plan
from tests.plans import making
from tests.plans.signed import sign

WAITS = "of your plan waits for you."


@pytest.fixture
def cast(app, clock):
    """Northwind on a road that asks for a plan, with everything agreed; committed."""
    with app.test_request_context():
        made = making.road(clock, on=making.signing_book())
        db.session.commit()
    return made


@pytest.fixture
def later(app, cast):
    """Does something with the plan beside the pages; committed."""

    def act(what):
        with app.test_request_context():
            what(making.anew(cast))
            db.session.commit()

    return act


def home(visitor, made, user: User) -> str:
    return visitor(user).get(f"/o/{made.onboarding.ref}").text


def all_sign(made) -> None:
    sign(making.sent(made), made.ana, made.priya)


def test_an_amendment_stands_on_the_home_of_whoever_signs_it(cast, later, visitor) -> None:
    later(all_sign)
    assert WAITS not in home(visitor, cast, cast.ana)
    later(making.sent)
    assert f"Version 2 {WAITS} It can be signed until 24 Mar" in home(visitor, cast, cast.ana)
    assert WAITS not in home(visitor, cast, cast.ben)
    later(lambda made: sign(Plan.of(made.onboarding).to_sign, made.ana))
    assert WAITS not in home(visitor, cast, cast.ana)


def test_what_ran_out_waits_for_nobody(cast, later, visitor, clock) -> None:
    later(all_sign)
    later(making.sent)
    assert WAITS in home(visitor, cast, cast.ana)
    clock.at(making.MOMENT + timedelta(days=20))
    assert WAITS not in home(visitor, cast, cast.ana)


def test_a_further_signer_reads_it_beside_the_step_that_another_leads(cast, later, visitor) -> None:
    later(lambda made: making.sent(made, sponsors=True))
    assert f"Version 1 {WAITS}" in home(visitor, cast, cast.rui)


def test_whoever_has_nothing_else_to_do_is_asked_to_sign(cast, later, visitor) -> None:
    later(all_sign)
    page = visitor(cast.rui).get(f"/o/{cast.onboarding.ref}")
    quiet = page.one("section", id="next").text()
    later(lambda made: making.sent(made, sponsors=True))
    page = visitor(cast.rui).get(f"/o/{cast.onboarding.ref}")
    asked = page.one("section", id="next")
    assert f"Version 2 {WAITS}" in asked.text()
    assert quiet not in page.text
    assert asked.one("a")["href"].endswith("/plan")
    assert page.text.count(WAITS) == 1
