"""The customer's page of what to have ready: each in one press, by whom and when beside it, help in words."""

from datetime import timedelta

from sqlalchemy import select

from portal import db
from portal.mail import Letter
from portal.messages.models import Message
from portal.onboardings.models import Onboarding
from portal.onboardings.turns import Turn
from portal.playbooks.models import publish
from portal.readiness.prerequisite_asking import add_prerequisite
from portal.readiness.prerequisite_rules import Status
from portal.readiness.prerequisites import Prerequisite
from tests import make


def the(cast, key: str = "hours") -> Prerequisite:
    """The row, read anew."""
    db.session.expire_all()
    rows = select(Prerequisite).where(Prerequisite.onboarding_id == cast.onboarding.id)
    return db.session.scalars(rows.where(Prerequisite.key == key)).one()


def here(cast) -> str:
    return f"/o/{cast.onboarding.ref}/prerequisites"


def say(person, cast, status: str, key: str = "hours", expect: int = 303, **more):
    one = the(cast, key)
    return person.post(f"{here(cast)}/{one.ref}", {"status": status, "seen": one.seal, **more}, status=expect)


def with_sample(app, cast) -> None:
    """An answer has asked for the sample."""
    with app.test_request_context():
        road = db.session.get_one(Onboarding, cast.onboarding.id)
        add_prerequisite(road, "sample", "you said your data is in spreadsheets")
        db.session.commit()


def test_each_stands_there_with_what_is_enough_whose_it_is_and_by_when(visitor, cast) -> None:
    page = visitor(cast.ana).get(here(cast))
    assert page.one("h1").text() == "Have these ready before we begin."
    assert [h.text() for h in page.all("h2")][:2] == [
        "Somebody can sign in as administrator",
        "The hours are released",
    ]
    assert "Enough is Whoever grants them has agreed." in page.text
    assert "10 min, Ben, by Fri 6 March, in 3 days" in page.text
    assert "0 of 2 ready" in page.text
    assert len(page.all("span", class_="tag")) == 1


def test_one_press_says_it_and_another_takes_it_back(visitor, cast) -> None:
    ana = visitor(cast.ana)
    ana.get(here(cast))
    say(ana, cast, "ready")
    page = ana.follow()
    assert "Ready, you, 3 Mar" in page.text
    assert "1 of 2 ready" in page.text
    assert (the(cast).status, the(cast).said_by_id) == (Status.READY, cast.ana.id)
    assert "Ready, Ana, 3 Mar" in visitor(cast.ben).get(here(cast)).text
    say(ana, cast, "not_ready")
    assert "Not ready yet, you, 3 Mar" in ana.follow().text


def test_help_takes_words_and_is_our_turn_until_answered(visitor, cast) -> None:
    ana = visitor(cast.ana)
    ana.get(here(cast))
    page = say(ana, cast, "need_help", expect=422, words="  ")
    assert "Write what is in the way" in page.one("div", id="problems").text()
    assert the(cast).status is Status.NOT_READY
    say(ana, cast, "need_help", words="Their manager is away.")
    page = ana.follow()
    assert "“Their manager is away.”" in page.text
    assert "Priya answers by Tue 3 March." in page.text
    road = db.session.get_one(Onboarding, cast.onboarding.id)
    assert road.turn is Turn.US
    message = db.session.scalars(select(Message)).one()
    assert message.body == "We need help with “The hours are released”: Their manager is away."
    assert "We need help with “The hours are released”" in visitor(cast.priya).get("/staff").text
    with ana.client.application.test_request_context():
        road = db.session.get_one(Onboarding, cast.onboarding.id)
        Message.write(road, "I have called them.", by=db.session.get_one(type(cast.priya), cast.priya.id))
        db.session.commit()
    page = ana.get(here(cast))
    assert "Priya has answered in the messages" in page.text
    assert the(cast).status is Status.NEED_HELP


def test_the_last_word_counts_and_who_speaks_over_a_colleague_is_told(visitor, cast) -> None:
    ben, ana = visitor(cast.ben), visitor(cast.ana)
    ben.get(here(cast))
    one = the(cast, "admin_access")
    old = one.seal
    ana.get(here(cast))
    say(ana, cast, "ready", "admin_access")
    ben.post(f"{here(cast)}/{one.ref}", {"status": "need_help", "words": "It broke.", "seen": old})
    assert "Ana had said something else a moment ago. Yours stands now." in ben.follow().text
    assert the(cast, "admin_access").status is Status.NEED_HELP


def test_a_double_click_says_it_once(visitor, cast) -> None:
    ana = visitor(cast.ana)
    ana.get(here(cast))
    fields = {"status": "need_help", "words": "Away.", "seen": the(cast).seal}
    for _click in range(2):
        ana.post(f"{here(cast)}/{the(cast).ref}", fields)
    assert len(db.session.scalars(select(Message)).all()) == 1


def test_a_teammate_says_it_of_their_own_only_and_a_sponsor_reads(visitor, cast) -> None:
    ben = visitor(cast.ben)
    page = ben.get(here(cast))
    assert [form.get("action") for form in page.all("form") if form.get("action").startswith(here(cast))] == [
        f"{here(cast)}/{the(cast, 'admin_access').ref}"
    ] * 2
    page = say(ben, cast, "ready", expect=403)
    assert "This one is with Ana." in page.one("div", id="problems").text()
    assert the(cast).status is Status.NOT_READY
    rui = visitor(cast.rui)
    assert not [form for form in rui.get(here(cast)).all("form") if form.get("action").startswith(here(cast))]
    say(rui, cast, "ready", expect=403)


def test_a_rival_finds_nothing(app, visitor, cast) -> None:
    with app.test_request_context():
        eve = make.person(make.account("Fabrikam"), "Eve Stone")
        db.session.commit()
    eve = visitor(eve)
    eve.get(here(cast), status=404)
    eve.get("/preferences")
    say(eve, cast, "ready", expect=404)
    eve.get("/preferences")
    eve.post(f"{here(cast)}/{the(cast).ref}/hand", {"person": cast.ben.ref}, status=404)
    eve.get(f"{here(cast)}/{the(cast).ref}/file", status=404)


def test_an_admin_hands_it_to_a_colleague_who_gets_a_letter(visitor, cast) -> None:
    ana = visitor(cast.ana)
    ana.get(here(cast))
    one = the(cast)
    ana.submit(f"{one.ref}/hand", {"person": cast.ben.ref})
    assert "Ben sees to “The hours are released” now." in ana.follow().text
    letter = db.session.scalars(select(Letter).where(Letter.about == f"prerequisite:{one.id}")).one()
    assert letter.address == cast.ben.email
    assert f"/o/{cast.onboarding.ref}/prerequisites" in letter.text
    page = ana.post(
        f"{here(cast)}/{one.ref}/hand", {"person": cast.rui.ref}, status=422
    )  # A sponsor only reads.
    assert "Choose someone who works on this onboarding" in page.text


def test_a_template_is_there_to_download_where_one_is(app, visitor, cast) -> None:
    with_sample(app, cast)
    ana = visitor(cast.ana)
    page = ana.get(here(cast))
    assert "Because you said your data is in spreadsheets." in page.text
    link = next(a for a in page.all("a") if a.text() == "import-template.csv")
    answer = ana.client.get(link["href"])
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    ana.get(f"{here(cast)}/{the(cast).ref}/file", status=404)


def test_what_is_left_out_takes_no_word(app, visitor, cast) -> None:
    ana = visitor(cast.ana)
    ana.get(here(cast))
    with app.test_request_context():
        the(cast).leave_out("We have it already.", by=None)
        db.session.commit()
    page = say(ana, cast, "ready", expect=422)
    assert "isn't asked for any more" in page.one("div", id="problems").text()


def test_the_page_says_what_else_the_item_waits_for(visitor, cast) -> None:
    ana = visitor(cast.ana)
    ana.get(here(cast))
    for key in ("hours", "admin_access"):
        say(ana, cast, "ready", key)
    page = ana.follow()
    assert page.one("h1").text() == "Everything is ready."
    assert "This is done once your answers are in" in page.text


def test_while_paused_they_can_be_ready_early(app, visitor, cast) -> None:
    with app.test_request_context():
        one, priya = the(cast), db.session.get_one(type(cast.priya), cast.priya.id)
        until = one.onboarding.account.today + timedelta(days=14)
        one.hold("Your manager is away.", until, by=priya)
        db.session.commit()
    ana = visitor(cast.ana)
    page = ana.get(here(cast))
    assert "Paused until 17 March." in page.text
    assert "Your manager is away." in page.text
    assert "We're ready early" in page.text
    say(ana, cast, "ready")
    page = ana.follow()
    assert "Noted: you're ready early. Priya says when we go on." in page.text
    assert "You're ready early. Priya knows, and says when we go on." in page.text


def test_a_road_without_any_says_so(app, visitor) -> None:
    with app.test_request_context():
        bare = publish(make._document().model_copy(update={"kit": None}))
        made = make.northwind(book=bare)
        db.session.commit()
    assert "Nothing to get ready." in visitor(made.ana).get(here(made)).text
