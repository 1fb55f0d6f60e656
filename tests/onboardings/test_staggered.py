"""A second product's draft waits for the first one's value and moves with it."""

from datetime import date, timedelta

import pytest

from portal import db
from portal.accounts.kinds import TeamRole
from portal.errors import Refused
from portal.onboardings import jobs
from portal.onboardings.models import Onboarding
from portal.onboardings.restarting import check_start, restart
from portal.onboardings.staggered import may_start, start_after, start_of
from portal.onboardings.states import OnboardingState
from portal.playbooks.models import publish
from portal.playbooks.reader import read_checked, shipped
from tests import make


@pytest.fixture
def both(app, session):
    """Northwind's road, and a draft for another product that follows it."""
    with app.app_context():
        cast = make.northwind()
        path = next(path for path in shipped() if path.stem == "payout-automation")
        second = make.onboarding(
            cast.account,
            {TeamRole.CONSULTANT: cast.priya},
            by=cast.priya,
            book=publish(read_checked(path)),
            programme=30,
        )
        start_after(second, cast.onboarding, by=cast.priya)
        yield cast, cast.onboarding, second


def test_it_is_dated_by_when_the_first_value_is_planned(both) -> None:
    _cast, first, second = both
    assert second.start_date == first.account.calendar.add_working_days(first.first_value_due, 1)
    assert second.stage_called("expectations").planned_start == second.start_date + timedelta(days=1)
    assert min(step.due_on for step in second.steps if step.due_on) >= first.account.today
    assert second.state is OnboardingState.DRAFT
    assert not may_start(second)


def test_it_moves_when_the_first_value_is_seen_or_planned_anew(both) -> None:
    _cast, first, second = both
    first_id, second_id, planned = first.id, second.id, second.target_graduation

    def later(**changes: date) -> Onboarding:
        """The draft, after the first onboarding has changed and an hour has passed."""
        one = db.session.get_one(Onboarding, first_id)
        for name, value in changes.items():
            setattr(one, name, value)
        db.session.commit()
        jobs.draw_up_followers()
        return db.session.get_one(Onboarding, second_id)

    moved = later(first_value_due=first.first_value_due + timedelta(days=14))
    assert moved.start_date == start_of(db.session.get_one(Onboarding, first_id))
    assert moved.target_graduation > planned
    assert all(m.due_on == m.original_due_on for m in moved.milestones), "nothing was promised yet"
    assert not may_start(moved)
    seen = later(first_value_on=date(2026, 3, 20))
    assert (seen.start_date, may_start(seen)) == (date(2026, 3, 23), True)
    assert later().start_date == date(2026, 3, 23), "a second time changes nothing"


def test_what_has_started_is_not_started_anew(both) -> None:
    cast, first, second = both
    with pytest.raises(Refused, match="has started"):
        restart(first, date(2026, 6, 1), by=cast.priya)
    with pytest.raises(Refused, match="has passed"):
        restart(second, date(2026, 3, 2), by=cast.priya)


def test_it_follows_only_a_live_onboarding_of_its_own_customer(both) -> None:
    cast, _first, second = both
    other = make.onboarding(make.account("Fabrikam"), {TeamRole.CONSULTANT: cast.priya}, by=cast.priya)
    with pytest.raises(Refused, match="of this customer"):
        start_after(second, other, by=cast.priya)
    with pytest.raises(Refused, match="of this customer"):
        start_after(second, second, by=cast.priya)


def test_a_draft_whose_start_has_passed_asks_for_another(both, clock) -> None:
    _cast, _first, second = both
    clock.forward(days=200)
    with pytest.raises(Refused, match=r"has passed\. Choose another day first"):
        check_start(second)
