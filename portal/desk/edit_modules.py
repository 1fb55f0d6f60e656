"""What the pages show on which a module is added to one road, left out or brought back."""

from typing import Any

from flask import render_template
from flask_babel import gettext as _

from portal.access import Can, viewer
from portal.desk import lines
from portal.desk.edit_forms import AddModuleForm, ModuleForm
from portal.desk.edit_page import because, frame
from portal.onboardings.models import Onboarding
from portal.onboardings.modules import offered
from portal.onboardings.stages import Module, growing_stage
from portal.onboardings.states import StageState, StepState
from portal.onboardings.words import STAGE_TITLES, minutes
from portal.playbooks.document import ModuleSpec


def addable(onboarding: Onboarding) -> list[ModuleSpec]:
    """What this viewer may add."""
    everything = viewer().may(Can.EDIT_WHOLE_ROAD)
    return [spec for spec in offered(onboarding) if everything or spec.owner_role == "integration_specialist"]


def modules_page(onboarding: Onboarding, form: AddModuleForm, status: int = 200) -> Any:
    specs = addable(onboarding)
    return render_template(
        "desk/modules.html",
        **frame(onboarding),
        form=form,
        hints={spec.key: _hint(onboarding, spec) for spec in specs},
        specs=specs,
        problems=form.problems,
    ), status


def _hint(onboarding: Onboarding, spec: ModuleSpec) -> str:
    stage = onboarding.stage_called(spec.stage)
    into = growing_stage(onboarding) if stage.state is StageState.COMPLETE else stage
    return _(
        "%(stage)s, %(items)s items, %(time)s of their time. %(outcome)s",
        stage=STAGE_TITLES[into.key],
        items=len(spec.steps),
        time=minutes(spec.minutes),
        outcome=spec.outcome,
    )


def module_page(module: Module, form: ModuleForm, verb: str, status: int = 200) -> Any:
    """Leave it out or bring it back: what that means, item by item."""
    onboarding = module.stage.onboarding
    moved = [s for s in module.steps if (s.state is StepState.SKIPPED) == (verb == "bring_back")]
    form.seen.data = module.seal
    return render_template(
        "desk/module.html",
        **frame(onboarding),
        module=module,
        form=form,
        verb=verb,
        because=because(module),
        rows=[lines.line_of(step) for step in moved if verb == "bring_back" or not step.is_closed],
        problems=form.problems,
    ), status
