"""A large onboarding is rolled out in waves, a department each (product.md 2.12)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal import db, web
from portal.activity.models import Activity, Verb
from portal.errors import Conflict, Refused
from portal.onboardings import wave_copies, wave_dates
from portal.onboardings.editing import Place
from portal.onboardings.meter import expected_on, road_of, value_expected_on
from portal.onboardings.modules import add_module, bring_back, offered
from portal.onboardings.people import remove_person
from portal.onboardings.restarting import restart
from portal.onboardings.rollout import WaveTerms, add_wave, change_wave, leave_out_wave
from portal.onboardings.scope import NewStep, add_step
from portal.onboardings.shifting import Shift, move_dates, preview
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step
from portal.onboardings.timetable import item_of
from portal.onboardings.waves import Wave
from portal.road.change_words import changed
from tests import make
from tests.make import Cast
from tests.onboardings.road import finish, settle_step

WHY = "Finance trains in May, after the quarter."
COPIED = ("partners_in", "rewards", "people_access", "learn_managers", "sessions", "going_live")


def first(cast: Cast, *people) -> Wave:
    """Sales, as planned."""
    road = cast.onboarding
    return add_wave(
        road, WaveTerms("Sales", people, *wave_dates.usual(road)), "They sell first.", by=cast.priya
    )


def second(cast: Cast, *people, **terms: date) -> Wave:
    """Finance, after them."""
    road = cast.onboarding
    starts, live = wave_dates.usual(road)
    return add_wave(
        road,
        WaveTerms("Finance", people, terms.get("starts", starts), terms.get("live", live)),
        WHY,
        by=cast.priya,
    )


NEW = NewStep(title="Send the list", why=WHY, side="customer")


def move(step: Step, place: Place, cast: Cast) -> None:
    step.change(step.terms, WHY, seen=step.terms.seal, assignee=step.assignee, place=place, by=cast.priya)


def test_the_first_takes_what_is_there_and_moves_nothing(running) -> None:
    road = running.onboarding
    before = {step.key: (step.due_on, step.assignee_id) for step in road.steps}
    told = (road.progress, road.items_total, road.target_graduation, road.first_value_due)
    wave = first(running, running.ben)
    assert {
        step.key: (step.due_on, step.assignee_id) for step in road.steps if step.assignee_id != running.ben.id
    } == {key: was for key, was in before.items() if road.step_called(key).assignee_id != running.ben.id}
    assert (road.progress, road.items_total, road.target_graduation, road.first_value_due) == told
    assert [module.key for module in wave.modules] == list(COPIED)
    assert running.step("give_accounts").title.endswith(" · Sales")
    assert running.step("kickoff").wave is None
    assert wave.people == [running.ben]


def test_another_has_its_own_copy_dates_and_milestones(running) -> None:
    road = running.onboarding
    first(running)
    before, total = road.progress, road.items_total
    wave = second(running, running.ben)
    copied = [step for step in road.steps if step.wave_n == 1 and step.counts]
    assert [step.key for step in wave.steps if step.counts] == [f"{step.key}@2" for step in copied]
    assert (road.progress, road.items_total) == (before, total + len(copied))
    training = [step.due_on for step in wave.steps if step.stage.key == "training"]
    assert wave.starts_on <= min(training)
    assert max(training) < wave.go_live_on
    assert all(step.due_on >= wave.go_live_on for step in wave.steps if step.stage.key == "graduation")
    value = road.step_called("first_value@2")
    assert value.due_on == wave.first_value_due > road.first_value_due
    told = {one.key: (one.title, one.due_on) for one in road.milestones}
    assert told["go_live@2"] == ("Programme live · Finance", road.step_called("go_live@2").due_on)
    assert told["first_value@2"] == ("First payout · Finance", wave.first_value_due)
    assert "admin_trained@2" not in told
    follows = road.step_called("import_check@2"), road.step_called("import_partners@2")
    assert follows[0].due_on == road.account.calendar.add_working_days(follows[1].due_on, 3)


def test_the_road_grows_to_its_last_wave_and_back(running) -> None:
    road = running.onboarding
    first(running)
    ends, target = road.stages[-1].planned_end, road.target_graduation
    asked = running.step("confirm_graduation").due_on
    wave = second(running)
    assert road.stages[-1].planned_end == wave.ends_on > ends
    assert road.target_graduation == road.account.calendar.next_working_day(wave.ends_on)
    assert running.step("confirm_graduation").due_on > asked
    leave_out_wave(wave, "They wait for next year.", seen=wave.seal, by=running.priya)
    assert (road.stages[-1].planned_end, road.target_graduation) == (ends, target)
    assert running.step("confirm_graduation").due_on == asked


def test_what_end_users_do_is_done_by_people_of_the_wave(running) -> None:
    road = running.onboarding
    first(running)
    wave = second(running, running.ben)
    assert road.step_called("give_accounts@2").assignee == running.ana
    assert road.step_called("security_settings@2").assignee == running.ben
    assert road.step_called("managers_story@2").assignee is None
    assert road.step_called("check_in_1@2").assignee == running.priya
    third = add_wave(
        road, WaveTerms("Support", [running.ben], *wave_dates.usual(road)), "Last of all.", by=running.priya
    )
    assert (wave.people, third.people) == ([], [running.ben])


def test_each_goes_live_by_itself(running, clock) -> None:
    road = running.onboarding
    one, two = first(running), second(running)
    finish(road, running, "welcome", "expectations", "training", but=("@2",))
    running.step("go_live").complete(by=running.priya)
    assert one.went_live_on == road.went_live_on == road.account.today
    assert two.went_live_on is None
    clock.forward(days=1)
    road.step_called("go_live@2").complete(by=running.priya)
    assert two.went_live_on == road.account.today > road.went_live_on
    running.step("go_live").reopen("Not yet.", by=running.priya)
    assert (one.went_live_on, road.went_live_on) == (None, two.went_live_on)


def test_its_part_alone_is_its_items_and_what_all_share(running) -> None:
    road = running.onboarding
    first(running)
    total = road.items_total
    wave = second(running)
    whole, part = road_of(road, None), road_of(road, None, wave=wave)
    assert (whole.total, part.total) == (road.items_total, total)
    assert part.wave == "Finance"
    assert part.minutes_left == 0
    assert part.legs[2].fact.startswith("live on ")
    theirs = [step for step in wave.steps if step.stage.key == "training" and step.counts]
    for step in theirs:
        step.state = StepState.DONE
    road.settle()
    done = {one.department: road_of(road, None, wave=one).legs[2].done for one in road.waves}
    assert done == {"Sales": 0, "Finance": len(theirs)}


def test_a_change_shows_what_it_was_made_on(running) -> None:
    road = running.onboarding
    first(running)
    wave = second(running)
    seen, live = wave.seal, wave.go_live_on
    later = road.account.calendar.add_working_days(live, 5)
    change_wave(
        wave, WaveTerms("Finances", [running.ben], wave.starts_on, later), WHY, seen=seen, by=running.priya
    )
    assert {module.title.rpartition(" · ")[2] for module in wave.modules} == {"Finances"}
    assert wave.go_live_on == later
    assert road.step_called("go_live@2").due_on >= later
    assert wave.people == [running.ben]
    with pytest.raises(Conflict, match="changed “Finances” while you were writing"):
        change_wave(wave, WaveTerms("X", [], wave.starts_on, later), WHY, seen=seen, by=running.priya)
    terms = WaveTerms("Finances", [running.ben], wave.starts_on, later)
    with pytest.raises(Refused, match="Nothing is different"):
        change_wave(wave, terms, WHY, seen=wave.seal, by=running.priya)
    told = [line for day in changed(road) for line in day.whys]
    assert told[-1].startswith("Finances goes live on ")
    assert told[-1].endswith(WHY)


@pytest.mark.parametrize(
    ("name", "starts", "live", "sentence", "field"),
    [
        ("sales", 10, 20, "There is a wave “sales” already", "department"),
        ("Finance", -3, 20, "first day from today", "starts_on"),
        ("Finance", 20, 20, "go-live after the first day", "go_live_on"),
        ("Finance", 10, 19, "day off for them", "go_live_on"),
    ],
)
def test_what_it_cannot_be(running, name, starts, live, sentence, field) -> None:
    road = running.onboarding
    first(running)
    today = road.account.today
    terms = WaveTerms(name, [], today + timedelta(days=starts), today + timedelta(days=live))
    with pytest.raises(Refused, match=sentence) as refusal:
        add_wave(road, terms, WHY, by=running.priya)
    assert refusal.value.field == field


def test_leaving_one_out_keeps_what_it_has_done(running) -> None:
    road = running.onboarding
    one, wave = first(running), second(running)
    with pytest.raises(Refused, match="from the start, so it stays"):
        leave_out_wave(one, WHY, seen=one.seal, by=running.priya)
    finish(road, running, "welcome", "expectations")
    done = road.step_called("signup_page@2")
    settle_step(done, running)
    leave_out_wave(wave, WHY, seen=wave.seal, by=running.priya)
    assert {step.state for step in wave.steps} == {StepState.DONE, StepState.SKIPPED}
    assert done.is_done
    assert road.waves_on == [one]
    assert "go_live@2" not in {one.key for one in road.checkpoints}
    with pytest.raises(Refused, match="left out already"):
        leave_out_wave(wave, WHY, seen=wave.seal, by=running.priya)


def test_a_module_that_joins_later_joins_each_of_them(running) -> None:
    road = running.onboarding
    first(running)
    second(running)
    spec = next(one for one in offered(road) if one.key == "launch_campaign")
    before, total = road.progress, road.items_total
    add_module(road, spec, WHY, by=running.priya)
    assert (road.progress, road.items_total) == (before, total + 2 * len(spec.steps))
    assert road.step_called("campaign_list@2").title == f"{spec.steps[0].title} · Finance"
    assert road.step_called("campaign_list@2").due_on > road.step_called("campaign_list").due_on


def test_a_pause_and_a_shift_move_it_too(running, clock) -> None:
    road = running.onboarding
    first(running)
    wave = second(running)
    was, calendar = wave.go_live_on, road.account.calendar
    shift = Shift(3, stage="training")
    move_dates(road, shift, WHY, seen=preview(road, shift).seal, by=running.priya)
    assert wave.go_live_on == calendar.add_working_days(was, 3)
    was = wave.first_value_due
    road.pause("Audit", road.account.today + timedelta(days=20), by=running.priya)
    clock.forward(days=7)
    road.resume(by=running.priya)
    assert wave.first_value_due == calendar.add_working_days(was, 5)


def test_training_lasts_until_the_last_go_live_when_only_graduation_moves(running) -> None:
    road, training = running.onboarding, running.onboarding.stage_called("training")
    first(running)
    wave = second(running)
    shift = Shift(3, stage="graduation")
    move_dates(road, shift, WHY, seen=preview(road, shift).seal, by=running.priya)
    assert training.planned_end == wave.go_live_on - timedelta(days=1)


def test_those_of_a_draft_start_with_it(app, session) -> None:
    with app.app_context():
        cast = make.northwind(prepared=False)
        first(cast)
        wave = second(cast)
        was = wave.starts_on
        restart(cast.onboarding, cast.onboarding.start_date + timedelta(days=14), by=cast.priya)
        assert wave.starts_on == was + timedelta(days=14)
        assert min(step.due_on for step in wave.steps) >= wave.starts_on
        assert cast.onboarding.stages[-1].planned_end == wave.ends_on


def test_graduation_asks_every_wave(running) -> None:
    road = running.onboarding
    first(running)
    second(running)
    finish(
        road,
        running,
        "welcome",
        "expectations",
        "training",
        "graduation",
        but=("first_value@2", "confirm_graduation"),
    )
    with pytest.raises(Refused, match="Finance"):
        running.step("confirm_graduation").complete(by=running.ana)
    road.step_called("first_value@2").complete(by=running.priya)
    running.step("confirm_graduation").complete(by=running.ana)
    assert road.graduated


def test_what_is_left_out_with_a_wave_comes_back_with_a_new_one(running) -> None:
    road = running.onboarding
    first(running)
    wave = second(running)
    finish(road, running, "welcome", "expectations")
    leave_out_wave(wave, WHY, seen=wave.seal, by=running.priya)
    module, step = wave.modules[0], wave.steps[-1]
    told = road.items_total
    shared = next(one for one in road.stages[2].steps if one.wave_n is None)
    for attempt in (
        lambda: bring_back(module, WHY, seen=module.seal, by=running.priya),
        lambda: step.bring_back(WHY, by=running.priya),
        lambda: add_step(road, NEW, by=running.priya, module=module),
        lambda: move(shared, Place(module), running),
    ):
        with pytest.raises(Refused, match=r"is left out\. Add a wave again instead"):
            attempt()
    assert road.items_total == told
    again = second(running)
    assert (again.department, again.n) == ("Finance", 3)
    assert road.step_called("give_accounts@3").title.endswith(" · Finance")


def test_what_is_put_on_the_road_is_for_all_unless_it_stands_with_a_wave(running) -> None:
    road = running.onboarding
    first(running)
    wave = second(running)
    finish(road, running, "welcome", "expectations")
    step = add_step(road, NEW, by=running.priya)
    assert (step.stage.key, step.wave, step.title) == ("training", None, NEW.title)
    more = replace(NEW, title="Send one more")
    theirs = add_step(road, more, by=running.priya, module=wave.modules[0])
    assert add_step(road, more, by=running.priya, module=wave.modules[0]) is theirs  # A second click.
    assert (theirs.wave, theirs.title) == (wave, "Send one more · Finance")
    move(theirs, Place(road.wave_called(1).modules[0]), running)
    assert (theirs.wave_n, theirs.title) == (1, "Send one more · Sales")
    move(theirs, Place(step.module), running)
    assert (theirs.wave, theirs.title) == (None, "Send one more")


def test_no_value_is_expected_before_its_wave_goes_live(running) -> None:
    """Far ahead of plan, what is expected comes early; a go-live is a day that was agreed."""
    road = running.onboarding
    one, two = first(running), second(running)
    finish(road, running, "welcome", "expectations")
    soon = expected_on(road, one.first_value_due)
    assert soon < one.go_live_on
    assert (value_expected_on(road), value_expected_on(road, one)) == (one.go_live_on, one.go_live_on)
    assert value_expected_on(road, two) == max(expected_on(road, two.first_value_due), two.go_live_on)
    item = item_of(road.step_called("first_value@2"), running.ana, None)
    assert item.date_text == f"about {web.short_day(value_expected_on(road, two))}"
    running.step("go_live").complete(by=running.priya)
    assert value_expected_on(road, one) == expected_on(road, one.first_value_due)


def test_a_gate_in_training_is_the_first_waves_alone(running) -> None:
    """So that nobody waits for the last department; what Graduation asks, it asks each of them."""
    road = running.onboarding
    running.step("import_partners").is_gate = True
    first(running)
    second(running)
    gates = {step.key for step in road.steps if step.is_gate and step.wave_n}
    assert gates == {"import_partners", "first_value", "first_value@2"}


def test_what_end_users_do_falls_to_nobody_of_another_wave(running) -> None:
    road = running.onboarding
    running.ben.stakeholder_roles = ["end_user", "it_contact"]
    first(running, running.ben)
    second(running)
    assert running.step("managers_story").assignee == running.ben
    assert road.step_called("managers_story@2").assignee is None
    assert road.step_called("security_settings@2").assignee == running.ben  # IT is of all waves.


def test_what_the_first_was_spared_the_others_are_spared(running) -> None:
    first(running)
    running.step("signup_page").skip("They have one.", by=running.priya)
    second(running)
    assert running.onboarding.step_called("signup_page@2") is None


def test_whoever_changes_over_keeps_what_they_did_and_leaves_what_is_open(running) -> None:
    road = running.onboarding
    first(running)
    wave = second(running, running.ben)
    finish(road, running, "welcome", "expectations")
    done, left = road.step_called("security_settings@2"), road.step_called("give_accounts@2")
    left.hand_to(running.ben, by=running.priya)
    done.complete(by=running.ben)
    change_wave(
        wave,
        WaveTerms(wave.department, [], wave.starts_on, wave.go_live_on),
        WHY,
        seen=wave.seal,
        by=running.priya,
    )
    assert done.assignee == running.ben
    assert left.assignee == running.ana


def test_who_has_left_the_company_is_in_no_wave(running) -> None:
    first(running)
    wave = second(running, running.ben)
    seen = wave.seal
    remove_person(running.onboarding, running.ben, by=running.priya)
    assert wave.people == []
    assert wave.seal != seen
    assert running.onboarding.step_called("security_settings@2").assignee is None


def test_what_is_handed_in_or_over_or_paused_is_no_waves_any_more(running, clock) -> None:
    road = running.onboarding
    first(running)
    wave = second(running)
    finish(road, running, "welcome", "expectations")
    step = road.step_called("reward_rules@2")
    step.needs_review = True
    step.submit(by=running.ana)
    with pytest.raises(Refused, match="waits for our review"):
        leave_out_wave(wave, WHY, seen=wave.seal, by=running.priya)
    road.pause("Audit", road.account.today + timedelta(days=20), by=running.priya)
    terms = WaveTerms("Support", [], *wave_dates.usual(road))
    for attempt in (
        lambda: add_wave(road, terms, WHY, by=running.priya),
        lambda: change_wave(wave, terms, WHY, seen=wave.seal, by=running.priya),
        lambda: leave_out_wave(wave, WHY, seen=wave.seal, by=running.priya),
    ):
        with pytest.raises(Refused, match="is paused until"):
            attempt()
    road.resume(by=running.priya)
    road.cancel("They were bought.", by=running.priya)
    with pytest.raises(Refused, match="is over"):
        add_wave(road, terms, WHY, by=running.priya)


def test_there_are_twelve_at_most_whatever_they_are_called(running) -> None:
    road = running.onboarding
    for step in road.steps:
        step.title = f"{step.title} {'x' * 200}"[:200]
    for n in range(12):
        terms = WaveTerms(f"{n:02} {'z' * 40}"[:40], [], *wave_dates.usual(road))
        add_wave(road, terms, WHY, by=running.priya)
    with pytest.raises(Refused, match="at most 12 waves"):
        add_wave(road, WaveTerms("One more", [], *wave_dates.usual(road)), WHY, by=running.priya)
    assert max(len(step.title) for step in road.steps) == 200
    assert all(step.title.endswith(step.wave.department) for step in road.steps if step.wave)


def test_a_playbook_without_such_modules_has_no_waves(running, monkeypatch) -> None:
    monkeypatch.setattr(wave_copies, "_able", lambda onboarding: [])
    with pytest.raises(Refused, match="no modules of which a wave could have its own copy"):
        first(running)


def test_one_that_comes_when_training_is_complete_stands_in_graduation(running, clock) -> None:
    road = running.onboarding
    first(running)
    finish(road, running, "welcome", "expectations", "training")
    clock.forward(days=3)
    before = road.progress
    wave = second(running)
    assert {step.stage.key for step in wave.steps} == {"graduation"}
    assert road.progress == before
    assert max(step.due_on for step in wave.steps if step.key.startswith("give")) < wave.go_live_on
    assert wave.go_live_on == road.step_called("go_live@2").due_on


def test_a_wave_that_is_live_keeps_its_day(running) -> None:
    road = running.onboarding
    first(running)
    wave = second(running)
    finish(road, running, "welcome", "expectations", "training")
    road.step_called("go_live@2").complete(by=running.priya)
    later = WaveTerms(
        wave.department, [], wave.starts_on, road.account.calendar.add_working_days(wave.go_live_on, 2)
    )
    with pytest.raises(Refused, match="is live already") as refusal:
        change_wave(wave, later, WHY, seen=wave.seal, by=running.priya)
    assert refusal.value.field == "go_live_on"
    road.step_called("go_live@2").undo(by=running.priya)
    change_wave(wave, later, WHY, seen=wave.seal, by=running.priya)
    assert (wave.went_live_on, wave.go_live_on) == (None, later.go_live_on)


def test_history_keeps_why(running) -> None:
    first(running)
    wave = second(running)
    later = running.onboarding.account.calendar.add_working_days(wave.go_live_on, 2)
    change_wave(
        wave, WaveTerms("Finance", [], wave.starts_on, later), "Later.", seen=wave.seal, by=running.priya
    )
    leave_out_wave(wave, "Next year.", seen=wave.seal, by=running.priya)
    about = select(Activity).where(Activity.subject_type == "wave", Activity.subject_id == wave.id)
    told = [(one.verb, one.personal["why"]) for one in db.session.scalars(about.order_by(Activity.id))]
    assert told == [
        (Verb.WAVE_ADDED, WHY), (Verb.WAVE_CHANGED, "Later."), (Verb.WAVE_LEFT_OUT, "Next year."),
    ]  # fmt: skip


def test_another_go_live_dates_nothing_before_today(running, clock) -> None:
    road = running.onboarding
    first(running)
    wave = second(running)
    clock.forward(days=(wave.starts_on - road.account.today).days + 14)
    later = road.account.calendar.add_working_days(wave.go_live_on, 2)
    terms = WaveTerms("Finance", [], wave.starts_on, later)
    change_wave(wave, terms, WHY, seen=wave.seal, by=running.priya)
    assert all(step.due_on >= road.account.today for step in wave.steps if not step.is_closed)
