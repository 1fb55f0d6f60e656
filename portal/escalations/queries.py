"""Which cases a viewer sees, in which order, and how it went lately."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Self

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from portal import clock, db
from portal.access import GRANTS, Can, viewer, visible
from portal.accounts.kinds import Segment
from portal.accounts.models import Account, Staff
from portal.activity.models import Activity
from portal.escalations.clocks import worked
from portal.escalations.models import Escalation, EscalationReason, EscalationState
from portal.escalations.routing import shift_of
from portal.escalations.words import REASONS
from portal.onboardings.models import Onboarding
from portal.onboardings.states import LIVE, OnboardingState

PAGE = 50
LATELY = timedelta(days=30)
VIEWS = ("team", "mine", "overdue", "nobody")

OPEN = Escalation.resolved_at.is_(None)
IS_OPEN = Escalation.state == EscalationState.OPEN
IS_WAITING = Escalation.state == EscalationState.WAITING_ON_CUSTOMER


@dataclass(frozen=True)
class Asked:
    """What the address asks the queue for; anything mangled asks for nothing."""

    view: str = "team"
    level: int | None = None
    reason: str = ""
    segment: Segment | None = None

    @classmethod
    def read(cls, args: Mapping[str, str]) -> Self:
        level, segment = args.get("level", ""), args.get("segment", "")
        return cls(
            view=args.get("view", "") if args.get("view") in VIEWS else "team",
            level=int(level) if level in ("1", "2", "3") else None,
            reason=args.get("reason", "") if args.get("reason") in REASONS else "",
            segment=Segment(segment) if segment in set(Segment) else None,
        )

    def seen_as(self, view: str) -> Self:
        return replace(self, view=view)

    @property
    def narrow(self) -> bool:
        return bool(self.level or self.reason or self.segment)

    @property
    def args(self) -> dict[str, Any]:
        values = {
            "view": self.view if self.view != "team" else "",
            "level": self.level or "",
            "reason": self.reason,
            "segment": self.segment.value if self.segment else "",
        }
        return {name: value for name, value in values.items() if value}


def overdue() -> ColumnElement[bool]:
    """Its clock has run out: nobody took it, or nothing was done."""
    now = clock.now()
    return or_(
        and_(IS_OPEN, Escalation.acknowledge_by <= now), and_(~IS_OPEN, ~IS_WAITING, Escalation.act_by <= now)
    )


def _mine() -> ColumnElement[bool]:
    return Escalation.owner_id == viewer().id


def _of_view(view: str) -> list[ColumnElement[bool]]:
    found: dict[str, list[ColumnElement[bool]]] = {
        "mine": [_mine()],
        "overdue": [overdue()],
        "nobody": [Escalation.owner_id.is_(None)],
    }
    return found.get(view, [])


def counts() -> dict[str, int]:
    """How many are open in each view; one statement."""

    def sum_of(condition: ColumnElement[bool]) -> Any:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    columns = (
        func.count(), sum_of(_mine()), sum_of(overdue()), sum_of(Escalation.owner_id.is_(None)),
    )  # fmt: skip
    row = db.session.execute(visible(Escalation).where(OPEN).with_only_columns(*columns)).one()
    return dict(zip(VIEWS, map(int, row), strict=True))


def queue(asked: Asked, page: int) -> tuple[list[Escalation], bool]:
    """A page of the open cases, by group and then by clock, and whether there are more; three statements."""
    order = case((IS_OPEN, 0), (IS_WAITING, 2), else_=1)
    clock_of = case((IS_OPEN, Escalation.acknowledge_by), else_=Escalation.act_by)
    rows = (
        visible(Escalation)
        .join(Onboarding, Onboarding.id == Escalation.onboarding_id)
        .join(Account, Account.id == Escalation.account_id)
        .where(OPEN, *_of_view(asked.view), *_narrowed(asked))
        .options(*_whole())
        .order_by(order, clock_of.is_(None), clock_of, Escalation.wait_until, Escalation.id)
    )
    found = list(db.session.scalars(rows.offset(page * PAGE).limit(PAGE + 1)).unique())
    return found[:PAGE], len(found) > PAGE


def _narrowed(asked: Asked) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.level:
        found.append(Escalation.level == asked.level)
    if asked.segment:
        found.append(Account.segment == asked.segment)
    if asked.reason:
        has = exists().where(
            EscalationReason.escalation_id == Escalation.id, EscalationReason.code == asked.reason
        )
        found.append(has)
    return found


def _whole() -> tuple[Any, ...]:
    return (
        joinedload(Escalation.onboarding).joinedload(Onboarding.account),
        joinedload(Escalation.owner),
        joinedload(Escalation.instead_of),
        selectinload(Escalation.reasons),
    )


@dataclass(frozen=True)
class Lately:
    """How it went in the last 30 days: `took` is the median working time until somebody said “I'm on it”."""

    opened: int
    roads: int
    took: timedelta | None
    resolved: int
    right: int

    @property
    def per_ten(self) -> float:
        return 10 * self.opened / self.roads if self.roads else 0.0


def lately() -> Lately:
    """The figures under the queue; three statements."""
    since = clock.now() - LATELY
    rows = visible(Escalation).where(or_(Escalation.opened_at > since, Escalation.resolved_at > since))
    found = list(db.session.scalars(rows.options(joinedload(Escalation.owner))))
    opened = [one for one in found if one.opened_at > since]
    settled = [one for one in found if one.resolved_at and one.resolved_at > since]
    times = sorted(
        worked(one.opened_at, one.acknowledged_at, shift_of(one.owner))
        for one in opened
        if one.acknowledged_at
    )
    roads = visible(Onboarding).where(Onboarding.state.in_(LIVE - {OnboardingState.DRAFT}))
    return Lately(
        opened=len(opened),
        roads=db.session.scalar(roads.with_only_columns(func.count())) or 0,
        took=times[len(times) // 2] if times else None,
        resolved=sum(one.state is EscalationState.RESOLVED for one in settled),
        right=sum(one.trigger_right is True for one in settled),
    )


# --- One case -------------------------------------------------------------------------------------


def past_of(found: Escalation, count: int) -> Sequence[Activity]:
    """What was done about this case, latest first."""
    rows = select(Activity).where(
        Activity.subject_type == Escalation.__tablename__, Activity.subject_id == found.id
    )
    return db.session.scalars(rows.order_by(Activity.id.desc()).limit(count)).all()


def takers() -> list[Staff]:
    """Whoever of us can have a case, by name."""
    rows = select(Staff).where(Staff.left_at.is_(None)).order_by(Staff.name, Staff.id)
    return [one for one in db.session.scalars(rows) if one.roles & GRANTS[Can.WORK_ESCALATION]]


def is_open_about(onboarding_id: Any) -> ColumnElement[bool]:
    """The one case that is open about a road, apart from low scores after it."""
    return and_(Escalation.onboarding_id == onboarding_id, OPEN, Escalation.apart.is_(False))


def open_case_of(onboarding: Onboarding) -> Escalation | None:
    """The case that is open about this road, with its owner and reasons; one statement."""
    rows = visible(Escalation).where(Escalation.onboarding_id == onboarding.id, OPEN)
    rows = rows.options(joinedload(Escalation.owner), joinedload(Escalation.reasons))
    return db.session.scalars(rows.order_by(Escalation.apart, Escalation.id)).unique().first()
