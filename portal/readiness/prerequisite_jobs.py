"""What is late and blocks is asked of both sponsors, once, after as many working days as its playbook says."""

from datetime import timedelta

from sqlalchemy import and_, select

from portal import clock, db
from portal.accounts.models import Account
from portal.activity.models import Audience, Verb
from portal.onboardings.jobs import for_each_account
from portal.onboardings.models import Onboarding
from portal.onboardings.states import RUNNING
from portal.readiness import prerequisite_letters as letters
from portal.readiness.prerequisite_rules import Status
from portal.readiness.prerequisites import Prerequisite

OPEN = and_(
    Prerequisite.blocking,
    Prerequisite.status != Status.READY,
    Prerequisite.left_out_at.is_(None),
    Prerequisite.without_at.is_(None),
    Prerequisite.sponsors_asked_at.is_(None),
    Onboarding.state.in_(RUNNING),
)


def ask_sponsors() -> None:
    """Write to the sponsors about what has been late for long enough; a second run finds nothing."""
    anywhere = clock.now().date() + timedelta(days=1)  # The latest date that any zone has now.
    rows = select(Prerequisite.account_id).join(Prerequisite.onboarding)
    for_each_account(rows.where(OPEN, Prerequisite.due_on < anywhere), _ask)


def _ask(account: Account) -> None:
    rows = (
        select(Prerequisite).join(Prerequisite.onboarding).where(OPEN, Prerequisite.account_id == account.id)
    )
    for one in db.session.scalars(rows.order_by(Prerequisite.id).with_for_update(of=Prerequisite)):
        if one.asks_sponsors:
            one.sponsors_asked_at = clock.now()
            asked = letters.sponsors_asked(one)
            one.tell(Verb.SPONSORS_ASKED, None, after={"asked": len(asked)}, audience=Audience.STAFF)
