"""What a rule does to a road (product.md 2.7). It touches nothing that somebody has worked on or decided by hand, and
leaves the settling to its caller, who has several things to do."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import select

from portal import db
from portal.accounts.models import Person
from portal.activity.models import Verb, record
from portal.onboardings import changes, milestones, wave_copies
from portal.onboardings.creation import assign_by_role, date_first, player_of, step_of
from portal.onboardings.models import Onboarding
from portal.onboardings.modules import add_module, position_of, tell
from portal.onboardings.order import line_up
from portal.onboardings.settling import redate
from portal.onboardings.stages import Module
from portal.onboardings.states import ScopeChange, SkipRule, StepState
from portal.onboardings.steps import Step
from portal.onboardings.wave_keys import in_wave, of_playbook
from portal.playbooks.document import ModuleSpec, StepSpec
from portal.playbooks.kit import Depth
from portal.playbooks.rules import steps_of_module

RULE = "rule"  # What brought a module that only an answer asked for.


def parts_of(onboarding: Onboarding, key: str) -> list[Module]:
    """The module that the playbook calls `key`, and each wave's copy of it; empty when the road doesn't have it."""
    found = [
        module for stage in onboarding.stages for module in stage.modules if of_playbook(module.key) == key
    ]
    return [
        module for module in found if module.wave_n is None or onboarding.wave_called(module.wave_n).is_on
    ]


def is_decided(module: Module) -> bool:
    """Whether somebody decided by hand that it is on the road, or not, so that no rule does."""
    return module.by_hand or module.included_because in ("added", "chosen")


def is_untouched(step: Step) -> bool:
    """Whether nobody has worked on it, or booked its call."""
    return step.state in (StepState.LOCKED, StepState.READY) and not step.data and step.call_on is None


def left_by_rule(step: Step) -> bool:
    """Whether a rule left it out."""
    return step.skip_rule is SkipRule.READINESS


def steps_at(onboarding: Onboarding, spec: ModuleSpec, depth: Depth) -> tuple[StepSpec, ...]:
    """The steps of a module that goes this deep on this road."""
    return steps_of_module(
        spec.model_copy(update={"depth": depth}), onboarding.programme, onboarding.account.segment.value
    )


def _own(module: Module) -> list[Step]:
    """Its steps that the playbook gives it: neither written for this road nor moved here by somebody."""
    onboarding = module.stage.onboarding
    spec = onboarding.playbook_version.module(of_playbook(module.key))
    keys = {step.key for step in spec.steps} if spec else set()
    return [step for step in module.steps if step.own is None and of_playbook(step.key) in keys]


# --- Joining and leaving ------------------------------------------------------------------------


def include(onboarding: Onboarding, spec: ModuleSpec, because: str) -> list[Step]:
    """Put it on the road, or back on it where a rule left it out. Returns the steps that came; raises Refused where
    every stage is complete."""
    if not (parts := parts_of(onboarding, spec.key)):
        module = add_module(onboarding, _at_usual_depth(onboarding, spec), because, by=None, because=RULE)
        return module.steps
    return [step for module in parts for step in give_back(module, because)]


def _at_usual_depth(onboarding: Onboarding, spec: ModuleSpec) -> ModuleSpec:
    return spec.model_copy(update={"steps": steps_at(onboarding, spec, spec.depth)})


def exclude(onboarding: Onboarding, key: str, because: str) -> list[Step]:
    """Leave out what nobody has begun of it, locked steps too. Nothing leaves where a gate would, or the last item of
    a stage. Returns the steps that left."""
    return [step for module in parts_of(onboarding, key) for step in _leave(module, _own(module), because)]


def _leave(module: Module, steps: Iterable[Step], because: str) -> list[Step]:
    leaving = [step for step in steps if is_untouched(step)]
    items = module.stage.items
    if not leaving or any(step.is_gate for step in leaving) or all(item in leaving for item in items):
        return []
    _take_out(module, leaving, because)
    tell(module, leaving, Verb.MODULE_LEFT_OUT, ScopeChange.MODULE_LEFT_OUT, because, None)
    return leaving


def give_back(module: Module, because: str) -> list[Step]:
    """Bring back what rules left out of it, as deep as it goes now; what people left out stays out. Nothing comes back
    to a complete stage. Returns the steps that came."""
    back = _bring_back(module, [step for step in _own(module) if left_by_rule(step) and _fits(module, step)])
    if back:
        tell(module, back, Verb.MODULE_BROUGHT_BACK, ScopeChange.MODULE_BACK, because, None)
    return back


def _take_out(module: Module, steps: Iterable[Step], because: str) -> None:
    with module.stage.rescoped():
        for step in steps:
            step.leave(because, SkipRule.READINESS)


def _bring_back(module: Module, steps: list[Step]) -> list[Step]:
    if not steps or module.stage.is_complete:
        return []
    with milestones.returning(module.stage.onboarding), module.stage.rescoped():
        for step in steps:
            step.come_back()
    return steps


def _fits(module: Module, step: Step) -> bool:
    spec = module.stage.onboarding.playbook_version.module(of_playbook(module.key))
    depths = step.spec.depths
    return not depths or (module.depth or (spec.depth if spec else "")) in depths


# --- How deep -----------------------------------------------------------------------------------


def deepen(onboarding: Onboarding, spec: ModuleSpec, depth: Depth, because: str) -> None:
    """Let it go this deep: steps that belong to that depth come, those of another leave unless somebody began."""
    wanted = steps_at(onboarding, spec, depth)
    keys = {step.key for step in wanted}
    for module in parts_of(onboarding, spec.key):
        module.depth = None if depth == spec.depth else depth
        if all(left_by_rule(step) for step in _own(module)):
            continue  # The whole of it is left out.
        back = [step for step in _own(module) if left_by_rule(step) and of_playbook(step.key) in keys]
        came = [*_come(module, wanted), *_bring_back(module, back)]
        left = _shed(module, keys, because)
        change = ScopeChange.MODULE_DEEPER if len(came) >= len(left) else ScopeChange.MODULE_SHORTER
        _say(module, because, depth=depth)
        if seen := [step for step in (came or left) if step.visible]:
            changes.note(
                onboarding,
                change,
                because,
                stage=module.stage.key,
                title=module.title,
                items=len(seen),
                ruled=True,
            )


def _come(module: Module, wanted: Iterable[StepSpec]) -> list[Step]:
    """The steps of this depth that the road never had, each behind the one that its playbook has before it."""
    onboarding, stage = module.stage.onboarding, module.stage
    if stage.is_complete:
        return []
    n = module.wave_n or 1
    behind: Step | None = None
    came: list[Step] = []
    with db.session.no_autoflush, stage.rescoped():
        for spec in wanted:
            step = onboarding.step_called(in_wave(spec.key, n))
            if step is None:
                step = step_of(spec.model_copy(update={"key": in_wave(spec.key, n)}), stage, module, 0)
                db.session.add(step)
                step.onboarding, step.is_gate = onboarding, step.is_gate and n == 1
                line_up(step, module, behind=behind, first=behind is None)
                came.append(step)
            behind = step if step.module is module else behind
    db.session.flush()
    for step in came:
        date_first(step, onboarding.account.soonest)
    if came:
        milestones.join(onboarding, came)
        _share_out(module)
    return came


def _shed(module: Module, keys: Collection[str], because: str) -> list[Step]:
    steps = [step for step in _own(module) if of_playbook(step.key) not in keys and step.spec.depths]
    leaving = [step for step in steps if is_untouched(step) and not step.is_gate]
    if all(item in leaving for item in module.stage.items):
        return []
    _take_out(module, leaving, because)
    return leaving


# --- In which order, and whose ------------------------------------------------------------------


def put_first(onboarding: Onboarding, key: str, because: str) -> None:
    """Let it be the first module of its stage; its open items are due as many days earlier as it takes the first of
    them to be due with the stage's first, but none that has been worked on and no day that somebody chose."""
    for module in parts_of(onboarding, key)[::-1]:
        others = [one for one in module.stage.modules if one is not module]
        if all(one.position > module.position for one in others):
            continue
        _seat(module, min(one.position for one in others) - 1)
        _sooner(module)
        _say(module, because, first=True)


def put_back(onboarding: Onboarding, spec: ModuleSpec, because: str) -> None:
    """Let it stand and fall due where its playbook has it."""
    for module in parts_of(onboarding, spec.key):
        _seat(module, position_of(onboarding, spec, module.stage))
        moved = [step for step in _own(module) if not step.is_closed]
        for step in moved:
            redate(step)
        milestones.redate(onboarding, moved)
        _say(module, because, first=False)


def _seat(module: Module, position: int) -> None:
    module.position = position
    stage, road = module.stage, module.stage.onboarding.steps
    db.session.flush()
    stage.modules.sort(key=lambda one: (one.position, one.id))
    own = sorted(stage.steps, key=lambda step: (step.module.position, step.module_id, step.position))
    places = sorted(step.position for step in own)
    for step, place in zip(own, places, strict=True):
        step.position = place
    for listed in (road, stage.steps):
        listed.sort(key=lambda step: step.position)


def _sooner(module: Module) -> None:
    onboarding = module.stage.onboarding
    others = [step.due_on for step in module.stage.steps if step.module is not module and not step.is_closed]
    moving = [step for step in _own(module) if step.due_on and is_untouched(step) and not step.due_by_hand]
    firsts = [step.due_on for step in moving if step.due_on]
    dated = [due for due in others if due]
    if not dated or not firsts or min(dated) >= min(firsts):
        return
    calendar, soonest, earlier = (
        onboarding.account.calendar,
        onboarding.account.soonest,
        min(firsts) - min(dated),
    )
    for step in moving:
        assert step.due_on is not None
        step.due_on = max(calendar.next_working_day(step.due_on - earlier), soonest)
    milestones.redate(onboarding, moving)


def assign(onboarding: Onboarding, key: str, role: str | None, because: str) -> None:
    """Give its open items to whoever plays this role, and to nobody in particular while nobody does; without a role,
    to whom the playbook gives them. What somebody handed over by hand stays theirs."""
    rows = select(Person).where(Person.account_id == onboarding.account_id, Person.left_at.is_(None))
    people = list(db.session.scalars(rows.order_by(Person.id)))
    for module in parts_of(onboarding, key):
        module.role = role
        for step in _own(module):
            if is_untouched(step) and step.owner_side == "customer" and not step.given_by_hand:
                step.assignee = player_of(role or step.spec.assignee, onboarding, people)
                step.assignee_id = step.assignee.id if step.assignee else None
        _say(module, because, role=role)


def _say(module: Module, because: str, **after: Any) -> None:
    record(
        module,
        Verb.MODULE_CHANGED,
        by=None,
        onboarding=module.stage.onboarding,
        after=after,
        personal={"why": because},
    )


def _share_out(module: Module) -> None:
    if module.wave_n is None or module.wave_n == 1:
        assign_by_role(module.stage.onboarding)
    else:
        wave_copies.share_out(module.stage.onboarding.wave_called(module.wave_n))
