"""One question sent to a colleague: the link opens it, once, and nothing else."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal import db, mail
from portal.accounts.models import User
from portal.activity.models import Activity, Verb
from portal.notifications.models import DigestItem
from portal.readiness.asks import LIFE, MOST_A_DAY, ReadinessAsk, fill
from portal.readiness.models import ReadinessSubmission
from portal.readiness.states import Source
from tests import make

NORA = {"person": "", "name": "Nora Vale", "email": "nora@else.example", "note": "You set it up"}


@pytest.fixture
def here(cast):
    return f"/o/{cast.onboarding.ref}/readiness"


@pytest.fixture
def ana(visitor, cast):
    return visitor(cast.ana)


def asks() -> list[ReadinessAsk]:
    db.session.expire_all()
    return list(db.session.scalars(select(ReadinessAsk).order_by(ReadinessAsk.id)))


def send(ana, here, question="data", **who):
    ana.get(f"{here}/{question}")
    return ana.submit(f"/readiness/{question}/ask", {**NORA, **who})


def open_link(app) -> str:
    """The newest letter leaves; the address in it."""
    with app.test_request_context():
        letter = db.session.scalars(
            select(mail.Letter).where(mail.Letter.kind == "question").order_by(mail.Letter.id.desc())
        ).first()
        assert letter is not None
        _name, values = letter.fill
        filled = fill(**values)
        assert filled is not None
        db.session.commit()
        return "/ask/" + next(iter(filled.values()))


def letters(address) -> list[mail.Letter]:
    return list(db.session.scalars(select(mail.Letter).where(mail.Letter.address == address)))


def given(cast):
    db.session.expire_all()
    return ReadinessSubmission.of(cast.onboarding).by_question


def test_a_stranger_answers_once_and_gets_no_account(visitor, app, cast, here, ana):
    people = db.session.scalar(select(func.count()).select_from(User))
    send(ana, here)
    assert "Sent to Nora Vale." in ana.follow().text
    (letter,) = letters("nora@else.example")
    assert "Ana asks you one question" in letter.subject
    assert "Where is your partner data today?" in letter.text
    assert "> You set it up" in letter.text
    assert "/preferences" not in letter.text + letter.html
    nora, path = visitor(), open_link(app)
    page = nora.get(path)
    assert page.one("h1").text() == "Where is your partner data today?"
    assert "Ana Moreira at Northwind asks you" in page.text
    assert "You set it up" in page.text
    nora.get(path)
    page = nora.submit(path, {"a_data": "In a CRM"}, status=422)
    assert "Answer “Which one?”" in page.one("div", id="problems").text()
    page = nora.submit(path, {"a_data": "Spreadsheets", "a_rows": "200"}, status=200)
    assert "Thank you, Nora." in page.text
    row = given(cast)["data"]
    assert (row.value, row.more, row.source, row.author) == (
        "Spreadsheets",
        {"rows": 200},
        Source.LINK,
        "Nora Vale",
    )
    assert "already answered" in nora.get(path, status=410).text
    nora.get("/login")
    nora.post(path, {"a_data": "We start fresh", "version": "0"}, status=410)
    assert given(cast)["data"].value == "Spreadsheets"
    assert db.session.scalar(select(func.count()).select_from(User)) == people
    assert "by Nora Vale, via link" in ana.get(f"{here}/check").one("div", id="q-data").text()
    assert any("Nora answered" in one.line for one in db.session.scalars(select(DigestItem)))


def test_A08_no_token_rests_anywhere(app, cast, here, ana):
    send(ana, here)
    token = open_link(app).rpartition("/")[2]
    for table in db.Base.metadata.sorted_tables:
        rows = db.session.execute(select(table)).all()
        assert token not in repr(rows), table.name


def test_A10_the_link_is_for_its_question_alone(visitor, app, cast, here, ana):
    send(ana, here)
    path = open_link(app)
    token = path.rpartition("/")[2]
    nora = visitor()
    nora.get(f"/login/{token}", status=410)
    nora.get(path)
    nora.get(here, status=303)
    nora.get(f"/ask/{token[:-1]}", status=404)
    nora.get("/ask/" + asks()[0].ref, status=404)
    page = nora.get(path)
    nora.post(path, {"a_sso": "no", "a_data": "Spreadsheets", "version": "0"}, status=422)
    assert "has no field called a_sso" in nora.page.text
    words = page.text
    for secret in ("Busy", "Rui", "Ben", cast.ana.email, "August"):
        assert secret not in words
    assert "data" not in given(cast)


def test_asking_again_ends_the_earlier_link_and_so_does_taking_it_back(visitor, app, cast, here, ana):
    send(ana, here)
    first = open_link(app)
    send(ana, here, email="olga@else.example", name="Olga Brandt")
    assert "doesn't need this answer any more" in visitor().get(first, status=410).text
    second = open_link(app)
    visitor().get(second)
    page = ana.get(f"{here}/data")
    assert "Waiting for Olga" in page.text
    ana.submit("/take-back")
    assert "Taken back. The link that Olga has opens nothing any more." in ana.follow().text
    visitor().get(second, status=410)
    with app.test_request_context():
        assert fill(asks()[1].id, "x") is None
    ana.post(f"{here}/data/ask/{asks()[1].ref}/take-back")
    assert "Taken back." in ana.follow().text  # Not that Olga has answered.


def test_a_question_that_branching_closed_takes_its_link_along(visitor, app, cast, here, ana):
    ana.get(f"{here}/data")
    ana.submit("/readiness/data", {"a_data": "Spreadsheets"})
    send(ana, here, "quality")
    path = open_link(app)
    visitor().get(path)
    ana.get(f"{here}/data")
    ana.submit("/readiness/data", {"a_data": "We start fresh"})
    assert asks()[0].revoked_at is not None
    visitor().get(path, status=410)


def test_an_answer_given_meanwhile_stays_and_nothing_is_lost(visitor, app, cast, here, ana):
    send(ana, here)
    path = open_link(app)
    ana.get(f"{here}/data")
    ana.submit("/readiness/data", {"a_data": "We start fresh"})
    nora = visitor()
    assert "We start fresh" in nora.get(path).text  # As an answer to choose, not as the one that stands.
    page = nora.submit(path, {"a_data": "Spreadsheets", "a_rows": "9"}, status=200)
    assert "both are kept and Ana chooses" in page.text
    assert given(cast)["data"].value == "We start fresh"
    page = ana.get(f"{here}/data")
    assert "Nora answered differently, via the link" in page.text
    assert "Spreadsheets About how many rows? 9" in page.one("section", **{"class": "kit-aside"}).text()
    page = ana.get(page.one("section", **{"class": "kit-aside"}).one("a")["href"])
    assert "checked" in page.one("input", name="a_data", value="Spreadsheets").attrs
    assert page.one("input", name="a_rows")["value"] == "9"
    ana.submit("/readiness/data")
    assert (given(cast)["data"].value, given(cast)["data"].by_id) == ("Spreadsheets", cast.ana.id)
    assert "answered differently" not in ana.get(f"{here}/data").text
    verbs = db.session.scalars(select(Activity.verb).where(Activity.subject_type == "readiness_ask"))
    assert list(verbs) == [Verb.KIT_ASKED, Verb.KIT_ANSWERED_BESIDE]


def test_a_link_runs_out_and_the_asker_is_told_once(visitor, app, cast, here, ana, clock):
    send(ana, here)
    path = open_link(app)
    clock.forward(days=LIFE.days)
    nora = visitor()
    page = nora.get(path, status=410)
    assert "30 days, and they are over" in page.text
    nora.submit(f"{path}/late")
    page = nora.get(path, status=410)
    assert "Ana knows, and can send you a new one." in page.text
    before = db.session.scalar(select(func.count()).select_from(mail.Letter))
    nora.get("/login")
    nora.post(f"{path}/late")
    assert db.session.scalar(select(func.count()).select_from(mail.Letter)) == before


def test_a_colleague_who_is_here_answers_through_either_door(visitor, app, cast, here, ana):
    send(ana, here, person=cast.ben.ref, name="", email="")
    (ask,) = asks()
    assert (ask.person_id, ask.email) == (cast.ben.id, cast.ben.email)
    path, ben = open_link(app), visitor(cast.ben)
    visitor().get(path)
    ben.get(f"{here}/data")
    ben.submit("/readiness/data", {"a_data": "Spreadsheets"})
    row = given(cast)["data"]
    assert (row.by_id, row.source) == (cast.ben.id, Source.PERSON)
    ben.get(f"{here}/sso")
    ben.post(f"{here}/sso", {"a_sso": "no", "version": "0"}, status=403)
    visitor().get(path, status=410)
    page = ana.get(f"{here}/check")
    assert "1 of 7 answered: 1 by Ben." in page.text


def test_a_link_in_anothers_hands_stays_shut_while_they_are_signed_in(visitor, app, cast, here, ana):
    send(ana, here, person=cast.ben.ref, name="", email="")
    path = open_link(app)
    for other in (cast.rui, cast.ana, cast.priya, make.person(make.account("Fabrikam"), "Fay Jansen")):
        reader = visitor(other)
        page = reader.get(path, status=403)
        assert f"It was sent to Ben, and you are signed in here as {other.called}." in page.text
        assert "Where is your partner data" not in page.text
        reader.get("/preferences")
        reader.post(path, {"a_data": "Spreadsheets", "version": "0"}, status=403)
    assert ReadinessSubmission.of(cast.onboarding).by_question == {}
    ben = visitor(cast.ben)
    ben.get(path)
    ben.post(path, {"a_data": "Spreadsheets", "version": "0"}, status=200)
    assert given(cast)["data"].value == "Spreadsheets"


def test_an_address_says_nothing_about_whose_it_is(visitor, app, cast, here, ana):
    """Somebody of ours, of another customer, or nobody at all: the same words, and a letter to the address."""
    rival = make.person(make.account("Fabrikam"), "Fay Lind")
    db.session.commit()
    said = []
    for address in ("free@else.example", rival.email, cast.priya.email):
        send(ana, here, email=address)
        said.append(re.sub(r"\s+", " ", ana.follow().text))
        assert letters(address)[-1].user_id is None
        assert asks()[-1].person_id is None
    assert len(set(said)) == 1
    send(ana, here, email=cast.ben.email, name="Somebody")
    assert asks()[-1].person_id == cast.ben.id  # Of their own company, whom everybody sees.


def test_what_is_missing_or_too_much_is_said(visitor, app, cast, here, ana):
    ana.get(f"{here}/data")
    page = ana.submit("/data/ask", {**NORA, "name": "", "email": "", "note": "x" * 401}, status=422)
    said = page.one("div", id="problems").text()
    assert "Enter their name" in said
    assert "Enter their work e-mail" in said
    assert "Keep this under 400 characters" in said
    page = ana.submit("/data/ask", {**NORA, "note": "", "email": cast.ana.email}, status=422)
    assert "That is you." in page.text
    for n in range(MOST_A_DAY):
        send(ana, here, email=f"n{n}@else.example")
    ana.get(f"{here}/data")
    ana.submit("/data/ask", NORA, status=422)
    assert "within a day" in ana.page.text
    assert len(asks()) == MOST_A_DAY


def test_while_it_is_paused_no_link_answers(visitor, app, cast, here, ana):
    send(ana, here)
    path = open_link(app)
    with app.test_request_context():
        road = ReadinessSubmission.of(cast.onboarding).onboarding
        road.pause("Holidays", road.account.today + timedelta(days=9), by=cast.priya)
        db.session.commit()
    nora = visitor()
    assert "can't be answered now" in nora.get(path, status=410).text
    nora.get("/login")
    nora.post(path, {"a_data": "Spreadsheets", "version": "0"}, status=410)


def test_whoever_has_left_answers_no_more(visitor, app, cast, here, ana):
    send(ana, here, person=cast.ben.ref, name="", email="")
    path = open_link(app)
    with app.test_request_context():
        db.session.get_one(type(cast.ben), cast.ben.id).leave()
        db.session.commit()
    visitor().get(path, status=410)
