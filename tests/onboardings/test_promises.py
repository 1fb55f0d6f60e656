"""Whose move it is, and by when we said we would do what is ours (product.md 2.3: two working days for a review)."""

from datetime import UTC, date, datetime

import pytest

from portal import db
from portal.onboardings.states import StepState

REVIEWED = "readiness_kit"


@pytest.fixture
def road(cast, clock):
    """Begun on Monday 9 March, with nothing of ours open."""
    clock.forward(days=6)
    cast.onboarding.begin()
    for step in cast.onboarding.steps:
        if step.required and step.with_us:
            step.complete(by=cast.priya)
    assert cast.onboarding.our_due_on is None
    return cast.onboarding


def hand_in(cast, key: str = REVIEWED):
    step = cast.step(key)
    assert step.needs_review
    step.submit(by=cast.ana)
    return step


def test_a_review_is_promised_two_working_days_after_it_came(cast, road, clock) -> None:
    clock.at(datetime(2026, 3, 12, 23, 30, tzinfo=UTC))  # Thursday; Friday and Monday are the two days.
    step = hand_in(cast)
    step.due_on = date(2026, 3, 2)
    road.settle()
    assert step.promised_on == road.our_due_on == date(2026, 3, 16)
    step.send_back("One answer is missing.", by=cast.priya)
    assert (step.promised_on, road.our_due_on, step.ours_since) == (None, None, None)


def test_a_public_holiday_of_the_account_is_no_working_day(cast, road, clock) -> None:
    clock.at(
        datetime(2026, 4, 2, 9, tzinfo=UTC)
    )  # Good Friday is 3 April; Easter Monday is no holiday in Portugal.
    assert hand_in(cast).promised_on == date(2026, 4, 7)


def test_a_pause_moves_what_was_promised_before_it_and_nothing_after_it(cast, road, clock) -> None:
    hand_in(cast)
    assert road.our_due_on == date(2026, 3, 11)
    road.pause("The data team is away.", date(2026, 3, 16), by=cast.priya)
    assert (road.our_due_on, road.ball) == (None, "customer"), "a pause passes no ball"
    clock.at(datetime(2026, 3, 16, 9, tzinfo=UTC))
    assert road.resume(by=cast.priya) == 5
    assert road.our_due_on == date(2026, 3, 18)
    cast.step(REVIEWED).send_back("One answer is missing.", by=cast.priya)
    hand_in(cast)
    assert road.our_due_on == date(2026, 3, 18), "two days from the 16th: the pause was over"


def test_our_own_step_is_promised_for_its_day_and_the_first_promise_counts(cast, road) -> None:
    ours = next(s for s in road.steps if s.owner_side == "us" and s.required and not s.is_closed)
    ours.state, ours.due_on = StepState.READY, date(2026, 3, 10)
    hand_in(cast)
    assert road.our_due_on == date(2026, 3, 10)
    ours.complete(by=cast.priya)
    assert road.our_due_on == date(2026, 3, 11)


def test_what_is_optional_is_neither_a_promise_nor_a_turn(cast, road) -> None:
    step = hand_in(cast)
    step.required = False
    road.settle()
    assert road.our_due_on is None
    for other in road.steps:
        if other.state is StepState.READY and other.required:
            other.block("time", "Month end.", "Ana", by=cast.ana)
    left = [s for s in road.steps if s.state is StepState.READY]
    assert left, "optional items are still open"
    assert all(not s.required for s in left)
    assert (road.ball, road.next_step) == ("nobody", None)


def test_our_turn_began_when_the_step_that_is_next_came_to_us(cast, road, clock) -> None:
    theirs = [s for s in road.steps if s.state is StepState.READY and s.required and s.key != REVIEWED]
    for step in theirs[1:]:
        step.block("time", "Month end.", "Ana", by=cast.ana)
    clock.forward(days=1)
    first = hand_in(cast)
    assert road.ball == "customer"
    clock.forward(days=1)
    theirs[0].block("time", "Month end.", "Ana", by=cast.ana)
    assert (road.ball, road.ball_since) == ("us", first.submitted_at), "not since everything else stopped"
    first.send_back("One answer is missing.", by=cast.priya)
    assert (road.ball, road.ball_since) == ("customer", clock.now)


def test_an_early_promise_stays_while_the_customer_could_move(cast, road, clock) -> None:
    hand_in(cast)
    clock.forward(days=9)
    assert (road.ball, road.our_due_on) == ("customer", date(2026, 3, 11))


def test_resuming_on_the_day_of_the_pause_moves_nothing(cast, road) -> None:
    before = [(step.due_on, step.first_due_on) for step in road.steps]
    plan, target = dict(road.plan), (road.target_graduation, road.first_value_due)
    road.pause("Wrong account.", date(2026, 3, 20), by=cast.priya)
    assert road.resume(by=cast.priya) == 0
    assert [(step.due_on, step.first_due_on) for step in road.steps] == before
    assert (dict(road.plan), (road.target_graduation, road.first_value_due)) == (plan, target)


def test_a_pause_over_a_week_end_costs_no_working_day(cast, road, clock) -> None:
    clock.at(datetime(2026, 3, 14, 9, tzinfo=UTC))
    before = [step.due_on for step in road.steps]
    road.pause("A fair.", date(2026, 3, 17), by=cast.priya)
    clock.at(datetime(2026, 3, 16, 9, tzinfo=UTC))
    assert road.resume(by=cast.priya) == 0
    assert [step.due_on for step in road.steps] == before


def test_the_columns_reach_the_database(cast, road) -> None:
    hand_in(cast)
    db.session.flush()
    db.session.expire(road)
    assert road.our_due_on == date(2026, 3, 11)
    assert cast.step(REVIEWED).ours_since == cast.step(REVIEWED).submitted_at
