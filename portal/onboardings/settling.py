"""What follows from the steps by itself: stages open and complete, milestones are reached, lists get their columns."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from portal import clock
from portal.activity.models import Verb, record
from portal.onboardings import letters, planning, progress
from portal.onboardings.snapshot import snapshot
from portal.onboardings.states import OnboardingState, StageState, StepState

if TYPE_CHECKING:
    from portal.onboardings.models import Onboarding
    from portal.onboardings.record import StepRecord as Step
    from portal.onboardings.stages import Stage


def settle(onboarding: Onboarding, *, finished: Step | None = None) -> None:
    """Bring all that is derived from the steps of `onboarding` up to date. Doing it twice changes nothing.

    `finished` is the step that was just done: those whose dates count from it get them now.
    """
    if finished is not None:
        _date_followers(finished)
    if onboarding.is_running or onboarding.state is OnboardingState.GRADUATED:
        while _moved_on(onboarding):
            pass
    _reach_milestones(onboarding)
    _store(onboarding)


def _moved_on(onboarding: Onboarding) -> bool:
    """Open and complete what can be; whether anything changed, so that it is looked at again."""
    moved = [_advance(stage, previous) for stage, previous in _pairs(onboarding)]
    return True in moved


def _pairs(onboarding: Onboarding) -> list[tuple[Stage, Stage | None]]:
    stages = onboarding.stages
    return list(zip(stages, [None, *stages[:-1]], strict=True))


def _advance(stage: Stage, previous: Stage | None) -> bool:
    changed = False
    if not stage.is_open and previous is not None and _may_open(stage, previous):
        stage.unlock()
        _date_from_opening(stage)
        record(stage, Verb.STAGE_OPENED, by=None, onboarding=stage.onboarding, personal={"what": stage.key})
        changed = True
    early = previous is not None and previous.is_open
    for step in stage.steps:
        if step.state is StepState.LOCKED and (stage.is_open or (early and step.early_start)):
            step.state = StepState.READY
            changed = True
    if stage.state is StageState.OPEN and any(step.state is not StepState.READY for step in stage.steps):
        stage.state = StageState.IN_PROGRESS
    if stage.state is StageState.IN_PROGRESS and all(step.is_closed for step in stage.steps if step.required):
        _complete(stage)
        changed = True
    return changed


def _may_open(stage: Stage, previous: Stage) -> bool:
    """The gates of the stage before are done; without gates it has to be complete (product.md 2.4)."""
    onboarding = stage.onboarding
    if onboarding.state is not OnboardingState.ACTIVE or not previous.is_open:
        return False
    if stage.key == "graduation" and onboarding.went_live_on is not None:
        return True
    gates = [step for step in previous.steps if step.is_gate]
    return all(gate.is_done for gate in gates) if gates else previous.is_complete


def _complete(stage: Stage) -> None:
    stage.state, stage.completed_at = StageState.COMPLETE, clock.now()
    record(stage, Verb.STAGE_COMPLETED, by=None, onboarding=stage.onboarding, personal={"what": stage.key})
    letters.stage_complete(stage)


# --- Dates --------------------------------------------------------------------------------------


def _date_from_opening(stage: Stage) -> None:
    for step in stage.steps:
        if step.spec.due.startswith("stage_open"):
            redate(step)


def _date_followers(step: Step) -> None:
    for other in step.onboarding.steps:
        if other.spec.due_rule.step == step.key and not other.is_closed:
            redate(other)


def redate(step: Step) -> None:
    """Give `step` the date that its due rule says now."""
    step.due_on = planned_due(step).on
    step.first_due_on = step.first_due_on or step.due_on


def planned_due(step: Step) -> planning.Due:
    """What the due rule of `step` says at this moment, and whether that date is only “about”."""
    onboarding, zone = step.onboarding, step.onboarding.account.zone
    done = {s.key: s.done_at.astimezone(zone).date() for s in onboarding.steps if s.done_at}
    planned = {s.key: s.due_on for s in onboarding.steps if s.due_on}
    opened = step.stage.opened_at
    return planning.due(
        step.spec.due_rule,
        start=onboarding.start_date,
        window=onboarding.plan[step.stage.key],
        opened=opened.astimezone(zone).date() if opened else None,
        done=done,
        planned=planned,
        calendar=onboarding.account.calendar,
    )


# --- Milestones and stored columns --------------------------------------------------------------


def _reach_milestones(onboarding: Onboarding) -> None:
    steps = {step.key: step for step in onboarding.steps}
    today = onboarding.account.today
    for milestone in onboarding.milestones:
        there = [steps[key] for key in milestone.step_keys if key in steps]
        reached = all(step.is_closed for step in there) and any(step.is_done for step in there)
        if reached and milestone.reached_on is None:
            milestone.reached_on = today
            record(
                milestone,
                Verb.MILESTONE_REACHED,
                by=None,
                onboarding=onboarding,
                personal={"what": milestone.title},
            )
        elif not reached:
            milestone.reached_on = None


def _store(onboarding: Onboarding) -> None:
    for step in onboarding.steps:
        waiting = step.ours_before() is not None
        if step.waiting is not waiting:
            step.waiting = waiting
    facts = [step.facts for step in onboarding.steps]
    counted = [step for step in onboarding.steps if step.counts]
    fractions = {stage.key: stage.fraction for stage in onboarding.stages}
    onboarding.progress = progress.overall(fractions, onboarding.shares)
    onboarding.percent = progress.shown(onboarding.progress, graduated=onboarding.graduated)
    onboarding.items_total = len(counted)
    onboarding.items_done = sum(step.is_done for step in counted)
    onboarding.minutes_left = progress.minutes_left(facts)
    onboarding.current_stage = [s.key for s in onboarding.stages if s.is_open or s.position == 0][-1]
    chosen = planning.next_step(facts) if onboarding.is_running else None
    onboarding.next_step = onboarding.step_called(chosen.key) if chosen else None
    onboarding.meter = snapshot(onboarding)
    _pass_ball(onboarding)


def _pass_ball(onboarding: Onboarding) -> None:
    """Who is to move: the customer, us, or nobody while it is paused or over."""
    ours = [step for step in onboarding.steps if step.with_us and step.required]
    if not onboarding.is_running:
        ball = "nobody"
    elif onboarding.next_step is not None:
        ball = "customer"
    else:
        ball = "us" if ours else "nobody"
    if ball != onboarding.ball or onboarding.ball_since is None:
        onboarding.ball, onboarding.ball_since = ball, clock.now()
    dates: list[date] = [step.due_on for step in ours if step.due_on]
    due = onboarding.next_step.due_on if onboarding.next_step else None
    onboarding.next_due_on = due or min(dates, default=None)
