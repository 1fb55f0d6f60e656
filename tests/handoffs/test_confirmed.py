"""The customer reads what sales wrote that is meant for them, and confirms it in one press or corrects it."""

import pytest

from portal import db
from portal.handoffs.queries import told
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step
from tests.handoffs.conftest import WORDS, the

MARK = "From your talks with Sam. Still right?"
FIELDS = {"a_reason": "quote", "a_problem": "problem", "a_impact": "promised_impact"}
INTERNAL = ("reason", "stakeholders", "promised_dates", "surprises")


def the_step(cast) -> Step:
    db.session.expire_all()
    return db.session.query(Step).filter_by(onboarding_id=cast.onboarding.id, key="purchase_reason").one()


@pytest.fixture
def opened(visitor, cast, accepted):
    """The portal is open: the address of the step, and Ana on her way to it."""
    priya = visitor(cast.priya)
    here = f"/staff/accounts/{cast.account.ref}?o={cast.onboarding.ref}"
    priya.get(here)
    priya.post(here.replace("?", "/start?"))
    return f"/o/{cast.onboarding.ref}/steps/{the_step(cast).ref}", visitor(cast.ana)


def test_what_sales_wrote_for_them_is_filled_in_and_nothing_else(cast, opened) -> None:
    here, ana = opened
    page = ana.get(here)
    for name, field in FIELDS.items():
        assert page.one("textarea", name=name).text() == WORDS[field]
        assert MARK in page.one("span", id=f"{name}-hint").text()
    assert page.one("textarea", name="a_promised").text() == ""
    assert page.text.count(MARK) == 3
    for name in INTERNAL:
        assert WORDS[name] not in page.source
    assert (the_step(cast).data, the_step(cast).data_version) == ({}, 0)


def test_one_press_confirms_it_and_leaves_who_said_it(visitor, cast, opened, statements) -> None:
    here, ana = opened
    handoff = the(cast)
    handoff.onboarding.quoted_by = "Rui"
    priya = visitor(cast.priya)
    account = f"/staff/accounts/{cast.account.ref}?o={cast.onboarding.ref}"
    assert "As Sam wrote it, not confirmed yet" in priya.get(account).text
    ana.get(here)
    ana.submit("/complete")
    road = db.session.get_one(Onboarding, cast.onboarding.id)
    assert (road.quote, road.quoted_by) == (WORDS["quote"], "Rui")
    with statements() as seen:
        page = priya.get(account)
    assert "Confirmed by Ana on 3 March" in page.text
    assert len(seen) <= 12, "\n\n".join(seen)
    page = priya.get(f"/staff/handoffs/{the(cast).ref}")
    assert "Confirmed by Ana on 3 March" in page.text
    assert "They say now" not in page.text
    page = ana.get(f"/o/{cast.onboarding.ref}")
    assert page.one("figure", class_="quote").text() == f"“{WORDS['quote']}” Rui, 3 March"


def test_what_they_correct_stands_beside_what_sales_wrote(visitor, cast, opened) -> None:
    here, ana = opened
    ana.get(here)
    ana.submit("/complete", {"a_reason": "Partners leave us.", "a_problem": "", "a_impact": "1 hour a month"})
    road = db.session.get_one(Onboarding, cast.onboarding.id)
    assert (road.quote, road.quoted_by) == ("Partners leave us.", "Ana")
    assert "“Partners leave us.” Ana, 3 March" in ana.get(f"/o/{cast.onboarding.ref}").text
    now = told(db.session.get_one(Onboarding, cast.onboarding.id))
    assert now is not None
    assert (now.quote, now.problem, now.promised_impact) == ("Partners leave us.", "", "1 hour a month")
    assert (now.author, now.confirmed) == ("Sam", True)
    priya = visitor(cast.priya)
    page = priya.get(f"/staff/accounts/{cast.account.ref}?o={cast.onboarding.ref}")
    assert "Corrected by Ana on 3 March" in page.text
    for name, now in (("quote", "Partners leave us."), ("problem", "nothing"), ("promised_impact", "1 hour")):
        assert f"Sam wrote: {WORDS[name]}" in page.text
        assert f"They say: {now}" in page.text
    page = priya.get(f"/staff/handoffs/{the(cast).ref}").one("dl", class_="handoff-read").text()
    assert f"{WORDS['promised_impact']} They say now 1 hour a month" in page
    assert page.count("They say now") == 3


def test_what_is_saved_stays_as_they_left_it(cast, opened) -> None:
    here, ana = opened
    ana.get(here)
    ana.post(f"{here}/save", {"version": "0", "a_reason": "Mine, in part", "a_problem": "", "a_impact": ""})
    page = ana.get(here)
    assert page.one("textarea", name="a_reason").text() == "Mine, in part"
    assert page.one("textarea", name="a_problem").text() == ""
    assert f"From your talks with Sam: “{WORDS['quote']}”" in page.one("span", id="a_reason-hint").text()
    assert MARK not in page.text
    page = ana.submit("/complete", {"a_reason": " "}, status=422)
    assert "Answer “Why did you choose us" in page.one("div", id="problems").text()
    assert the(cast).onboarding.quote == WORDS["quote"]


def test_staff_who_do_it_for_them_confirm_nothing(visitor, cast, opened) -> None:
    priya = visitor(cast.priya)
    at = f"/staff/accounts/{cast.account.ref}/steps/{the_step(cast).ref}"
    page = priya.get(f"{at}?o={cast.onboarding.ref}")
    assert page.one("textarea", name="a_reason").text() == WORDS["quote"]
    priya.submit(f"/complete?o={cast.onboarding.ref}", {"a_reason": "Told on the phone"})
    page = priya.get(f"/staff/accounts/{cast.account.ref}?o={cast.onboarding.ref}")
    assert "As Priya wrote it for them on 3 March" in page.text
    road = db.session.get_one(Onboarding, cast.onboarding.id)
    assert (road.quote, road.quoted_by) == ("Told on the phone", None)


@pytest.mark.parametrize("how", ["draft", "none"])
def test_without_an_accepted_one_only_what_their_home_says_is_filled_in(visitor, cast, opened, how) -> None:
    here, ana = opened
    handoff = the(cast)
    if how == "none":
        db.session.delete(handoff)
    else:
        handoff.state = how
    page = ana.get(here)
    assert (
        page.one("textarea", name="a_reason").text()
        == db.session.get_one(Onboarding, cast.onboarding.id).quote
    )
    assert [page.one("textarea", name=name).text() for name in ("a_problem", "a_impact")] == ["", ""]
    assert "Sam" not in page.one("form", class_="work").text()


def test_only_the_form_that_takes_it_asks_for_it(visitor, cast, opened, statements) -> None:
    here, ana = opened
    ana.get(here)
    with statements() as seen:
        ana.get(here)
    assert sum("handoff" in one for one in seen) == 1
    other = db.session.query(Step).filter_by(onboarding_id=cast.onboarding.id, key="invite_people").one().ref
    with statements() as seen:
        ana.get(f"/o/{cast.onboarding.ref}/steps/{other}")
    assert not [one for one in seen if "handoff" in one]


def test_sales_reads_what_they_will_be_asked(begun, cast) -> None:
    page = begun.get(f"/staff/handoffs/{the(cast).ref}").one("form", class_="form-sheet").text()
    theirs, ours = page.split("What only our team reads")
    assert "Northwind is shown these, from their talks with you" in theirs
    assert "What goes wrong for them today?" in theirs
    assert "What could surprise them, or us?" in ours
    assert "Why did they buy?" in ours
