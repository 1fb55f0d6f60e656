"""Plans on My day and on the overview of an account: to countersign, declined, run out, not sealed, to be amended."""

from datetime import timedelta

import pytest

from portal import db
from portal.onboardings.models import Onboarding
from portal.plans.models import Plan
from portal.plans.rules import PlanState
from tests import make
from tests.plans import making
from tests.plans.signed import sign


@pytest.fixture
def cast(app, clock):
    """Version 1 is sent; committed."""
    with app.test_request_context():
        made = making.road(clock)
        making.sent(made)
        db.session.commit()
    return made


@pytest.fixture
def do(app, cast):
    """Does something with the plan; committed."""

    def act(what) -> None:
        with app.test_request_context():
            db.session.expire_all()
            for name, value in vars(cast).items():
                setattr(cast, name, db.session.merge(value))
            what(cast, Plan.of(cast.onboarding))
            db.session.commit()

    return act


def plans(page) -> str:
    """What the table of plans says; empty without one."""
    tables = {table.one("caption").text(): table for table in page.all("table")}
    return tables["Plans"].one("tbody").text() if "Plans" in tables else ""


def test_what_waits_for_the_customer_is_nobodys_of_ours(visitor, cast) -> None:
    assert plans(visitor(cast.priya).get("/staff")) == ""


def test_whoever_countersigns_has_it_on_their_day_since_the_customer_signed(visitor, cast, do, clock) -> None:
    clock.at(making.MOMENT + timedelta(days=2))
    do(lambda made, plan: sign(plan.to_sign, made.ana))
    page = visitor(cast.priya).get("/staff")
    assert "Northwind Ana Moreira signed version 1 Thu 12 Mar Countersign" in plans(page)
    assert any("/plan/countersign" in link["href"] for link in page.all("a"))
    assert plans(visitor(cast.june).get("/staff")) == ""
    do(lambda made, plan: sign(plan.to_sign, made.priya))
    assert plans(visitor(cast.priya).get("/staff")) == ""


def test_a_signer_who_is_not_on_the_team_has_it_too(app, clock, visitor) -> None:
    with app.test_request_context():
        made = making.road(clock)
        lena = make.staff("Lena Fischer", "cs_leader")
        plan = Plan.of(made.onboarding)
        words = {"signers": {"provider_sponsors": [lena.ref]}}
        plan.write(words, seen=plan.begin().words_version, by=made.priya)
        sign(plan.send(seen=plan.document.mark, by=made.priya), made.ana)
        db.session.commit()
        version = sign(plan.to_sign or plan.last_sent, made.priya)
        db.session.commit()
        assert version.state is PlanState.PARTLY_SIGNED
    assert "Ana Moreira signed version 1 Tue 10 Mar Countersign" in plans(visitor(lena).get("/staff"))


def test_declined_with_its_reason_for_whoever_owns_it(visitor, cast, do) -> None:
    do(lambda made, plan: plan.to_sign.decline("The dates are too early.", by=made.ana))
    assert "declined version 1: The dates are too early." in plans(visitor(cast.priya).get("/staff"))
    assert plans(visitor(cast.june).get("/staff")) == ""
    do(lambda made, plan: making.sent(made))
    assert plans(visitor(cast.priya).get("/staff")) == ""


def test_run_out_and_asked_for_again(visitor, cast, do, clock) -> None:
    clock.at(making.MOMENT + timedelta(days=20))
    assert "nobody signed version 1 in time" in plans(visitor(cast.priya).get("/staff"))
    do(lambda made, plan: plan.last_sent.ask_fresh(by=made.ana))
    assert "a fresh copy of version 1 is asked for" in plans(visitor(cast.priya).get("/staff"))
    do(lambda made, plan: plan.last_sent.send_again(by=made.priya))
    assert plans(visitor(cast.priya).get("/staff")) == ""


def test_not_sealed(visitor, cast, do) -> None:
    do(lambda made, plan: sign(plan.to_sign, made.ana, made.priya).note_seal_failure("Wrong passphrase."))
    assert "version 1 could not be sealed" in plans(visitor(cast.priya).get("/staff"))


@pytest.mark.parametrize("what", ["date", "result", "scope"])
def test_a_signed_plan_that_is_not_true_any_more_waits_for_its_next_version(
    visitor, cast, do, clock, what
) -> None:
    do(lambda made, plan: sign(plan.to_sign, made.ana, made.priya))
    priya = visitor(cast.priya)
    assert plans(priya.get("/staff")) == ""
    clock.at(making.MOMENT + timedelta(hours=1))

    def change(made, _plan) -> None:
        if what == "date":
            making.move(made, 3)
        elif what == "result":
            making.agree(made, making.PAID.__class__(**{**vars(making.PAID), "statement": "Another result"}))
        else:
            making.Scope.of(made.onboarding).item("import").statement = "Another list is imported"
            making.agree_scope(made)

    do(change)
    assert "has changed since version 1 was signed" in plans(priya.get("/staff"))
    do(lambda made, plan: making.sent(made))
    assert plans(priya.get("/staff")) == ""


def test_a_paused_road_asks_for_nothing_but_its_seal(visitor, cast, do) -> None:
    do(lambda made, plan: plan.to_sign.decline("No", by=made.ana))
    do(
        lambda made, plan: made.onboarding.pause(
            "Budget", making.MOMENT.date() + timedelta(30), by=made.priya
        )
    )
    assert plans(visitor(cast.priya).get("/staff")) == ""


def test_the_overview_says_how_the_plan_stands(visitor, cast, do) -> None:
    at = f"/staff/accounts/{cast.account.ref}"
    priya = visitor(cast.priya)
    assert "Version 1: Sent" in priya.get(at).text
    do(lambda made, plan: sign(plan.to_sign, made.ana, made.priya))
    assert "Version 1: In force" in priya.get(at).text


def test_the_overview_of_a_road_without_versions(app, clock, visitor) -> None:
    with app.test_request_context():
        made = making.road(clock)
        db.session.commit()
    page = visitor(made.priya).get(f"/staff/accounts/{made.account.ref}")
    assert "A draft that fills itself" in page.text
    assert db.session.get_one(Onboarding, made.onboarding.id)
