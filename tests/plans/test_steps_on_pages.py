"""What the pages say of the steps that write the plan and sign it: whose turn it is, and where it is done."""

import pytest

from portal import db
from portal.plans.models import Plan
from tests.plans import making


@pytest.fixture
def made(app, clock):
    """Committed."""
    with app.test_request_context():
        there = making.road(clock, on=making.signing_book())
        db.session.commit()
    return there


@pytest.fixture
def then(app, made):
    """Has something done to the road and committed: `then(lambda now: …)`, with the cast anew."""

    def do(act):
        with app.test_request_context():
            now = making.anew(made)
            act(now)
            db.session.commit()

    return do


def send(now) -> None:
    making.sent(now)


def decline(now) -> None:
    send(now)
    Plan.of(now.onboarding).to_sign.decline("The go-live is in our holidays.", by=now.ana)


def at(made, key="sign_plan") -> str:
    return f"/o/{made.onboarding.ref}/steps/{made.step(key).ref}"


def test_before_it_is_sent_it_says_who_sends_it_and_by_when(made, visitor) -> None:
    ana, home = visitor(made.ana), f"/o/{made.onboarding.ref}"
    assert "Priya sends it · promised 16 Mar" in ana.get(home).one("main").text()
    page = ana.get(at(made))
    said = "The plan is with us. Priya sends it by Mon 16 March; then it is yours to read and sign."
    assert said in page.one("main").text()
    assert page.one("main").one("a", href=f"{home}/plan").text() == "Look at it"


def test_once_it_is_sent_the_step_leads_to_the_plan(made, then, visitor) -> None:
    then(send)
    ana = visitor(made.ana)
    page, plan = ana.get(at(made)), f"/o/{made.onboarding.ref}/plan"
    assert "The plan is with us" not in page.one("main").text()
    link = page.one("main").one("a", href=plan)
    assert (link.text(), "btn--main" in link["class"]) == ("Review and sign", True)
    page = visitor(made.ben).get(at(made))
    assert "Whoever signs for your company does this; you can read the plan." in page.one("main").text()
    assert page.one("main").one("a", href=plan).text() == "Read the plan"


def test_after_a_no_it_says_who_moves_it_on(made, then, visitor) -> None:
    then(decline)
    said = visitor(made.ana).get(at(made)).one("main").text()
    assert "The plan is with us. Priya moves it on by Thu 12 March." in said
    assert "Sign your plan" in visitor(made.priya).get("/staff").one("main").text()


def test_my_day_has_one_line_for_it(made, then, visitor) -> None:
    page = visitor(made.priya).get("/staff").one("main").text()
    assert (
        "Your plan, written and ready to sign Northwind · then they sign: “Sign your plan” · Mon 16 Mar"
        in page
    )
    assert page.count("Sign your plan") == 1
    then(send)
    assert "Sign your plan" not in visitor(made.priya).get("/staff").one("main").text()


def test_neither_is_finished_by_hand(made, visitor) -> None:
    ana, priya = visitor(made.ana), visitor(made.priya)
    ana.get(at(made))
    assert "is done on its own page" in ana.post(f"{at(made)}/complete", {"version": "0"}, status=422).text
    base = f"/staff/accounts/{made.account.ref}/steps/{made.step('plan').ref}/complete"
    priya.get("/staff")
    page = priya.post(f"{base}?o={made.onboarding.ref}", {"version": "0"}, status=422)
    assert "is done on its own page" in page.text
