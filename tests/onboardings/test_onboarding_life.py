"""An onboarding from draft to graduation: what opens, what is dated, what a pause moves, what ends it."""

from datetime import date

import pytest

from portal import db
from portal.errors import Refused
from portal.mail import Letter
from portal.onboardings.states import OnboardingState, StageState, StepState
from tests.make import DAY_0, account, northwind, onboarding, staff
from tests.onboardings.road import finish, settle_step


def states(cast) -> dict[str, StageState]:
    return {stage.key: stage.state for stage in cast.onboarding.stages}


def begun(cast, clock):
    """Day 0 has come."""
    clock.forward(days=6)
    cast.onboarding.begin()
    return cast.onboarding


# --- Preparing and beginning --------------------------------------------------------------------


def test_the_head_start_is_real_work(cast) -> None:
    done = [step for step in cast.onboarding.steps if step.is_done]
    assert {step.key for step in done} == {"account_created", "team_introduced"}
    assert all(step.done_for_you and step.done_via == "creation" for step in done)
    assert 2 <= cast.onboarding.percent <= 3


def test_while_preparing_only_welcome_and_early_starts_are_open(cast) -> None:
    assert states(cast) == {
        "welcome": StageState.IN_PROGRESS,
        "expectations": StageState.LOCKED,
        "training": StageState.LOCKED,
        "graduation": StageState.LOCKED,
    }
    open_now = {step.key for step in cast.onboarding.steps if step.state is StepState.READY}
    early = {
        step.key for step in cast.onboarding.steps if step.stage.key == "expectations" and step.early_start
    }
    assert early == {"readiness_kit", "prerequisites"}
    assert open_now == early | {
        step.key for step in cast.onboarding.stage_called("welcome").steps if not step.is_done
    }


def test_a_gate_done_before_day_0_opens_the_stage_on_day_0(cast, clock) -> None:
    cast.step("book_kickoff").complete(by=cast.ana)
    assert states(cast)["expectations"] is StageState.LOCKED
    assert begun(cast, clock).state is OnboardingState.ACTIVE
    assert states(cast)["expectations"] is not StageState.LOCKED


def test_a_gate_opens_the_next_stage_while_others_are_open(cast, clock) -> None:
    begun(cast, clock)
    assert states(cast)["expectations"] is StageState.LOCKED
    cast.step("book_kickoff").complete(by=cast.ana)
    assert (
        states(cast)["expectations"] is StageState.IN_PROGRESS
        or states(cast)["expectations"] is StageState.OPEN
    )
    assert not cast.onboarding.stage_called("welcome").is_complete
    assert cast.step("kickoff").state is StepState.READY
    assert cast.step("sandbox_access").state is StepState.READY, (
        "early starts of Training open with Expectations"
    )
    assert cast.step("payout_choice").state is StepState.LOCKED


def test_expectations_needs_all_three_gates(cast, clock) -> None:
    begun(cast, clock)
    finish(cast.onboarding, cast, "welcome")
    gates = [s for s in cast.onboarding.stage_called("expectations").steps if s.is_gate]
    assert {s.key for s in gates} == {"readiness_kit", "success_criteria", "plan_agreed"}
    for gate in gates:
        assert states(cast)["training"] is StageState.LOCKED
        gate.complete(by=cast.priya)
    assert states(cast)["training"] is not StageState.LOCKED
    assert cast.onboarding.current_stage == "training"


def test_recording_go_live_opens_graduation_early(cast, clock) -> None:
    begun(cast, clock)
    finish(cast.onboarding, cast, "welcome", "expectations")
    assert states(cast)["graduation"] is StageState.LOCKED
    settle_step(cast.step("go_live"), cast)
    assert cast.onboarding.went_live_on == date(2026, 3, 9)
    assert states(cast)["graduation"] is not StageState.LOCKED
    assert not cast.onboarding.stage_called("training").is_complete


def test_an_owner_comes_first(app, session) -> None:
    with app.app_context():
        cast = northwind(prepared=False)
        cast.onboarding.team = []
        with pytest.raises(Refused, match="consultant first"):
            cast.onboarding.prepare(by=cast.june)
        assert cast.onboarding.state is OnboardingState.DRAFT
        with pytest.raises(Refused, match="hasn't started yet"):
            cast.step("road_preview").complete(by=cast.ana)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"start_date": date(2026, 3, 2)}, "The start date has passed"),
        ({"programme": 31}, "30, 45, 60, 90, or 120 days"),
    ],
)
def test_what_cannot_be_created(app, session, changes, sentence) -> None:
    with app.app_context(), pytest.raises(Refused, match=sentence):
        northwind(**changes)


def test_a_road_without_a_consultant_is_refused(app, session) -> None:
    with app.app_context():
        northwind()
        with pytest.raises(Refused, match="onboarding consultant"):
            onboarding(account("Fabrikam"), {})


# --- Dates --------------------------------------------------------------------------------------


def test_dates_are_working_days_of_the_account(cast) -> None:
    dated = [step for step in cast.onboarding.steps if step.due_on]
    assert len(dated) == len(cast.onboarding.steps)
    assert all(cast.account.calendar.is_working_day(step.due_on) for step in dated)
    assert cast.onboarding.target_graduation >= max(
        step.due_on for step in dated if step.stage.key == "training"
    )


def test_a_step_that_counts_from_another_gets_its_date_when_that_is_done(cast, clock) -> None:
    begun(cast, clock)
    finish(cast.onboarding, cast, "welcome")
    before = cast.step("integration_scope").due_on
    clock.forward(days=8)
    settle_step(cast.step("kickoff"), cast)
    after = cast.step("integration_scope").due_on
    assert after > before
    assert after == cast.account.calendar.add_working_days(date(2026, 3, 17), 1)
    assert cast.step("integration_scope").first_due_on == before


def test_a_longer_programme_stretches_the_dates(app, session) -> None:
    with app.app_context():
        short = northwind()
        long = onboarding(account("Fabrikam"), {m.role: m.staff for m in short.onboarding.team}, programme=90)
        key = "payout_choice"
        assert long.step_called(key).due_on > short.step(key).due_on
        assert (long.target_graduation - DAY_0).days >= 90


# --- Pause and end ------------------------------------------------------------------------------


def test_a_pause_stops_everything_and_moves_what_is_ahead(cast, clock) -> None:
    begun(cast, clock)
    finish(cast.onboarding, cast, "welcome")
    road = cast.onboarding
    due, done_due = cast.step("payout_choice").due_on, cast.step("road_preview").due_on
    target, first_value = road.target_graduation, road.first_value_due
    milestone = next(m for m in road.milestones if m.reached_on is None)
    promised = milestone.due_on
    road.pause("The data team is away.", date(2026, 3, 23), by=cast.priya)
    assert (road.state, road.next_step) == (OnboardingState.ON_HOLD, None)
    for refused in (
        lambda: cast.step("readiness_kit").save({"problem": "x"}, version=0, by=cast.ana),
        lambda: cast.step("prerequisites").block("time", "x", "us", by=cast.ana),
        lambda: cast.step("prerequisites").snooze(date(2026, 4, 1), by=cast.ana),
        lambda: cast.step("road_preview").undo(by=cast.priya),
    ):
        with pytest.raises(Refused):
            refused()
    with pytest.raises(Refused, match="paused until 23 March"):
        cast.step("prerequisites").complete(by=cast.ana)
    clock.forward(days=14)
    road.resume(by=cast.priya)
    calendar = cast.account.calendar
    assert road.state is OnboardingState.ACTIVE
    assert cast.step("payout_choice").due_on == calendar.add_working_days(due, 10)
    assert cast.step("road_preview").due_on == done_due
    assert road.target_graduation == calendar.add_working_days(target, 10)
    assert road.first_value_due == calendar.add_working_days(first_value, 10)
    assert milestone.due_on == calendar.add_working_days(promised, 10)
    assert milestone.original_due_on == promised
    assert road.next_step is not None


def test_pausing_needs_a_day_ahead_and_happens_once(cast, clock) -> None:
    road = begun(cast, clock)
    with pytest.raises(Refused, match="review date after today"):
        road.pause("Later.", date(2026, 3, 9), by=cast.priya)
    assert road.state is OnboardingState.ACTIVE
    road.pause("Later.", date(2026, 3, 20), by=cast.priya)
    with pytest.raises(Refused, match="on hold already, until 20 March"):
        road.pause("Again.", date(2026, 3, 21), by=cast.priya)
    assert len(road.holds) == 1


def test_only_resuming_ends_a_pause(cast, clock) -> None:
    cast.onboarding.pause("Later.", date(2026, 3, 20), by=cast.priya)
    began, letters = cast.onboarding.started_at, db.session.query(Letter).count()
    clock.forward(days=1)
    for move in (lambda: cast.onboarding.prepare(by=cast.priya), cast.onboarding.begin):
        with pytest.raises(Refused, match="while this onboarding is on hold"):
            move()
    assert (cast.onboarding.started_at, db.session.query(Letter).count()) == (began, letters)
    assert cast.onboarding.hold is not None


def test_a_cancelled_road_stays_to_read(cast) -> None:
    cast.onboarding.cancel("The company was sold.", by=cast.priya)
    with pytest.raises(Refused, match="is over"):
        cast.step("road_preview").complete(by=cast.ana)
    with pytest.raises(Refused, match="can't be done while"):
        cast.onboarding.pause("x", date(2026, 5, 1), by=cast.priya)


def test_graduating_needs_its_gates_and_an_admin(cast, clock) -> None:
    begun(cast, clock)
    finish(cast.onboarding, cast, "welcome", "expectations", "training")
    last = next(s for s in cast.onboarding.steps if s.spec.records == "graduation")
    with pytest.raises(Refused, match="Before you graduate"):
        last.complete(by=cast.ana)
    for step in cast.onboarding.stage_called("graduation").steps:
        if step is not last:
            settle_step(step, cast)
    with pytest.raises(Refused, match="Only an admin"):
        last.complete(by=cast.priya)
    assert cast.onboarding.percent <= 99
    last.complete(by=cast.ana)
    assert cast.onboarding.state is OnboardingState.GRADUATED
    assert cast.onboarding.percent == 100
    assert cast.onboarding.ball == "nobody"


def test_a_milestone_is_reached_and_taken_back(cast, clock) -> None:
    begun(cast, clock)
    finish(cast.onboarding, cast, "welcome")
    first = cast.onboarding.milestones[0]
    for step in [cast.step(key) for key in first.step_keys if not cast.step(key).is_done]:
        assert first.reached_on is None
        settle_step(step, cast)
    assert first.reached_on == date(2026, 3, 9)
    last = cast.step(first.step_keys[-1])
    last.reopen("The notes were of another call.", by=cast.priya)
    assert first.reached_on is None
    assert first.original_due_on <= first.due_on


def test_a_member_of_staff_who_left_is_not_put_on_a_team(app, session, clock) -> None:
    with app.app_context():
        cast = northwind()
        gone = staff("Gus Gone", left_at=clock.now)
        team = {m.role: m.staff for m in cast.onboarding.team}
        team[next(iter(team))] = gone
        with pytest.raises(Refused, match="Gus Gone doesn't work here"):
            onboarding(account("Fabrikam"), team)
        assert db.session.query(type(cast.onboarding)).count() == 1
