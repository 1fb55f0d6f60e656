"""How many onboardings each of us carries."""

from flask_babel import gettext as _
from sqlalchemy import func, select

from portal import db, web
from portal.accounts.models import Staff, TeamMember
from portal.onboardings.models import Onboarding
from portal.onboardings.states import OnboardingState

BUSY = (OnboardingState.PREPARING, OnboardingState.ACTIVE, OnboardingState.ON_HOLD)


def load_of_each() -> dict[int, int]:
    """How many onboardings each of our people is on that run or are paused."""
    rows = (
        select(TeamMember.staff_id, func.count(Onboarding.id.distinct()))
        .join(Onboarding, Onboarding.id == TeamMember.onboarding_id)
        .where(Onboarding.state.in_(BUSY))
        .group_by(TeamMember.staff_id)
    )
    return dict(db.session.execute(rows).all())


def loaded(staff: Staff, load: dict[int, int]) -> str:
    """“Priya Rao, 12 of 20 onboardings, away until 4 Dec”."""
    n = load.get(staff.id, 0)
    said = _("%(name)s, %(n)s of %(most)s onboardings", name=staff.name, n=n, most=staff.capacity)
    if not staff.is_away or staff.away_until is None:
        return said
    return _("%(said)s, away until %(date)s", said=said, date=web.short_day(staff.away_until))
