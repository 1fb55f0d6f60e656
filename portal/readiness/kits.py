"""The kit of one onboarding: what it asks, which item of the road it is, and whether it may be answered now."""

from flask_babel import gettext as _

from portal.errors import Refused
from portal.onboardings.models import Onboarding
from portal.onboardings.record import check_running
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step
from portal.playbooks.kit import Kit


def kit_of(onboarding: Onboarding) -> Kit:
    """The kit of this onboarding's playbook. Raises Refused when there is none."""
    kit = onboarding.playbook_version.document.kit
    if kit is None:
        raise Refused(_("This onboarding has no readiness kit."))
    return kit


def kit_step(onboarding: Onboarding) -> Step:
    """The item of the road that the kit is. Raises Refused when there is none."""
    step = onboarding.step_of_kind("kit")
    if step is None:
        raise Refused(_("This onboarding has no readiness kit."))
    return step


def check_answerable(onboarding: Onboarding) -> None:
    """Refuse to change what is paused, over, left out or not open yet."""
    step = kit_step(onboarding)
    check_running(onboarding)
    if step.state is StepState.LOCKED:
        raise Refused(_("“%(title)s” isn't open yet. It %(opens)s.", title=step.title, opens=step.opens_when))
    if step.state is StepState.SKIPPED:
        raise Refused(_("“%(title)s” is left out, so there is nothing to answer.", title=step.title))


def closed_words(kit: Kit, key: str) -> str:
    """Why the question with this key isn't asked, in a sentence that names what it depends on."""
    spec = kit.question(key)
    upon = spec.show_when.field if spec and spec.show_when else None
    first = next((field for one in kit.questions for field in one.fields if field.key == upon), None)
    if first is None:
        return _("This question isn't part of the kit.")
    return _(
        "This question isn't asked with your answers so far. It depends on the answer to “%(first)s”.",
        first=first.label,
    )
