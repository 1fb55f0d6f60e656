"""The customer's page of the plan, in each of its states and for each of its readers."""

from sqlalchemy import select

from portal import db
from portal.accounts.kinds import PortalRole
from portal.auth.models import SignInLink
from portal.plans.models import Plan, PlanVersion, Signature
from portal.plans.rules import PlanState
from tests import make
from tests.plans import making
from tests.plans.browsing import address, filled, kept, through


def the_plan(made) -> Plan:
    db.session.expire_all()
    return Plan.of(made.onboarding)


def test_the_draft_is_there_from_the_first_day(people, visitor):
    for who in (people.ana, people.ben, people.rui):
        page = visitor(who).get(address(people))
        assert "as it stands today" in page.one("h1").text()
        assert "Draft of 10 March" in page.text
        assert "Hours spent on each payout run" in page.text
        assert making.SECRET not in page.source
        assert not [form for form in page.all("form") if form["action"].endswith("/plan/sign")]


def test_a_draft_says_what_has_to_be_agreed_first_and_who_may_goes_there(app, clock, session, visitor):
    with app.test_request_context():
        people = making.road(clock, agreed=False)
        db.session.commit()
    page = visitor(people.ana).get(address(people))
    part = page.one("section", aria_labelledby="unsettled-h")
    assert "A plan needs 2 agreed results; there are 0." in part.text()
    assert [link["href"].rpartition("/")[2] for link in part.all("a")] == ["success", "scope"]
    part = visitor(people.ben).get(address(people)).one("section", aria_labelledby="unsettled-h")
    assert "What is in and what is not isn't agreed yet." in part.text()
    assert not part.all("a")


def test_signing_from_reading_to_the_confirmation(people, sent, visitor):
    version = sent()
    ana = visitor(people.ana)
    page = ana.get(address(people))
    assert page.one("h1").text() == "Your plan is ready to sign, Ana."
    assert "open until 24 March" in page.text
    assert len(page.all("span", class_="tag")) == 1
    page = through(ana, people, people.ana)
    assert page.one("h1").text() == "You signed version 1, Ana."
    assert "Priya countersigns" in page.text
    assert "Ana Núñez" in page.one("section", id="sign").text()
    assert kept(version).state is PlanState.PARTLY_SIGNED
    row = db.session.scalars(select(Signature)).one()
    assert (row.typed_name, row.identified_by, row.ip) == ("Ana Núñez", "code", "127.0.0.1")
    for other in (people.rui, people.ben):
        assert "waits for Priya to sign" in visitor(other).get(address(people)).text


def test_what_is_signed_by_both_says_so(people, sent, visitor):
    sent(people.ana, people.priya)
    page = visitor(people.ben).get(address(people))
    assert page.one("h1").text() == "Your plan is signed by both sides."
    assert page.text.count("signed 10 March at") == 2


def test_a_name_that_hides_something_comes_back_with_a_sentence(people, sent, visitor):
    sent()
    ana = visitor(people.ana)
    ana.get(address(people))
    for name, why in [("", "Type your full name"), ("Ana\u202e", "nobody sees"), ("A" * 20_000, "under 120")]:
        page = ana.submit("/plan/sign", {**filled(people), "typed_name": name}, status=422)
        assert why in page.one("div", id="problems").text()
    assert not db.session.scalars(select(SignInLink)).all()


def test_declining_needs_a_reason_and_a_person_hears(people, sent, visitor):
    sent()
    ana = visitor(people.ana)
    ana.get(address(people))
    page = ana.submit("/plan/decline", status=422)
    assert "what keeps you from signing" in page.one("div", id="problems").text()
    ana.submit("/plan/decline", {"why": "April is too early for us."})
    page = ana.follow()
    assert page.one("h1").text() == "Version 1 was declined."
    assert "April is too early for us." in page.text
    assert "Priya gets in touch the same day." in page.text


def test_somebody_else_signs(people, sent, visitor):
    sent()
    ana = visitor(people.ana)
    ana.get(address(people))
    ana.submit("/plan/other", status=422)
    ana.submit("/plan/other", {"to": people.ben.ref}, status=422)
    ana.submit("/plan/other", {"to": people.rui.ref})
    assert "waits for Rui to sign" in ana.follow().text
    assert (
        through(visitor(people.rui), people, people.rui, "Rui Tavares")
        .one("h1")
        .text()
        .startswith("You signed")
    )


def test_what_ran_out_is_asked_for_anew(people, sent, visitor, clock):
    sent()
    clock.forward(days=15)
    ana, ben = visitor(people.ana), visitor(people.ben)
    assert "over" in ana.get(address(people)).one("h1").text()
    assert not [f for f in ben.get(address(people)).all("form") if f["action"].endswith("/fresh")]
    ana.submit("/plan/fresh")
    assert "A fresh copy was asked for on 25 Mar" in ana.follow().text
    assert the_plan(people).last_sent.state is PlanState.EXPIRED


def test_a_comment_goes_into_the_messages_with_its_part(people, visitor):
    ana = visitor(people.ana)
    ana.get(address(people))
    ana.submit("/plan/comment", status=422)
    ana.submit("/plan/comment", {"part": "success", "body": "98 % is too much."})
    thread = visitor(people.priya).get(f"/staff/accounts/{people.account.ref}?tab=messages")
    assert "About “What success looks like”: 98 % is too much." in thread.text


def test_a_draft_in_review_asks_for_words(people, visitor):
    version = PlanVersion(
        account_id=people.account.id, onboarding=people.onboarding, n=1, state=PlanState.IN_REVIEW,
        words={"headline": "Pay partners on time, from April."},
    )  # fmt: skip
    db.session.add(version)
    page = visitor(people.ana).get(address(people))
    assert page.one("h1").text() == "Look through your plan, Ana."
    assert "Pay partners on time, from April." in page.text
    assert page.one("span", class_="tag").text() == "Your turn"
    kept(version).state = PlanState.DRAFT
    assert "Pay partners on time" not in visitor(people.ana).get(address(people)).text


def test_what_we_took_back_is_told(people, sent, visitor):
    version = sent()
    version = kept(version)
    version._become(PlanState.VOIDED)
    version.voided_at, version.voided_why = version.sent_at, "A date was wrong."
    page = visitor(people.ana).get(address(people))
    assert "We took version 1 back." in page.text
    assert "A date was wrong." in page.text


def test_another_companys_plan_is_not_there(people, sent, visitor):
    sent()
    rival = make.account("Fabrikam")
    fay = visitor(make.person(rival, "Fay Lind", PortalRole.ADMIN))
    fay.get(address(people), status=404)
    for what in ("sign", "sign/confirm", "decline", "other", "fresh", "comment"):
        fay.get("/preferences")
        fay.post(f"{address(people)}/{what}", status=404)
