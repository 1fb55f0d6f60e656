"""The state tables of product 2.3, written here once more by hand; nothing else is allowed."""

from itertools import product

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from portal.onboardings.states import (
    Cause,
    OnboardingState,
    StageState,
    StepState,
    onboarding_may,
    stage_may,
    step_may,
)

STEP_TABLE = {
    "locked": "ready skipped done",
    "ready": "in_progress submitted done blocked skipped",
    "in_progress": "submitted done blocked skipped",
    "submitted": "done returned",
    "returned": "in_progress submitted blocked skipped",
    "blocked": "done skipped",
    "done": "ready",
    "skipped": "",
}
STAGE_TABLE = {"locked": "open", "open": "in_progress", "in_progress": "complete", "complete": "in_progress"}
ONBOARDING_TABLE = {
    "draft": "preparing cancelled",
    "preparing": "active on_hold cancelled",
    "active": "graduated on_hold cancelled",
    "on_hold": "cancelled",
    "graduated": "handed_over",
    "handed_over": "closed",
    "closed": "",
    "cancelled": "",
}
BLOCKABLE = ("ready", "in_progress", "returned")


@pytest.mark.parametrize(("now", "then"), list(product(StepState, repeat=2)))
def test_a_step_moves_only_as_the_table_says(now: StepState, then: StepState) -> None:
    assert step_may(now, then) == (then in STEP_TABLE[now].split())


@pytest.mark.parametrize(("now", "then"), list(product(StageState, repeat=2)))
def test_a_stage_moves_only_as_the_table_says(now: StageState, then: StageState) -> None:
    assert stage_may(now, then) == (then in STAGE_TABLE[now].split())


@pytest.mark.parametrize(("now", "then"), list(product(OnboardingState, repeat=2)))
def test_an_onboarding_moves_only_as_the_table_says(now: OnboardingState, then: OnboardingState) -> None:
    assert onboarding_may(now, then) == (then in ONBOARDING_TABLE[now].split())


@pytest.mark.parametrize(("before", "then"), list(product(StepState, repeat=2)))
def test_a_blocked_step_goes_back_to_the_state_before(before: StepState, then: StepState) -> None:
    back = then == before and before in BLOCKABLE
    assert step_may(StepState.BLOCKED, then, before=before) == (back or then in ("done", "skipped"))


@pytest.mark.parametrize(("before", "then"), list(product(OnboardingState, repeat=2)))
def test_a_hold_ends_where_it_began(before: OnboardingState, then: OnboardingState) -> None:
    back = then == before and before in ("preparing", "active")
    assert onboarding_may(OnboardingState.ON_HOLD, then, before=before) == (back or then == "cancelled")


@pytest.mark.parametrize(
    ("stage", "then"), [("locked", "locked"), ("open", "ready"), ("in_progress", "ready"), ("complete", None)]
)
def test_a_skipped_step_comes_back_as_its_stage_is(stage: str, then: str | None) -> None:
    allowed = {state for state in StepState if step_may(StepState.SKIPPED, state, stage=StageState(stage))}
    assert allowed == ({then} if then else set())


def causes(now: str, then: str, **facts: object) -> set[str]:
    return {by for by in Cause if step_may(StepState(now), StepState(then), by=by, **facts)}


def test_a_locked_step_is_finished_only_by_staff_usage_or_a_check() -> None:
    assert causes("locked", "done") == {"staff", "usage", "check"}


@pytest.mark.parametrize("now", ["ready", "in_progress", "blocked"])
def test_a_step_is_finished_by_the_customer_staff_usage_a_check_or_a_call(now: str) -> None:
    assert causes(now, "done") == {"customer", "staff", "usage", "check", "call"}


def test_what_was_handed_in_is_judged_by_us() -> None:
    assert "customer" not in causes("submitted", "done")
    assert causes("submitted", "returned") == {"staff"}


@pytest.mark.parametrize("now", ["locked", "ready", "in_progress", "returned", "blocked"])
def test_a_customer_may_ask_but_only_staff_or_a_rule_skips(now: str) -> None:
    assert causes(now, "skipped") == {"staff", "rule"}


def test_undo_and_reopening_are_done_by_people_and_bringing_back_by_staff() -> None:
    assert causes("done", "ready") == {"customer", "staff"}
    assert causes("skipped", "ready", stage=StageState.OPEN) == {"staff"}


@pytest.mark.parametrize("then", list(StepState))
def test_what_we_accepted_goes_back_to_our_review_by_us_alone(then: StepState) -> None:
    assert step_may(StepState.DONE, then, accepted=True) == (then in ("ready", "submitted"))
    assert causes("done", "submitted", accepted=True) == {"staff"}
    assert causes("done", "submitted") == set()


@pytest.mark.parametrize("now", ["ready", "in_progress", "returned"])
def test_only_a_step_that_needs_review_is_submitted(now: str) -> None:
    assert step_may(StepState(now), StepState.SUBMITTED, needs_review=True)
    assert not step_may(StepState(now), StepState.SUBMITTED, needs_review=False)


def test_a_customer_cannot_pass_by_the_review() -> None:
    assert "customer" not in causes("ready", "done", needs_review=True)
    assert "staff" in causes("ready", "done", needs_review=True)


def test_a_hold_and_a_cancellation_are_a_persons_decision_of_ours() -> None:
    for then in (OnboardingState.ON_HOLD, OnboardingState.CANCELLED):
        assert {by for by in Cause if onboarding_may(OnboardingState.ACTIVE, then, by=by)} == {"staff"}


def test_no_rule_takes_a_stage_back() -> None:
    back = {by for by in Cause if stage_may(StageState.COMPLETE, StageState.IN_PROGRESS, by=by)}
    assert back == {"customer", "staff"}


class OneStepOnItsWay(RuleBasedStateMachine):
    """Anyone tries anything; the table decides. What a person was promised must hold on every path."""

    @initialize(needs_review=st.booleans())
    def begin(self, needs_review: bool) -> None:
        self.needs_review = needs_review
        self.onboarding, self.held_from = OnboardingState.DRAFT, OnboardingState.DRAFT
        self.stage, self.step, self.before = StageState.LOCKED, StepState.LOCKED, StepState.LOCKED
        self.was_graduated = self.was_opened = self.accepted = False

    @rule(then=st.sampled_from(list(StepState)), by=st.sampled_from(list(Cause)))
    def try_step(self, then: StepState, by: Cause) -> None:
        now, facts = self.step, {"stage": self.stage, "needs_review": self.needs_review}
        if not step_may(now, then, by=by, before=self.before, accepted=self.accepted, **facts):
            return
        if (now, then) == ("done", "submitted"):
            assert (self.accepted, by) == (True, "staff")
        self.accepted = (now, then, by) == ("submitted", "done", "staff")
        if now == "blocked" and then in BLOCKABLE:
            assert then == self.before
        if now == "skipped":
            assert (by, self.stage != "complete") == ("staff", True)
            assert (then == "locked") == (self.stage == "locked")
        if then == "blocked":
            self.before = now
        if then == "submitted":
            assert self.needs_review
        if then == "done" and by == "customer":
            assert not self.needs_review
            assert now in ("ready", "in_progress", "blocked")
        if then == "skipped":
            assert by in ("staff", "rule")
        self.step = then

    @rule(then=st.sampled_from(list(StageState)), by=st.sampled_from(list(Cause)))
    def try_stage(self, then: StageState, by: Cause) -> None:
        if stage_may(self.stage, then, by=by):
            self.stage = then
            self.was_opened = True

    @rule(then=st.sampled_from(list(OnboardingState)), by=st.sampled_from(list(Cause)))
    def try_onboarding(self, then: OnboardingState, by: Cause) -> None:
        if onboarding_may(self.onboarding, then, by=by, before=self.held_from):
            if self.onboarding == "on_hold" and then != "cancelled":
                assert then == self.held_from
            if then == "on_hold":
                self.held_from = self.onboarding
            self.onboarding = then
            self.was_graduated |= then == "graduated"

    @precondition(lambda self: self.onboarding in ("closed", "cancelled"))
    @rule(then=st.sampled_from(list(OnboardingState)), by=st.sampled_from(list(Cause)))
    def the_end_is_the_end(self, then: OnboardingState, by: Cause) -> None:
        assert not onboarding_may(self.onboarding, then, by=by, before=self.held_from)

    @invariant()
    def a_graduate_is_never_cancelled_nor_held(self) -> None:
        assert not (self.was_graduated and self.onboarding in ("cancelled", "on_hold"))

    @invariant()
    def an_opened_stage_never_closes_again(self) -> None:
        assert not (self.was_opened and self.stage == "locked")


OneStepOnItsWay.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestOneStepOnItsWay = OneStepOnItsWay.TestCase
