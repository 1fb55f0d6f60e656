"""Which plans wait for us, and how one stands in short."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Label, ScalarSelect, Select, and_, exists, or_, select
from sqlalchemy.orm import aliased, contains_eager, defer

from portal import clock, db
from portal.accounts.models import User
from portal.criteria.models import CriterionWording, SuccessCriterion
from portal.criteria.rules import Agreement
from portal.onboardings.models import Onboarding
from portal.onboardings.stages import Milestone
from portal.onboardings.states import RUNNING
from portal.plans.models import PlanSigner, PlanVersion, Seal, Signature
from portal.plans.rules import TO_SIGN, PlanState, SignerRole
from portal.scope.models import Scope, ScopeAgreement

ENDED = {PlanState.DECLINED, PlanState.EXPIRED}
OURS = {role for role in SignerRole if role.is_ours}


@dataclass(frozen=True)
class InShort:
    """The last version of a plan that somebody has begun: its number and how it stands."""

    n: int
    state: PlanState


def short_columns(onboarding: Onboarding) -> list[Label[int]]:
    """What an `InShort` is made of, as columns of a statement that reads this onboarding anyway."""
    last = select(PlanVersion.id).where(PlanVersion.onboarding_id == onboarding.id)
    newest = last.order_by(PlanVersion.n.desc()).limit(1).scalar_subquery()
    return [
        select(column).where(PlanVersion.id == newest).scalar_subquery().label(name)
        for name, column in (("plan_n", PlanVersion.n), ("plan_state", PlanVersion.state))
    ]


@dataclass(frozen=True)
class Waiting:
    """A version that somebody of ours is to see to: it is their turn to sign it, after `signed_by` of the customer's
    side did at `signed_at`, or what it says has `moved`, or else how it stands says why."""

    version: PlanVersion
    is_turn: bool
    moved: bool
    signed_by: str | None
    signed_at: datetime | None


def for_us(signers: Collection[int]) -> tuple[list[Any], ColumnElement[bool], Select[int]]:
    """For a statement that reads onboardings anyway: the columns of a `Waiting`, by what versions are joined to them,
    and the onboardings of which one of `signers` is to sign something."""
    later = aliased(PlanVersion)
    after = exists().where(later.onboarding_id == PlanVersion.onboarding_id, later.n > PlanVersion.n)
    turn = _turn(signers)
    moved = and_(PlanVersion.state == PlanState.SIGNED, ~after.where(later.state.in_(TO_SIGN)), _differs())
    unsealed = and_(
        PlanVersion.seal_failed_at.is_not(None), ~exists().where(Seal.version_id == PlanVersion.id)
    )
    # Whether that day is over there yet, `is_overdue` says.
    over = and_(
        PlanVersion.state == PlanState.SENT, PlanVersion.expires_on <= clock.today() + timedelta(days=1)
    )
    ended = and_(PlanVersion.state.in_(ENDED), ~after.where(later.sent_at.is_not(None)))
    joined = and_(
        PlanVersion.onboarding_id == Onboarding.id,
        or_(and_(Onboarding.state.in_(RUNNING), or_(ended, over, turn, moved)), unsealed),
    )
    last = [_last_of_theirs(column) for column in (Signature.name, Signature.signed_at)]
    theirs = (
        select(PlanVersion.onboarding_id)
        .join(PlanSigner, PlanSigner.version_id == PlanVersion.id)
        .where(PlanVersion.state.in_(TO_SIGN), PlanSigner.user_id.in_(signers))
    )
    return [PlanVersion, turn, moved, *last], joined, theirs


def asked_of(onboarding: Onboarding, reader: User) -> PlanVersion | None:
    """The version that waits for this reader to sign it, without its text; one statement."""
    rows = (
        select(PlanVersion)
        .join(PlanSigner, PlanSigner.version_id == PlanVersion.id)
        .where(
            PlanVersion.onboarding_id == onboarding.id,
            PlanVersion.state.in_(TO_SIGN),
            PlanSigner.user_id == reader.id,
            PlanSigner.role.not_in(OURS),
            ~exists().where(Signature.version_id == PlanVersion.id, Signature.user_id == reader.id),
        )
    )
    found = db.session.scalars(rows.options(*short()).order_by(PlanVersion.n.desc()).limit(1)).one_or_none()
    return None if found is None or found.is_overdue else found


def sealed_of(onboarding: Onboarding) -> list[PlanVersion]:
    """The versions whose sealed file is there, the newest first, without their texts; one statement."""
    rows = select(PlanVersion).join(Seal).where(PlanVersion.onboarding_id == onboarding.id)
    options = (contains_eager(PlanVersion.seal), *short())
    return list(db.session.scalars(rows.options(*options).order_by(PlanVersion.n.desc())))


def short() -> list[Any]:
    """What such a statement leaves out of the versions."""
    return [defer(PlanVersion.snapshot), defer(PlanVersion.words)]


def _last_of_theirs(column: Any) -> ScalarSelect[Any]:
    """Of the last signature of the customer's side under a version."""
    here = select(column).where(Signature.version_id == PlanVersion.id, Signature.role.not_in(OURS))
    return here.order_by(Signature.id.desc()).limit(1).scalar_subquery()


def _turn(signers: Collection[int]) -> ColumnElement[bool]:
    """Whether one of these can sign for us now: the customer's side has."""
    waits = ~exists().where(
        Signature.version_id == PlanSigner.version_id, Signature.user_id == PlanSigner.user_id
    )
    here = [PlanSigner.version_id == PlanVersion.id, waits]
    mine = exists().where(*here, PlanSigner.role.in_(OURS), PlanSigner.user_id.in_(signers))
    theirs = exists().where(*here, PlanSigner.role.not_in(OURS))
    return and_(PlanVersion.state.in_(TO_SIGN), mine, ~theirs)


def _differs() -> ColumnElement[bool]:
    """Whether a date, a result or the scope isn't any more what stood in a version when it was sent. Cheap, and so
    now and then wrong about a change that was changed back; the page of the plan looks closely."""
    date = exists().where(
        Milestone.onboarding_id == PlanVersion.onboarding_id,
        Milestone.reached_on.is_(None),
        Milestone.signed_due_on.is_not(None),
        Milestone.signed_due_on != Milestone.due_on,
    )
    result = exists().where(
        SuccessCriterion.onboarding_id == PlanVersion.onboarding_id,
        CriterionWording.criterion_id == SuccessCriterion.id,
        or_(
            and_(
                CriterionWording.state == Agreement.AGREED,
                CriterionWording.decided_at > PlanVersion.sent_at,
                SuccessCriterion.withdrawn_at.is_(None),
            ),
            SuccessCriterion.withdrawn_at > PlanVersion.sent_at,
        ),
    )
    scope = exists().where(
        Scope.onboarding_id == PlanVersion.onboarding_id,
        ScopeAgreement.scope_id == Scope.id,
        ScopeAgreement.at > PlanVersion.sent_at,
    )
    return or_(date, result, scope)
