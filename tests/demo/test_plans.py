"""The plans of the demo: one waits, one is signed and amended, one declined, one ran out, one waits for us."""

import pytest
from sqlalchemy import select

from portal import db
from portal.accounts.models import Account
from portal.jobs import Job
from portal.onboardings.models import Onboarding
from portal.onboardings.states import OnboardingState
from portal.onboardings.whose import holder_of
from portal.plans import verification
from portal.plans.differences import between
from portal.plans.models import Plan, Signature
from portal.plans.rules import Identified, PlanState


def plan_of(slug: str) -> Plan:
    road = select(Onboarding).join(Account, Account.id == Onboarding.account_id).where(Account.slug == slug)
    return Plan.of(db.session.scalars(road.order_by(Onboarding.id)).first())


def states(slug: str) -> list[tuple[int, str]]:
    return [(one.n, one.state.value) for one in plan_of(slug).versions]


@pytest.mark.parametrize(
    ("slug", "versions"),
    [
        ("northwind", [(1, "in_review")]),
        ("litware", [(1, "superseded"), (2, "signed")]),
        ("lucerne", [(1, "declined")]),
        ("trey-research", [(1, "expired")]),
        ("city-power", [(1, "partly_signed")]),
        ("fabrikam", [(1, "signed")]),
        ("contoso", [(1, "signed")]),
    ],
)
def test_a_plan_of_each_kind_is_there(demo, slug, versions):
    assert states(slug) == versions


def test_northwinds_draft_waits_with_what_priya_wrote(demo):
    plan = plan_of("northwind")
    document = plan.document
    assert document.headline == "Partners paid on time, without the two days a month"
    assert next(one for one in document.theirs if one.name == "Rui Tavares").does.startswith("Decides")
    assert [one.page for one in plan.draft().blockers if one.page] == ["goals", "scope"], "not agreed yet"
    assert plan.written.review_asked_at is not None


def test_litwares_plan_is_signed_by_both_twice_and_sealed(demo):
    plan = plan_of("litware")
    first, second = plan.versions
    assert {one.user.called for one in first.signers} == {"Lou", "Priya"}
    assert second.amends is first
    assert [one.section for one in between(first.document, second.document) if one.material] == ["success"]
    for version in plan.versions:
        assert [one.identified_by for one in version.signatures] == [Identified.CODE, Identified.STANDING]
        assert version.seal.path.stat().st_size == version.seal.size
        assert verification.verify(version.seal.path.read_bytes()).verified
        assert version.seal.sealed_at > version.signed_at


def test_whoever_is_past_expectations_has_signed(demo):
    late = ("training", "graduation")
    for road in db.session.scalars(select(Onboarding).where(Onboarding.current_stage.in_(late))):
        version = Plan.of(road).in_force
        assert version is not None, road.account.slug
        assert road.signed_version == version.n
        assert road.milestones[-1].signed_due_on, "its graduation is promised"
        assert road.step_called("sign_plan").is_done
    large = plan_of("contoso").in_force
    assert len(large.signatures) == 4, "sponsors of both sides sign a large customer's"


def test_what_was_signed_before_is_left_to_the_worker(demo):
    waiting = list(db.session.scalars(select(Job).where(Job.kind == "plans.seal", Job.done_at.is_(None))))
    graduated = select(Onboarding).where(Onboarding.state == OnboardingState.GRADUATED)
    assert len(waiting) > len(list(db.session.scalars(graduated))) - 1
    assert all(job.payload["told"] for job in waiting)
    assert "litware" not in {db.session.get(Account, job.account_id).slug for job in waiting}


def test_a_no_has_its_reason_and_is_ours_to_answer(demo):
    version = plan_of("lucerne").last_sent
    assert (version.declined_by.called, version.state) == ("Nadine", PlanState.DECLINED)
    assert version.declined_why.startswith("Our shop in Geneva opens")
    step = version.onboarding.step_called("sign_plan")
    assert (step.with_us, holder_of(step).called) == (True, "Nadia")


def test_one_waits_for_our_signature_alone(demo):
    version = plan_of("city-power").to_sign
    assert [one.user.called for one in version.turn_of] == ["Nadia"]
    assert version.onboarding.step_called("sign_plan").with_us


def test_nobody_signed_what_ran_out(demo):
    version = plan_of("trey-research").last_sent
    assert version.signatures == []
    assert version.expires_on < version.onboarding.account.today


def test_every_signature_was_made_after_reading(demo):
    for one in db.session.scalars(select(Signature)):
        assert one.viewed_at <= one.consented_at <= one.signed_at
