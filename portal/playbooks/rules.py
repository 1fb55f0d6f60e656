"""Which modules, steps, milestones and days one onboarding gets from a playbook."""

from collections.abc import Collection

from portal.playbooks.document import (
    STAGE_KEYS,
    MilestoneSpec,
    ModuleSpec,
    PlaybookDocument,
    StageBudgets,
    StepSpec,
)

# product.md 2.4, the table of stage budgets.
DEFAULT_BUDGETS: dict[int, StageBudgets] = {
    30: StageBudgets(welcome=(-7, 2), expectations=5, training=15, graduation=10),
    45: StageBudgets(welcome=(-7, 2), expectations=7, training=23, graduation=15),
    60: StageBudgets(welcome=(-7, 2), expectations=5, training=25, graduation=30),
    90: StageBudgets(welcome=(-7, 2), expectations=7, training=38, graduation=45),
    120: StageBudgets(welcome=(-14, 5), expectations=14, training=56, graduation=50),
}


def steps_for(document: PlaybookDocument, programme: int, segment: str) -> tuple[ModuleSpec, ...]:
    """The modules of this road in stage order, each with the steps of this road; modules left without a step go.

    Modules that an answer asks for, or that are only offered, are on no road from the start.
    """
    modules = []
    for stage in STAGE_KEYS:
        for module in document.modules:
            if module.stage != stage or not _on_road(module, programme, segment):
                continue
            if module.include != "always":
                continue
            steps = _steps(module, programme, segment)
            if steps:
                modules.append(module.model_copy(update={"steps": steps}))
    return tuple(modules)


def steps_of_module(module: ModuleSpec, programme: int, segment: str) -> tuple[StepSpec, ...]:
    """What a module brings to a road that didn't have it: its steps for this road, or all when none is for it."""
    return _steps(module, programme, segment) or module.steps


def _steps(module: ModuleSpec, programme: int, segment: str) -> tuple[StepSpec, ...]:
    return tuple(
        step
        for step in module.steps
        if _on_road(step, programme, segment) and (not step.depths or module.depth in step.depths)
    )


def _on_road(part: ModuleSpec | StepSpec, programme: int, segment: str) -> bool:
    return (not part.programmes or programme in part.programmes) and (
        not part.segments or segment in part.segments
    )


def milestones_for(document: PlaybookDocument, on_road: Collection[str]) -> tuple[MilestoneSpec, ...]:
    """The milestones of a road that has the steps with these keys, each with those of its own; those without any are
    left out."""
    kept = []
    for milestone in document.milestones:
        steps = tuple(key for key in milestone.steps if key in on_road)
        if steps:
            kept.append(milestone.model_copy(update={"steps": steps}))
    return tuple(kept)


def budgets_for(document: PlaybookDocument, programme: int) -> StageBudgets:
    """The playbook's own budgets for this programme, or product.md's."""
    for days, own in document.stage_budgets.items():
        if days == programme:
            return own
    return DEFAULT_BUDGETS[programme]
