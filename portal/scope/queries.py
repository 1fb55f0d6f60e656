"""Which road a page of ours is about."""

from flask import abort
from sqlalchemy import case

from portal import db
from portal.access import visible
from portal.accounts.models import Account
from portal.onboardings import queries as roads
from portal.onboardings.models import Onboarding
from portal.onboardings.states import LIVE


def road_of(account_ref: str, oid: str | None, *, lock: bool = False) -> Onboarding:
    """The road of this account that is asked for, else the newest that runs, else the newest; or 404."""
    query = visible(Onboarding).join(Account, Account.id == Onboarding.account_id)
    query = query.where(Account.ref == account_ref)
    if oid:
        query = query.where(Onboarding.ref == oid)
    live = case((Onboarding.state.in_(LIVE), 0), else_=1)
    found = query.order_by(live, Onboarding.id.desc()).with_only_columns(Onboarding.ref).limit(1)
    return roads.onboarding_or_404(db.session.scalar(found) or abort(404), lock=lock)
