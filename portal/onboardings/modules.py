"""Whole modules join one road, leave it, and come back (product.md 2.1: offered, or of another programme or size)."""

from __future__ import annotations

from collections.abc import Collection

from flask_babel import gettext as _

from portal import db
from portal.accounts.models import User
from portal.activity.models import Audience, Verb, record
from portal.errors import Conflict, Refused
from portal.onboardings import changes, milestones
from portal.onboardings.creation import assign_by_role, date_first, step_of
from portal.onboardings.models import Onboarding
from portal.onboardings.order import line_up
from portal.onboardings.record import check_running
from portal.onboardings.stages import Module, Stage, growing_stage
from portal.onboardings.states import ScopeChange, StepState
from portal.onboardings.steps import Step
from portal.onboardings.wave_copies import spread
from portal.playbooks.document import ModuleSpec
from portal.playbooks.rules import steps_of_module


def offered(onboarding: Onboarding) -> list[ModuleSpec]:
    """The modules of this playbook version that are not on this road, each with the steps it would bring."""
    here = {module.key for stage in onboarding.stages for module in stage.modules}
    segment = onboarding.account.segment.value
    return [
        spec.model_copy(update={"steps": steps_of_module(spec, onboarding.programme, segment)})
        for spec in onboarding.playbook_version.document.modules
        if spec.key not in here
    ]


def add_module(
    onboarding: Onboarding, spec: ModuleSpec, why: str, *, by: User | None, because: str = "added"
) -> Module:
    """Put a module that is `offered` on this road, in its stage or, when that is complete, where new steps go.

    `because` says what brought it: somebody of ours, `chosen` by the customer or, without `by`, a `rule`, of which
    `why` is the reason behind “because”.
    """
    check_running(onboarding, or_draft=True)
    if spec.key in {module.key for stage in onboarding.stages for module in stage.modules}:
        raise Refused(_("“%(title)s” is on this road already.", title=spec.title))
    stage = onboarding.stage_called(spec.stage)
    stage = growing_stage(onboarding) if stage.is_complete else stage
    module = Module(
        account_id=onboarding.account_id,
        onboarding_id=onboarding.id,
        key=spec.key,
        position=position_of(onboarding, spec, stage),
        title=spec.title,
        outcome=spec.outcome,
        included_because=because,
        added_by=by.name if by else None,
        added_why=why,
        steps=[],
    )
    with db.session.no_autoflush, stage.rescoped():
        db.session.add(module)
        stage.modules.append(module)
        added = [_joined(onboarding, step_of(step, stage, module, 0), module) for step in spec.steps]
    db.session.flush()
    soonest = onboarding.account.soonest
    for step in added:
        date_first(step, soonest)
    if spec.wave_able and onboarding.waves_on:
        added += spread(module)
    milestones.join(onboarding, added)
    assign_by_role(onboarding)
    tell(module, added, Verb.MODULE_ADDED, ScopeChange.MODULE_ADDED, why, by)
    onboarding.settle()
    return module


def _joined(onboarding: Onboarding, step: Step, module: Module) -> Step:
    db.session.add(step)
    step.onboarding = onboarding
    line_up(step, module)
    return step


def position_of(onboarding: Onboarding, spec: ModuleSpec, stage: Stage) -> int:
    """Its place: behind those that its playbook has before it; at the end of a stage that isn't its own."""
    order = [module.key for module in onboarding.playbook_version.document.modules]
    before = [
        module.position
        for module in stage.modules
        if module.wave_n in (None, 1) and module.key != spec.key
        if stage.key != spec.stage or order.index(module.key) < order.index(spec.key)
    ]
    return max(before, default=-1)


# --- Left out, and back -------------------------------------------------------------------------


def leave_out(module: Module, why: str, *, seen: str, by: User) -> None:
    """Leave out what is open of a module. Gates stay, and so does the last item of a stage; what waits for a review
    is answered first. `seen` is the seal of what its editor saw; raises Conflict when it isn't so any more."""
    onboarding, stage = module.stage.onboarding, module.stage
    check_running(onboarding, or_draft=True)
    left = [step for step in module.steps if not step.is_closed]
    if not left:
        raise Refused(_("Nothing in “%(title)s” is open any more.", title=module.title))
    _check_seal(module, seen)
    for step in left:
        if step.is_gate:
            raise Refused(
                _(
                    "“%(title)s” opens the next stage, so its module stays. Leave out single items instead.",
                    title=step.title,
                )
            )
        if step.state is StepState.SUBMITTED:
            raise Refused(_("“%(title)s” waits for our review. Answer it first.", title=step.title))
    if stage.items and all(item in left for item in stage.items):
        raise Refused(_("A stage can't be empty, and these are all the items of this one."))
    with stage.rescoped():
        for step in left:
            step.leave(why)
    module.by_hand = True
    tell(module, left, Verb.MODULE_LEFT_OUT, ScopeChange.MODULE_LEFT_OUT, why, by)
    onboarding.settle()


def bring_back(module: Module, why: str, *, seen: str, by: User) -> None:
    """Put what is left out of a module on the road again."""
    onboarding, stage = module.stage.onboarding, module.stage
    check_running(onboarding, or_draft=True)
    back = [step for step in module.steps if step.state is StepState.SKIPPED]
    if not back:
        raise Refused(_("Nothing of “%(title)s” is left out any more.", title=module.title))
    _check_seal(module, seen)
    module.check_open_for_more()
    with milestones.returning(onboarding), stage.rescoped():
        for step in back:
            step.come_back()
    module.by_hand = True
    tell(module, back, Verb.MODULE_BROUGHT_BACK, ScopeChange.MODULE_BACK, why, by)
    onboarding.settle()


def _check_seal(module: Module, seen: str) -> None:
    if seen != module.seal:
        raise Conflict(
            _("“%(title)s” has changed while you were writing. Look at it again.", title=module.title)
        )


def tell(
    module: Module, steps: Collection[Step], verb: Verb, change: ScopeChange, why: str, by: User | None
) -> None:
    """Customers are told of what they see, counted in items; without `by`, what a rule did and because of what."""
    seen, onboarding = [step for step in steps if step.visible], module.stage.onboarding
    if seen:
        facts = {"items": len(seen), **({} if by else {"ruled": True})}
        changes.note(onboarding, change, why, stage=module.stage.key, title=module.title, **facts)
    record(
        module,
        verb,
        by=by,
        onboarding=onboarding,
        after={"items": len(steps)},
        personal={"why": why},
        audience=Audience.CUSTOMER if seen else Audience.STAFF,
    )
