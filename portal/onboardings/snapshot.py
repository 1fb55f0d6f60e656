"""The meter as it is stored with an onboarding, so that a page or a list draws it without reading its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.onboardings.states import StepState

if TYPE_CHECKING:
    from portal.onboardings.models import Onboarding
    from portal.onboardings.record import StepRecord
    from portal.onboardings.stages import Stage

WORD_OF = {
    StepState.DONE: "done",
    StepState.IN_PROGRESS: "in_progress",
    StepState.RETURNED: "in_progress",
    StepState.SUBMITTED: "with_us",
    StepState.BLOCKED: "blocked",
}


def tick_word(step: StepRecord) -> str:
    """The word of the meter for a step: done, in_progress, with_us, blocked or todo."""
    return WORD_OF.get(step.state) or ("with_us" if step.with_us else "todo")


def snapshot(onboarding: Onboarding) -> dict[str, Any]:
    """Four stages with their counts, dates and ticks, and the key of the item that shows first value.

    A tick is [key, word, weight]; the ticks of one module stand in one list. Dates are ISO texts.
    """
    counted = [step for step in onboarding.steps if step.counts]
    first = next(
        (step.key for step in counted if step.spec.records == "first_value" and not step.is_done), None
    )
    return {"first_value": first, "stages": [_stage(stage) for stage in onboarding.stages]}


def _stage(stage: Stage) -> dict[str, Any]:
    groups: dict[int, list[list[Any]]] = {}
    items = stage.items
    for step in items:
        groups.setdefault(step.module.position, []).append([step.key, tick_word(step), step.weight])
    done_on = (
        stage.completed_at.astimezone(stage.onboarding.account.zone).date() if stage.completed_at else None
    )
    return {
        "key": stage.key,
        "share": stage.share,
        "state": stage.state.value,
        "done": sum(step.is_done for step in items),
        "total": len(items),
        "optional": sum(not step.required and step.visible and not step.is_closed for step in stage.steps),
        "completed": done_on.isoformat() if done_on else None,
        "starts": stage.planned_start.isoformat(),
        "ends": stage.planned_end.isoformat(),
        "groups": list(groups.values()),
    }
