"""The dated checkpoints of a road: which of its playbook's it has, what hangs on which step, and when each is due."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

from portal.onboardings import planning
from portal.onboardings.models import Onboarding
from portal.onboardings.stages import Milestone
from portal.onboardings.wave_keys import in_wave, of_playbook
from portal.playbooks.document import MilestoneSpec
from portal.playbooks.rules import milestones_for

if TYPE_CHECKING:
    from portal.onboardings.steps import Step
    from portal.onboardings.waves import Wave


def hang(onboarding: Onboarding, *, soonest: date | None = None) -> None:
    """Give the road every milestone of its playbook that one of its steps belongs to and that it doesn't have yet, and
    put all in the playbook's order. None that is new is due before `soonest`."""
    specs = _specs(onboarding)
    here = {milestone.key: milestone for milestone in onboarding.milestones}
    for key, (spec, wave) in specs.items():
        if key not in here:
            here[key] = _hung(onboarding, spec, wave, soonest)
        elif wave is not None and here[key].wave_n is None:
            here[key].wave_n, here[key].title = wave.n, wave.named(here[key].title)
    for step in onboarding.steps:
        step.milestone_place = None
    for place, milestone in enumerate(here[key] for key in specs):
        milestone.position = place
        for step in onboarding.steps:
            if step.key in milestone.step_keys and step.milestone_place is None:
                step.milestone_place = place
    onboarding.milestones.sort(key=lambda milestone: milestone.position)


def _hung(onboarding: Onboarding, spec: MilestoneSpec, wave: Wave | None, soonest: date | None) -> Milestone:
    due = _due(onboarding, spec, wave)
    due = max(due, soonest) if soonest else due
    milestone = Milestone(
        account_id=onboarding.account_id,
        key=spec.key,
        title=wave.named(spec.title) if wave else spec.title,
        step_keys=list(spec.steps),
        due_on=due,
        original_due_on=due,
        wave_n=wave.n if wave else None,
    )
    onboarding.milestones.append(milestone)
    return milestone


def join(onboarding: Onboarding, added: Collection[Step]) -> None:
    """Steps were put on this road. What is reached stays reached; the others wait for those that their playbook counts
    to them, and one that had no step here until now begins."""
    keys, specs = {step.key for step in added}, _specs(onboarding)
    for milestone in onboarding.milestones:
        if milestone.reached_on is None:
            more = (key for key in specs[milestone.key][0].steps if key in keys)
            milestone.step_keys = list(dict.fromkeys([*milestone.step_keys, *more]))
    hang(onboarding, soonest=onboarding.account.soonest)


def restart(onboarding: Onboarding) -> None:
    """Nothing was promised yet: every date is worked out anew, as first promised."""
    specs = _specs(onboarding)
    for milestone in onboarding.milestones:
        milestone.due_on = milestone.original_due_on = _due(onboarding, *specs[milestone.key])


def redate(onboarding: Onboarding, moved: Collection[Step]) -> None:
    """These steps have other dates, so what is not reached of theirs falls due anew; the day first promised stays."""
    keys, specs, soonest = {step.key for step in moved}, _specs(onboarding), onboarding.account.soonest
    for milestone in onboarding.checkpoints:
        if milestone.reached_on is None and keys.intersection(milestone.step_keys):
            milestone.due_on = max(_due(onboarding, *specs[milestone.key]), soonest)


@contextmanager
def returning(onboarding: Onboarding) -> Iterator[None]:
    """Steps come back that were left out. A milestone that had none left and has one again is due as its rule says
    now; the day first promised stays."""
    gone = [milestone for milestone in onboarding.milestones if milestone not in onboarding.checkpoints]
    yield
    specs, soonest = _specs(onboarding), onboarding.account.soonest
    for milestone in onboarding.checkpoints:
        if milestone in gone:
            milestone.due_on = max(_due(onboarding, *specs[milestone.key]), soonest)


def _specs(onboarding: Onboarding) -> dict[str, tuple[MilestoneSpec, Wave | None]]:
    """What the playbook says of the milestones of this road, by key, in its order. Where all steps of one are such
    that each wave has its own, each wave has its own milestone."""
    document = onboarding.playbook_version.document
    keys = {step.key for step in onboarding.steps}
    waves = list(onboarding.waves) if onboarding.waves_made else []
    copied = {step.key for module in document.modules if module.wave_able for step in module.steps}
    found: dict[str, tuple[MilestoneSpec, Wave | None]] = {}
    for spec in milestones_for(document, keys):
        if not waves or not copied.issuperset(spec.steps):
            found[spec.key] = spec, None
            continue
        for wave in waves:
            own = tuple(key for step in spec.steps if (key := in_wave(step, wave.n)) in keys)
            if own:
                key = in_wave(spec.key, wave.n)
                found[key] = spec.model_copy(update={"key": key, "steps": own}), wave
    return found


def _due(onboarding: Onboarding, spec: MilestoneSpec, wave: Wave | None) -> date:
    """What its rule says in the stage of its last step; without a rule, the day by which all its steps are due, or
    the last of that stage when somebody took their dates away."""
    steps = [step for step in onboarding.steps if step.key in spec.steps]
    last = max(steps, key=lambda step: step.position)
    window = (
        wave.window_of(last) if wave else planning.Window(last.stage.planned_start, last.stage.planned_end)
    )
    if spec.due_rule is None:
        return max((step.due_on for step in steps if step.due_on), default=window.ends)
    whose = (None, wave.n if wave else 1)
    planned = {
        of_playbook(step.key): step.due_on
        for step in onboarding.steps
        if step.due_on and step.wave_n in whose
    }
    return planning.due(
        spec.due_rule,
        start=wave.day_0 if wave else onboarding.start_date,
        window=window,
        opened=None,
        done={},
        planned=planned,
        calendar=onboarding.account.calendar,
    ).on
