"""Staff word results on the account's Goals tab; whose turn it is stands on the overview and in My day."""

from dataclasses import replace
from decimal import Decimal

import pytest

from portal import db
from portal.criteria.models import SuccessCriterion
from portal.criteria.rules import Agreement
from portal.onboardings.models import Onboarding
from tests.criteria.conftest import HOURS, PAID

FILLED = {
    "statement": "Partners paid on time", "direction": "up", "baseline": "71", "target": "95", "unit": "%",
    "target_on": "2026-04-30", "seen_in": "the payout dates", "note": "As similar teams do.",
}  # fmt: skip


@pytest.fixture
def base(cast) -> str:
    return f"/staff/accounts/{cast.account.ref}"


@pytest.fixture
def theirs(app, cast) -> str:
    """Ana's proposal; its ref."""
    with app.test_request_context():
        road, ana = db.session.merge(cast.onboarding), db.session.merge(cast.ana)
        one = SuccessCriterion.add(road, PAID, "Our board looks at it.", by=ana)
        db.session.commit()
        return one.ref


def the(cast) -> list[SuccessCriterion]:
    db.session.expire_all()
    return SuccessCriterion.of(db.session.get_one(Onboarding, cast.onboarding.id))


def test_a_result_is_suggested_changed_and_taken_back(visitor, cast, base) -> None:
    priya, o = visitor(cast.priya), f"?o={cast.onboarding.ref}"
    page = priya.get(f"{base}/goals{o}")
    assert "No result is suggested yet." in page.text
    page = priya.get(f"{base}/goals{o}&add=on_time")
    assert page.one("input", name="target_on")["value"] == cast.onboarding.target_graduation.isoformat()
    assert page.one("input", name="statement")["value"] == "Partners paid on time"
    page = priya.submit(f"{base}/goals/new{o}", {**FILLED, "target": "70"}, status=422)
    assert "The target is lower than today" in page.one("div", id="problems").text()
    assert page.one("textarea", name="note").text() == FILLED["note"]
    priya.submit(f"{base}/goals/new{o}", {**FILLED, "their_owner": cast.ben.ref})
    (one,) = the(cast)
    assert (one.our_owner_id, one.their_owner_id, one.talk.turn) == (cast.priya.id, cast.ben.id, "customer")
    page = priya.follow()
    assert "Sent to Northwind" in page.text
    priya.get(f"{base}/goals{o}&change={one.ref}")
    priya.submit(f"{base}/goals/{one.ref}/suggest{o}", {"their_owner": cast.ana.ref})
    assert [word.state for word in the(cast)[0].wordings] == [Agreement.PROPOSED]
    assert the(cast)[0].their_owner_id == cast.ana.id
    priya.get(f"{base}/goals{o}&change={one.ref}")
    priya.submit(f"{base}/goals/{one.ref}/suggest{o}", {"target": "98"})
    assert the(cast)[0].open.target == 98
    priya.follow()
    priya.submit(f"{base}/goals/{one.ref}/withdraw{o}")
    assert the(cast) == []


def test_our_turn_is_said_and_agreed(visitor, cast, base, theirs) -> None:
    priya, o = visitor(cast.priya), f"?o={cast.onboarding.ref}"
    goals = f"/staff/accounts/{cast.account.ref}/goals?o={cast.onboarding.ref}"
    assert "0 of 1 results agreed our turn" in priya.get(f"{base}{o}").text
    day = priya.get("/staff")
    assert goals in {a["href"] for a in day.all("a")}
    page = priya.get(f"{base}/goals{o}")
    assert "Our turn Ana suggests, 9 March" in page.one("li", id=theirs).text()
    assert "Our board looks at it." in page.text
    priya.submit(f"{base}/goals/{theirs}/agree{o}")
    assert the(cast)[0].in_force.decided_by_id == cast.priya.id
    assert "1 of 1 results agreed" in priya.get(f"{base}{o}").text


def test_a_counter_is_withdrawn_with_a_warning_that_their_wish_goes_too(visitor, cast, base, theirs) -> None:
    priya, o = visitor(cast.priya), f"?o={cast.onboarding.ref}"
    priya.get(f"{base}/goals{o}&change={theirs}")
    priya.submit(f"{base}/goals/{theirs}/suggest{o}", {"target": "98"})
    card = priya.follow().one("li", id=theirs)
    assert "Their turn you suggested this" in card.text()
    assert "Take it back" not in card.text()
    assert "what they wanted goes with it" in card.text()
    priya.submit(f"{base}/goals/{theirs}/withdraw{o}", {"why": "We measure hours instead."})
    assert the(cast) == []


def test_who_may_only_look(visitor, cast, base, theirs) -> None:
    june, o = visitor(cast.june), f"?o={cast.onboarding.ref}"
    page = june.get(f"{base}/goals{o}")
    assert "Partners paid on time" in page.text
    assert [form for form in page.all("form") if "/goals/" in form["action"]] == []
    june.post(f"{base}/goals/{theirs}/agree{o}", {"seen": the(cast)[0].shown.ref}, status=403)


def test_a_value_of_ours_and_a_second_reading(app, visitor, cast, base, theirs) -> None:
    priya, o = visitor(cast.priya), f"?o={cast.onboarding.ref}"
    priya.get(f"{base}/goals{o}")
    priya.submit(f"{base}/goals/{theirs}/agree{o}")
    priya.follow()
    page = priya.submit(f"{base}/goals/{theirs}/measurement{o}", {"value": "5 h"}, status=422)
    assert "Enter the number alone" in page.one("div", id="problems").text()
    priya.submit(f"{base}/goals/{theirs}/measurement{o}", {"value": "80", "note": "payout log"})
    assert [row.value for row in the(cast)[0].measurements] == [80]
    assert "37 % of the way." in priya.follow().text


def test_few_statements(app, visitor, cast, base, theirs, statements) -> None:
    with app.test_request_context():
        road, priya = db.session.merge(cast.onboarding), db.session.merge(cast.priya)
        for n in range(4):
            one = SuccessCriterion.add(road, replace(HOURS, statement=f"Result {n}"), None, by=priya)
            one.suggest(
                replace(HOURS, target=Decimal(n)), "x", seen=one.shown.ref, by=db.session.merge(cast.ana)
            )
        db.session.commit()
    priya = visitor(cast.priya)
    for path in (f"{base}/goals?o={cast.onboarding.ref}", f"{base}?o={cast.onboarding.ref}", "/staff"):
        priya.get(path)
        with statements() as made:
            priya.get(path)
        assert len(made) <= 12, "\n".join(made)


def test_standing_by_it_twice_says_so(app, visitor, cast, base) -> None:
    with app.test_request_context():
        road, priya, ana = (db.session.merge(one) for one in (cast.onboarding, cast.priya, cast.ana))
        one = SuccessCriterion.add(road, PAID, None, by=priya)
        one.suggest(PAID, "Why so much?", seen=one.shown.ref, by=ana)
        db.session.commit()
        ref, seen = one.ref, one.shown.ref
    priya, o = visitor(cast.priya), f"?o={cast.onboarding.ref}"
    page = priya.get(f"{base}/goals{o}")
    assert "Our turn Ana asks for a change" in page.one("li", id=ref).text()
    priya.submit(f"{base}/goals/{ref}/propose{o}")
    assert the(cast)[0].talk.turn == "customer"
    page = priya.post(f"{base}/goals/{ref}/propose{o}", {"seen": seen}, status=422)
    assert "There is nothing to stand by here now." in page.one("div", id="problems").text()


def test_each_item_of_its_own_leads_staff_to_its_page(visitor, cast, base) -> None:
    priya, o = visitor(cast.priya), f"?o={cast.onboarding.ref}"
    pages = {
        "criteria": "/goals",
        "prerequisites": "/prerequisites",
        "scope": "/scope",
        "resources": "/scope",
    }
    for kind, ending in pages.items():
        step = next(one for one in cast.onboarding.steps if one.kind == kind)
        page = priya.get(f"{base}/steps/{step.ref}{o}")
        assert f"{base}{ending}{o}" in {a["href"] for a in page.one("main").all("a")}, kind
    page = priya.get(f"{base}/goals{o}")
    assert f"{base}/scope{o}" in {a["href"] for a in page.all("a")}
