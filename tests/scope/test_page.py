"""The customer reads what is in, agrees it, asks about it, and says what they bring."""

import pytest
from sqlalchemy import select

from portal import db, mail
from portal.activity.models import Activity, Verb
from portal.messages.models import Message
from portal.onboardings.turns import Turn
from portal.scope.models import Scope
from tests import make
from tests.scope.conftest import state, the


@pytest.fixture
def here(cast) -> str:
    return f"/o/{cast.onboarding.ref}/scope"


@pytest.fixture
def ana(visitor, cast, here):
    """Ana on the page."""
    visit = visitor(cast.ana)
    visit.get(here)
    return visit


def test_looking_keeps_nothing(ana) -> None:
    assert db.session.scalars(select(Scope)).all() == []


def test_both_lists_with_why_and_what_instead(ana, cast) -> None:
    text = ana.page.text
    for words in (
        "Your partner list is imported", "Approval chains", "They need your finance rules first.",
        "Instead: Single approval works until May.", "Somebody who leads it", "2 h a week", "1.5 h a week",
        "Ben Ortiz, your IT contact", "3.5 h a week", "you or Rui",
    ):  # fmt: skip
        assert words in text, words
    assert "Your data is cleaned" not in text  # Its module isn't on this road.
    assert len(ana.page.all("span", **{"class": "tag"})) == 1


def test_agreed_once_however_often_it_is_pressed(ana, cast, here) -> None:
    seen = ana.page.form("/agree").one("input", name="seen")
    ana.submit("/agree")
    assert "You agreed it on" in ana.follow().text
    ana.post(f"{here}/agree", {"seen": seen["value"]})
    assert "agreed already" in ana.follow().text
    assert (state(cast, "scope"), len(the(cast).agreements)) == ("done", 1)
    agreed = select(Activity).where(Activity.verb == Verb.SCOPE_AGREED)
    assert len(db.session.scalars(agreed).all()) == 1


def test_a_sponsor_may_agree_and_a_teammate_reads_who_can(visitor, cast, here) -> None:
    rui, ben = visitor(cast.rui), visitor(cast.ben)
    rui.get(here)
    ben.get(f"/o/{cast.onboarding.ref}")
    ben.get(here, status=403)
    ben.get(f"/o/{cast.onboarding.ref}/messages")
    page = ben.post(f"{here}/agree", {"seen": ""}, status=403)
    assert "for admins and sponsors" in page.text
    rui.submit("/agree")
    assert the(cast).agreement.by.name == "Rui Tavares"


def test_a_list_that_changed_since_is_not_agreed_unread(ana, cast, here) -> None:
    page = ana.post(f"{here}/agree", {"seen": "import:0000000000,gone:1"}, status=409)
    assert "Different from what you had open" in page.text
    assert "New Approval chains" in page.text
    assert "Changed Your partner list is imported" in page.text
    assert not the(cast).agreements
    ana.submit("/agree")


@pytest.mark.parametrize("seen", ["", "x", ",:,:", "a" * 9000])
def test_rubbish_agrees_nothing(ana, cast, here, seen) -> None:
    page = ana.post(f"{here}/agree", {"seen": seen}, status=409)
    assert "Different from what you had open" in page.text
    assert not the(cast).agreements


def test_a_question_is_in_the_messages_and_ours_to_answer(ana, cast, here) -> None:
    ana.post(f"{here}/question", {"item": "chains", "body": "Why not in June?"})
    assert "Priya answers" in ana.follow().text
    message = db.session.scalars(select(Message)).one()
    assert message.body == "About “Approval chains”: Why not in June?"
    assert message.step.kind == "scope"
    assert the(cast).onboarding.turn is Turn.US
    letters = select(mail.Letter).where(mail.Letter.kind == "message")
    assert [letter.address for letter in db.session.scalars(letters)] == [cast.priya.email]


def test_a_question_without_words_or_about_nothing(ana, here) -> None:
    page = ana.post(f"{here}/question", {"item": "chains", "body": " "}, status=422)
    assert page.one("textarea", id="ask-chains-body")
    assert ana.post(f"{here}/question", {"item": "chains", "body": "x" * 20000}, status=422)
    for key in ("clean", "nothing", ""):
        page = ana.post(f"{here}/question", {"item": key, "body": "Why?"}, status=422)
        assert "isn't on the list any more" in page.text
    assert db.session.scalars(select(Message)).all() == []


def test_one_by_one_or_all_and_then_the_item_is_done(ana, cast, here) -> None:
    seen = next(
        form.one("input", name="seen")["value"]
        for form in ana.page.all("form")
        if form.get("action").endswith("/confirm") and form.all("input", name="need", value="lead")
    )
    ana.post(f"{here}/confirm", {"need": "lead", "seen": seen})
    assert "You confirmed it on" in ana.follow().text
    assert state(cast, "resources") == "in_progress"
    every = [f for f in ana.page.all("form") if f.get("action").endswith("/confirm")][-1]
    ana.post(f"{here}/confirm", {"seen": every.one("input", name="seen")["value"]})
    assert state(cast, "resources") == "done"
    assert the(cast).minutes_confirmed == 210
    assert ana.page.location.endswith(here)  # The other list still waits.
    ana.get(here)
    ana.submit("/agree")
    assert ana.page.location.endswith(here.removesuffix("/scope"))
    assert "It goes into your plan word for word." in ana.follow().text
    ana.get(here)
    ana.post(f"{here}/confirm", {"need": "lead", "seen": seen})
    assert "confirmed already" in ana.follow().text


def test_what_they_cannot_release_is_our_turn(ana, cast, here) -> None:
    form = next(
        f for f in ana.page.all("form")
        if f.get("action").endswith("/release") and f.all("input", name="need", value="it")
    )  # fmt: skip
    seen = form.one("input", name="seen")["value"]
    sent = {"need": "it", "seen": seen, "why": "Ben is away until May"}
    ana.post(f"{here}/release", sent)
    ana.post(f"{here}/release", sent)
    assert "You can't release it" in ana.get(here).text
    assert [m.body for m in db.session.scalars(select(Message))] == [
        "We can't release “An IT contact”: Ben is away until May"
    ]
    scope = the(cast)
    assert scope.onboarding.turn is Turn.US
    assert [need.key for need in scope.unanswered] == ["lead", "sample"]
    ana.post(f"{here}/release", {**sent, "why": ""}, status=422)
    ana.post(f"{here}/release", {**sent, "seen": "it:0", "why": "No"}, status=409)
    ana.post(f"{here}/release", {**sent, "need": "other"}, status=422)


def test_nobody_answers_what_is_not_open_or_paused(visitor, cast, here) -> None:
    road = db.session.merge(cast.onboarding)
    road.stages[1].state = "locked"
    for step in road.steps:
        if step.kind in ("scope", "resources"):
            step.state = "locked"
    ana = visitor(cast.ana)
    page = ana.get(here)
    assert not [f for f in page.all("form") if f.get("action").endswith(("/agree", "/confirm", "/release"))]
    assert "isn't open yet" in page.text
    page = ana.post(f"{here}/agree", {"seen": ""}, status=422)
    assert "isn't open yet" in page.text


def test_the_rival_finds_nothing(visitor, cast, here) -> None:
    fay = visitor(make.person(make.account("Fabrikam"), "Fay Lind"))
    fay.get(here, status=404)
    for what in ("agree", "question", "confirm", "release"):
        fay.get("/preferences")
        sent = {"item": "chains", "need": "it", "body": "x", "why": "x", "seen": ""}
        fay.post(f"{here}/{what}", sent, status=404)


def test_the_roads_items_lead_here_those_who_can_answer(visitor, cast, here) -> None:
    road = cast.onboarding.ref
    items = {step.kind: step.ref for step in the(cast).onboarding.steps}
    for kind in ("scope", "resources"):
        step = f"/o/{road}/steps/{items[kind]}"
        assert here in [a.get("href") for a in visitor(cast.ana).get(step).all("a")]
        assert here in [a.get("href") for a in visitor(cast.rui).get(step).all("a")]
        ben = visitor(cast.ben)
        ben.get(f"/o/{road}/mine")
        assert here not in [a.get("href") for a in ben.page.all("a")]
        page = ben.get(step)
        assert here not in [a.get("href") for a in page.all("a")]
        assert "An admin or a sponsor of your company answers this" in page.text
        desk = f"/staff/accounts/{cast.account.ref}/steps/{items[kind]}?o={road}"
        assert "Open both lists" in visitor(cast.priya).get(desk).text
        assert "Open both lists" not in visitor(cast.tomas).get(desk).text
