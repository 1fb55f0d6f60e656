"""The dates ahead move together: seen first, confirmed as seen; a stage opened early (product.md 2.4)."""

from datetime import date, timedelta

import pytest

from portal.activity.models import Activity, Verb
from portal.errors import Conflict, Refused
from portal.onboardings.shifting import Shift, move_dates, preview
from portal.onboardings.states import StageState, StepState
from portal.road.change_words import changed
from tests.onboardings.road import finish, settle_step

WHY = "Their data team is away."


def dates(road) -> dict[str, date]:
    """Every date of a road by what it is of."""
    found = {f"step {step.key}": step.due_on for step in road.steps}
    found |= {f"milestone {one.key}": one.due_on for one in road.milestones}
    found |= {f"{stage.key} ends": stage.planned_end for stage in road.stages}
    found |= {f"{stage.key} starts": stage.planned_start for stage in road.stages}
    return {**found, "first value": road.first_value_due, "graduation": road.target_graduation}


def test_from_a_stage_on_everything_open_moves_by_working_days_and_the_rest_stays(running, session) -> None:
    road, calendar = running.onboarding, running.account.calendar
    was, shift = dates(road), Shift(5, stage="training")
    seen = preview(road, shift)
    assert dates(road) == was, "a preview changes nothing"
    done = move_dates(road, shift, WHY, seen=seen.seal, by=running.priya)
    now = dates(road)
    for step in road.steps:
        moved = calendar.add_working_days(was[f"step {step.key}"], 5)
        stays = step.stage.key in ("welcome", "expectations")
        assert now[f"step {step.key}"] == (was[f"step {step.key}"] if stays else moved), step.key
    for what in ("graduation", "first value"):
        assert now[what] == calendar.add_working_days(was[what], 5)
    assert now["expectations ends"] == was["expectations ends"]
    assert now["training starts"] - was["training starts"] == timedelta(days=7)
    for milestone in road.milestones:
        assert milestone.original_due_on == was[f"milestone {milestone.key}"], (
            "what was promised stays on record"
        )
    kinds = {"step", "milestone", "starts", "ends", "first_value", "graduation"}
    assert {move.what for move in done.moves} == kinds
    row = session.query(Activity).filter_by(verb=Verb.DATES_MOVED).one()
    assert row.data["before"] == {"target_graduation": was["graduation"].isoformat()}
    (day,) = changed(road)
    assert day.whys[0].endswith(f"now. {WHY}")


def test_the_preview_says_what_stays_and_why(running) -> None:
    running.step("prerequisites").due_on = None
    running.step("readiness_kit").submit(by=running.ana)
    stays = {one.key: why for one, why in preview(running.onboarding, Shift(3, stage="expectations")).stays}
    why = [stays[key] for key in ("prerequisites", "readiness_kit", "road_preview")]
    assert why == ["undated", "with_us", "before"]


def test_nothing_moves_to_before_today(running, clock) -> None:
    road = running.onboarding
    clock.forward(days=3)
    shift, was = Shift(-60, stage="expectations"), dates(road)
    late = [step.key for step in road.steps if step.due_on < running.account.today]
    move_dates(road, shift, WHY, seen=preview(road, shift).seal, by=running.priya)
    today, now = running.account.today, dates(road)
    assert late
    for what, day in now.items():
        assert day == was[what] or day >= today, what
    assert all(now[f"step {key}"] == was[f"step {key}"] for key in late), (
        "what has passed goes no further back"
    )
    for stage in road.stages:
        assert stage.planned_start <= stage.planned_end


def test_what_is_late_moves_to_a_day_that_is_still_to_come(running, clock) -> None:
    road = running.onboarding
    clock.forward(days=30)
    move_dates(
        road, shift := Shift(1, stage="welcome"), WHY, seen=preview(road, shift).seal, by=running.priya
    )
    open_still = [step for step in road.steps if not step.is_closed]
    assert all(step.due_on >= running.account.today for step in open_still)


def test_from_a_day_on_what_is_due_before_it_stays(running) -> None:
    road, day = running.onboarding, date(2026, 3, 20)
    was, shift = dates(road), Shift(2, since=day)
    move_dates(road, shift, WHY, seen=preview(road, shift).seal, by=running.priya)
    now = dates(road)
    for step in road.steps:
        key = f"step {step.key}"
        assert (now[key] == was[key]) is (was[key] < day), key


def test_a_road_that_changed_meanwhile_is_shown_anew(running) -> None:
    road, shift = running.onboarding, Shift(5, stage="training")
    seen, was = preview(road, shift).seal, dates(road)
    settle_step(running.step("sandbox_access"), running)
    with pytest.raises(Conflict, match="changed while you were looking"):
        move_dates(road, shift, WHY, seen=seen, by=running.priya)
    assert dates(road)["graduation"] == was["graduation"]
    move_dates(road, shift, WHY, seen=preview(road, shift).seal, by=running.priya)
    assert dates(road)["graduation"] > was["graduation"]


@pytest.mark.parametrize(
    ("shift", "sentence", "field"),
    [
        (Shift(0, stage="training"), "from 1 to 260", "days"),
        (Shift(261, stage="training"), "from 1 to 260", "days"),
        (Shift(5, since=date(2026, 3, 1)), "has passed", "since"),
        (Shift(5, since=date(2027, 3, 1)), "No date would move", "days"),
    ],
)
def test_what_cannot_be_moved_is_said(running, shift, sentence, field) -> None:
    with pytest.raises(Refused, match=sentence) as refusal:
        preview(running.onboarding, shift)
    assert refusal.value.field == field


# --- A stage opened early -------------------------------------------------------------------------


def test_a_stage_opens_early_with_its_reason_and_the_next_only(running) -> None:
    road = running.onboarding
    with pytest.raises(Refused, match="Expectations comes first"):
        road.stage_called("training").open_early(WHY, by=running.priya)
    finish(road, running, "welcome")
    training = road.stage_called("training")
    training.open_early(WHY, by=running.priya)
    assert training.state is StageState.OPEN
    assert all(step.state is not StepState.LOCKED for step in training.steps)
    assert changed(road)[0].whys == [f"Training is open early. {WHY}"]
    with pytest.raises(Refused, match="open already"):
        training.open_early(WHY, by=running.priya)


def test_no_stage_opens_before_the_start(cast) -> None:
    with pytest.raises(Refused, match="from the start date on, 9 March"):
        cast.onboarding.stage_called("expectations").open_early(WHY, by=cast.priya)


def test_holding_twice_is_refused_in_a_sentence(running) -> None:
    running.onboarding.pause(WHY, date(2026, 4, 1), by=running.priya)
    with pytest.raises(Refused, match="on hold already, until 1 April"):
        running.onboarding.pause(WHY, date(2026, 4, 8), by=running.june)
