"""What is seen in an account moves its roads by itself, once."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select

from portal import db, jobs
from portal.activity.models import Activity, Audience, Verb
from portal.errors import Refused
from portal.onboardings.models import Onboarding
from portal.onboardings.states import OnboardingState, StageState, StepState
from portal.usage import reacting
from tests.usage.seen import PAID, SET_UP, SIGNED_IN, saw

TODAY = date(2026, 3, 3)


def said(verb: Verb) -> int:
    return db.session.scalar(select(func.count()).select_from(Activity).where(Activity.verb == verb))


def activate(cast, *people) -> None:
    for person in people:
        for action in (SIGNED_IN, SET_UP):
            saw(cast.account, action, TODAY, person=person)


def test_the_first_value_event_finishes_its_step_in_a_locked_stage(seeing, watched) -> None:
    saw(seeing.account, PAID, TODAY - timedelta(days=1), person=seeing.ana)
    before = watched.percent, watched.meter["stages"][3]["done"]
    reacting.react(seeing.account.id)
    step = watched.step_called("first_value")
    assert step.stage.state is StageState.LOCKED
    assert (step.state, step.done_via, step.done_by_id, step.done_for_you) == (
        StepState.DONE,
        "usage",
        None,
        False,
    )
    assert step.seen_on == watched.first_value_on == TODAY - timedelta(days=1)
    assert step.data["evidence"] == PAID
    assert watched.meter["stages"][3]["done"] == before[1] + 1
    assert watched.percent > before[0]
    assert watched.customer_moved_at is not None


def test_reacting_again_changes_nothing(seeing, watched) -> None:
    saw(seeing.account, PAID, TODAY)
    for _time in range(3):
        reacting.react(seeing.account.id)
        db.session.expire_all()
    saw(seeing.account, PAID, TODAY - timedelta(days=1))
    reacting.react(seeing.account.id)
    assert said(Verb.FIRST_VALUE_REACHED) == said(Verb.STEP_SEEN) == 1
    assert watched.first_value_on == TODAY, "what was said stays"


def test_customers_read_of_it(seeing, watched) -> None:
    saw(seeing.account, PAID, TODAY)
    reacting.react(seeing.account.id)
    verbs = {Verb.FIRST_VALUE_REACHED, Verb.STEP_SEEN, Verb.MILESTONE_REACHED}
    rows = db.session.scalars(select(Activity).where(Activity.verb.in_(verbs)))
    assert {(row.verb, row.audience) for row in rows} == {(verb, Audience.CUSTOMER) for verb in verbs}


def test_an_older_edition_is_seen_too(cast, road, app) -> None:
    saw(cast.account, PAID, TODAY, person=cast.ben)
    with app.test_request_context():
        reacting.react(cast.account.id)
    step = road.step_called("first_value")
    assert (step.kind, step.done_via, road.first_value_on) == ("confirm", "usage", TODAY)
    assert road.step_called("people_activated").state is StepState.LOCKED


def test_what_happened_before_the_road_opened_is_of_no_road(seeing, watched) -> None:
    opening = watched.stages[0].planned_start
    saw(seeing.account, PAID, opening - timedelta(days=1))
    reacting.react(seeing.account.id)
    assert watched.first_value_on is None
    saw(seeing.account, PAID, opening)
    reacting.react(seeing.account.id)
    assert watched.first_value_on == opening


def test_half_of_the_seats_are_active_when_two_of_four_did_everything(seeing, watched) -> None:
    step = watched.step_called("people_activated")
    activate(seeing, seeing.ana)
    saw(seeing.account, SIGNED_IN, TODAY, person=seeing.ben)
    reacting.react(seeing.account.id)
    assert not step.is_done
    activate(seeing, seeing.ben)
    reacting.react(seeing.account.id)
    assert step.is_done


def test_without_a_number_of_seats_nothing_is_half(seeing, watched, clock) -> None:
    watched.account.licensed_seats = None
    activate(seeing, seeing.ana, seeing.ben, seeing.rui)
    reacting.react(seeing.account.id)
    assert not watched.step_called("people_activated").is_done
    watched.account.licensed_seats = 6
    db.session.commit()
    reacting.look_again()
    db.session.expire_all()
    assert db.session.get(Onboarding, watched.id).step_called("people_activated").is_done


@pytest.mark.parametrize(
    "state", [OnboardingState.DRAFT, OnboardingState.CANCELLED, OnboardingState.GRADUATED]
)
def test_drafts_and_what_is_over_stay_as_they_are(seeing, watched, state) -> None:
    watched.state = state
    saw(seeing.account, PAID, TODAY)
    reacting.react(seeing.account.id)
    assert (watched.first_value_on, watched.step_called("first_value").is_done) == (None, False)


def test_on_hold_the_fact_is_kept_and_the_item_waits(seeing, watched, clock) -> None:
    watched.pause("Audit", TODAY + timedelta(days=9), by=watched.owner)
    saw(seeing.account, PAID, TODAY)
    reacting.react(seeing.account.id)
    assert (watched.first_value_on, watched.step_called("first_value").is_done) == (TODAY, False)
    watched.resume(by=watched.owner)
    db.session.commit()
    reacting.look_again()
    db.session.expire_all()
    again = db.session.get(Onboarding, watched.id)
    assert again.step_called("first_value").done_via == "usage"
    assert said(Verb.FIRST_VALUE_REACHED) == 1


def test_what_staff_took_up_again_is_theirs_to_decide(seeing, watched) -> None:
    saw(seeing.account, PAID, TODAY)
    reacting.react(seeing.account.id)
    step = watched.step_called("first_value")
    step.reopen("That was a test payout", by=watched.owner)
    reacting.react(seeing.account.id)
    assert (step.is_done, watched.first_value_on) == (False, None)


def test_nobody_at_the_customer_presses_it(seeing, watched) -> None:
    step = watched.step_called("first_value")
    step.state = StepState.READY
    with pytest.raises(Refused, match="seen in your account"):
        step.complete(by=step.assignee)
    step.complete(by=watched.owner)
    assert (step.done_via, step.done_for_you) == ("staff", True)


def test_the_queue_calls_it(seeing, watched, clock) -> None:
    saw(seeing.account, PAID, TODAY)
    db.session.execute(delete(jobs.Job))  # Letters wait there too.
    jobs.put("usage.react", {"account_id": seeing.account.id}, account_id=seeing.account.id)
    db.session.commit()
    jobs.run(jobs.claim())
    db.session.expire_all()
    assert db.session.get(Onboarding, watched.id).first_value_on == TODAY


def test_a_fact_is_of_the_accounts_own_day(seeing, watched, clock) -> None:
    clock.at(datetime(2026, 3, 3, 23, 30, tzinfo=UTC))
    saw(seeing.account, PAID, date(2026, 3, 3))
    reacting.react(seeing.account.id)
    assert watched.first_value_on == date(2026, 3, 3)
