"""Which questions are asked: the same whatever was answered first."""

from hypothesis import given
from hypothesis import strategies as st

from portal.playbooks.reader import read_checked
from portal.readiness.branching import UNKNOWN, asked
from tests.playbooks.ready import READY

KIT = read_checked(READY).kit
ALL = ["problem", "users", "data", "quality", "sso", "regions", "busy"]
ANSWERS = {
    "problem": st.just("Late payouts"),
    "users": st.integers(1, 90),
    "data": st.sampled_from(["Spreadsheets", "In a CRM", "We start fresh", UNKNOWN]),
    "rows": st.integers(0, 900),
    "crm_name": st.just("Contact book"),
    "quality": st.sampled_from(["Clean", "Some gaps", UNKNOWN]),
    "sso": st.sampled_from(["yes", "no", UNKNOWN]),
    "regions": st.just(["Europe"]),
}


def keys(said):
    return [question.key for question in asked(KIT, said).questions]


def test_a_question_is_asked_after_the_answer_that_it_names():
    assert keys({}) == [key for key in ALL if key != "quality"]
    assert keys({"data": "Spreadsheets"}) == ALL
    assert "quality" not in keys({"data": "We start fresh"})
    assert "quality" not in keys({"data": UNKNOWN})


def test_what_was_answered_to_a_closed_question_counts_for_nothing():
    said = {"data": "We start fresh", "quality": "Some gaps", "rows": 200, "crm_name": "Contact book"}
    assert asked(KIT, said).given == {"data": "We start fresh"}
    assert asked(KIT, {**said, "data": "Spreadsheets"}).given == {
        "data": "Spreadsheets",
        "rows": 200,
        "quality": "Some gaps",
    }


def test_what_is_missing_is_required_and_open():
    assert [one.key for one in asked(KIT, {}).missing] == ["problem", "users", "data", "sso"]
    said = {"problem": "x", "users": 4, "sso": UNKNOWN, "data": "In a CRM", "quality": UNKNOWN}
    assert [one.key for one in asked(KIT, said).missing] == ["data"]  # Which one, is still missing.
    assert asked(KIT, {**said, "crm_name": "Contact book"}).missing == []
    assert asked(KIT, {**said, "data": UNKNOWN}).missing == []


@given(st.fixed_dictionaries({}, optional=ANSWERS), st.randoms())
def test_the_order_of_answering_plays_no_part(said, order):
    shuffled = list(said.items())
    order.shuffle(shuffled)
    one, other = asked(KIT, said), asked(KIT, dict(shuffled))
    assert (one.questions, one.given) == (other.questions, other.given)
    assert set(one.given) <= set(said)
    assert not set(one.given) & {"quality"} or said["data"] in ("Spreadsheets", "In a CRM")
