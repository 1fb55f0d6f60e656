"""The dated checkpoints of a road: which of its playbook's it has, what hangs on which step, and when each is due."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

from portal.onboardings import planning
from portal.onboardings.models import Onboarding
from portal.onboardings.stages import Milestone
from portal.playbooks.document import MilestoneSpec
from portal.playbooks.rules import milestones_for

if TYPE_CHECKING:
    from portal.onboardings.steps import Step


def hang(onboarding: Onboarding, *, soonest: date | None = None) -> None:
    """Give the road every milestone of its playbook that one of its steps belongs to and that it doesn't have yet, and
    put all in the playbook's order. None that is new is due before `soonest`."""
    specs = _specs(onboarding)
    here = {milestone.key: milestone for milestone in onboarding.milestones}
    for spec in specs.values():
        if spec.key not in here:
            here[spec.key] = _hung(onboarding, spec, soonest)
    for step in onboarding.steps:
        step.milestone_place = None
    for place, milestone in enumerate(here[key] for key in specs):
        milestone.position = place
        for step in onboarding.steps:
            if step.key in milestone.step_keys and step.milestone_place is None:
                step.milestone_place = place
    onboarding.milestones.sort(key=lambda milestone: milestone.position)


def _hung(onboarding: Onboarding, spec: MilestoneSpec, soonest: date | None) -> Milestone:
    due = _due(onboarding, spec)
    due = max(due, soonest) if soonest else due
    milestone = Milestone(
        account_id=onboarding.account_id,
        key=spec.key,
        title=spec.title,
        step_keys=list(spec.steps),
        due_on=due,
        original_due_on=due,
    )
    onboarding.milestones.append(milestone)
    return milestone


def join(onboarding: Onboarding, added: Collection[Step]) -> None:
    """Steps were put on this road. What is reached stays reached; the others wait for those that their playbook counts
    to them, and one that had no step here until now begins."""
    keys, specs = {step.key for step in added}, _specs(onboarding)
    for milestone in onboarding.milestones:
        if milestone.reached_on is None:
            more = (key for key in specs[milestone.key].steps if key in keys)
            milestone.step_keys = list(dict.fromkeys([*milestone.step_keys, *more]))
    hang(onboarding, soonest=_soonest(onboarding))


def restart(onboarding: Onboarding) -> None:
    """Nothing was promised yet: every date is worked out anew, as first promised."""
    specs = _specs(onboarding)
    for milestone in onboarding.milestones:
        milestone.due_on = milestone.original_due_on = _due(onboarding, specs[milestone.key])


@contextmanager
def returning(onboarding: Onboarding) -> Iterator[None]:
    """Steps come back that were left out. A milestone that had none left and has one again is due as its rule says
    now; the day first promised stays."""
    gone = [milestone for milestone in onboarding.milestones if milestone not in onboarding.checkpoints]
    yield
    specs, soonest = _specs(onboarding), _soonest(onboarding)
    for milestone in onboarding.checkpoints:
        if milestone in gone:
            milestone.due_on = max(_due(onboarding, specs[milestone.key]), soonest)


def _soonest(onboarding: Onboarding) -> date:
    return onboarding.account.calendar.next_working_day(onboarding.account.today)


def _specs(onboarding: Onboarding) -> dict[str, MilestoneSpec]:
    """What the playbook says of the milestones of this road, by key, in its order."""
    keys = {step.key for step in onboarding.steps}
    return {spec.key: spec for spec in milestones_for(onboarding.playbook_version.document, keys)}


def _due(onboarding: Onboarding, spec: MilestoneSpec) -> date:
    """What its rule says in the stage of its last step; without a rule, the day by which all its steps are due, or
    the last of that stage when somebody took their dates away."""
    planned = {step.key: step.due_on for step in onboarding.steps if step.due_on}
    stage = max((step for step in onboarding.steps if step.key in spec.steps), key=lambda s: s.position).stage
    if spec.due_rule is None:
        return max((planned[key] for key in spec.steps if key in planned), default=stage.planned_end)
    return planning.due(
        spec.due_rule,
        start=onboarding.start_date,
        window=planning.Window(stage.planned_start, stage.planned_end),
        opened=None,
        done={},
        planned=planned,
        calendar=onboarding.account.calendar,
    ).on
