"""What agreeing on results does to the step of the road that asks for it (product.md 2.4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from portal.accounts.models import User
from portal.criteria.rules import Side
from portal.onboardings.models import Onboarding
from portal.onboardings.record import check_running
from portal.onboardings.states import StageState, StepState
from portal.onboardings.steps import Step
from portal.playbooks.agreeing import CriteriaContent, CriterionSuggestion
from portal.playbooks.document import PlaybookDocument

if TYPE_CHECKING:
    from portal.criteria.record import CriterionRecord

LEAST, MOST = 2, 5


class Content:
    """How many results a road asks for, and what there is to start from."""

    def __init__(self, found: CriteriaContent | None) -> None:
        self.least = found.least if found else LEAST
        self.most = found.most if found else MOST
        self.suggestions: Sequence[CriterionSuggestion] = found.suggestions if found else ()


def content(onboarding: Onboarding) -> Content:
    """What its playbook asks for; read without any statement."""
    return Content(_spec(onboarding.playbook_version.document))


def asked_for(onboarding: Onboarding) -> bool:
    """Whether its playbook has a step for it; read without any statement."""
    return _spec(onboarding.playbook_version.document) is not None


def _spec(document: PlaybookDocument) -> CriteriaContent | None:
    for module in document.modules:
        for step in module.steps:
            if step.kind == "criteria":
                return step.criteria
    return None


def step_of(onboarding: Onboarding) -> Step | None:
    """The step of this road, left out or not."""
    return onboarding.step_of_kind("criteria")


def check_open(onboarding: Onboarding, by: User) -> None:
    """Refuse to talk about results while the road is paused or over, and to the customer before its step opens."""
    step = step_of(onboarding)
    if step is None:
        check_running(onboarding)
    else:
        step.check_open(by=by)


def is_measuring(onboarding: Onboarding) -> bool:
    """Whether Training has begun: from then on the page shows what was reached."""
    return onboarding.stage_called("training").state is not StageState.LOCKED


def follow(onboarding: Onboarding, criteria: Sequence[CriterionRecord], by: User) -> None:
    """Begin the step with the first touch, pass the ball with each answer, and finish it when enough are agreed and
    none waits. Once it is done it stays so, whatever is withdrawn later."""
    step = step_of(onboarding)
    if step is None or step.is_closed or step.state is StepState.LOCKED:
        return
    if step.state in (StepState.READY, StepState.RETURNED):
        step.start(by=by)
    turns = {one.talk.turn for one in criteria}
    agreed = sum(one.is_agreed for one in criteria)
    step.waiting = Side.US in turns and Side.CUSTOMER not in turns
    if agreed >= content(onboarding).least and turns <= {None}:
        step.waiting = False
        step.complete(by=by)
    else:
        onboarding.settle()
