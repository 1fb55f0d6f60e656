"""The road as the plan draws it: stages with their ticks, and the milestones on them."""

from __future__ import annotations

from portal.accounts.models import provider
from portal.onboardings.models import Onboarding
from portal.onboardings.stages import Milestone, Stage
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step
from portal.onboardings.words import STAGE_TITLES, facts
from portal.plans.document import MilestonePlan, StagePlan, Tick


def stages_of(onboarding: Onboarding) -> tuple[StagePlan, ...]:
    """All four, with what the customer's meter counts. Nobody is held to a day off, so each ends on a working day."""
    calendar = onboarding.account.calendar
    return tuple(
        StagePlan(
            key=stage.key,
            title=str(STAGE_TITLES[stage.key]),
            starts=stage.planned_start,
            ends=max(stage.planned_start, calendar.previous_working_day(stage.planned_end)),
            items=len(stage.items),
            share=stage.share,
            ticks=_ticks(stage),
            modules=tuple(dict.fromkeys(step.module.title for step in _counted(stage))),
        )
        for stage in onboarding.stages
    )


def _counted(stage: Stage) -> list[Step]:
    """What the meter counts, module by module."""
    items = stage.items
    order = list(dict.fromkeys(step.module_id for step in items))
    return sorted(items, key=lambda step: (order.index(step.module_id), step.position))


def _ticks(stage: Stage) -> tuple[Tick, ...]:
    counted = _counted(stage)
    before = [None, *(step.module_id for step in counted)]
    return tuple(
        Tick(weight=step.weight, done=step.is_done, begins_module=was not in (None, step.module_id))
        for step, was in zip(counted, before, strict=False)
    )


def milestones_of(onboarding: Onboarding) -> tuple[MilestonePlan, ...]:
    """By date. One that was reached keeps the date that was promised."""
    here = sorted(onboarding.checkpoints, key=lambda one: (one.due_on, one.position))
    return tuple(_milestone(onboarding, one) for one in here)


def _milestone(onboarding: Onboarding, one: Milestone) -> MilestonePlan:
    steps = [
        step for step in onboarding.steps if step.key in one.step_keys and step.state is not StepState.SKIPPED
    ]
    last = max(steps, key=lambda step: step.position, default=None)
    stage = last.stage if last else onboarding.stages[-1]
    counted = _counted(stage)
    place = next((n for n, step in enumerate(counted, 1) if step is last), len(counted))
    return MilestonePlan(
        key=one.key,
        title=one.title,
        on=one.due_on,
        who=facts(dict.fromkeys(_who(onboarding, step) for step in steps)),
        stage=stage.key,
        place=max(1, place),
    )


def _who(onboarding: Onboarding, step: Step) -> str:
    """Whoever has it, else their company."""
    if step.assignee is not None:
        return step.assignee.called
    return onboarding.account.name if step.is_customers else provider().name
