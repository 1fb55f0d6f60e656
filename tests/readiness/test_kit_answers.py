"""Answers as rows: kept once, by whoever was there first; the item of the road goes along."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal import db
from portal.activity.models import Activity, Verb
from portal.errors import Conflict, Refused
from portal.onboardings.states import StepState
from portal.readiness.branching import UNKNOWN
from portal.readiness.models import ReadinessAnswer, ReadinessSubmission
from portal.readiness.states import Source, SubmissionState, may_become

FULL = {"problem": "Late payouts", "users": 4, "data": "We start fresh", "sso": "no"}


def fill(kit, by):
    for question, value in FULL.items():
        kit.answer(question, value, by=by, seen=0)


def happened(*verbs):
    rows = select(func.count()).select_from(Activity).where(Activity.verb.in_(verbs))
    return db.session.scalar(rows)


def test_from_hand_to_hand():
    may = {(one, then) for one in SubmissionState for then in SubmissionState if may_become(one, then)}
    assert may == {
        (SubmissionState.NOT_STARTED, SubmissionState.IN_PROGRESS),
        (SubmissionState.IN_PROGRESS, SubmissionState.SUBMITTED),
        (SubmissionState.SUBMITTED, SubmissionState.NEEDS_UPDATE),
        (SubmissionState.NEEDS_UPDATE, SubmissionState.SUBMITTED),
        (SubmissionState.SUBMITTED, SubmissionState.CONFIRMED),
    }


def test_the_first_answer_begins_it(spoken, kit):
    assert (kit.state, spoken.step("kit").state) == (SubmissionState.NOT_STARTED, StepState.READY)
    assert kit.answer("problem", "Late payouts", by=spoken.ana, seen=0)
    assert (kit.state, spoken.step("kit").state) == (SubmissionState.IN_PROGRESS, StepState.IN_PROGRESS)
    assert not kit.answer("problem", "Late payouts", by=spoken.ana, seen=0)
    assert happened(Verb.KIT_ANSWERED, Verb.STEP_STARTED) == 2
    assert ReadinessSubmission.begin(spoken.onboarding) is kit


def test_sent_returned_sent_again_and_confirmed(spoken, kit):
    fill(kit, spoken.ana)
    kit.submit(by=spoken.ana)
    assert (kit.state, spoken.step("kit").state) == (SubmissionState.SUBMITTED, StepState.SUBMITTED)
    with pytest.raises(Refused, match="Ana has sent these answers already"):
        kit.submit(by=spoken.ana)
    kit.send_back("How many exactly?", by=spoken.priya)
    assert (kit.state, spoken.step("kit").state) == (SubmissionState.NEEDS_UPDATE, StepState.RETURNED)
    assert kit.returned_why == "How many exactly?"
    kit.answer("users", 5, by=spoken.ana, seen=1)
    assert kit.state is SubmissionState.NEEDS_UPDATE
    kit.submit(by=spoken.ana)
    kit.confirm(by=spoken.priya)
    assert (kit.state, spoken.step("kit").is_done) == (SubmissionState.CONFIRMED, True)
    with pytest.raises(Refused, match="moved on meanwhile"):
        kit.send_back("Late", by=spoken.priya)


def test_it_stays_editable_and_the_road_follows_from_when_it_is_sent(spoken, kit, monkeypatch):
    seen = []
    monkeypatch.setattr("portal.readiness.models.react", lambda kit, by: seen.append(kit.given["users"]))
    fill(kit, spoken.ana)
    assert seen == []
    kit.submit(by=spoken.ana)
    kit.answer("users", 5, by=spoken.ana, seen=1)
    kit.confirm(by=spoken.priya)
    kit.answer("users", 6, by=spoken.ana, seen=2)
    assert (seen[1:], kit.state, kit.given["users"]) == ([5, 6], SubmissionState.CONFIRMED, 6)
    assert len(seen) == 3
    assert spoken.step("kit").is_done


def test_what_is_missing_is_named(spoken, kit):
    with pytest.raises(Refused, match="Nothing is answered yet"):
        kit.submit(by=spoken.ana)
    kit.answer("problem", "Late payouts", by=spoken.ana, seen=0)
    with pytest.raises(Refused) as caught:
        kit.submit(by=spoken.ana)
    assert "“Where is your partner data today?”" in str(caught.value)
    assert "busy" not in str(caught.value)
    assert kit.state is SubmissionState.IN_PROGRESS


def test_not_sure_yet_is_an_answer_but_not_to_a_fact(spoken, kit):
    kit.answer("data", None, {"rows": 4}, unknown=True, by=spoken.ana, seen=0)
    assert kit.given == {"data": UNKNOWN}
    with pytest.raises(Refused, match="We need to know this one"):
        kit.answer("users", unknown=True, by=spoken.ana, seen=0)


def test_smaller_answers_are_kept_only_beside_the_answer_that_asks_for_them(spoken, kit):
    kit.answer("data", "In a CRM", {"rows": 9, "crm_name": "Contact book"}, by=spoken.ana, seen=0)
    assert kit.by_question["data"].more == {"crm_name": "Contact book"}


def test_a_closed_question_takes_no_answer_and_gives_its_own_back(spoken, kit):
    kit.answer("data", "Spreadsheets", by=spoken.ana, seen=0)
    kit.answer("quality", "Some gaps", by=spoken.ana, seen=0)
    kit.answer("data", "We start fresh", by=spoken.ana, seen=1)
    with pytest.raises(Refused, match="It depends on the answer to “Where is your partner data today"):
        kit.answer("quality", "Clean", by=spoken.ana, seen=1)
    assert "quality" not in kit.given
    kit.answer("data", "Spreadsheets", by=spoken.ana, seen=2)
    assert kit.given["quality"] == "Some gaps"


def test_of_two_who_answer_at_once_the_second_is_told(spoken, kit):
    kit.answer("data", "Spreadsheets", by=spoken.ana, seen=0)
    with pytest.raises(Conflict, match="Ana answered this while you were writing") as caught:
        kit.answer("data", "We start fresh", by=spoken.ben, seen=0)
    assert caught.value.theirs.value == "Spreadsheets"
    assert caught.value.yours["value"] == "We start fresh"
    assert not kit.answer("data", "Spreadsheets", by=spoken.ben, seen=0)  # Both say the same.
    assert kit.by_question["data"].by is spoken.ana
    assert kit.answer("data", "We start fresh", by=spoken.ben, seen=1)
    assert kit.by_question["data"].version == 2


def test_an_answer_is_taken_back_by_an_empty_one(spoken, kit):
    kit.answer("regions", ["Europe"], by=spoken.ana, seen=0)
    kit.answer("regions", None, by=spoken.ana, seen=1)
    assert kit.given == {}
    assert kit.by_question["regions"].is_empty


def test_whoever_has_no_account_is_named(spoken, kit):
    kit.answer("sso", "no", by=None, by_name="Nora Vale", source=Source.LINK, seen=0)
    assert kit.by_question["sso"].author == "Nora Vale"
    said = db.session.scalars(select(Activity.personal).where(Activity.verb == Verb.KIT_ANSWERED)).one()
    assert said["who"] == "Nora Vale"


def test_nothing_changes_while_it_is_paused(spoken, kit):
    kit.answer("sso", "no", by=spoken.ana, seen=0)
    spoken.onboarding.pause("Holidays", spoken.account.today + timedelta(days=9), by=spoken.priya)
    for act in (lambda: kit.answer("sso", "yes", by=spoken.ana, seen=1), lambda: kit.submit(by=spoken.ana)):
        with pytest.raises(Refused, match="paused until"):
            act()
    with pytest.raises(Refused, match="paused until"):
        ReadinessSubmission.begin(spoken.onboarding)


def test_there_is_one_of_each(session, spoken, kit):
    kit.answer("sso", "no", by=spoken.ana, seen=0)
    db.session.flush()
    assert db.session.scalar(select(func.count()).select_from(ReadinessSubmission)) == 1
    assert db.session.scalar(select(func.count()).select_from(ReadinessAnswer)) == 1
