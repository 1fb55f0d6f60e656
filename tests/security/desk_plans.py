"""What has to be true of a plan before some requests of the desk. No letters are written here."""

from sqlalchemy import select, update

from portal import clock, db
from portal.accounts.models import Person
from portal.criteria.models import CriterionWording
from portal.criteria.rules import OPEN, Agreement
from portal.onboardings.models import Onboarding
from portal.plans.models import Plan, PlanVersion
from portal.plans.rules import PlanState
from portal.scope.models import Scope
from portal.scope.rows import ScopeAgreement
from portal.scope.rules import Side as Which
from tests.security.world import Side


def plan_can_be_sent(side: Side) -> None:
    """Every result and the list are agreed."""
    open_ones = select(CriterionWording).where(
        CriterionWording.account_id == side.account_id, CriterionWording.state.in_(OPEN)
    )
    for one in db.session.scalars(open_ones):
        one.state = Agreement.AGREED
    road = db.session.get_one(Onboarding, side.road_id)
    scope = Scope.of(road)
    admin = db.session.scalars(select(Person).where(Person.account_id == side.account_id)).first()
    items = [
        {
            "key": one.key,
            "side": Which(one.side).value,
            "statement": one.statement,
            "why": one.why,
            "alternative": one.alternative,
        }
        for one in scope.standing
    ]
    scope.agreements.append(
        ScopeAgreement(account_id=side.account_id, n=len(scope.agreements) + 1, items=items, by=admin)
    )
    db.session.commit()
    side.seals["plan"] = Plan.of(road).document.mark


def plan_has_no_seal(side: Side) -> None:
    """Everybody has signed what was sent, and sealing failed."""
    sent = update(PlanVersion).where(PlanVersion.id == side.ids["version"])
    failed = {"seal_failed_at": clock.now(), "seal_failure": "The passphrase is another one."}
    db.session.execute(sent.values(state=PlanState.SIGNED, signed_at=clock.now(), **failed))
    db.session.commit()
