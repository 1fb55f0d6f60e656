"""Stage windows, due rules, holds and the next step (product 2.4)."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.calendars import Calendar
from portal.onboardings.planning import (
    Due,
    Pause,
    StepFacts,
    Window,
    due,
    first_value_due,
    next_step,
    shifted,
    shifted_plan,
    stage_days,
    windows,
)
from portal.onboardings.states import StepState
from portal.playbooks.due import parse_due
from portal.playbooks.rules import DEFAULT_BUDGETS

WEEKDAYS = Calendar()
EVERY_DAY = Calendar(working_week=frozenset(range(7)))
DAY_0 = date(2026, 3, 9)
MONDAY_TO_MONDAY = Window(date(2026, 3, 9), date(2026, 3, 16))


@pytest.mark.parametrize(
    ("programme", "welcome", "expectations", "training", "graduation"),
    [
        (30, (-7, 2), (1, 5), (6, 20), (21, 30)),
        (45, (-7, 2), (1, 7), (8, 30), (31, 45)),
        (60, (-7, 2), (1, 5), (6, 30), (31, 60)),
        (90, (-7, 2), (1, 7), (8, 45), (46, 90)),
        (120, (-14, 5), (1, 14), (15, 70), (71, 120)),
    ],
)
def test_stage_days_are_those_of_the_table(
    programme: int, welcome: tuple, expectations: tuple, training: tuple, graduation: tuple
) -> None:
    assert stage_days(DEFAULT_BUDGETS[programme]) == {
        "welcome": welcome,
        "expectations": expectations,
        "training": training,
        "graduation": graduation,
    }


def test_there_are_five_programmes() -> None:
    assert list(DEFAULT_BUDGETS) == [30, 45, 60, 90, 120]


@pytest.mark.parametrize(("programme", "day"), [(30, 23), (45, 35), (60, 40), (90, 60), (120, 87)])
def test_first_value_is_due_on_the_day_of_the_table(programme: int, day: int) -> None:
    graduation = windows(DEFAULT_BUDGETS[programme], DAY_0)["graduation"]
    assert first_value_due(graduation, EVERY_DAY) == DAY_0 + timedelta(days=day)


def test_first_value_due_on_a_day_off_is_the_next_working_day() -> None:
    start = date(2026, 3, 7)
    graduation = windows(DEFAULT_BUDGETS[45], start)["graduation"]
    assert first_value_due(graduation, EVERY_DAY) == date(2026, 4, 11), "a Saturday"
    assert first_value_due(graduation, WEEKDAYS) == date(2026, 4, 13)


def test_the_45_day_plan_from_9_march_graduates_on_23_april() -> None:
    plan = windows(DEFAULT_BUDGETS[45], DAY_0)
    assert plan["welcome"] == Window(date(2026, 3, 2), date(2026, 3, 11))
    assert plan["expectations"].ends == date(2026, 3, 16)
    assert plan["graduation"].ends == date(2026, 4, 23)


def resolve(rule: str, **facts: object) -> Due:
    known = {"start": DAY_0, "window": MONDAY_TO_MONDAY, "opened": None, "done": {}, "planned": {}}
    return due(parse_due(rule), calendar=WEEKDAYS, **{**known, **facts})


@pytest.mark.parametrize(
    ("rule", "on"),
    [
        ("stage 0 %", date(2026, 3, 9)),
        ("stage 50 %", date(2026, 3, 12)),
        ("stage 70%", date(2026, 3, 16)),
        ("stage 100 %", date(2026, 3, 16)),
    ],
)
def test_a_share_of_the_stage_is_rounded_to_a_working_day(rule: str, on: date) -> None:
    assert resolve(rule).on == on


def test_a_share_that_falls_on_the_closing_weekend_is_due_before_it() -> None:
    over_the_weekend = Window(date(2026, 3, 9), date(2026, 3, 15))
    assert resolve("stage 100 %", window=over_the_weekend).on == date(2026, 3, 13)


def test_a_stage_of_a_weekend_is_due_on_the_monday_after() -> None:
    weekend = Window(date(2026, 3, 14), date(2026, 3, 15))
    assert resolve("stage 50 %", window=weekend).on == date(2026, 3, 16)


def test_a_share_stretches_with_the_programme() -> None:
    days = {
        programme: (
            resolve("stage 40 %", window=windows(DEFAULT_BUDGETS[programme], DAY_0)["training"]).on - DAY_0
        ).days
        for programme in (45, 90, 120)
    }
    assert days == {45: 16, 90: 22, 120: 36}


def test_start_counts_working_days_from_day_0_and_is_certain() -> None:
    assert resolve("start+5") == Due(date(2026, 3, 16), False)
    assert resolve("start+0", start=date(2026, 3, 14)) == Due(date(2026, 3, 16), False)


def test_stage_open_counts_from_the_planned_start_about_and_from_the_real_opening_surely() -> None:
    assert resolve("stage_open+2") == Due(date(2026, 3, 11), True)
    assert resolve("stage_open+2", opened=date(2026, 3, 13)) == Due(date(2026, 3, 17), False)


def test_a_share_of_a_stage_that_is_not_open_is_about() -> None:
    assert resolve("stage 50 %").is_about
    assert not resolve("stage 50 %", opened=DAY_0).is_about


def test_after_counts_from_the_completion_else_about_from_the_plan() -> None:
    kickoff, other = {"kickoff": date(2026, 3, 12)}, {"other": date(2026, 3, 20)}
    assert resolve("after(kickoff)+3", done=kickoff) == Due(date(2026, 3, 17), False)
    assert resolve("after(kickoff)+3", planned=kickoff) == Due(date(2026, 3, 17), True)
    assert resolve("after(kickoff)+3", done=kickoff, planned={"kickoff": date(2026, 3, 20)}).on == date(
        2026, 3, 17
    )
    assert resolve("after(kickoff)+3", done=other, planned=other) == Due(date(2026, 3, 12), True)


@given(
    st.sampled_from([30, 45, 60, 90, 120]),
    st.dates(date(2025, 1, 1), date(2030, 1, 1)),
    st.integers(0, 100),
    st.sampled_from(["welcome", "expectations", "training", "graduation"]),
)
@settings(max_examples=200, deadline=None)
def test_every_share_is_a_working_day_of_its_stage(
    programme: int, start: date, share: int, stage: str
) -> None:
    window, calendar = windows(DEFAULT_BUDGETS[programme], start)[stage], Calendar("PT")
    on = resolve(f"stage {share} %", window=window).on
    assert WEEKDAYS.is_working_day(on)
    assert window.starts <= on <= window.ends
    assert calendar.is_working_day(first_value_due(window, calendar))


def test_a_hold_counts_the_working_days_it_took() -> None:
    assert Pause(date(2026, 3, 13), date(2026, 3, 17)).working_days(WEEKDAYS) == 2
    assert Pause(date(2026, 3, 14), date(2026, 3, 16)).working_days(WEEKDAYS) == 0
    assert Pause(date(2026, 3, 13)).working_days(WEEKDAYS) == 0


def test_a_hold_moves_what_was_still_to_come_by_its_working_days() -> None:
    hold = Pause(date(2026, 3, 13), date(2026, 3, 18))
    assert shifted(date(2026, 3, 12), hold, WEEKDAYS) == date(2026, 3, 12)
    assert shifted(date(2026, 3, 13), hold, WEEKDAYS) == date(2026, 3, 18)
    assert shifted(date(2026, 3, 20), hold, WEEKDAYS) == date(2026, 3, 25)
    assert shifted(date(2026, 3, 20), Pause(date(2026, 3, 13)), WEEKDAYS) == date(2026, 3, 20), "not over yet"
    assert shifted(date(2026, 3, 21), Pause(date(2026, 3, 14), date(2026, 3, 15)), WEEKDAYS).day == 21


def test_a_hold_inside_training_leaves_what_is_over_and_moves_the_rest() -> None:
    plan = windows(DEFAULT_BUDGETS[45], DAY_0)
    moved = shifted_plan(plan, Pause(date(2026, 3, 23), date(2026, 3, 30)), WEEKDAYS)
    assert (moved["welcome"], moved["expectations"]) == (plan["welcome"], plan["expectations"])
    assert moved["training"] == Window(plan["training"].starts, plan["training"].ends + timedelta(days=7))
    assert moved["graduation"].ends == plan["graduation"].ends + timedelta(days=7)


@given(
    st.sampled_from([30, 45, 60, 90, 120]),
    st.dates(date(2025, 1, 1), date(2030, 1, 1)),
    st.integers(-20, 130),
    st.integers(0, 60),
)
@settings(max_examples=200, deadline=None)
def test_after_a_hold_the_stages_still_follow_each_other(
    programme: int, start: date, into: int, lasting: int
) -> None:
    since = start + timedelta(days=into)
    plan = windows(DEFAULT_BUDGETS[programme], start)
    moved = shifted_plan(plan, Pause(since, since + timedelta(days=lasting)), Calendar("PT"))
    for before, after in (("expectations", "training"), ("training", "graduation")):
        gap = (moved[after].starts - moved[before].ends).days
        assert gap == 1 or (gap > 1 and since == plan[after].starts), "only the hold itself may lie between"
    for stage, window in moved.items():
        assert window.days >= 1
        assert window.starts >= plan[stage].starts
        assert window.ends >= plan[stage].ends


TODAY = date(2026, 3, 10)
STEP = StepFacts("a", StepState.READY, "customer", 1, 5, date(2026, 3, 12), 1, 1)


def test_the_next_step_is_the_earliest_due_then_by_milestone_then_by_position() -> None:
    by_position = STEP._replace(key="by position", position=0)
    by_milestone = STEP._replace(key="by milestone", milestone=0, position=9)
    by_date = STEP._replace(key="by date", due_on=date(2026, 3, 11), milestone=None, position=99)
    undated = STEP._replace(key="undated", due_on=None, milestone=0, position=0)
    without = STEP._replace(key="without milestone", milestone=None, position=0)
    steps = [undated, without, STEP, by_position, by_milestone, by_date]
    order = []
    while steps:
        chosen = next_step(steps, TODAY)
        assert chosen
        order.append(chosen.key)
        steps.remove(chosen)
    assert order == ["by date", "by milestone", "by position", "a", "without milestone", "undated"]


def test_what_was_put_off_comes_after_the_rest_until_its_day() -> None:
    asleep = STEP._replace(key="asleep", due_on=TODAY, asleep_until=date(2026, 3, 11))
    for today, first in [(TODAY, "a"), (date(2026, 3, 11), "asleep")]:
        chosen = next_step([asleep, STEP], today)
        assert chosen
        assert chosen.key == first
    assert next_step([asleep], TODAY) == asleep


@pytest.mark.parametrize("state", list(StepState))
def test_only_what_is_the_customers_turn_is_next(state: StepState) -> None:
    chosen = next_step([STEP._replace(state=state)], TODAY)
    assert (chosen is not None) == (state in ("ready", "in_progress", "returned"))


def test_our_steps_optional_steps_and_hidden_steps_are_never_next() -> None:
    others = [STEP._replace(side="us"), STEP._replace(required=False), STEP._replace(visible=False)]
    assert next_step(others, TODAY) is None
    assert next_step([*others, STEP._replace(side="both")], TODAY) is not None
