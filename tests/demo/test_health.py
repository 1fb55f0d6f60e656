"""Every label of health is somewhere in the demo, each with reasons that its story explains."""

from datetime import date

import pytest
from sqlalchemy import func, select

from portal import db
from portal.accounts.models import Account
from portal.health.models import FactsDay
from portal.health.standing import reasons_of
from portal.onboardings.models import Onboarding
from portal.onboardings.standings import Health, Quiet
from portal.onboardings.states import OnboardingState


@pytest.mark.parametrize("label", list(Health))
def test_an_onboarding_stands_so(demo, label):
    assert (
        db.session.scalars(select(Onboarding).where(Onboarding.health == label).limit(1)).first() is not None
    )


@pytest.mark.parametrize("quiet", list(Quiet))
def test_somebody_is_stalled_in_this_way(demo, quiet):
    stalled = select(Onboarding).where(Onboarding.health == Health.STALLED, Onboarding.quiet == quiet)
    assert db.session.scalars(stalled.limit(1)).first() is not None


def test_fabrikam_is_silent_and_bellows_looks_in(demo):
    rows = select(Account.slug, Onboarding.health, Onboarding.quiet).join(
        Account, Account.id == Onboarding.account_id
    )
    found = {slug: (label, quiet) for slug, label, quiet in db.session.execute(rows)}
    assert found["fabrikam"] == (Health.STALLED, Quiet.GHOSTING)
    assert found["bellows"] == (Health.STALLED, Quiet.ENGAGED)


def test_somebody_is_at_risk_with_a_surprise(demo):
    at_risk = db.session.scalars(select(Onboarding).where(Onboarding.health == Health.AT_RISK)).all()
    assert any(reason.code == "R5" for road in at_risk for reason in reasons_of(road))


def test_most_are_on_track(demo):
    rows = select(Onboarding.health, func.count()).where(Onboarding.state == OnboardingState.ACTIVE)
    counts = dict(db.session.execute(rows.group_by(Onboarding.health)).all())
    assert None not in counts
    assert counts[Health.ON_TRACK] == max(counts.values())


def test_the_facts_of_yesterday_are_kept_of_all_that_run_or_are_paused(demo):
    days = set(db.session.scalars(select(FactsDay.day)))
    noted = (OnboardingState.PREPARING, OnboardingState.ACTIVE, OnboardingState.ON_HOLD)
    many = db.session.scalar(select(func.count()).select_from(Onboarding).where(Onboarding.state.in_(noted)))
    yesterday = select(func.count()).select_from(FactsDay).where(FactsDay.day == date(2026, 3, 9))
    assert db.session.scalar(yesterday) == many
    assert days == {date(2026, 3, 8), date(2026, 3, 9)}
