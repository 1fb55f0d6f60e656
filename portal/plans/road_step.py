"""What writing, sending and signing a plan does to the steps of the road that ask for it (product.md 2.4)."""

from __future__ import annotations

from sqlalchemy import select

from portal import clock, db
from portal.accounts.models import User
from portal.onboardings.models import Onboarding
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step
from portal.plans.record import PlanRecord
from portal.plans.rules import PlanState
from portal.playbooks.agreeing import SignContent
from portal.playbooks.document import PlaybookDocument

EARLIER = SignContent(sponsors_for=("enterprise",))  # Of editions without the step.


def content(onboarding: Onboarding) -> SignContent:
    """Who signs besides an admin and our consultant, and where we countersign at once; read without any statement."""
    return _content(onboarding.playbook_version.document)


def _content(document: PlaybookDocument) -> SignContent:
    for module in document.modules:
        for step in module.steps:
            if step.sign is not None:
                return step.sign
    return EARLIER


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


def follow(version: PlanRecord, by: User | None) -> None:
    """Bring both steps in line with what became of this version; doing it twice changes nothing. `by` is who changed
    it, None for a rule.

    Ours is done once a version was sent, theirs once one is signed by all; both stay so, whatever comes after. Until
    then theirs waits for us while there is nothing that their side can sign.
    """
    road = version.onboarding
    written, signed = plan_step(road), sign_step(road)
    last = _last_sent(version) if (written or signed) else None
    if signed is not None and not signed.is_closed:
        signed.waiting = last is None or not _is_theirs(last)
        if last is not None:
            _take_up(signed, last, by)
    if written is not None and not written.is_closed and last is not None:
        written.complete(by=by if by is not None and by.is_staff else last.sent_by)
    if signed is not None and not signed.is_closed and version.is_complete:
        _sign(signed, version, by)
    else:
        road.settle()


def _last_sent(version: PlanRecord) -> PlanRecord | None:
    here = type(version)
    rows = select(here).where(here.onboarding_id == version.onboarding_id, here.sent_at.is_not(None))
    return db.session.scalars(rows.order_by(here.n.desc()).limit(1)).one_or_none()


def _is_theirs(version: PlanRecord) -> bool:
    """Whether somebody at the customer can sign it now."""
    return any(not signer.role.is_ours for signer in version.turn_of)


def _take_up(step: Step, version: PlanRecord, by: User | None) -> None:
    """They have begun with it once one of theirs signed or declined; and once it ran out it is under way too, so that
    the days in which we answer count from then."""
    if step.state is not StepState.READY or version.state in (PlanState.SENT, PlanState.VOIDED):
        return
    if by is not None and not by.is_staff:
        step.start(by=by)
    else:
        step.state, step.started_at = StepState.IN_PROGRESS, step.started_at or clock.now()


def _sign(step: Step, version: PlanRecord, by: User | None) -> None:
    """It is done by who signed last of theirs, also where our signature came after it: that is not theirs to have
    moved."""
    road, moved = step.onboarding, step.onboarding.customer_moved_at
    theirs = [one.user for one in version.signatures if not one.role.is_ours]
    who = theirs[-1] if theirs and step.state is not StepState.LOCKED else by or version.sent_by
    step.waiting = False
    step.complete(by=who)
    if by is None or by.is_staff:
        road.customer_moved_at = moved
