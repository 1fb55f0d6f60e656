"""The rule of health: labels in their order, each reason at its limit, all reasons whatever the label."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.health.facts import FACTS, FOLLOWING, Facts
from portal.health.rules import RISK, WATCH, Reason, assess
from portal.health.thresholds import SHIPPED, Thresholds
from portal.onboardings.standings import Health, Quiet

LIMITS = Thresholds()  # A mid-market customer's: stalled after 7.
FINE = Facts(state="active", segment="mid_market", touch="mid", programme=90, stage="training", day=20)


def reasons(**changes: object) -> list[str]:
    return [reason.key for reason in assess(replace(FINE, **changes), LIMITS).reasons]


def label(**changes: object) -> Health:
    return assess(replace(FINE, **changes), LIMITS).label


# --- Each reason ----------------------------------------------------------------------------------

AT_THE_LIMIT = [
    ("R1", {"stage_age_days": 9, "stage_budget_days": 10, "stage_done_percent": 59, "overdue_items": 1}, WATCH),
    ("R1", {"stage_age_days": 8, "stage_budget_days": 10, "stage_done_percent": 59, "overdue_items": 1}, None),
    ("R1", {"stage_age_days": 9, "stage_budget_days": 10, "stage_done_percent": 60, "overdue_items": 1}, None),
    ("R1", {"stage_age_days": 9, "stage_budget_days": 10, "stage_done_percent": 59, "overdue_items": 0}, None),
    ("R1", {"stage_age_days": 10, "stage_budget_days": 10, "stage_done_percent": 90}, None),
    ("R1", {"stage_age_days": 11, "stage_budget_days": 10, "stage_done_percent": 90}, RISK),
    ("R2", {"pace": -10, "overdue_items": 1}, None),
    ("R2", {"pace": -11, "overdue_items": 1}, WATCH),
    ("R2", {"pace": -21, "overdue_items": 1}, RISK),
    ("R2", {"pace": -21, "overdue_items": 0}, None),
    ("R3", {"milestones_late": 1, "milestone_late_days": 3}, WATCH),
    ("R3", {"milestones_late": 1, "milestone_late_days": 4}, RISK),
    ("R3", {"milestones_late": 2, "milestone_late_days": 1}, RISK),
    ("R4", {"frustration": 1}, RISK),
    ("R5", {"surprise": 1}, RISK),
    ("R6", {"no_shows": 1}, WATCH),
    ("R6", {"no_shows": 2}, RISK),
    ("R7", {"live_days": 14, "activated_percent": 49}, WATCH),
    ("R7", {"live_days": 13, "activated_percent": 0}, None),
    ("R7", {"live_days": 14, "activated_percent": 50}, None),
    ("R7", {"live_days": 30, "active_percent": 39}, RISK),
    ("R7", {"live_days": 29, "active_percent": 39}, None),
    ("R7", {"live_days": 30, "active_percent": 40}, None),
    ("R8", {"first_value_due_in": 5, "first_value_late_by": 3}, None),
    ("R8", {"first_value_due_in": 5, "first_value_late_by": 4}, WATCH),
    ("R8", {"first_value_due_in": 0, "first_value_late_by": 0}, None),
    ("R8", {"first_value_due_in": -1}, RISK),
    ("R8", {"first_value_due_in": -1, "first_value_seen": True}, None),
    ("R9", {"tickets": 3}, None),
    ("R9", {"tickets": 4}, WATCH),
    ("R9", {"tickets": 6}, RISK),
    ("R10", {"prerequisite_late_days": 1}, WATCH),
    ("R10", {"prerequisite_late_days": 9, "gap_days": 5}, WATCH),
    ("R10", {"prerequisite_late_days": 9, "gap_days": 6}, RISK),
    ("R11", {"criterion_missed": 1}, WATCH),
    ("R11", {"criterion_forecast_misses": 1}, RISK),
    ("R12", {"champion_silent_days": 13}, None),
    ("R12", {"champion_silent_days": 14}, WATCH),
    ("R12", {"sponsor_missing": "kickoff"}, WATCH),
    ("R12", {"sponsor_missing": "signing"}, RISK),
    ("R12", {"champion_left": True}, RISK),
    ("R12", {"sponsor_left": True}, RISK),
    ("R15", {"unsigned_training_days": 5}, None),
    ("R15", {"unsigned_training_days": 6}, RISK),
    ("R16", {"kickoff_missing_days": 0}, WATCH),
    ("R16", {"kickoff_missing_days": 3}, WATCH),
    ("R16", {"kickoff_missing_days": 4}, RISK),
]  # fmt: skip


@pytest.mark.parametrize(("code", "facts", "level"), AT_THE_LIMIT)
def test_each_reason_begins_right_behind_its_limit(code, facts, level):
    assert reasons(**facts) == ([f"{code}:{level}"] if level else [])


def test_nothing_that_is_unknown_is_a_reason():
    nothing = {
        "tickets": None,
        "activated_percent": None,
        "active_percent": None,
        "champion_silent_days": None,
    }
    assert reasons(live_days=90, **nothing) == []


# --- Labels ---------------------------------------------------------------------------------------

QUIET = {"customers_turn": True, "silent_days": 7}


def test_the_first_label_that_applies():
    bad = {"frustration": 1, **QUIET}
    assert label(state="on_hold", **bad) is Health.ON_HOLD
    assert label(waiting_on_us=True, **bad | {"customers_turn": False}) is Health.WAITING_ON_US
    assert label(**bad) is Health.STALLED
    assert label(frustration=1) is Health.AT_RISK
    assert label(no_shows=1) is Health.WATCH
    assert label() is Health.ON_TRACK


def test_all_reasons_are_listed_whatever_the_label():
    found = assess(replace(FINE, state="on_hold", frustration=1, tickets=4), LIMITS)
    assert (found.label, [reason.key for reason in found.reasons]) == (
        Health.ON_HOLD,
        ["R4:risk", "R9:watch"],
    )


def test_two_reasons_to_watch_are_a_risk_and_one_reason_twice_is_not():
    assert label(no_shows=1, tickets=4) is Health.AT_RISK
    assert label(champion_silent_days=20, sponsor_missing="kickoff") is Health.WATCH


def test_a_call_that_we_did_not_book_is_said_and_changes_no_label():
    found = assess(replace(FINE, calls_missing=1, details={"missing_calls": ["kickoff"]}), LIMITS)
    assert found.label is Health.ON_TRACK
    assert [reason.is_ours_to_book for reason in found.reasons] == [True]
    assert label(calls_missing=1, no_shows=1) is Health.WATCH


@pytest.mark.parametrize(("segment", "days"), [("smb", 5), ("mid_market", 7), ("enterprise", 10)])
def test_stalled_after_as_many_working_days_as_the_segment_says(segment, days):
    limits = SHIPPED[segment]
    silent = [
        assess(replace(FINE, customers_turn=True, silent_days=n), limits).label for n in (days - 1, days)
    ]
    assert silent == [Health.ON_TRACK, Health.STALLED]


def test_a_sign_of_life_within_the_same_days_tells_engaged_from_ghosting():
    def quiet(life: int | None) -> Quiet | None:
        return assess(replace(FINE, **QUIET, life_days=life), LIMITS).quiet

    assert [quiet(None), quiet(7), quiet(6), quiet(0)] == [
        Quiet.GHOSTING, Quiet.GHOSTING, Quiet.ENGAGED, Quiet.ENGAGED,
    ]  # fmt: skip


# --- Whatever the facts ---------------------------------------------------------------------------

NUMBERS = st.integers(0, 60)
ANY = st.fixed_dictionaries(
    {
        "state": st.sampled_from(["active", "on_hold"]),
        "customers_turn": st.booleans(),
        "waiting_on_us": st.booleans(),
        "silent_days": st.none() | NUMBERS,
        "life_days": st.none() | NUMBERS,
        "pace": st.integers(-60, 60),
        "overdue_items": st.integers(0, 3),
        "stage_age_days": NUMBERS,
        "stage_budget_days": st.integers(1, 60),
        "stage_done_percent": st.integers(0, 100),
        "milestones_late": st.integers(0, 3),
        "milestone_late_days": st.integers(1, 9),
        "no_shows": st.integers(0, 3),
        "tickets": st.none() | st.integers(0, 9),
        "champion_left": st.booleans(),
    }
)


@given(ANY)
def test_a_label_never_says_less_than_its_reasons_and_each_has_its_limit(facts):
    found = assess(replace(FINE, **facts), LIMITS)
    levels = {reason.level for reason in found.reasons}
    if found.label is Health.ON_TRACK:
        assert not levels
    if found.label is Health.WATCH:
        assert levels == {WATCH}
    assert (found.label is Health.ON_HOLD) == (facts["state"] == "on_hold")
    assert found.quiet is None or facts["customers_turn"]
    assert all(Reason.read(reason.as_json()) == reason for reason in found.reasons)


@given(ANY, st.sampled_from(["tickets", "no_shows", "milestones_late"]))
def test_worse_facts_never_make_fewer_reasons(facts, name):
    worse = {**facts, name: (facts[name] or 0) + 5}
    before, after = (assess(replace(FINE, **one), LIMITS).reasons for one in (facts, worse))
    assert {one.code for one in before} <= {one.code for one in after}


def test_the_vocabulary_is_what_the_facts_hold():
    assert set(FINE.as_json(engaged=False)) == set(FACTS)
    assert set(FACTS) >= FOLLOWING
