"""What may become what: onboarding, stage and step (product 2.3). What the tables leave out is refused."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class OnboardingState(StrEnum):
    DRAFT = "draft"
    PREPARING = "preparing"
    ACTIVE = "active"
    ON_HOLD = "on_hold"
    GRADUATED = "graduated"
    HANDED_OVER = "handed_over"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class StageState(StrEnum):
    LOCKED = "locked"
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    COMPLETE = "complete"


class StepState(StrEnum):
    LOCKED = "locked"
    READY = "ready"
    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    BLOCKED = "blocked"
    DONE = "done"
    SKIPPED = "skipped"


class ScopeChange(StrEnum):
    """What the line under a customer's meter tells of a road that was changed."""

    ADDED = "added"
    LEFT_OUT = "left_out"
    BROUGHT_BACK = "brought_back"
    MODULE_ADDED = "module_added"
    MODULE_LEFT_OUT = "module_left_out"
    MODULE_BACK = "module_back"
    MODULE_DEEPER = "module_deeper"
    MODULE_SHORTER = "module_shorter"
    REQUIRED = "required"
    OPTIONAL = "optional"
    MOVED = "moved"
    DUE = "due"
    SHIFTED = "shifted"
    OPENED_EARLY = "opened_early"
    WAVE_ADDED = "wave_added"
    WAVE_MOVED = "wave_moved"
    WAVE_LEFT_OUT = "wave_left_out"
    OTHER = "other"


class SkipRule(StrEnum):
    """The rules that leave a step out by themselves."""

    GRADUATED = "graduated"
    READINESS = "readiness"


class Cause(StrEnum):
    """Who or what changes a state."""

    CUSTOMER = "customer"
    STAFF = "staff"
    RULE = "rule"
    USAGE = "usage"
    CHECK = "check"
    CALL = "call"


Causes = frozenset[Cause]
ANYONE: Final[Causes] = frozenset(Cause)
STAFF: Final[Causes] = frozenset({Cause.STAFF})
PEOPLE: Final[Causes] = STAFF | {Cause.CUSTOMER}
STAFF_OR_RULE: Final[Causes] = STAFF | {Cause.RULE}
OBSERVED: Final[Causes] = frozenset({Cause.USAGE, Cause.CHECK})
FINISHERS: Final[Causes] = PEOPLE | OBSERVED | {Cause.CALL}

ONBOARDING: Final[Mapping[OnboardingState, Mapping[OnboardingState, Causes]]] = {
    OnboardingState.DRAFT: {OnboardingState.PREPARING: ANYONE, OnboardingState.CANCELLED: STAFF},
    OnboardingState.PREPARING: {
        OnboardingState.ACTIVE: ANYONE,
        OnboardingState.ON_HOLD: STAFF,
        OnboardingState.CANCELLED: STAFF,
    },
    OnboardingState.ACTIVE: {
        OnboardingState.GRADUATED: PEOPLE,
        OnboardingState.ON_HOLD: STAFF,
        OnboardingState.CANCELLED: STAFF,
    },
    OnboardingState.ON_HOLD: {
        OnboardingState.PREPARING: ANYONE,
        OnboardingState.ACTIVE: ANYONE,
        OnboardingState.CANCELLED: STAFF,
    },
    OnboardingState.GRADUATED: {OnboardingState.HANDED_OVER: STAFF},
    OnboardingState.HANDED_OVER: {OnboardingState.CLOSED: ANYONE},
    OnboardingState.CLOSED: {},
    OnboardingState.CANCELLED: {},
}

STAGE: Final[Mapping[StageState, Mapping[StageState, Causes]]] = {
    StageState.LOCKED: {StageState.OPEN: ANYONE},
    StageState.OPEN: {StageState.IN_PROGRESS: ANYONE},
    StageState.IN_PROGRESS: {StageState.COMPLETE: ANYONE},
    StageState.COMPLETE: {StageState.IN_PROGRESS: PEOPLE},
}

STEP: Final[Mapping[StepState, Mapping[StepState, Causes]]] = {
    StepState.LOCKED: {
        StepState.READY: ANYONE,
        StepState.SKIPPED: STAFF_OR_RULE,
        StepState.DONE: STAFF | OBSERVED,
    },
    StepState.READY: {
        StepState.IN_PROGRESS: ANYONE,
        StepState.SUBMITTED: ANYONE,
        StepState.DONE: FINISHERS,
        StepState.BLOCKED: ANYONE,
        StepState.SKIPPED: STAFF_OR_RULE,
    },
    StepState.IN_PROGRESS: {
        StepState.SUBMITTED: ANYONE,
        StepState.DONE: FINISHERS,
        StepState.BLOCKED: ANYONE,
        StepState.SKIPPED: STAFF_OR_RULE,
    },
    # The ball is with us: the customer who handed it in does not accept it.
    StepState.SUBMITTED: {StepState.DONE: FINISHERS - {Cause.CUSTOMER}, StepState.RETURNED: STAFF},
    StepState.RETURNED: {
        StepState.IN_PROGRESS: ANYONE,
        StepState.SUBMITTED: ANYONE,
        StepState.BLOCKED: ANYONE,
        StepState.SKIPPED: STAFF_OR_RULE,
    },
    StepState.BLOCKED: {
        StepState.READY: ANYONE,
        StepState.IN_PROGRESS: ANYONE,
        StepState.RETURNED: ANYONE,
        StepState.DONE: FINISHERS,
        StepState.SKIPPED: STAFF_OR_RULE,
    },
    # We take back that we accepted it: what was handed in lies with us again, nothing of it is lost.
    StepState.DONE: {StepState.READY: PEOPLE, StepState.SUBMITTED: STAFF},
    StepState.SKIPPED: {StepState.READY: STAFF, StepState.LOCKED: STAFF},
}

RUNNING: Final = frozenset({OnboardingState.PREPARING, OnboardingState.ACTIVE})
EDITABLE: Final = RUNNING | {OnboardingState.DRAFT}
LIVE: Final = RUNNING | {OnboardingState.DRAFT, OnboardingState.ON_HOLD}
CUSTOMERS_TURN: Final = frozenset({StepState.READY, StepState.IN_PROGRESS, StepState.RETURNED})
WORKABLE: Final = CUSTOMERS_TURN | {StepState.BLOCKED}
FINAL: Final = frozenset({StepState.DONE, StepState.SKIPPED})


def onboarding_may(
    now: OnboardingState,
    then: OnboardingState,
    *,
    by: Cause | None = None,
    before: OnboardingState | None = None,
) -> bool:
    """Whether an onboarding in `now` may become `then`; without `by`, whether anyone may.

    A hold ends in the state `before` it, so without `before` it can only be cancelled.
    """
    if now == OnboardingState.ON_HOLD and then != OnboardingState.CANCELLED and then != before:
        return False
    return _allowed(ONBOARDING[now].get(then), by)


def stage_may(now: StageState, then: StageState, *, by: Cause | None = None) -> bool:
    """Whether a stage in `now` may become `then`; without `by`, whether anyone may."""
    return _allowed(STAGE[now].get(then), by)


def step_may(
    now: StepState,
    then: StepState,
    *,
    by: Cause | None = None,
    before: StepState | None = None,
    stage: StageState | None = None,
    needs_review: bool | None = None,
    accepted: bool = False,
) -> bool:
    """Whether a step in `now` may become `then`; without `by`, whether anyone may.

    `before`: the state a blocked step had; unblocking leads only there.
    `stage`: the state of a skipped step's stage; brought back, the step is locked in a locked stage, ready in
    an open one, and stays skipped in a complete one.
    `needs_review`: only such a step is submitted, and the customer finishes it no other way.
    `accepted`: it is done because we accepted it; only such a step goes back to our review.
    """
    if now == StepState.BLOCKED and then not in FINAL and then != before:
        return False
    if now == StepState.SKIPPED and then != _brought_back(stage):
        return False
    if now == StepState.DONE and then == StepState.SUBMITTED and not accepted:
        return False
    if needs_review is False and then == StepState.SUBMITTED:
        return False
    if needs_review and then == StepState.DONE and by == Cause.CUSTOMER:
        return False
    return _allowed(STEP[now].get(then), by)


def _brought_back(stage: StageState | None) -> StepState | None:
    if stage in (None, StageState.COMPLETE):
        return None
    return StepState.LOCKED if stage == StageState.LOCKED else StepState.READY


def _allowed(causes: Causes | None, by: Cause | None) -> bool:
    return causes is not None and (by is None or by in causes)
