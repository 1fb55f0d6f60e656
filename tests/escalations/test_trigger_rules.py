"""When a trigger is entered, holds, clears and ends: the pure rule, for any order of days."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.escalations import trigger_rules as rules
from portal.escalations.trigger_rules import Firing, Outcome
from portal.playbooks import triggers
from portal.playbooks.trigger_set import Condition, TriggerSpec

MONDAY = date(2026, 3, 9)


def standard(key: str, **changes: Any) -> TriggerSpec:
    spec = next(spec for spec in triggers.standard().triggers if spec.key == key)
    return spec.model_copy(update=changes)


LOW = {"state": "active", "active_percent": 31, "live_days": 40}
BACK = {**LOW, "active_percent": 45}
BETWEEN = {**LOW, "active_percent": 42}

# --- Conditions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("test", "value", "given_value", "expected"),
    [
        ("below", 40, 39, True), ("below", 40, 40, False), ("at_most", 40, 40, True), ("at_most", 40, 41, False),
        ("at_least", 40, 40, True), ("at_least", 40, 39, False), ("above", 40, 41, True), ("above", 40, 40, False),
        ("below", 40, None, False), ("at_least", 40, None, False), ("above", 0, True, False),
        ("is", True, True, True), ("is", True, None, False), ("is", False, None, False), ("is", False, False, True),
        ("is_not", True, None, True), ("is_not", True, True, False), ("is", "stalled", "stalled", True),
        ("includes", ("a", "b"), ["b", "c"], True), ("includes", ("a",), ["c"], False),
        ("includes", ("a",), None, False),
        ("lacks", ("a", "b"), ["c"], True), ("lacks", ("a", "b"), ["a"], False),
    ],
)  # fmt: skip
def test_each_comparison(test: Any, value: Any, given_value: Any, expected: bool) -> None:
    assert rules.holds(Condition(fact="it", test=test, value=value), {"it": given_value}) is expected


def test_any_needs_one_and_all_need_each() -> None:
    one, other = Condition(fact="a", value=True), Condition(fact="b", value=True)
    assert rules.holds(Condition(any=(one, other)), {"a": True, "b": False})
    assert not rules.holds(Condition(all=(one, other)), {"a": True, "b": False})
    assert rules.holds(Condition(all=(one, other)), {"a": True, "b": True})


@pytest.mark.parametrize(
    ("reasons", "sponsor", "expected"),
    [
        (["R16:risk"], "", True),
        (["R1:watch", "R2:watch"], "", True),
        (["R4:risk"], "", False),  # T13 has it.
        (["R4:risk", "R3:risk"], "", True),
        (["R12:risk"], "signing", True),
        (["R12:risk"], "", False),  # Somebody left: T15 has it.
    ],
)
def test_at_risk_for_a_reason_that_no_other_trigger_covers(
    reasons: list[str], sponsor: str, expected: bool
) -> None:
    facts = {"state": "active", "touch": "low", "health": "at_risk", "at_risk_days": 1, "reasons": reasons}
    facts["sponsor_missing"] = sponsor
    assert rules.is_true(standard("T14"), facts) is expected
    assert not rules.is_true(standard("T14"), {**facts, "at_risk_days": 0})


@pytest.mark.parametrize(("touch", "expected"), [("low", False), ("mid", True), ("high", True)])
def test_stalled_calls_somebody_in_where_no_ladder_runs(touch: str, expected: bool) -> None:
    facts = {"state": "active", "touch": touch, "health": "stalled", "stalled_days": 1, "quiet": "ghosting"}
    assert rules.is_true(standard("T14"), facts) is expected


# --- Evenings -----------------------------------------------------------------------------------


def test_it_is_entered_once_it_has_lasted_and_then_holds() -> None:
    spec = standard("T6")
    assert rules.judge(spec, MONDAY, LOW) is Outcome.NOTHING
    assert rules.judge(spec, MONDAY, LOW, before=[BETWEEN]) is Outcome.NOTHING
    assert rules.judge(spec, MONDAY, LOW, before=[LOW]) is Outcome.ENTERED
    assert rules.judge(spec, MONDAY, LOW, before=[LOW], lasting=Firing(MONDAY)) is Outcome.HELD


def test_between_the_two_numbers_it_holds_on() -> None:
    spec, lasting = standard("T6"), Firing(MONDAY)
    assert rules.judge(spec, MONDAY, BETWEEN, lasting=lasting) is Outcome.HELD
    assert rules.judge(spec, MONDAY, BACK, lasting=lasting) is Outcome.CLEARED


def test_switched_off_nothing_new_is_entered_and_what_lasts_still_clears() -> None:
    spec = standard("T6")
    assert rules.judge(spec, MONDAY, LOW, before=[LOW], on=False) is Outcome.NOTHING
    assert rules.judge(spec, MONDAY, BACK, on=False, lasting=Firing(MONDAY)) is Outcome.CLEARED


def test_the_cool_down_counts_from_the_day_it_fired() -> None:
    spec = standard("T6")
    for days, expected in ((13, Outcome.NOTHING), (14, Outcome.ENTERED)):
        last = MONDAY - timedelta(days=days)
        assert rules.judge(spec, MONDAY, LOW, before=[LOW], last_fired=last) is expected


def test_on_hold_nothing_is_entered_and_what_lasts_ends() -> None:
    spec, held = standard("T6"), {**LOW, "state": "on_hold"}
    assert rules.judge(spec, MONDAY, held, before=[LOW]) is Outcome.NOTHING
    assert rules.judge(spec, MONDAY, held, lasting=Firing(MONDAY)) is Outcome.ENDED
    assert not rules.still_fires(spec, held, fired=False)


def test_on_hold_what_has_opened_a_case_lasts_so_that_the_case_hears_when_it_is_over() -> None:
    spec, held = standard("T6"), {**LOW, "state": "on_hold"}
    lasting = Firing(MONDAY, MONDAY, has_case=True)
    assert rules.judge(spec, MONDAY, held, lasting=lasting) is Outcome.NOTHING
    assert rules.judge(spec, MONDAY, BACK, lasting=lasting) is Outcome.CLEARED
    closed = Firing(MONDAY, MONDAY, has_case=True, case_closed=True)
    assert rules.judge(spec, MONDAY, held, lasting=closed) is Outcome.ENDED


def test_a_closed_case_ends_it_while_it_holds() -> None:
    lasting = Firing(MONDAY, fired_on=MONDAY, case_closed=True)
    assert rules.judge(standard("T6"), MONDAY, LOW, lasting=lasting) is Outcome.ENDED


def test_what_a_person_clears_ends_with_its_case_alone() -> None:
    spec = standard("T7")
    halved = {
        "state": "active",
        "stage": "graduation",
        "usage_fall_percent": 60,
        "before_events": 40,
        "before_people": 5,
    }
    flat = {**halved, "usage_fall_percent": 0}
    assert rules.judge(spec, MONDAY, halved) is Outcome.ENTERED
    assert rules.judge(spec, MONDAY, flat, lasting=Firing(MONDAY, MONDAY)) is Outcome.HELD
    assert rules.judge(spec, MONDAY, flat, lasting=Firing(MONDAY, MONDAY, case_closed=True)) is Outcome.ENDED


def test_an_action_waits_for_its_days_its_condition_and_its_touch() -> None:
    spec = standard("T14")
    facts = {"touch": "mid", "health": "stalled", "quiet": "engaged"}
    assert rules.due_actions(spec, facts, (), lambda: 0) == [0]
    assert rules.due_actions(spec, facts, (0,), lambda: 4) == []
    assert rules.due_actions(spec, facts, (0,), lambda: 5) == [4]
    assert rules.due_actions(spec, {**facts, "touch": "low", "health": "at_risk"}, (), lambda: 0) == [1]


EVENING = st.fixed_dictionaries(
    {
        "state": st.sampled_from(["active", "active", "active", "on_hold"]),
        "active_percent": st.sampled_from([None, 10, 39, 40, 42, 45, 90]),
        "live_days": st.sampled_from([29, 30, 60]),
    }
)


@given(st.lists(EVENING, max_size=60), st.integers(1, 4), st.integers(0, 20))
def test_however_the_days_go_one_entering_fires_once(
    evenings: list[dict[str, Any]], for_days: int, again_after: int
) -> None:
    """Each evening is looked at twice. What is entered was true that evening and the ones before, never on hold, never
    while it lasts, and never sooner after the last than the cool-down."""
    spec = standard("T6", for_days=for_days, again_after=again_after)
    entered: list[int] = []
    lasting: Firing | None = None
    for n, facts in enumerate(evenings):
        day, before = MONDAY + timedelta(days=n), list(reversed(evenings[:n]))
        for _look in range(2):
            last = MONDAY + timedelta(days=entered[-1]) if entered else None
            known = {"lasting": lasting, "last_fired": last, "before": before}
            match rules.judge(spec, day, facts, **known):
                case Outcome.ENTERED:
                    if not entered or entered[-1] != n:  # The constraint of the table.
                        assert lasting is None
                        entered.append(n)
                        lasting = Firing(day, day)
                case Outcome.CLEARED | Outcome.ENDED:
                    assert facts["state"] == "on_hold" or rules.has_cleared(spec, facts)
                    lasting = None
    for n in entered:
        assert all(rules.is_true(spec, one) for one in evenings[n - for_days + 1 : n + 1])
        assert evenings[n]["state"] == "active"
    assert all(later - earlier >= again_after for earlier, later in pairwise(entered))
    assert len(set(entered)) == len(entered)
