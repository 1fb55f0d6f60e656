"""Once a plan is signed, what would change it is only proposed, and pages say that it is signed again."""

import pytest

from portal import db
from portal.plans.models import Plan
from portal.readiness.effect_words import standing
from portal.readiness.effects import EffectState
from tests.plans import making
from tests.plans.signed import sign
from tests.readiness.sent import answer, sent


@pytest.fixture
def made(app, clock):
    """Version 1 is signed; the kit isn't sent yet."""
    with app.test_request_context():
        there = making.road(clock, on=making.signing_book())
        sign(making.sent(there), there.ana, there.priya)
        yield there


@pytest.fixture
def there(app, clock):
    """The same, committed, with answers that ask for more."""
    with app.test_request_context():
        made = making.road(clock, on=making.signing_book())
        sign(making.sent(made), made.ana, made.priya)
        sent(made, data="Spreadsheets", users=60)
        db.session.commit()
    return made


def effect(kit, kind):
    return next(one for one in kit.effects if one.kind == kind)


def test_answers_only_propose_also_before_they_are_confirmed(made) -> None:
    steps = [(step.key, step.state) for step in made.onboarding.steps if step.kind != "kit"]
    kit = sent(made, data="Spreadsheets", quality="Some gaps", users=60)
    assert not kit.is_confirmed
    states = {one.state for one in kit.effects if one.kind != "offer"}
    assert states == {EffectState.PROPOSED}
    assert [(step.key, step.state) for step in made.onboarding.steps if step.kind != "kit"] == steps
    include = effect(kit, "include")
    assert include.needs_amendment
    assert standing(include) == "waits for you, needs an amendment"
    assert not effect(kit, "agenda").needs_amendment, "no plan says what a call is about"


def test_what_is_accepted_is_on_the_road_and_the_plan_differs_until_it_is_signed_again(made) -> None:
    include = effect(sent(made, data="Spreadsheets"), "include")
    assert not Plan.of(made.onboarding).draft().since
    include.decide(holds=True, why="", by=made.priya)
    assert made.onboarding.step_called("clean")
    assert (include.is_on, standing(include)) == (True, "accepted, needs an amendment")
    making.agree_scope(made)
    assert Plan.of(made.onboarding).draft().since, "what is in differs with the module"
    sign(making.sent(made), made.ana, made.priya)
    assert made.onboarding.signed_version == 2
    assert (include.needs_amendment, standing(include)) == (False, "accepted")


def test_what_is_declined_needs_none(made) -> None:
    kit = sent(made, data="Spreadsheets")
    include = effect(kit, "include")
    include.decide(holds=False, why="Their list is short.", by=made.priya)
    assert (include.needs_amendment, standing(include)) == (False, "declined")
    first = effect(kit, "put_first")
    answer(kit, made.ana, data="We start fresh")
    assert (first.state, first.needs_amendment) == (EffectState.WITHDRAWN, False)


def test_an_offer_that_is_taken_waits_for_us(made) -> None:
    offer = effect(sent(made, users=60), "offer")
    assert offer.take(by=made.ana) is False
    assert (offer.state, offer.needs_amendment) == (EffectState.PROPOSED, True)


def test_what_they_contest_is_ours_to_decide(made) -> None:
    include = effect(sent(made, data="Spreadsheets"), "include")
    include.decide(holds=True, why="", by=made.priya)
    assert include.contest("We clean it ourselves.", by=made.ana) is False
    assert (include.state, include.is_on) == (EffectState.CONTESTED, True)


def test_before_the_signatures_answers_act_at_once(app, clock) -> None:
    with app.test_request_context():
        made = making.road(clock, on=making.signing_book())
        making.sent(made)
        include = effect(sent(made, data="Spreadsheets"), "include")
        assert (include.state, include.needs_amendment) == (EffectState.APPLIED, False)


def test_the_customer_reads_that_it_comes_with_the_next_version(there, visitor) -> None:
    page = visitor(there.ana).get(f"/o/{there.onboarding.ref}/readiness/result")
    said = page.one("main").text()
    assert (
        "Your answers ask for it since. Your plan is signed, so it would come with the next version" in said
    )


def test_the_desk_says_that_the_plan_differs_then(app, there, visitor) -> None:
    priya, base = visitor(there.priya), f"/staff/accounts/{there.account.ref}/readiness"
    page = priya.get(f"{base}?o={there.onboarding.ref}")
    assert "The plan is signed as version 1. What you accept goes on their road at once" in page.text
    row = next(one for one in page.all("tr") if "Module cleaning Added" in one.text())
    assert "waits for you, needs an amendment" in row.text()
    form = row.one("form")
    page = priya.post(form["action"], {"go": "keep"}, follow_redirects=True, status=200)
    assert "The plan differs from the signed version 1 now: send an amendment." in page.text


@pytest.mark.parametrize("page", ["success", "scope"])
def test_results_and_lists_say_that_it_is_signed_again(there, visitor, page) -> None:
    said = visitor(there.ana).get(f"/o/{there.onboarding.ref}/{page}").one("main").text()
    assert "Your plan was signed as version 1. What you agree here goes into the next version" in said
