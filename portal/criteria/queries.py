"""How the results of an onboarding stand, in short; what home says that they will get."""

from dataclasses import dataclass

from sqlalchemy import Label, func, select

from portal import db
from portal.criteria.models import CriterionWording, SuccessCriterion
from portal.criteria.road_step import asked_for
from portal.criteria.rules import OPEN, Agreement, Side
from portal.criteria.words import span
from portal.onboardings.models import Onboarding
from portal.onboardings.planning import STAGES

PROMISED = 3  # Lines on the customer's home.


@dataclass(frozen=True)
class Standing:
    """How many results there are, how many are agreed, and for how many each side has to answer."""

    total: int
    agreed: int
    ours: int
    theirs: int


def standing_columns(onboarding: Onboarding) -> list[Label[int]]:
    """The four numbers of a `Standing` as columns of a statement that reads this onboarding anyway."""
    live = SuccessCriterion.withdrawn_at.is_(None) & (SuccessCriterion.onboarding_id == onboarding.id)
    word = CriterionWording
    waits = word.state.in_(OPEN)
    proposed = word.state == Agreement.PROPOSED
    for_us = waits & ((word.side == Side.US) != proposed)
    conditions = {"total": waits | (word.state == Agreement.AGREED), "agreed": word.state == Agreement.AGREED}
    conditions |= {"ours": for_us, "theirs": waits & ~for_us}
    return [
        select(func.count(word.criterion_id.distinct()))
        .join(SuccessCriterion, SuccessCriterion.id == word.criterion_id)
        .where(live, condition)
        .scalar_subquery()
        .label(f"goals_{name}")
        for name, condition in conditions.items()
    ]


def promised(onboarding: Onboarding) -> list[str]:
    """The agreed must-haves, a line each: “Paid on time: 71 % → 98 %”. One statement, but none where a road asks
    for none or is in its first stage, before anything can be agreed."""
    if not asked_for(onboarding) or onboarding.current_stage == STAGES[0]:
        return []
    rows = db.session.scalars(
        select(CriterionWording)
        .join(SuccessCriterion, SuccessCriterion.id == CriterionWording.criterion_id)
        .where(
            SuccessCriterion.onboarding_id == onboarding.id,
            SuccessCriterion.withdrawn_at.is_(None),
            CriterionWording.state == Agreement.AGREED,
            CriterionWording.must_have,
        )
        .order_by(SuccessCriterion.n)
        .limit(PROMISED)
    )
    return [span(row) for row in rows]
