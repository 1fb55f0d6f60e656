"""Expected progress, pace, forecast and time left (product 2.6.8 and 2.6.9)."""

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.calendars import Calendar
from portal.onboardings import progress
from portal.onboardings.planning import Pause, Plan, StepFacts, Window, shifted, shifted_plan, windows
from portal.onboardings.progress import minutes_left
from portal.onboardings.states import StepState
from portal.playbooks.rules import DEFAULT_BUDGETS

WEEKDAYS = Calendar()
DAY_0 = date(2026, 3, 9)
PLAN = windows(DEFAULT_BUDGETS[45], DAY_0)
TRAINING, GRADUATION = PLAN["training"], PLAN["graduation"]
FIRST_VALUE = date(2026, 4, 13)
FRACTIONS = st.fractions(0, 100, max_denominator=60)
DATES = st.dates(date(2026, 2, 1), date(2026, 7, 1))
SHARES = {"welcome": 10, "expectations": 25, "training": 45, "graduation": 20}


def expected(day: date, plan: Plan, holds: Sequence[Pause] = ()) -> Fraction:
    return progress.expected(day, plan, holds, SHARES)


def test_nothing_is_expected_before_the_plan_and_everything_at_its_end() -> None:
    assert expected(PLAN["welcome"].starts, PLAN) == 0
    assert expected(GRADUATION.ends - timedelta(days=1), PLAN) < 100
    assert expected(GRADUATION.ends, PLAN) == 100
    assert expected(GRADUATION.ends + timedelta(days=400), PLAN) == 100


def test_the_ramps_overlap_around_day_0() -> None:
    day_1 = DAY_0 + timedelta(days=1)
    assert expected(DAY_0, PLAN) == 10 * Fraction(7, 9)
    assert expected(day_1 + timedelta(days=1), PLAN) == 10 + 25 * Fraction(1, 6)


def test_half_of_training_is_expected_half_way_through_its_window() -> None:
    half_way = TRAINING.starts + timedelta(days=11)
    assert expected(half_way, PLAN) == 10 + 25 + 45 * Fraction(11, 22)


def test_pace_is_in_points_and_negative_when_behind() -> None:
    def pace(actual: Fraction) -> Fraction:
        return progress.pace(actual, TRAINING.starts, PLAN, (), SHARES)

    assert pace(Fraction(35)) == 0
    assert pace(Fraction(20)) == -15
    assert pace(Fraction(40)) == 5


def test_a_stage_of_one_day_is_expected_on_it() -> None:
    plan = {**PLAN, "expectations": Window(DAY_0, DAY_0)}
    assert expected(DAY_0, plan) - expected(DAY_0 - timedelta(days=1), plan) > 25


def test_nothing_more_is_expected_while_a_hold_lasts() -> None:
    since = date(2026, 3, 23)
    paused = [Pause(since)]
    assert expected(since + timedelta(days=30), PLAN, paused) == expected(since, PLAN)
    assert expected(since - timedelta(days=3), PLAN, paused) == expected(since - timedelta(days=3), PLAN)


def test_after_a_hold_the_plan_goes_on_where_it_stopped() -> None:
    hold = Pause(date(2026, 3, 23), date(2026, 3, 30))
    moved = shifted_plan(PLAN, hold, WEEKDAYS)
    for day in range(7):
        assert expected(hold.since + timedelta(days=day), moved, [hold]) == expected(hold.since, PLAN)
    for day in range(30):
        later = date(2026, 3, 30) + timedelta(days=day)
        assert expected(later, moved, [hold]) == expected(later - timedelta(days=7), PLAN)


@given(DATES, DATES, st.integers(0, 40))
@settings(max_examples=200, deadline=None)
def test_expected_never_falls_and_stays_within_0_and_100(a: date, since: date, lasting: int) -> None:
    hold = Pause(since, since + timedelta(days=lasting))
    moved = shifted_plan(PLAN, hold, WEEKDAYS)
    assert 0 <= expected(a, moved, [hold]) <= expected(a + timedelta(days=1), moved, [hold]) <= 100
    assert expected(max(window.ends for window in moved.values()), moved, [hold]) == 100


def forecast_of(actual: Fraction, today: date, holds: tuple[Pause, ...] = ()) -> date:
    return progress.forecast(FIRST_VALUE, actual, PLAN, holds, today, WEEKDAYS, SHARES)


def test_on_plan_a_later_date_stays() -> None:
    for day in range(1, 22):
        today = TRAINING.starts + timedelta(days=day)
        assert forecast_of(expected(today, PLAN), today) == FIRST_VALUE


def test_three_working_days_behind_move_it_by_three_working_days() -> None:
    today, as_of = date(2026, 3, 25), date(2026, 3, 20)
    assert forecast_of(expected(as_of, PLAN), today) == date(2026, 4, 16)


def test_ahead_moves_it_earlier_but_never_before_today() -> None:
    assert forecast_of(expected(date(2026, 3, 27), PLAN), date(2026, 3, 25)) == date(2026, 4, 9)
    assert forecast_of(Fraction(100), date(2026, 4, 1)) == date(2026, 4, 1)
    assert forecast_of(Fraction(95), date(2026, 5, 20)) > date(2026, 5, 20) - timedelta(days=1)


def test_before_the_plan_begins_nothing_done_moves_nothing() -> None:
    assert forecast_of(Fraction(0), date(2026, 2, 2)) == FIRST_VALUE


def test_a_hold_moves_the_forecast_once_with_the_planned_date_and_not_again_as_lateness() -> None:
    hold = Pause(date(2026, 3, 23), date(2026, 3, 30))
    moved, planned = shifted_plan(PLAN, hold, WEEKDAYS), shifted(FIRST_VALUE, hold, WEEKDAYS)
    actual = expected(hold.since, PLAN)
    assert planned == date(2026, 4, 20)

    def forecast(today: date) -> date:
        return progress.forecast(planned, actual, moved, [hold], today, WEEKDAYS, SHARES)

    assert forecast(date(2026, 3, 30)) == planned
    assert forecast(date(2026, 4, 1)) == date(2026, 4, 22)


def test_while_a_hold_lasts_the_forecast_stands_still() -> None:
    actual, hold = expected(date(2026, 3, 20), PLAN), Pause(date(2026, 3, 23))
    assert forecast_of(actual, date(2026, 3, 23), (hold,)) == date(2026, 4, 14)
    assert forecast_of(actual, date(2026, 4, 3), (hold,)) == date(2026, 4, 14)


@given(FRACTIONS, FRACTIONS, DATES)
@settings(max_examples=200, deadline=None)
def test_more_done_never_forecasts_later_and_nothing_lands_in_the_past(
    a: Fraction, b: Fraction, today: date
) -> None:
    less, more = min(a, b), max(a, b)
    assert today <= forecast_of(more, today) <= forecast_of(less, today)


STEP = StepFacts("a", StepState.READY, "customer", 1, 20, None, None, 1)


@pytest.mark.parametrize("state", list(StepState))
def test_time_left_counts_what_the_customer_still_has_to_do(state: StepState) -> None:
    still = state in ("locked", "ready", "in_progress", "returned", "blocked")
    assert minutes_left([STEP._replace(state=state)]) == (20 if still else 0)


def test_time_left_leaves_out_our_steps_optional_and_hidden_ones() -> None:
    others = [STEP._replace(side="us"), STEP._replace(required=False), STEP._replace(visible=False)]
    assert minutes_left([STEP, *others, STEP._replace(side="both", minutes=5)]) == 25
