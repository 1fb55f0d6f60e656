"""The meter as it is stored with an onboarding, so that a page or a list draws it without reading its steps."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from portal.onboardings.states import StepState

if TYPE_CHECKING:
    from portal.onboardings.models import Onboarding
    from portal.onboardings.outline import Outline
    from portal.onboardings.stages import Stage
    from portal.onboardings.standing import Standing

WORD_OF = {
    StepState.DONE: "done",
    StepState.IN_PROGRESS: "in_progress",
    StepState.RETURNED: "in_progress",
    StepState.BLOCKED: "blocked",
    StepState.SKIPPED: "on_hold",
}


def tick_word(step: Standing) -> str:
    """The word of the meter for a step: done, in_progress, with_us, blocked, todo, or on_hold for one left out."""
    return "with_us" if step.with_us else WORD_OF.get(step.state, "todo")


def snapshot(onboarding: Onboarding, road: Outline, first_value: Collection[str]) -> dict[str, Any]:
    """Four stages with their counts, dates and ticks, and the key of the item that shows first value.

    A tick is [key, word, weight]; the ticks of one module stand in one list. Of a road with waves, `waves` has for
    each of these lists the number of its wave, 0 for what all share, and `wave` says which of how many is on its way
    to its go-live. Dates are ISO texts. `first_value` are the keys of the steps that show it.
    """
    shown = (step.key for step in road if step.key in first_value and step.counts and not step.is_done)
    zone = onboarding.account.zone
    return {
        **_wave(onboarding),
        "first_value": next(shown, None),
        "stages": [
            _stage(stage, road.of(stage), zone, waves=onboarding.waves_made > 0) for stage in road.stages
        ],
    }


def _wave(onboarding: Onboarding) -> dict[str, list[int]]:
    waves = onboarding.waves_on
    if len(waves) < 2:
        return {}
    live = sum(wave.went_live_on is not None for wave in waves)
    return {"wave": [min(live + 1, len(waves)), len(waves)]}


def weight_done(stage: Mapping[str, Any]) -> int:
    """The weight done in a stage of the snapshot."""
    return sum(weight for ticks in stage["groups"] for _key, word, weight in ticks if word == "done")


def _stage(stage: Stage, steps: list[Standing], zone: ZoneInfo, *, waves: bool) -> dict[str, Any]:
    groups: dict[int, list[list[Any]]] = {}
    wave_of: dict[int, int] = {}
    done = total = optional = 0
    for step in steps:
        if step.counts:
            groups.setdefault(step.module_id, []).append([step.key, tick_word(step), step.weight])
            wave_of[step.module_id] = step.wave_n or 0
            total += 1
            done += step.is_done
        elif step.visible and not step.required and not step.is_closed:
            optional += 1
    done_on = stage.completed_at.astimezone(zone).date() if stage.completed_at else None
    return {
        "key": stage.key,
        "share": stage.share,
        "state": stage.state.value,
        "done": done,
        "total": total,
        "optional": optional,
        "completed": done_on.isoformat() if done_on else None,
        "starts": stage.planned_start.isoformat(),
        "ends": stage.planned_end.isoformat(),
        "groups": list(groups.values()),
        **({"waves": list(wave_of.values())} if waves else {}),
    }


def of_wave(stage: Mapping[str, Any], n: int) -> dict[str, Any]:
    """A stage of the snapshot with what wave `n` has to do there, and what all share; optional items aren't told
    apart."""
    pairs = zip(stage["groups"], stage["waves"], strict=True)
    groups = [group for group, wave in pairs if wave in (0, n)]
    words = [tick[1] for group in groups for tick in group]
    return {**stage, "groups": groups, "total": len(words), "done": words.count("done"), "optional": 0}
