"""What a wave has of the road: its copy of the modules that a wave can have, with their items and milestones."""

from __future__ import annotations

from collections.abc import Collection

from flask_babel import gettext as _
from sqlalchemy import select

from portal import db
from portal.accounts.models import Person, Staff
from portal.errors import Refused
from portal.onboardings.creation import date_first, player_of
from portal.onboardings.models import Onboarding
from portal.onboardings.order import line_up
from portal.onboardings.stages import Milestone, Module, all_rescoped, growing_stage
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step
from portal.onboardings.wave_keys import in_wave
from portal.onboardings.waves import Wave


def lay(wave: Wave) -> int:
    """Put the copy on the road; returns how many items the meter has gained. The first wave takes the road's own."""
    if wave.n == 1:
        _take_over(wave)
        return 0
    onboarding = wave.onboarding
    sources = [(m, kept) for m in onboarding.wave_called(1).modules if (kept := _kept(m))]
    if not sources:
        raise Refused(_("The first wave has no items left that another one could have, too."))
    with all_rescoped(onboarding.stages), db.session.no_autoflush:
        for module, kept in sources:
            _copy(module, kept, wave)
    db.session.flush()
    for stage in onboarding.stages:
        stage.modules.sort(key=lambda module: (module.position, module.id))
    return sum(step.counts for step in wave.steps)


def spread(module: Module) -> list[Step]:
    """A module that a wave can have has joined a road with waves: the first wave has it, the others get copies. Returns
    the steps of the copies."""
    onboarding = module.stage.onboarding
    _mark(module, onboarding.wave_called(1))
    soonest = onboarding.account.soonest
    added: list[Step] = []
    for wave in onboarding.waves_on[1:]:
        with all_rescoped(onboarding.stages), db.session.no_autoflush:
            copy = _copy(module, module.steps, wave)
        db.session.flush()
        for step in copy.steps:
            date_first(step, soonest)
        share_out(wave)
        added += copy.steps
    return added


def _able(onboarding: Onboarding) -> list[Module]:
    keys = {spec.key for spec in onboarding.playbook_version.document.modules if spec.wave_able}
    return [module for stage in onboarding.stages for module in stage.modules if module.key in keys]


def _take_over(wave: Wave) -> None:
    able = _able(wave.onboarding)
    if not able:
        raise Refused(_("This playbook has no modules of which a wave could have its own copy."))
    for module in able:
        _mark(module, wave)


def _mark(module: Module, wave: Wave) -> None:
    module.wave_n, module.title = wave.n, wave.named(module.title)
    for step in module.steps:
        step.wave_n, step.title = wave.n, wave.named(step.title)


def _kept(module: Module) -> list[Step]:
    """What the first wave was spared, the others are spared too."""
    return [step for step in module.steps if step.state is not StepState.SKIPPED]


def _copy(module: Module, steps: Collection[Step], wave: Wave) -> Module:
    """In the stage of the first wave's or, when that is complete, where new steps go; behind the waves before."""
    onboarding, first = wave.onboarding, wave.onboarding.wave_called(1)
    stage = growing_stage(onboarding) if module.stage.is_complete else module.stage
    before = [one.position for one in stage.modules if one.wave_n is not None]
    copy = Module(
        account_id=module.account_id,
        onboarding_id=module.onboarding_id,
        key=in_wave(module.key, wave.n),
        position=max(before, default=max((one.position for one in stage.modules), default=0)),
        title=wave.named(first.unnamed(module.title)),
        outcome=module.outcome,
        included_because="wave",
        depth=module.depth,
        role=module.role,
        wave_n=wave.n,
        steps=[],
    )
    db.session.add(copy)
    stage.modules.append(copy)
    db.session.flush()
    for step in steps:
        added = _copy_of(step, copy, wave, first)
        db.session.add(added)
        added.onboarding = onboarding
        line_up(added, copy)
    return copy


def _copy_of(step: Step, module: Module, wave: Wave, first: Wave) -> Step:
    """What opens the stage after is the first wave's alone, so that nobody waits for the last department; the gates
    of Graduation ask each wave (product.md 2.12)."""
    ours = step.assignee if isinstance(step.assignee, Staff) else None
    return Step(
        account_id=step.account_id,
        key=in_wave(step.key, wave.n),
        own=step.own,
        title=wave.named(first.unnamed(step.title)),
        kind=step.kind,
        owner_side=step.owner_side,
        required=step.required,
        visible=step.visible,
        is_gate=step.is_gate and module.stage.key == "graduation",
        needs_review=step.needs_review,
        early_start=step.early_start,
        weight=step.weight,
        minutes=step.minutes,
        milestone_place=step.milestone_place,
        assignee=ours,
        wave_n=wave.n,
        data={},
    )


# --- Its people ---------------------------------------------------------------------------------


def share_out(wave: Wave) -> None:
    """Give what nobody has to whoever of the wave plays its default role. Admins and IT contacts may be of no wave;
    what end users do is nobody else's."""
    onboarding = wave.onboarding
    of_all = select(Person).where(Person.account_id == onboarding.account_id, Person.left_at.is_(None))
    everybody = list(db.session.scalars(of_all.order_by(Person.id)))
    for step in wave.steps:
        if step.assignee_id is not None or step.assignee is not None or step.is_closed or step.own:
            continue
        role = step.module.role or step.spec.assignee
        found = player_of(role, onboarding, wave.people)
        if found is None and role != "end_users":
            found = player_of(role, onboarding, everybody)
        step.assignee, step.assignee_id = found, found.id if found else None


def free(wave: Wave, person_id: int) -> None:
    """Their open items of this wave are nobody's, until they are shared out."""
    for step in wave.steps:
        if step.assignee_id == person_id and not step.is_closed:
            step.assignee, step.assignee_id = None, None


# --- Another name, and left out -----------------------------------------------------------------


def rename(wave: Wave, department: str) -> None:
    milestones = [one for one in wave.onboarding.milestones if one.wave_n == wave.n]
    titled: list[Module | Step | Milestone] = [*wave.modules, *wave.steps, *milestones]
    plain = [(one, wave.unnamed(one.title)) for one in titled]
    wave.department = department
    for one, title in plain:
        one.title = wave.named(title)


def take_out(wave: Wave, left: Collection[Step], why: str) -> None:
    """Leave out these of its items."""
    onboarding = wave.onboarding
    with all_rescoped(onboarding.stages):
        for step in left:
            step.leave(why)
