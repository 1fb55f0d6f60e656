"""A road as the rules of its kit see it."""

from portal.onboardings import ruled
from portal.onboardings.models import Onboarding
from portal.onboardings.stages import Module
from portal.onboardings.states import SkipRule, StepState
from portal.onboardings.steps import Step
from portal.playbooks.document import ModuleSpec, StepSpec
from portal.readiness.rules import DEPTHS, ModuleFacts, RoadFacts


def road_facts(onboarding: Onboarding, decided: frozenset[str] = frozenset()) -> RoadFacts:
    """This road as it would be without any answer; `decided` are the modules about which somebody decided otherwise
    than the answers do."""
    modules = onboarding.playbook_version.document.modules
    judged = {step.key for spec in modules for step in spec.steps}
    kept: dict[str, int] = {}
    for stage in onboarding.stages:
        kept[stage.key] = sum(step.key not in judged for step in stage.items)
    return RoadFacts(tuple(_module(onboarding, spec, decided) for spec in modules), kept)


def _module(onboarding: Onboarding, spec: ModuleSpec, decided: frozenset[str]) -> ModuleFacts:
    parts = ruled.parts_of(onboarding, spec.key)
    first = next(iter(parts), None)
    fixed = spec.key in decided or any(ruled.is_decided(part) for part in parts)
    rows = {step.key: step for part in parts[:1] for step in part.steps}
    on_road = any(not ruled.left_by_rule(step) for step in rows.values())
    by_playbook = first is not None and first.included_because != ruled.RULE
    steps = {depth: ruled.steps_at(onboarding, spec, depth) for depth in DEPTHS}
    counted = {depth: [step for step in steps[depth] if _counts(step, rows)] for depth in DEPTHS}
    return ModuleFacts(
        key=spec.key,
        stage=first.stage.key if first else spec.stage,
        here=on_road if fixed else by_playbook,
        depth=spec.depth,
        items={depth: len(counted[depth]) for depth in DEPTHS},
        minutes={
            depth: sum(one.minutes for one in counted[depth] if one.owner_side != "us") for depth in DEPTHS
        },
        fixed=fixed,
        stays=any(_stays(part) for part in parts),
    )


def _counts(spec: StepSpec, rows: dict[str, Step]) -> bool:
    """Whether the meter counts it, or would if no rule had left it out."""
    row = rows.get(spec.key)
    if row is None:
        return spec.counts
    left = row.state is StepState.SKIPPED and row.skip_rule is not SkipRule.READINESS
    return row.required and row.visible and not left


def _stays(module: Module) -> bool:
    """Whether it can't be left out: it opens a stage, somebody works in it, or there is nothing to leave out."""
    open_still = [step for step in module.steps if not step.is_closed]
    touched = any(not ruled.is_untouched(step) for step in open_still)
    done = any(step.is_done for step in module.steps)
    gone = any(ruled.left_by_rule(step) for step in module.steps)
    return touched or done or any(step.is_gate for step in module.steps) or not (open_still or gone)
