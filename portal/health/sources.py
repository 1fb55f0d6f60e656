"""What the facts of many onboardings are read from: so many statements, whatever their number."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from portal import db
from portal.accounts.kinds import PortalRole
from portal.accounts.models import Person
from portal.auth.queries import last_seen
from portal.calls.models import Call
from portal.calls.rules import CallState, Side
from portal.criteria.models import CriterionCheckpoint, CriterionWording, Measurement, SuccessCriterion
from portal.criteria.rules import OVER, Agreement, Direction
from portal.messages.models import Message
from portal.onboardings.links import links_of
from portal.onboardings.models import Onboarding
from portal.onboardings.signals import Signal, SignalKind
from portal.onboardings.stages import Milestone, Module, Stage
from portal.onboardings.standing import Standing
from portal.onboardings.states import FINAL, WORKABLE, StepState
from portal.onboardings.steps import Step
from portal.onboardings.visits import Visit
from portal.plans.models import PlanSigner, PlanVersion, Signature
from portal.plans.rules import PlanState
from portal.readiness.prerequisite_rules import Facts as ReadyFacts
from portal.readiness.prerequisites import Prerequisite
from portal.uploads import Document
from portal.usage.models import UsageUser

CALL_KINDS = ("book_call", "attend_call")
PLAN_KINDS = ("plan", "sign")
NEEDED = (
    "onboarding_id", "ref", "key", "kind", "state", "owner_side", "required", "visible", "waiting", "due_on",
    "first_due_on", "call_on", "asked_on", "snoozed_until", "blocked_by", "assignee_id", "stage_id", "done_via",
    "done_at",
)  # fmt: skip


class StepLine(Standing):
    """A few columns of one step."""

    __slots__ = NEEDED

    onboarding_id: Any
    ref: Any
    kind: Any
    first_due_on: Any
    done_via: Any
    done_at: Any

    def __init__(self, row: Sequence[Any]) -> None:
        for name, value in zip(NEEDED, row, strict=True):
            setattr(self, name, value)


class StageLine(NamedTuple):
    """An open stage."""

    key: str
    opened_at: datetime


class CallLine(NamedTuple):
    kind: str
    state: CallState
    side: Side | None
    start: datetime


class PersonLine(NamedTuple):
    """One person of an account, and when they were last seen."""

    id: int
    is_sponsor: bool
    roles: Collection[str]
    invited_at: datetime | None
    joined_at: datetime | None
    left_at: datetime | None
    asked: bool


class LateMilestone(NamedTuple):
    title: str
    due_on: date


@dataclass
class Terms:
    """An agreed result as `criteria.rules` reads it."""

    statement: str
    direction: Direction
    baseline: Decimal
    target: Decimal
    target_on: date
    must_have: bool
    points: list[Any] = field(default_factory=list)
    readings: list[Any] = field(default_factory=list)


class Point(NamedTuple):
    on: date
    value: Decimal | None


def _lists() -> Any:
    return defaultdict(list)


@dataclass
class Sources:
    """Rows by the id of their onboarding; people by their account's."""

    steps: dict[int, list[StepLine]] = field(default_factory=_lists)
    stages: dict[int, dict[int, StageLine]] = field(default_factory=lambda: defaultdict(dict))
    milestones: dict[int, list[LateMilestone]] = field(default_factory=_lists)
    signals: dict[int, list[SignalKind]] = field(default_factory=_lists)
    calls: dict[int, list[CallLine]] = field(default_factory=_lists)
    people: dict[int, list[PersonLine]] = field(default_factory=_lists)
    seen_at: dict[int, datetime] = field(default_factory=dict)
    visited_on: dict[int, date] = field(default_factory=dict)
    step_visits: dict[int, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    said_at: dict[int, datetime] = field(default_factory=dict)
    ready: dict[int, list[tuple[str, ReadyFacts]]] = field(default_factory=_lists)
    criteria: dict[int, list[Terms]] = field(default_factory=_lists)
    unsigned: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    technical: set[int] = field(default_factory=set)


def whole(ids: Collection[int]) -> list[Onboarding]:
    """These onboardings with what the facts need of their rows."""
    rows = select(Onboarding).where(Onboarding.id.in_(ids)).order_by(Onboarding.id)
    return list(
        db.session.scalars(
            rows.options(
                joinedload(Onboarding.account),
                joinedload(Onboarding.playbook_version),
                joinedload(Onboarding.product),
                selectinload(Onboarding.holds),
                selectinload(Onboarding.waves),
            )
        ).unique()
    )


def read(roads: Sequence[Onboarding], latest: date) -> Sources:
    """Everything else; `latest` is the last date that any zone has now."""
    found, ids = Sources(), [road.id for road in roads]
    accounts = {road.account_id for road in roads}
    _steps(found, ids, latest)
    _milestones(found, ids, latest)
    _talk(found, ids)
    _people(found, ids, accounts)
    _ready(found, ids)
    _criteria(found, ids)
    _unsigned(found, ids)
    technical = {key for road in roads for key in links_of(road).technical}
    modules = select(Module.onboarding_id).where(Module.onboarding_id.in_(ids), Module.key.in_(technical))
    found.technical.update(road for (road,) in _rows(modules.distinct()))
    return found


def _rows(query: Any) -> Iterator[Any]:
    return iter(db.session.execute(query))


def _steps(found: Sources, ids: Sequence[int], latest: date) -> None:
    """What is open, what is late, and what is about a call or the plan, whatever became of it."""
    open_now = Step.state.in_((*WORKABLE, StepState.SUBMITTED))
    late = and_(Step.state == StepState.LOCKED, Step.due_on < latest)
    about = Step.kind.in_((*CALL_KINDS, *PLAN_KINDS))
    columns = [getattr(Step, name) for name in NEEDED]
    rows = select(*columns).where(
        Step.onboarding_id.in_(ids), or_(open_now, late, about, Step.done_via == "usage")
    )
    for row in _rows(rows.order_by(Step.position)):
        found.steps[row[0]].append(StepLine(row))
    stages = select(Stage.onboarding_id, Stage.id, Stage.key, Stage.opened_at)
    for road, stage_id, key, opened_at in _rows(
        stages.where(Stage.onboarding_id.in_(ids), Stage.opened_at.is_not(None))
    ):
        found.stages[road][stage_id] = StageLine(key, opened_at)


def _milestones(found: Sources, ids: Sequence[int], latest: date) -> None:
    """Those that are late and of which something is still to be done."""
    rows = select(Milestone.onboarding_id, Milestone.title, Milestone.due_on, Milestone.step_keys)
    late = list(
        _rows(
            rows.where(
                Milestone.onboarding_id.in_(ids), Milestone.reached_on.is_(None), Milestone.due_on < latest
            )
        )
    )
    if not late:
        return
    keys: dict[int, set[str]] = defaultdict(set)
    steps = select(Step.onboarding_id, Step.key).where(
        Step.onboarding_id.in_({row[0] for row in late}), Step.state.not_in(FINAL)
    )
    for road, key in _rows(steps):
        keys[road].add(key)
    for road, title, due_on, step_keys in late:
        if keys[road].intersection(step_keys):
            found.milestones[road].append(LateMilestone(title, due_on))


def _talk(found: Sources, ids: Sequence[int]) -> None:
    """Signals, calls, and when the customer last said something."""
    signals = select(Signal.onboarding_id, Signal.kind)
    for road, kind in _rows(signals.where(Signal.onboarding_id.in_(ids), Signal.settled_at.is_(None))):
        found.signals[road].append(kind)
    calls = select(Call.onboarding_id, Call.kind, Call.state, Call.no_show_side, Call.start)
    calls = calls.where(Call.onboarding_id.in_(ids), Call.state != CallState.CANCELLED)
    for road, *call in _rows(calls.order_by(Call.start)):
        found.calls[road].append(CallLine(*call))
    found.said_at.update(said_at(ids))


def said_at(ids: Collection[int]) -> dict[int, datetime]:
    """When each road's customer last wrote or shared something; two statements."""
    wrote = select(Message.onboarding_id, func.max(Message.created_at))
    wrote = wrote.join(Person, Person.id == Message.author_id).where(Message.onboarding_id.in_(ids))
    shared = select(Document.onboarding_id, func.max(Document.created_at))
    shared = shared.join(Person, Person.id == Document.uploader_id).where(Document.onboarding_id.in_(ids))
    last: dict[int, datetime] = {}
    for rows in (wrote.group_by(Message.onboarding_id), shared.group_by(Document.onboarding_id)):
        for road, at in _rows(rows):
            last[road] = max(at, last.get(road, at))
    return last


def _people(found: Sources, ids: Sequence[int], accounts: Collection[int]) -> None:
    """The people of these accounts and their last traces: their browser or an act, a page, an event in the product."""
    people = select(
        Person.account_id, Person.id, Person.portal_role, Person.stakeholder_roles, Person.invited_at,
        Person.joined_at, Person.left_at, Person.suggested_by_id,
    )  # fmt: skip
    for account, who, role, roles, invited, joined, left, by in _rows(
        people.where(Person.account_id.in_(accounts)).order_by(Person.id)
    ):
        asked = by is None or invited is not None
        line = PersonLine(who, role is PortalRole.SPONSOR, roles, invited, joined, left, asked)
        found.people[account].append(line)
    found.seen_at.update(last_seen([one.id for here in found.people.values() for one in here]))
    used = select(UsageUser.person_id, func.max(UsageUser.last_seen_at))
    used = used.where(UsageUser.account_id.in_(accounts), UsageUser.person_id.is_not(None))
    for who, at in _rows(used.group_by(UsageUser.person_id)):
        found.seen_at[who] = max(at, found.seen_at.get(who, at))
    visits = select(Visit.person_id, func.max(Visit.day)).where(Visit.onboarding_id.in_(ids))
    found.visited_on.update((who, day) for who, day in _rows(visits.group_by(Visit.person_id)))
    looked = select(Visit.onboarding_id, Visit.page, func.count(Visit.day.distinct()))
    looked = looked.where(Visit.onboarding_id.in_(ids), Visit.page.startswith("step:"))
    for road, page, days in _rows(looked.group_by(Visit.onboarding_id, Visit.page)):
        found.step_visits[road][page.removeprefix("step:")] = days


def _ready(found: Sources, ids: Sequence[int]) -> None:
    one = Prerequisite
    rows = select(one.onboarding_id, one.title, one.status, one.due_on, one.blocking, one.sponsor_after)
    rows = rows.where(one.onboarding_id.in_(ids), one.left_out_at.is_(None), one.without_at.is_(None))
    for road, title, status, due_on, blocking, after in _rows(rows):
        found.ready[road].append((title, ReadyFacts(status, due_on, blocking, False, after)))


def _criteria(found: Sources, ids: Sequence[int]) -> None:
    """The results in force that are still to be reached, with their checkpoints and what was measured."""
    one, wording = SuccessCriterion, CriterionWording
    rows = select(
        one.onboarding_id, one.id, wording.id, wording.statement, wording.direction, wording.baseline,
        wording.target, wording.target_on, wording.must_have,
    )  # fmt: skip
    rows = rows.join(wording, and_(wording.criterion_id == one.id, wording.state == Agreement.AGREED))
    rows = rows.where(one.onboarding_id.in_(ids), one.withdrawn_at.is_(None), one.achievement.not_in(OVER))
    by_wording, by_criterion = {}, {}
    for road, criterion_id, wording_id, *terms in _rows(rows.order_by(one.n)):
        by_wording[wording_id] = by_criterion[criterion_id] = made = Terms(*terms)
        found.criteria[road].append(made)
    if not by_wording:
        return
    point = CriterionCheckpoint
    points = select(point.wording_id, point.on, point.value).where(point.wording_id.in_(by_wording))
    for wording_id, on, value in _rows(points.order_by(point.on)):
        by_wording[wording_id].points.append(Point(on, value))
    readings = select(Measurement.criterion_id, Measurement.on, Measurement.value)
    readings = readings.where(Measurement.criterion_id.in_(by_criterion))
    for criterion_id, on, value in _rows(readings.order_by(Measurement.on, Measurement.id)):
        by_criterion[criterion_id].readings.append(Point(on, value))


def _unsigned(found: Sources, ids: Sequence[int]) -> None:
    """Whose signature a plan waits for."""
    rows = select(PlanVersion.onboarding_id, PlanSigner.user_id)
    rows = rows.join(PlanSigner, PlanSigner.version_id == PlanVersion.id)
    rows = rows.outerjoin(
        Signature, and_(Signature.version_id == PlanVersion.id, Signature.user_id == PlanSigner.user_id)
    )
    waiting = PlanVersion.state.in_((PlanState.SENT, PlanState.PARTLY_SIGNED))
    for road, user in _rows(rows.where(PlanVersion.onboarding_id.in_(ids), waiting, Signature.id.is_(None))):
        found.unsigned[road].add(user)
