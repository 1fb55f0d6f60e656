"""A road on which both sides have agreed what a plan is made of, and versions of that plan.

All of it needs a request context, because letters are written; everything is flushed, nothing committed.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from portal import clock, db
from portal.criteria.models import SuccessCriterion
from portal.criteria.rules import Direction, Evidence
from portal.criteria.wanted import Wanted, Way
from portal.handoffs.models import Handoff
from portal.plans.composing import compose
from portal.plans.document import PlanDocument
from portal.plans.models import Plan, PlanVersion
from portal.plans.rules import PlanState
from portal.playbooks.document import MilestoneSpec
from portal.playbooks.models import PlaybookVersion, publish
from portal.playbooks.reader import read_checked
from portal.scope import rules as scope_rules
from portal.scope.models import Scope
from tests import make
from tests.playbooks.planned import planned
from tests.playbooks.ready import READY

MOMENT = datetime(2026, 3, 10, 9, tzinfo=UTC)  # Day 1: Expectations are open.
SECRET = "Their board wants it by May, so press them"  # In the hand-off, and for our team alone.
TOLD = {
    "reason": SECRET,
    "problem": "Payouts take 14 hours a month.",
    "promised_impact": "2 hours a month by summer.",
    "quote": "Stop losing partners because we pay them late.",
    "stakeholders": "Rui decides, likes a call",
    "promised_dates": "First payout before May",
    "surprises": "none seen",
}
PAID = Wanted(
    statement="Partners paid on time",
    direction=Direction.UP,
    baseline=Decimal(71),
    target=Decimal(98),
    target_on=date(2026, 6, 30),
    unit="%",
    seen_in="payout dates",
    evidence=Evidence.USAGE,
    checkpoints=(Way(date(2026, 4, 20), Decimal(90), None),),
)
HOURS = Wanted(
    statement="Hours spent on each payout run",
    direction=Direction.DOWN,
    baseline=Decimal(14),
    target=Decimal(2),
    target_on=date(2026, 4, 20),
    unit="h",
    must_have=True,
    seen_in="payout log",
    evidence=Evidence.USAGE,
    checkpoints=(Way(date(2026, 4, 2), Decimal(8), "in the test run"),),
)


@dataclass
class Made(make.Cast):
    """Northwind once its hand-off is accepted and its results, scope and needs are agreed."""


def book() -> PlaybookVersion:
    """The small playbook with three milestones."""
    milestones = (
        MilestoneSpec(key="agreed", title="Results agreed", steps=("criteria",)),
        MilestoneSpec(key="imported", title="Partners imported and checked", steps=("import_list",)),
        MilestoneSpec(key="graduation", title="Graduation", steps=("finish",)),
    )
    return publish(read_checked(READY).model_copy(update={"key": "planned", "milestones": milestones}))


def signing_book() -> PlaybookVersion:
    """The same with the steps that write the plan and sign it, as the last of Expectations."""
    return publish(read_checked(planned()))


def road(clock: Any, *, agreed: bool = True, on: PlaybookVersion | None = None) -> Made:
    """On the second day of Northwind's road, on the small playbook or `on` another. Without `agreed` nothing is agreed
    yet."""
    made = Made(**vars(make.northwind(book=on or book(), programme=90, prepared=False)))
    _hand_over(made)
    made.onboarding.prepare(by=made.priya)
    clock.at(MOMENT)
    made.onboarding.begin()
    made.step("hello").complete(by=made.ana)
    if agreed:
        agree(made)
    db.session.flush()
    return made


def anew(made: Made) -> Made:
    """The same rows, read in the session of now: what a test holds from before a request is of another."""
    return Made(**{name: db.session.get_one(type(row), row.id) for name, row in vars(made).items()})


def _hand_over(made: Made) -> None:
    handoff = Handoff.begin(made.onboarding, by=made.sam)
    handoff.save(TOLD, seen=handoff.seal, by=made.sam)
    handoff.submit(by=made.sam)
    handoff.accept(by=made.priya)


def agree(made: Made, *wanted: Wanted) -> list[SuccessCriterion]:
    """Priya proposes, Ana agrees: two results, what is in and what is not, and everything that they bring."""
    results = [
        SuccessCriterion.add(made.onboarding, one, None, by=made.priya) for one in wanted or (HOURS, PAID)
    ]
    for one in results:
        assert one.open
        one.agree(seen=one.open.ref, by=made.ana)
    agree_scope(made)
    return results


def agree_scope(made: Made) -> Scope:
    """Ana agrees both lists as they stand."""
    scope = Scope.kept(made.onboarding)
    scope.agree(seen=scope_rules.told(scope.marks), by=made.ana)
    scope.confirm(
        scope.unanswered,
        seen=scope_rules.told({need.key: need.terms.mark for need in scope.wanted}),
        by=made.ana,
    )
    db.session.flush()
    return scope


def document(made: Made, n: int = 1, **words: Any) -> PlanDocument:
    """What version `n` says today."""
    return compose(made.onboarding, n=n, words=words, locale="en")


def move(made: Made, days: int) -> None:
    """Graduation is so many days later."""
    made.onboarding.target_graduation += timedelta(days=days)
    made.onboarding.milestones[-1].due_on += timedelta(days=days)
    db.session.flush()


def sent(made: Made, *, sponsors: bool = False, **words: Any) -> PlanVersion:
    """The next version, sent by Priya to Ana and herself; with `sponsors`, Rui signs for their side too. Where
    one is in force and nothing differs that is signed again, Graduation is a day later first."""
    plan = Plan.of(made.onboarding)
    if plan.in_force and not plan.draft().since:
        move(made, 1)
    signers = {"customer_sponsors": [made.rui.ref]} if sponsors else {}
    if words or signers:
        wanted = {**plan.words, **words, **({"signers": signers} if signers else {})}
        plan.write(wanted, seen=plan.begin().words_version, by=made.priya)
    return plan.send(seen=plan.document.mark, by=made.priya)


def signed(made: Made, version: PlanVersion) -> PlanVersion:
    """The same version as it is once everybody has signed, without their signatures: for what comes after."""
    version.state, version.signed_at = PlanState.SIGNED, clock.now()
    made.onboarding.signed_version = version.n
    due = {one.key: one.on for one in version.document.milestones}
    for milestone in made.onboarding.milestones:
        milestone.signed_due_on = due.get(milestone.key)
    db.session.flush()
    return version
