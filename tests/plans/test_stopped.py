"""On a road that is paused or over nobody signs: no page asks for it, and what was signed can be read for ever."""

import pytest
from sqlalchemy import select

from portal import db
from portal.onboardings.models import Onboarding
from portal.onboardings.states import OnboardingState
from portal.plans.models import Signature
from portal.plans.rules import PlanState
from tests.plans import making
from tests.plans.browsing import address, filled, kept

OVER = [
    OnboardingState.GRADUATED,
    OnboardingState.HANDED_OVER,
    OnboardingState.CLOSED,
    OnboardingState.CANCELLED,
]


@pytest.fixture
def stop(app, people):
    """The road stops here; committed."""

    def stopped(state: OnboardingState) -> None:
        with app.test_request_context():
            made = making.anew(people)
            if state is OnboardingState.ON_HOLD:
                made.onboarding.pause("Holidays", made.onboarding.target_graduation, by=made.priya)
            else:
                db.session.get_one(Onboarding, made.onboarding.id).state = state
            db.session.commit()

    return stopped


def doing(page) -> set[str]:
    """What the forms of this page would do with the plan."""
    found = {form["action"].partition("?")[0] for form in page.all("form") if "/plan" in form["action"]}
    return {action.rsplit("/", 1)[1] for action in found}


@pytest.mark.parametrize("state", [*OVER, OnboardingState.ON_HOLD])
def test_what_was_not_signed_is_nobodys_turn(people, sent, visitor, stop, state):
    version = sent()
    ana = visitor(people.ana)
    shown = ana.get(address(people)).form("/plan/sign").one("input", name="shown")["value"]
    stop(state)
    page = ana.get(address(people))
    assert page.one("h1").text() == "Version 1 is not signed by everybody."
    why = "paused until" if state is OnboardingState.ON_HOLD else "onboarding is over"
    assert why in page.one("p", class_="page-sub").text()
    assert doing(page) <= {"comment"}
    assert "Your turn" not in page.one("main").text()
    assert page.one("section", id="sign").text().count("not signed") == 2
    for what, fields in (
        ("sign", {"shown": shown, **filled(people)}),
        ("decline", {"why": "Too late", "version": version.ref}),
        ("other", {"to": people.rui.ref, "version": version.ref}),
    ):
        ana.post(f"{address(people)}/{what}", fields, status=422)
    assert kept(version).state is PlanState.SENT
    assert not db.session.scalars(select(Signature)).all()


@pytest.mark.parametrize("state", [OVER[0], OVER[-1], OnboardingState.ON_HOLD])
def test_nor_ours(people, sent, visitor, stop, state):
    sent(people.ana)
    stop(state)
    priya, desk = visitor(people.priya), f"/staff/accounts/{people.account.ref}/plan"
    assert doing(priya.get(f"{desk}/countersign?o={people.onboarding.ref}")) == set()
    assert "signs next" not in priya.page.one("main").text()
    page = priya.get(f"{desk}?o={people.onboarding.ref}")
    assert "not signed" in page.one("section", id="signers").text()
    assert "/plan/countersign" not in str([link["href"] for link in page.one("main").all("a")])


@pytest.mark.parametrize("state", [OVER[0], OnboardingState.ON_HOLD])
def test_what_ran_out_is_asked_for_by_nobody(people, sent, visitor, stop, clock, state):
    version = sent()
    clock.forward(days=15)
    ana = visitor(people.ana)
    ana.get(address(people))
    stop(state)
    ana.post(f"{address(people)}/fresh", status=422)
    assert doing(ana.page) <= {"comment"}
    assert kept(version).fresh_asked_at is None
    desk = f"/staff/accounts/{people.account.ref}/plan?o={people.onboarding.ref}"
    assert "again" not in doing(visitor(people.priya).get(desk))


@pytest.mark.parametrize("state", OVER)
def test_what_was_signed_is_read_after_graduation(people, sent, visitor, stop, state):
    sent(people.ana, people.priya)
    stop(state)
    for user in (people.ana, people.ben):
        page = visitor(user).get(address(people))
        assert page.one("h1").text() == "Your plan is signed by both sides."
        assert "signed 10 March at" in page.one("section", id="sign").text()
    visitor(people.ana).get(f"{address(people)}/v1.pdf", status=202)
    page = visitor(people.priya).get(f"/staff/accounts/{people.account.ref}/plan?o={people.onboarding.ref}")
    assert doing(page) <= {"comment"}
