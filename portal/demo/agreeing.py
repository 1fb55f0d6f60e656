"""What both sides settle before the work begins: the kit, what has to be ready, results, scope and hours."""

import random
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from portal.accounts.models import Person, Staff, User
from portal.criteria.choosing import suggestions_for
from portal.criteria.models import SuccessCriterion
from portal.criteria.road_step import content
from portal.criteria.rules import Achievement, Direction, Evidence
from portal.criteria.wanted import Wanted, Way
from portal.criteria.wordings import TERMS
from portal.demo import signing
from portal.demo.answers import answer_to
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step
from portal.playbooks.agreeing import CriterionSuggestion
from portal.readiness.branching import open_fields
from portal.readiness.models import ReadinessSubmission
from portal.readiness.prerequisite_rules import Status
from portal.readiness.prerequisites import wanted_of
from portal.scope import rules
from portal.scope.models import Scope

# Where each result stands at the start, and what was promised.
NUMBERS = {
    "payout_hours": ("14", "2"),
    "paid_on_time": ("71", "98"),
    "first_run": ("0", "1"),
    "partner_questions": ("40", "10"),
    "new_partners": ("3", "10"),
    "active_partners": ("20", "60"),
    "departments_live": ("1", "6"),
}


def finish(step: Step, by: User, chance: random.Random, own: Mapping[str, Any] | None = None) -> None:
    """Do what the page of this step asks for."""
    road = step.onboarding
    if step.kind == "kit":
        answer_kit(road, by, chance, own or {})
    elif step.kind == "prerequisites":
        make_ready(road, by)
    elif step.kind == "criteria":
        agree_results(road, by)
    elif step.kind == "scope":
        agree_scope(road, by)
    elif step.kind == "plan":
        signing.send(road, owner_of(road))
    elif step.kind == "sign":
        signing.sign(signing.open_version(road), by)
    else:
        confirm_needs(road, by)


# --- The kit ------------------------------------------------------------------------------------


def answer_kit(road: Onboarding, by: User, chance: random.Random, own: Mapping[str, Any]) -> None:
    """Answer what is open still, and send it."""
    submission = ReadinessSubmission.begin(road)
    for question in submission.kit.questions:
        answer(submission, question.key, by, chance, own)
    submission.submit(by=by)


def answer(
    submission: ReadinessSubmission,
    key: str,
    by: User,
    chance: random.Random,
    own: Mapping[str, Any],
) -> None:
    """Answer one question, with those beside it, unless it is closed or answered."""
    question = submission.kit.question(key)
    if question is None or question not in submission.asked.questions or key in submission.by_question:
        return
    said = {key: own[key] if key in own else answer_to(submission.onboarding, question.field, chance)}
    for field in open_fields(question, {**submission.given, **said})[1:]:
        said[field.key] = (
            own[field.key] if field.key in own else answer_to(submission.onboarding, field, chance)
        )
    value = said.pop(key)
    more = {name: one for name, one in said.items() if one is not None}
    submission.answer(key, value, more, value is None, by=by, seen=0)


def confirm_kit(road: Onboarding, by: Staff) -> None:
    """The consultant has read the answers."""
    submission = ReadinessSubmission.of(road)
    assert submission is not None
    submission.confirm(by=by)


def return_kit(road: Onboarding, why: str, by: Staff) -> None:
    """The consultant needs something else."""
    submission = ReadinessSubmission.of(road)
    assert submission is not None
    submission.send_back(why, by=by)


def make_ready(road: Onboarding, by: User) -> None:
    """Say of everything that it is there."""
    for one in wanted_of(road):
        if one.status is not Status.READY:
            one.say(Status.READY, by=by)


# --- Results ------------------------------------------------------------------------------------


def propose(road: Onboarding, by: User, most: int = 3) -> list[SuccessCriterion]:
    """Put down results that fit what the customer said, unless there are some."""
    if found := SuccessCriterion.of(road):
        return found
    said = " ".join(filter(None, [road.quote]))
    offered = suggestions_for(content(road).suggestions, said, road.account.segment.value)
    return [
        SuccessCriterion.add(road, wanted(road, one, must_have=n < 2), None, by=by)
        for n, one in enumerate(offered[:most])
    ]


def wanted(road: Onboarding, one: CriterionSuggestion, *, must_have: bool) -> Wanted:
    """This result with its numbers, by the end of Graduation, with one checkpoint in between."""
    baseline, target = (Decimal(number) for number in NUMBERS[one.key])
    by_date = Direction(one.direction) is Direction.BY_DATE
    half = None if by_date else ((baseline + target) / 2).quantize(Decimal(1))
    return Wanted(
        statement=one.statement,
        direction=Direction(one.direction),
        baseline=baseline,
        target=target,
        target_on=road.target_graduation,
        unit=one.unit,
        must_have=must_have,
        evidence=Evidence(one.evidence),
        seen_in=one.seen_in,
        checkpoints=[Way(road.first_value_due, half, "in the test run" if by_date else None)],
    )


def open_of(one: SuccessCriterion) -> str:
    """The wording that waits for an answer, as whoever reads it names it."""
    assert one.open is not None
    return one.open.ref


def with_target(one: SuccessCriterion, target: Decimal) -> Wanted:
    """The same result with another target."""
    terms = one.shown
    return Wanted(
        target=target,
        checkpoints=[Way(way.on, way.value, way.what) for way in terms.checkpoints],
        **{name: getattr(terms, name) for name in TERMS if name != "target"},
    )


def agree_results(road: Onboarding, by: User) -> None:
    """They agree to what we proposed."""
    for one in propose(road, owner_of(road)):
        if one.open is not None and one.open.by_id != by.id:
            one.agree(seen=open_of(one), by=by)


def measure(road: Onboarding, by: Staff, share: Decimal, *, on_days_ago: int = 0) -> None:
    """Where each result stands: `share` of the way from the baseline to the target."""
    for one in SuccessCriterion.of(road):
        terms = one.in_force
        if terms is None or not one.may_be_measured:
            continue
        way = terms.baseline + (terms.target - terms.baseline) * share
        value = Decimal(int(share)) if terms.direction is Direction.BY_DATE else way.quantize(Decimal(1))
        one.measure(
            value, road.account.today - timedelta(days=on_days_ago), by=by, note="Read together in the call."
        )


def confirm_results(road: Onboarding, by: Person) -> None:
    """They say of each that is there that it is."""
    for one in SuccessCriterion.of(road):
        if one.achievement is Achievement.TRACKING and one.may_be_met:
            one.meet(by=by)


def owner_of(road: Onboarding) -> Staff:
    found = road.owner
    assert found is not None
    return found


# --- Scope and hours ----------------------------------------------------------------------------


def agree_scope(road: Onboarding, by: User) -> None:
    """They agree what is in and what is not."""
    scope = Scope.kept(road)
    scope.agree(seen=rules.told(scope.marks), by=by)


def confirm_needs(road: Onboarding, by: User) -> None:
    """They have the people and the hours."""
    scope = Scope.kept(road)
    marks = {need.key: need.terms.mark for need in scope.wanted}
    scope.confirm(scope.wanted, seen=rules.told(marks), by=by)
