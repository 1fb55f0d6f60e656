"""What writing, sending and signing a plan does to the steps of the road that ask for it (product.md 2.4)."""

from __future__ import annotations

from portal import clock
from portal.accounts.models import User
from portal.onboardings.models import Onboarding
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step
from portal.plans.models import Plan, PlanVersion
from portal.plans.rules import PlanState
from portal.playbooks.agreeing import SignContent
from portal.playbooks.document import PlaybookDocument

NOTHING = SignContent()


def content(onboarding: Onboarding) -> SignContent:
    """Who signs besides an admin and our consultant, and where we countersign at once; read without any statement."""
    return _content(onboarding.playbook_version.document)


def _content(document: PlaybookDocument) -> SignContent:
    for module in document.modules:
        for step in module.steps:
            if step.sign is not None:
                return step.sign
    return NOTHING


def countersigns(onboarding: Onboarding) -> bool:
    """Whether we countersign at once, without a person."""
    return onboarding.account.segment.value in content(onboarding).countersign_for


def asks_sponsors(onboarding: Onboarding) -> bool:
    """Whether the sponsors of both sides sign too."""
    return onboarding.account.segment.value in content(onboarding).sponsors_for


def plan_step(onboarding: Onboarding) -> Step | None:
    """The step in which we write the plan, left out or not; none on a road of an edition without it."""
    return onboarding.step_of_kind("plan")


def sign_step(onboarding: Onboarding) -> Step | None:
    """The step in which they sign it, left out or not; none on a road of an edition without it."""
    return onboarding.step_of_kind("sign")


def follow(onboarding: Onboarding, by: User | None) -> None:
    """Bring both steps in line with the plan; doing it twice changes nothing. `by` is who changed it, None for a rule.

    Ours is done once a version was sent, theirs once one is signed by all; both stay so, whatever comes after. Until
    then theirs waits for us while there is nothing that their side can sign.
    """
    plan = Plan.of(onboarding)
    written, signed, last = plan_step(onboarding), sign_step(onboarding), plan.last_sent
    if signed is not None and not signed.is_closed:
        signed.waiting = last is None or not _is_theirs(last)
        if last is not None:
            _take_up(signed, last, by)
    if written is not None and not written.is_closed and last is not None:
        written.complete(by=by if by is not None and by.is_staff else last.sent_by)
    if signed is not None and not signed.is_closed and plan.in_force is not None:
        _sign(signed, plan.in_force, by)
    else:
        onboarding.settle()


def _is_theirs(version: PlanVersion) -> bool:
    """Whether somebody at the customer can sign it now."""
    return any(not signer.role.is_ours for signer in version.turn_of)


def _take_up(step: Step, version: PlanVersion, by: User | None) -> None:
    """They have begun with it once one of theirs signed or declined; and what comes back to us otherwise, by a date or
    by ourselves, is under way too, so that the days in which we answer count from then."""
    untouched = version.state is PlanState.SENT and not step.waiting
    if step.state is not StepState.READY or untouched:
        return
    if by is not None and not by.is_staff:
        step.start(by=by)
    else:
        step.state, step.started_at = StepState.IN_PROGRESS, step.started_at or clock.now()


def _sign(step: Step, version: PlanVersion, by: User | None) -> None:
    """It is done by who signed last of theirs, also where our signature came after it: that is not theirs to have
    moved."""
    onboarding, moved = step.onboarding, step.onboarding.customer_moved_at
    theirs = [one.user for one in version.signatures if not one.role.is_ours]
    who = theirs[-1] if theirs and step.state is not StepState.LOCKED else by or version.sent_by
    step.waiting = False
    step.complete(by=who)
    if by is None or by.is_staff:
        onboarding.customer_moved_at = moved
