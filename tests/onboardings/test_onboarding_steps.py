"""What may happen to one step, and what it does to the meter (product.md 2.3 and 2.6)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal import db
from portal.accounts.kinds import PortalRole
from portal.activity.models import Activity
from portal.activity.sentences import sentence
from portal.errors import Conflict, Refused
from portal.onboardings.states import OnboardingState, StageState, StepState
from tests.make import account, northwind, person
from tests.onboardings.road import finish, settle_step


def begin(cast, clock) -> None:
    clock.forward(days=6)
    cast.onboarding.begin()


# --- Done, undone, taken up again ---------------------------------------------------------------


def test_undo_within_ten_minutes_restores_exactly(cast, clock) -> None:
    road, step = cast.onboarding, cast.step("road_preview")
    before = road.progress
    step.complete(by=cast.ana)
    assert road.progress > before
    assert (step.done_by_id, step.done_via, step.done_for_you) == (cast.ana.id, "customer", False)
    clock.forward(minutes=9, seconds=59)
    step.undo(by=cast.ana)
    assert (step.state, road.progress, step.done_at) == (StepState.READY, before, None)


@pytest.mark.parametrize(("minutes", "who"), [(10, "ana"), (1, "ben"), (1, "priya")])
def test_undo_is_for_whoever_did_it_and_soon(cast, clock, minutes, who) -> None:
    step = cast.step("road_preview")
    step.complete(by=cast.ana)
    clock.forward(minutes=minutes)
    assert not step.undoable_by(getattr(cast, who))
    with pytest.raises(Refused, match="10 minutes, by the person who did it"):
        step.undo(by=getattr(cast, who))
    assert step.is_done


def test_what_an_undone_gate_opened_stays_open(cast, clock) -> None:
    begin(cast, clock)
    finish(cast.onboarding, cast, "welcome")
    gates = [step for step in cast.onboarding.stage_called("expectations").steps if step.is_gate]
    for gate in gates:
        assert not cast.onboarding.stage_called("training").is_open
        settle_step(gate, cast)
    gates[-1].undo(by=cast.priya)
    assert cast.onboarding.stage_called("training").is_open
    assert not gates[-1].is_done


def test_undoing_the_last_item_takes_the_stage_back(cast, clock) -> None:
    begin(cast, clock)
    stage = cast.onboarding.stage_called("welcome")
    finish(cast.onboarding, cast, "welcome")
    assert stage.state is StageState.COMPLETE
    last = next(s for s in stage.items if s.undoable_by(cast.priya))
    last.undo(by=cast.priya)
    assert (stage.state, stage.completed_at) == (StageState.IN_PROGRESS, None)


def test_twice_is_refused_with_a_name(cast) -> None:
    step = cast.step("road_preview")
    step.complete(by=cast.ben)
    with pytest.raises(Refused, match="is done already, by Ben"):
        step.complete(by=cast.ana)
    assert step.done_by_id == cast.ben.id


def test_reopening_in_an_unfinished_stage_costs_nothing(cast) -> None:
    step = cast.step("road_preview")
    step.complete(by=cast.ana)
    before = cast.onboarding.progress
    step.reopen("The preview was of another product.", by=cast.priya)
    assert cast.onboarding.progress == before
    assert (step.state, step.reopened_count) == (StepState.READY, 1)
    step.complete(by=cast.ana)
    assert cast.onboarding.progress > before


def test_reopening_in_a_complete_stage_is_seen(cast, clock) -> None:
    begin(cast, clock)
    finish(cast.onboarding, cast, "welcome")
    stage, step = cast.onboarding.stage_called("welcome"), cast.step("invite_people")
    total = stage.weights()[1]
    step.reopen("Two people have left.", by=cast.priya)
    assert stage.state is StageState.IN_PROGRESS
    assert stage.fraction == 1 - step.weight / total or float(stage.fraction) == 1 - step.weight / total
    step.complete(by=cast.ana)
    assert stage.state is StageState.COMPLETE
    assert stage.fraction == 1


def test_done_for_them_says_so(cast) -> None:
    step = cast.step("road_preview")
    step.complete(by=cast.priya)
    assert step.done_for_you
    assert step.done_via == "staff"


def latest(step) -> Activity:
    rows = select(Activity).where(Activity.subject_type == "step", Activity.subject_id == step.id)
    return db.session.scalars(rows.order_by(Activity.id.desc()).limit(1)).one()


def test_the_record_names_the_one_for_whom_we_did_it(cast) -> None:
    step = cast.step("readiness_kit")
    acts = {
        "started": (lambda: step.start(by=cast.priya), "Priya Rao started “%s” for Ana Moreira"),
        "saved": (
            lambda: step.save({"goal": "x"}, version=0, by=cast.priya),
            "Priya Rao saved answers in “%s” for Ana Moreira",
        ),
        "submitted": (
            lambda: step.submit(by=cast.priya),
            "Priya Rao sent “%s” for review, for Ana Moreira",
        ),
    }
    for act, said in acts.values():
        act()
        assert sentence(latest(step)) == said % step.title
        assert (latest(step).actor_id, latest(step).on_behalf_of_id) == (cast.priya.id, cast.ana.id)
    step.complete(by=cast.priya)
    assert latest(step).on_behalf_of_id is None, "to accept is our own work"


def test_what_we_do_in_a_teammates_place_names_the_teammate(cast) -> None:
    step = cast.step("road_preview")
    step.hand_to(cast.ben, by=cast.ana)
    step.complete(by=cast.priya)
    assert sentence(latest(step)) == f"Priya Rao did “{step.title}” for Ben Ortiz"


def test_what_is_ours_or_their_own_is_for_nobody_else(cast, clock) -> None:
    begin(cast, clock)
    finish(cast.onboarding, cast, "welcome")
    ours = next(s for s in cast.onboarding.steps if s.owner_side == "us" and s.state is StepState.READY)
    ours.start(by=cast.tomas)
    assert latest(ours).on_behalf_of_id is None
    theirs = next(s for s in cast.onboarding.steps if s.is_customers and s.state is StepState.READY)
    theirs.start(by=cast.ana)
    assert latest(theirs).on_behalf_of_id is None


# --- Review -------------------------------------------------------------------------------------


def test_what_is_sent_back_gets_the_days_that_it_lay_with_us(cast, clock) -> None:
    begin(cast, clock)
    step, calendar = cast.step("readiness_kit"), cast.account.calendar
    step.due_on = calendar.add_working_days(cast.account.today, 3)
    due = step.due_on
    step.submit(by=cast.ana)
    clock.forward(days=2)
    lost = calendar.working_days_between(cast.account.today - timedelta(days=2), cast.account.today)
    step.send_back("The number of users is missing.", by=cast.priya)
    assert lost > 0
    assert step.due_on == calendar.add_working_days(due, lost)


def test_what_is_sent_back_late_is_due_on_the_next_working_day_at_the_soonest(cast, clock) -> None:
    begin(cast, clock)
    step = cast.step("readiness_kit")
    step.due_on = cast.account.today - timedelta(days=10)
    step.submit(by=cast.ana)
    step.send_back("The number of users is missing.", by=cast.priya)
    assert step.due_on == cast.account.calendar.add_working_days(cast.account.today, 1)


def test_nothing_is_late_on_the_day_a_road_is_set_up(session) -> None:
    cast = northwind(prepared=False, start_date=date(2026, 3, 4))
    soonest = cast.account.calendar.next_working_day(cast.account.today)
    dues = [step.due_on for step in cast.onboarding.steps if step.due_on]
    assert min(dues) == soonest, "Welcome was planned from before today"


def test_a_review_moves_the_meter_only_when_it_is_accepted(cast) -> None:
    road, step = cast.onboarding, cast.step("readiness_kit")
    before = road.progress
    with pytest.raises(Refused):
        step.complete(by=cast.ana)
    step.submit(by=cast.ana)
    assert (step.state, step.with_us, road.progress) == (StepState.SUBMITTED, True, before)
    with pytest.raises(Refused, match="handed in"):
        step.save({"problem": "Another"}, version=step.data_version, by=cast.ana)
    step.send_back("The number of users is missing.", by=cast.priya)
    assert (step.state, step.return_reason) == (StepState.RETURNED, "The number of users is missing.")
    step.save({"problem": "Late payouts"}, version=0, by=cast.ana)
    assert step.state is StepState.IN_PROGRESS
    step.submit(by=cast.ana)
    step.complete(by=cast.priya)
    assert road.progress > before


def test_only_what_is_reviewed_is_handed_in(cast) -> None:
    with pytest.raises(Refused):
        cast.step("road_preview").submit(by=cast.ana)


def test_two_people_saving_at_once_see_both_texts(cast) -> None:
    step = cast.step("purchase_reason")
    step.save({"reason": "Mine"}, version=0, by=cast.ana)
    with pytest.raises(Conflict, match="Ana saved this while you were writing") as caught:
        step.save({"reason": "His"}, version=0, by=cast.ben)
    assert (caught.value.theirs, caught.value.yours) == ({"reason": "Mine"}, {"reason": "His"})
    assert step.data == {"reason": "Mine"}
    step.save({"reason": "His"}, version=1, by=cast.ben)
    assert (step.data, step.data_version) == ({"reason": "His"}, 2)


# --- In the way, not needed ---------------------------------------------------------------------


def test_a_block_says_what_and_who_and_ends_where_it_began(cast) -> None:
    step = cast.step("prerequisites")
    step.save({"checked": ["data_sample"]}, version=0, by=cast.ana)
    step.block("access", "Nobody has the password.", "Rui", by=cast.ana)
    assert (step.state, step.blocked_from, step.unblocker) == (StepState.BLOCKED, "in_progress", "Rui")
    step.unblock(by=cast.ben)
    assert (step.state, step.blocked_detail) == (StepState.IN_PROGRESS, None)
    with pytest.raises(Refused, match="Nothing is in the way"):
        step.unblock(by=cast.ben)


def test_leaving_out_keeps_the_percentage_and_tells_the_count(cast) -> None:
    road, step = cast.onboarding, cast.step("prerequisites")
    before, total = road.progress, road.items_total
    step.ask_to_skip("We have no CRM.", by=cast.ana)
    assert (step.state, step.asked_to_skip) == (StepState.READY, "We have no CRM.")
    step.skip("No CRM, no prerequisites.", by=cast.priya)
    assert (step.state, step.asked_to_skip) == (StepState.SKIPPED, None)
    assert (road.progress, road.items_total) == (before, total - 1)
    assert road.changes == [
        {
            "on": "2026-03-03",
            "code": "left_out",
            "stage": "expectations",
            "title": step.title,
            "why": "No CRM, no prerequisites.",
        }
    ]
    step.bring_back("They have one after all.", by=cast.priya)
    assert [one["code"] for one in road.changes] == ["left_out", "brought_back"]
    assert (road.progress, road.items_total) == (before, total)
    assert step.state is StepState.READY, "its stage is locked still, but it may start early"


def test_declining_keeps_the_item(cast) -> None:
    step = cast.step("prerequisites")
    with pytest.raises(Refused, match="Nobody asks"):
        step.keep("Needed.", by=cast.priya)
    step.ask_to_skip("We have no CRM.", by=cast.ana)
    step.keep("The sample is needed all the same.", by=cast.priya)
    assert (step.state, step.asked_to_skip) == (StepState.READY, None)


def test_a_gate_stays(cast) -> None:
    with pytest.raises(Refused, match="opens the next stage"):
        cast.step("book_kickoff").skip("x", by=cast.priya)
    assert cast.step("book_kickoff").state is StepState.READY


def test_the_last_item_of_a_stage_stays(cast) -> None:
    stage = cast.onboarding.stage_called("training")
    *others, last = stage.items
    assert not any(step.is_gate for step in stage.items)
    for step in others:
        step.skip("Not needed here.", by=cast.priya)
    with pytest.raises(Refused, match="the only item of its stage"):
        last.skip("x", by=cast.priya)
    assert last.state is StepState.LOCKED


def test_a_locked_step_says_what_opens_it(cast) -> None:
    step = cast.step("payout_choice")
    with pytest.raises(Refused, match=r"isn't open yet\. It opens when"):
        step.complete(by=cast.ana)
    with pytest.raises(Refused, match="isn't open yet"):
        step.start(by=cast.ana)
    with pytest.raises(Refused, match="isn't open yet"):
        step.save({"choice": "export"}, version=0, by=cast.ana)
    step.complete(by=cast.priya)
    assert step.is_done, "staff may record what is done already"


# --- Whose --------------------------------------------------------------------------------------


def test_an_admin_does_not_finish_our_items(cast, clock) -> None:
    begin(cast, clock)
    cast.step("book_kickoff").complete(by=cast.ana)
    ours = cast.step("sandbox_access")
    assert ours.state is StepState.READY
    assert not ours.workable_by(cast.ana)
    assert ours.workable_by(cast.tomas)


def test_who_may_work_on_what(cast) -> None:
    step = cast.step("prerequisites")
    assert step.assignee_id == cast.ana.id
    assert [step.workable_by(one) for one in (cast.ana, cast.ben, cast.rui, cast.priya)] == [
        True,
        False,
        False,
        True,
    ]
    step.hand_to(cast.ben, by=cast.ana)
    assert step.workable_by(cast.ben)
    step.hand_to(None, by=cast.ana)
    assert step.workable_by(cast.ben)
    assert not step.workable_by(cast.rui), "a sponsor reads"


def test_handing_over_goes_to_colleagues_who_can_do_it(cast, clock) -> None:
    step = cast.step("prerequisites")
    stranger = person(account("Fabrikam"), "Fay Lind")
    gone = person(cast.account, "Gil Gone", PortalRole.TEAMMATE, left_at=clock.now)
    for nobody in (stranger, gone, cast.rui):
        with pytest.raises(Refused, match="Choose someone who works on this onboarding"):
            step.hand_to(nobody, by=cast.ana)
    assert step.assignee_id == cast.ana.id
    step.complete(by=cast.ana)
    with pytest.raises(Refused, match="nothing to hand over"):
        step.hand_to(cast.ben, by=cast.ana)


def test_nothing_can_be_agreed_before_it_is_written(cast, clock) -> None:
    begin(cast, clock)
    finish(cast.onboarding, cast, "welcome")
    approve, draft = cast.step("success_criteria"), cast.step("goals_draft")
    assert approve.waits_for is draft
    assert (approve.with_us, approve.with_them) == (True, False)
    with pytest.raises(Refused, match="isn't waiting for you now"):
        approve.snooze(date(2026, 5, 4), by=cast.ana)
    with pytest.raises(Refused, match="isn't written yet"):
        approve.complete(by=cast.ana)
    assert approve.state is StepState.READY
    draft.complete(by=cast.priya)
    assert approve.waits_for is None
    approve.complete(by=cast.ana)


def test_not_now_offers_something_else(cast) -> None:
    first = cast.onboarding.next_step
    with pytest.raises(Refused, match="Choose a day after today"):
        first.snooze(date(2026, 3, 3), by=cast.ana)
    first.snooze(date(2026, 4, 20), by=cast.ana)
    assert cast.onboarding.next_step is not first
    assert first.due_on < date(2026, 4, 20), "it stays due when it is due"


def test_the_ball_goes_back_and_forth(cast) -> None:
    assert cast.onboarding.ball == "customer"
    for step in [s for s in cast.onboarding.steps if s.state is StepState.READY and s.required]:
        if step.needs_review:
            step.submit(by=cast.ana)
        elif step.is_customers:
            step.block("time", "Month end.", "Ana", by=cast.ana)
    assert cast.onboarding.state is OnboardingState.PREPARING
    assert (cast.onboarding.ball, cast.onboarding.next_step) == ("us", None)
