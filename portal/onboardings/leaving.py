"""Somebody of ours leaves: nothing that runs may count on them, and they are out at once."""

from flask_babel import gettext as _
from sqlalchemy import or_, select, update

from portal import db
from portal.accounts import staffing
from portal.accounts.models import Account, Staff, TeamMember, User
from portal.activity.models import Audience, Verb, record
from portal.auth.models import revoke_links
from portal.auth.sessions import end_sessions
from portal.errors import Refused
from portal.onboardings.models import Onboarding
from portal.onboardings.states import FINAL, LIVE
from portal.onboardings.steps import Step
from portal.onboardings.words import listed


def leave(staff: Staff, *, by: User | None) -> None:
    """They can't sign in any more; their sessions and links end now. Raises Refused while they are on a team or have
    an open item of an onboarding that runs, are the only site admin, or stand in for somebody who is away."""
    staffing.check_needed(staff)
    if counting := _counting_on(staff):
        raise Refused(
            _(
                "%(name)s still works with %(customers)s. Hand over first.",
                name=staff.name,
                customers=counting,
            )
        )
    staff.leave()
    for_whom = update(Staff).where(Staff.stand_in_id == staff.id).values(stand_in_id=None)
    db.session.execute(for_whom)
    end_sessions(staff)
    revoke_links(staff)
    record(staff, Verb.STAFF_LEFT, by=by, audience=Audience.STAFF)


def _counting_on(staff: Staff) -> str:
    """The customers whose onboardings run with them, by name; empty when none do."""
    on_team = select(TeamMember.onboarding_id).where(TeamMember.staff_id == staff.id)
    items = select(Step.onboarding_id).where(Step.assignee_id == staff.id, Step.state.not_in(FINAL))
    names = (
        select(Account.name)
        .join(Onboarding, Onboarding.account_id == Account.id)
        .where(Onboarding.state.in_(LIVE), or_(Onboarding.id.in_(on_team), Onboarding.id.in_(items)))
        .distinct()
        .order_by(Account.name)
    )
    return listed(db.session.scalars(names))
