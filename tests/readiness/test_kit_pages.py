"""Answering the kit page by page: as Ana on her phone, as Ben who was asked nothing, as Rui who reads."""

import pytest
from sqlalchemy import update

from portal import clock, db
from portal.calls.models import Call
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step
from portal.readiness.models import ReadinessSubmission
from portal.readiness.states import Source, SubmissionState
from tests import make


@pytest.fixture
def here(cast):
    return f"/o/{cast.onboarding.ref}/readiness"


def the(cast) -> ReadinessSubmission:
    db.session.expire_all()
    found = ReadinessSubmission.of(cast.onboarding)
    assert found is not None
    return found


def fill(person, here):
    """Everything that is required, in the order of the pages."""
    person.get(here)
    person.submit("/readiness/start")
    for question, answer in {
        "problem": {"a_problem": "Late payouts"},
        "users": {"a_users": "4"},
        "data": {"a_data": "Spreadsheets", "a_rows": "200"},
        "quality": {"a_quality": "not-sure-yet"},
        "sso": {"a_sso": "no"},
    }.items():
        page = person.follow()
        assert page.form(f"/readiness/{question}")
        person.submit(f"/readiness/{question}", answer)
    return person.follow()


def test_from_the_first_question_to_sent(visitor, cast, here):
    ana = visitor(cast.ana)
    page = ana.get(here)
    assert "6 questions, about 10 minutes" in page.text
    assert ReadinessSubmission.of(cast.onboarding) is None
    page = fill(ana, here)
    assert page.one("h1").text() == "Which weeks are busy?" or page.form("/readiness/regions")
    page = ana.get(f"{here}/check")
    assert page.one("h1").text() == "Check your answers before they go to Priya."
    assert "5 of 7 answered: 5 by you. Nothing is sent until you press the button." in page.text
    row = page.one("div", id="q-data").text()
    assert "Spreadsheets About how many rows? 200" in row
    assert "goes on the agenda of a call: How clean is that data?" in page.text
    ana.submit("/readiness/submit", {"choice": "complete"})
    assert ana.page.location.endswith("/readiness/result")
    assert "Sent. Priya looks at your answers within two working days." in ana.follow().text
    assert the(cast).state is SubmissionState.SUBMITTED
    assert the(cast).step.state is StepState.SUBMITTED
    assert the(cast).by_question["quality"].unknown
    ana.post(f"{here}/submit", {"choice": "complete"})
    assert "sent already" in ana.follow().text


def test_it_goes_on_where_somebody_stopped(visitor, cast, here, clock):
    ana = visitor(cast.ana)
    ana.get(f"{here}/users")
    ana.submit("/readiness/users", {"a_users": "4"})
    assert ana.get(here).one("a", **{"class": "btn--main"}).text() == "Go on with question 3"
    page = ana.get(f"{here}/data")
    assert page.one("p", **{"class": "kit-saved"}).text().startswith("Saved 09:00")
    clock.forward(days=1)
    assert "Saved 3 Mar, 09:00" in ana.get(f"{here}/data").text
    assert page.one("p", **{"class": "back"}).one("a")["href"] == f"{here}/users"
    assert page.one("a", **{"class": "link"})["href"] == f"{here}/sso"  # Skip for now.


def test_what_is_wrong_is_said_on_top_and_what_was_typed_stays(visitor, cast, here):
    ana = visitor(cast.ana)
    page = ana.get(f"{here}/data")
    page = ana.submit("/readiness/data", {"a_data": "Spreadsheets", "a_rows": "many"}, status=422)
    assert page.one("title").text().startswith("Error: Where is your partner data today?")
    assert "Enter a whole number, like 12" in page.one("div", id="problems").text()
    assert "checked" in page.one("input", name="a_data", value="Spreadsheets").attrs
    page = ana.submit("/readiness/data", {"a_data": "In a CRM"}, status=422)
    assert "Answer “Which one?”" in page.one("div", id="problems").text()
    ana.get(f"{here}/users")
    page = ana.submit("/readiness/users", {}, status=422)
    assert page.one("div", id="problems").one("a")["href"] == "#a_users"
    assert ReadinessSubmission.of(cast.onboarding) is None


def test_whoever_is_not_sure_owes_nothing_else(visitor, cast, here):
    ana = visitor(cast.ana)
    assert "We'll talk it through in one of our first calls" in ana.get(f"{here}/problem").text
    ana.submit("/readiness/problem", {"unsure": "y", "a_problem": "Something with payouts"})
    assert the(cast).by_question["problem"].unknown
    assert (
        "Not sure yet. Something with payouts" in ana.get(f"{here}/check").one("div", id="q-problem").text()
    )
    page = ana.get(f"{here}/users")
    assert not page.all("input", name="unsure")
    ana.get(f"{here}/data")
    ana.submit("/readiness/data", {"a_data": "not-sure-yet", "a_crm_name": ""})
    assert the(cast).by_question["data"].said


def test_a_closed_question_is_refused_and_nothing_changes(visitor, cast, here):
    ana = visitor(cast.ana)
    page = ana.get(f"{here}/quality")
    assert "depends on the answer to “Where is your partner data today?”" in page.text
    page = ana.post(f"{here}/quality", {"a_quality": "Clean", "version": "0"}, status=422)
    assert "isn't asked with your answers so far" in page.one("div", id="problems").text()
    assert ReadinessSubmission.of(cast.onboarding) is None
    ana.get(f"{here}/nothing", status=404)


def test_two_who_answer_see_both(visitor, cast, here):
    ana, other = visitor(cast.ana), visitor(make.person(cast.account, "Eva Reis"))
    ana.get(f"{here}/problem")
    other.get(f"{here}/problem")
    ana.submit("/readiness/problem", {"a_problem": "Hers"})
    page = other.submit("/readiness/problem", {"a_problem": "Mine"}, status=409)
    both = page.one("section", **{"class": "both"}).text()
    assert "Ana saved this at 09:00" in both
    assert "Hers" in both
    assert "Mine" in both
    assert page.one("textarea", name="a_problem").text() == "Mine"
    assert the(cast).given["problem"] == "Hers"
    other.submit("/readiness/problem")
    assert the(cast).given["problem"] == "Mine"


def test_sending_names_what_is_missing(visitor, cast, here):
    ana = visitor(cast.ana)
    ana.get(f"{here}/sso")
    ana.submit("/readiness/sso", {"a_sso": "yes"})
    page = ana.get(f"{here}/check")
    assert "3 questions still need an answer, or “Not sure yet”." in page.text
    assert page.one("a", **{"class": "btn--main"})["href"] == f"{here}/regions"
    assert not page.all("input", name="choice")
    page = ana.post(f"{here}/submit", {"choice": "complete"}, status=422)
    links = [link["href"] for link in page.one("div", id="problems").all("a")]
    assert links == ["#q-problem", "#q-users", "#q-data"]
    assert the(cast).state is SubmissionState.IN_PROGRESS
    ana.post(f"{here}/submit", {"choice": "later"})
    assert "Kept." in ana.follow().text


def test_answers_can_change_after_they_are_sent(visitor, cast, here):
    ana = visitor(cast.ana)
    fill(ana, here)
    ana.get(f"{here}/check")
    ana.submit("/readiness/submit", {"choice": "complete"})
    page = ana.get(f"{here}/check")
    assert "Sent by Ana on 3 March." in page.text
    assert not page.all("input", name="choice")
    ana.get(f"{here}/users?back=check")
    ana.submit("/readiness/users?back=check", {"a_users": "60"})
    assert "Changed. Priya sees it." in ana.follow().text
    assert the(cast).state is SubmissionState.SUBMITTED


def test_a_teammate_reads_and_whoever_has_the_item_answers(visitor, cast, here):
    ben = visitor(cast.ben)
    page = ben.get(f"{here}/data")
    assert not page.all("form", **{"class": "kit-form"})
    page = ben.post(f"{here}/data", {"a_data": "Spreadsheets", "version": "0"}, status=403)
    assert "Ask them to send you the question." in page.text
    ben.get(here)
    ben.post(f"{here}/start", status=403)
    theirs = update(Step).where(Step.onboarding_id == cast.onboarding.id, Step.kind == "kit")
    db.session.execute(theirs.values(assignee_id=cast.ben.id))
    db.session.commit()
    ben.get(f"{here}/data")
    ben.submit("/readiness/data", {"a_data": "We start fresh"})
    assert the(cast).by_question["data"].by_id == cast.ben.id
    ben.post(f"{here}/busy", {"a_busy": "August", "version": "0"}, status=403)
    ben.post(f"{here}/submit", {"choice": "complete"}, status=403)


def test_a_sponsor_reads_and_a_rival_finds_nothing(visitor, cast, here):
    ana, rui = visitor(cast.ana), visitor(cast.rui)
    ana.get(f"{here}/busy")
    ana.submit("/readiness/busy", {"a_busy": "August"})
    assert "August" in rui.get(f"{here}/check").text
    assert "August" in rui.get(f"{here}/busy").text
    rui.post(f"{here}/busy", {"a_busy": "May", "version": "1"}, status=403)
    ben = visitor(cast.ben)
    assert "August" not in ben.get(f"{here}/check").text
    assert "August" not in ben.get(f"{here}/busy").text
    fay = visitor(make.person(make.account("Fabrikam"), "Fay Lind"))
    for path in ("", "/data", "/check"):
        fay.get(f"{here}{path}", status=404)
    fay.get("/preferences")
    fay.post(f"{here}/data", {"a_data": "Spreadsheets", "version": "0"}, status=404)
    visitor(cast.priya).get(here, status=403)


def test_while_it_is_paused_nothing_is_sent(visitor, cast, here, clock, app):
    ana = visitor(cast.ana)
    fill(ana, here)
    ana.get(f"{here}/check")
    with app.test_request_context():
        road = the(cast).onboarding
        road.pause("Holidays", cast.account.today.replace(month=4), by=cast.priya)
        db.session.commit()
    page = ana.submit("/readiness/submit", {"choice": "complete"}, status=422)
    assert "paused until" in page.one("div", id="problems").text()
    page = ana.post(f"{here}/users", {"a_users": "5", "version": "1"}, status=422)
    assert "paused until" in page.one("div", id="problems").text()
    assert the(cast).state is SubmissionState.IN_PROGRESS


def test_what_they_told_sales_stands_there_to_be_confirmed(visitor, cast, here, told):
    ana = visitor(cast.ana)
    page = ana.get(f"{here}/problem")
    assert "From your talks with Sam. Still right?" in page.text
    assert page.one("textarea", name="a_problem").text() == "Payouts take 14 hours a month"
    assert ReadinessSubmission.of(cast.onboarding) is None
    ana.submit("/readiness/problem")
    assert the(cast).by_question["problem"].source is Source.HANDOFF
    ana.get(f"{here}/problem")
    ana.submit("/readiness/problem", {"a_problem": "They take 16"})
    assert the(cast).by_question["problem"].source is Source.PERSON


def test_a_road_without_a_kit_has_no_such_page(visitor, app):
    with app.test_request_context():
        other = make.northwind()
        db.session.commit()
    visitor(other.ana).get(f"/o/{other.onboarding.ref}/readiness", status=404)


def test_not_sure_yet_names_the_call_in_which_it_is_talked_through(visitor, cast, here, app):
    with app.test_request_context():
        start = clock.now().replace(day=5, hour=15)
        Call.book(
            cast.onboarding, kind="kickoff", title="Kickoff", minutes=60, agenda=["Goals"], start=start,
            owner=cast.priya, by=cast.ana, people=[cast.ana],
        )  # fmt: skip
        db.session.commit()
    assert "We'll talk it through with Priya on 5 March" in visitor(cast.ana).get(f"{here}/data").text


def test_what_is_in_the_way_of_the_item_is_cleared_by_sending_it(visitor, cast, here, app):
    ana = visitor(cast.ana)
    fill(ana, here)
    with app.test_request_context():
        the(cast).step.block("access", "No list yet", "Ben", by=cast.ana)
        db.session.commit()
    ana.get(f"{here}/check")
    ana.submit("/readiness/submit", {"choice": "complete"})
    assert the(cast).step.state is StepState.SUBMITTED
