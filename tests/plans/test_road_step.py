"""The steps of a road that write the plan and sign it: whose turn it is, what finishes them, what opens then."""

from datetime import date, timedelta

import pytest

from portal import db
from portal.access import Can
from portal.accounts.kinds import Segment
from portal.desk.waits import waits_of
from portal.onboardings import settling
from portal.onboardings.outline import Outline
from portal.onboardings.steps import WITH_THEM, WITH_US, Step
from portal.onboardings.whose import holder_of, promised_by
from portal.plans import road_step
from portal.plans.rules import PlanState
from tests.plans import making
from tests.plans.signed import sign
from tests.readiness.sent import sent


@pytest.fixture
def made(app, clock):
    """Northwind's second day on a road that asks for a plan; results and lists are agreed, the kit isn't sent."""
    with app.test_request_context():
        yield making.road(clock, on=making.signing_book())


def turn(made) -> str:
    """Whose turn the signing is, by the row and by the database."""
    db.session.flush()
    step = made.step("sign_plan")
    rows = {
        side: db.session.query(Step).filter(Step.id == step.id, where).count()
        for side, where in (("us", WITH_US), ("them", WITH_THEM))
    }
    assert rows == {"us": step.with_us, "them": step.with_them}
    return "us" if step.with_us else "them" if step.with_them else step.state.value


def test_before_anything_is_sent_it_is_our_turn(made) -> None:
    plan, signing = made.step("plan"), made.step("sign_plan")
    assert (turn(made), signing.waits_for, holder_of(signing)) == ("us", plan, made.priya)
    assert promised_by(signing) == plan.due_on < signing.due_on
    assert made.onboarding.next_step is not signing
    assert made.onboarding.our_due_on <= plan.due_on
    found = waits_of(made.onboarding, made.onboarding.steps, None, [])
    assert {wait.who for wait in found if wait.step in (plan, signing)} == {made.priya}


def test_from_the_first_day_on(app, clock) -> None:
    """Locked still, it is counted as ours, so that no list calls it theirs once it opens."""
    with app.test_request_context():
        made = making.road(clock, on=making.signing_book(), agreed=False)
        assert made.step("sign_plan").waiting


def test_sent_it_is_theirs(made) -> None:
    version = making.sent(made)
    plan, signing = made.step("plan"), made.step("sign_plan")
    assert (plan.state, plan.done_by, plan.done_for_you) == ("done", made.priya, False)
    assert (turn(made), signing.state, signing.waits_for) == ("them", "ready", None)
    settling.settle(made.onboarding)
    assert turn(made) == "them", "settling by itself takes no turn back"
    assert version.state is PlanState.SENT


def test_declined_it_is_ours_until_the_next_one(made, clock) -> None:
    version = making.sent(made)
    clock.forward(days=1)
    version.decline("The go-live is in our holidays.", by=made.ana)
    signing = made.step("sign_plan")
    assert (turn(made), signing.state, signing.waits_for) == ("us", "in_progress", None)
    assert holder_of(signing) is made.priya
    assert signing.promised_on == date(2026, 3, 13), "we answer within two working days"
    settling.settle(made.onboarding)
    assert turn(made) == "us"
    making.move(made, 3)
    making.sent(made)
    assert (turn(made), signing.state) == ("them", "in_progress")


def test_expired_it_is_ours_until_it_is_sent_again(made, clock) -> None:
    version, signing = making.sent(made), made.step("sign_plan")
    clock.forward(days=15)
    assert version.expire()
    assert (turn(made), signing.state, holder_of(signing)) == ("us", "in_progress", made.priya)
    assert signing.promised_on == date(2026, 3, 27)
    assert version.send_again(by=made.priya)
    assert turn(made) == "them"


def test_taken_back_it_is_ours(made, clock) -> None:
    version, signing = making.sent(made), made.step("sign_plan")
    version.void("A date was wrong.", by=made.priya)
    assert (turn(made), signing.state, holder_of(signing)) == ("us", "ready", made.priya)


def test_a_newer_one_leaves_it_with_them(made, clock) -> None:
    making.sent(made)
    making.move(made, 3)
    making.sent(made)
    assert (turn(made), made.step("sign_plan").state) == ("them", "ready")


def test_our_missing_signature_is_our_turn_and_the_last_one_finishes_it(made, clock) -> None:
    version = making.sent(made)
    sign(version, made.ana)
    signing = made.step("sign_plan")
    assert (turn(made), signing.state, holder_of(signing)) == ("us", "in_progress", made.priya)
    moved = made.onboarding.customer_moved_at
    clock.forward(days=2)
    sign(version, made.priya)
    assert (signing.state, signing.done_by, signing.done_for_you) == ("done", made.ana, False)
    assert made.onboarding.customer_moved_at == moved, "our signature is nothing that they did"
    assert next(one for one in made.onboarding.milestones if one.key == "plan_signed").reached_on


def test_a_sponsor_keeps_it_on_their_side(made) -> None:
    version = making.sent(made, sponsors=True)
    sign(version, made.ana)
    assert turn(made) == "them"
    sign(version, made.rui)
    assert turn(made) == "us"


def test_once_done_both_stay_done(made) -> None:
    sign(making.sent(made), made.ana, made.priya)
    again = making.sent(made)
    again.decline("Not like that.", by=made.ana)
    assert [made.step(key).state for key in ("plan", "sign_plan")] == ["done", "done"]


def test_training_opens_with_kit_criteria_and_plan(made) -> None:
    """Product 2.4: all three gates, in whichever order they come."""
    training = made.onboarding.stage_called("training")
    gates = [step.key for step in made.onboarding.stage_called("expectations").steps if step.is_gate]
    assert gates == ["kit", "criteria", "sign_plan"]
    version = making.sent(made)
    sign(version, made.ana)
    sign(version, made.priya)
    assert (made.step("criteria").state, made.step("sign_plan").state) == ("done", "done")
    assert training.state == "locked", "the kit isn't confirmed"
    kit = sent(made)
    assert training.state == "locked"
    kit.confirm(by=made.priya)
    assert training.state == "open"


def test_the_same_of_a_plan_that_is_signed_last(made) -> None:
    training = made.onboarding.stage_called("training")
    kit = sent(made)
    kit.confirm(by=made.priya)
    version = making.sent(made)
    sign(version, made.ana)
    assert training.state == "locked"
    sign(version, made.priya)
    assert training.state == "open"


def test_a_road_of_an_earlier_edition_goes_on(app, clock) -> None:
    with app.test_request_context():
        made = making.road(clock)
        before = Outline(made.onboarding).weights(made.onboarding.stage)
        sign(making.sent(made), made.ana, made.priya)
        assert Outline(made.onboarding).weights(made.onboarding.stage) == before


def test_who_countersigns_and_whether_sponsors_sign_stands_in_the_playbook(made) -> None:
    assert not road_step.countersigns(made.onboarding)
    assert not road_step.asks_sponsors(made.onboarding)
    made.account.segment = Segment.SMB
    assert road_step.countersigns(made.onboarding)
    made.account.segment = Segment.ENTERPRISE
    assert (road_step.countersigns(made.onboarding), road_step.asks_sponsors(made.onboarding)) == (
        False,
        True,
    )


def test_nobody_finishes_it_by_hand_and_no_teammate_has_it(made) -> None:
    signing = made.step("sign_plan")
    assert (signing.page, made.step("plan").page) == (f"/o/{made.onboarding.ref}/plan",) * 2
    assert made.ben.may(Can.COMPLETE_STEP)
    assert (signing.workable_by(made.ana), signing.workable_by(made.ben)) == (True, False)
    assert timedelta(0) <= signing.due_on - made.step("plan").due_on
