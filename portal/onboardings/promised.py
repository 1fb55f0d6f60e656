"""The milestones of a stage as pages list them: by when, and what the signed plan promised where that differs."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from portal import web
from portal.onboardings.stages import Milestone, Stage
from portal.onboardings.waves import Wave
from portal.onboardings.whose import by_when


@dataclass(frozen=True)
class Dated:
    """`promised` is empty while the date is the one that was signed, or nothing was."""

    title: str
    when: str
    promised: str


def dated(stage: Stage, wave: Wave | None = None, *, for_staff: bool = False) -> list[Dated]:
    """Those that the last step of each puts into this stage, or those of them that concern `wave`."""
    last = {}
    for one in stage.onboarding.checkpoints:
        steps = [step for step in stage.onboarding.steps if step.key in one.step_keys]
        last[one] = max(steps, key=lambda step: step.position).stage_id if steps else None
    return [
        _dated(stage, one, for_staff)
        for one, stage_id in last.items()
        if stage_id == stage.id and (wave is None or one.wave_n in (None, wave.n))
    ]


def _dated(stage: Stage, one: Milestone, for_staff: bool) -> Dated:
    if one.reached_on is not None:
        when = _("reached on %(date)s", date=web.day(one.reached_on, "dMMMM"))
    else:
        when = by_when(one.due_on, stage.onboarding.account.today)
    return Dated(one.title, when, promised(one, for_staff=for_staff))


def promised(one: Milestone, *, for_staff: bool = False) -> str:
    """What the plan in force says of it, where the day is another by now or it was reached later."""
    moved = one.signed_due_on is not None and one.signed_due_on != one.due_on
    late = one.signed_due_on is not None and one.reached_on is not None and one.reached_on > one.signed_due_on
    if not (late if one.reached_on else moved):
        return ""
    date = web.day(one.signed_due_on, "dMMMM")
    if for_staff:
        return _("promised for %(date)s in the signed plan", date=date)
    return _("promised for %(date)s in your plan", date=date)
