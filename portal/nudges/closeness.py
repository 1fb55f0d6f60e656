"""How close a customer is to the next thing worth having, in numbers, in the language that is set when it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import ngettext

from portal.onboardings.links import links_of
from portal.onboardings.models import Onboarding
from portal.onboardings.paper import SUBJECT, fitted
from portal.onboardings.steps import Step
from portal.onboardings.words import STAGE_TITLES

FAR = 9  # Items; a goal further away than that encourages nobody.


@dataclass(frozen=True, slots=True)
class Near:
    """The items between them and the next thing worth having, the first of them to be done next. `goal` is its name;
    empty when it is the end of the stage, and that of a module where they are `within` it."""

    steps: Sequence[Step]
    goal: str
    within: bool = False


def near(onboarding: Onboarding, step: Step) -> Near:
    """First value when it is close enough, else the milestone that `step` leads to, else the end of its stage or
    module."""
    open_now = [one for one in onboarding.steps if one.counts and not one.is_closed]
    places = [(one, one.title) for one in open_now if one.key in links_of(onboarding).first_value][:1]
    places += [
        (places[0][0], m.title) for m in onboarding.checkpoints if places and places[0][0].key in m.step_keys
    ]
    if places:
        last, title = places[-1]
        ahead = [one for one in open_now if one.position <= last.position]
        if step in ahead and len(ahead) <= FAR:
            return Near(_first(step, ahead), title)
    for milestone in onboarding.checkpoints:
        ahead = [one for one in open_now if one.key in milestone.step_keys]
        if step in ahead and milestone.reached_on is None and 1 < len(ahead) <= FAR:
            return Near(_first(step, ahead), milestone.title)
    rest = [one for one in open_now if one.stage_id == step.stage_id]
    if len(rest) <= FAR:
        return Near(_first(step, rest), "")
    module = [one for one in rest if one.module_id == step.module_id]
    return Near(_first(step, module), step.module.title, within=True)


def _first(step: Step, steps: Sequence[Step]) -> list[Step]:
    return [step, *(one for one in steps if one is not step)]


def in_full(ahead: Near, step: Step) -> str:
    """The sentence above the list of these items."""
    count, stage = len(ahead.steps), str(STAGE_TITLES[step.stage.key])
    if ahead.within:
        return ngettext(
            "One item is left in “%(what)s”:", "%(num)s items are left in “%(what)s”:", count, what=ahead.goal
        )
    if not ahead.goal:
        return ngettext(
            "One item is left in %(stage)s:",
            "You are %(num)s items from the end of %(stage)s:",
            count,
            stage=stage,
        )
    return ngettext(
        "One item is left before “%(what)s”:",
        "You are %(num)s items from “%(what)s”:",
        count,
        what=ahead.goal,
    )


def in_short(ahead: Near, step: Step) -> str:
    """The same as the subject of a letter."""
    count, stage = len(ahead.steps), str(STAGE_TITLES[step.stage.key])
    if not ahead.goal:
        return ngettext("One item left in %(stage)s", "%(num)s items left in %(stage)s", count, stage=stage)

    def say(what: str) -> str:
        if ahead.within:
            return ngettext(
                "One item left in “%(what)s”", "%(num)s items left in “%(what)s”", count, what=what
            )
        return ngettext("One item from “%(what)s”", "%(num)s items from “%(what)s”", count, what=what)

    return fitted(SUBJECT, say, ahead.goal)
