"""The order of the steps on one road: a step gets its place, and those behind it move up."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.onboardings.stages import Module
    from portal.onboardings.steps import Step


def line_up(step: Step, module: Module, *, behind: Step | None = None, first: bool = False) -> None:
    """Put `step` into `module`: behind one of its steps, first in it, or else at its end. In the module of another
    wave, or of none, it is called as that one's."""
    if step.wave_n != module.wave_n:
        title, step.wave_n = step.plain_title, module.wave_n
        step.title = step.wave.named(title) if step.wave else title
    road = step.onboarding.steps
    steps = [one for one in road if one is not step]
    place = _place(steps, module, behind, first)
    steps.insert(place, step)
    step.stage, step.module = module.stage, module
    # An outline reads these before anything is flushed.
    step.stage_id, step.module_id = module.stage.id, module.id
    for n, one in enumerate(steps):
        if one.position != n:
            one.position = n
    for listed in (road, module.stage.steps, module.steps):
        listed.sort(key=lambda one: one.position)


def _place(steps: list[Step], module: Module, behind: Step | None, first: bool) -> int:
    if behind is not None:
        return steps.index(behind) + 1
    own = [n for n, one in enumerate(steps) if one.module is module]
    if own:
        return own[0] if first else own[-1] + 1
    before = [
        n
        for n, one in enumerate(steps)
        if (one.stage.position, one.module.position) <= (module.stage.position, module.position)
    ]
    return before[-1] + 1 if before else 0
