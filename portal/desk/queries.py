"""What the staff's pages read: the list of onboardings from stored columns, one onboarding with everything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort
from sqlalchemy import Date, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import joinedload

from portal import db, web
from portal.access import visible
from portal.accounts.kinds import TeamRole
from portal.accounts.models import Account, Staff, TeamMember
from portal.onboardings import planning
from portal.onboardings import queries as roads
from portal.onboardings.models import Hold, Onboarding
from portal.onboardings.states import OnboardingState, StepState
from portal.onboardings.steps import WORKABLE, Step

PAGE = 50

# The groups of the list, those that need us first.
GROUPS = ("us", "customer", "nobody", "draft", "hold", "over")
LIVE = (
    OnboardingState.DRAFT,
    OnboardingState.PREPARING,
    OnboardingState.ACTIVE,
    OnboardingState.ON_HOLD,
)
RUNNING = Onboarding.state.in_((OnboardingState.PREPARING, OnboardingState.ACTIVE))
OURS = and_(
    Step.required,
    or_(Step.state == StepState.SUBMITTED, and_(Step.owner_side == "us", Step.state.in_(tuple(WORKABLE)))),
)
# For each onboarding the day that our first open promise is for.
promised = (
    select(Step.onboarding_id, func.min(Step.due_on).label("due_on"))
    .where(OURS)
    .group_by(Step.onboarding_id)
    .subquery()
)


def _rank() -> Any:
    """The group's place. A promise of ours that has passed puts us first, whoever else could move too."""
    return case(
        (and_(RUNNING, or_(Onboarding.ball == "us", promised.c.due_on < web.local_today())), 0),
        (and_(RUNNING, Onboarding.ball == "customer"), 1),
        (RUNNING, 2),
        (Onboarding.state == OnboardingState.DRAFT, 3),
        (Onboarding.state == OnboardingState.ON_HOLD, 4),
        else_=5,
    )


def _due(rank: Any) -> Any:
    """What a group is sorted by: our own promise where we are to move, else the next date."""
    ours = case((rank == 0, promised.c.due_on), else_=None)
    return func.coalesce(ours, Onboarding.next_due_on, literal(date.max, Date()))


@dataclass(frozen=True)
class Page:
    """One page of the list: each onboarding with its group. `after` is where the next page begins, None on the last."""

    rows: list[tuple[str, Onboarding]]
    after: str | None


@dataclass(frozen=True)
class Leg:
    """One stage of an onboarding as a row's meter and its plan need it."""

    key: str
    share: int
    state: str
    window: planning.Window
    done: int
    total: int


def page(*, mine: Staff | None, group: str, text: str, after: str | None) -> Page:
    """Fifty onboardings, those who need us first and of these the oldest date; `after` comes from the page before."""
    query, rank = _filtered(visible(Onboarding), mine, text), _rank()
    due = _due(rank)
    if group in GROUPS:
        query = query.where(rank == GROUPS.index(group))
    if (place := _place(after)) is not None:
        query = query.where(_behind(rank, due, *place))
    query = (
        query.add_columns(rank, due)
        .options(joinedload(Onboarding.account), joinedload(Onboarding.next_step).joinedload(Step.assignee))
        .order_by(rank, due, Onboarding.id)
    )
    found = db.session.execute(query.limit(PAGE + 1)).all()
    shown = found[:PAGE]
    mark = f"{shown[-1][1]}_{shown[-1][2]}_{shown[-1][0].id}" if len(found) > PAGE else None
    return Page([(GROUPS[rank], onboarding) for onboarding, rank, _due in shown], mark)


def counts(mine: Staff | None, text: str) -> dict[str, int]:
    """How many there are of each group."""
    query = _filtered(visible(Onboarding), mine, text).with_only_columns(_rank().label("rank")).subquery()
    rows = db.session.execute(select(query.c.rank, func.count()).group_by(query.c.rank)).all()
    return {GROUPS[rank]: count for rank, count in rows}


def _filtered(query: Select[Any], mine: Staff | None, text: str) -> Select[Any]:
    query = query.outerjoin(promised, promised.c.onboarding_id == Onboarding.id)
    if mine is not None:
        own = select(TeamMember.onboarding_id).where(TeamMember.staff_id == mine.id)
        query = query.where(Onboarding.id.in_(own))
    if text:
        # LIKE's own signs are letters here.
        safe = text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        named = select(Account.id).where(func.lower(Account.name).like(f"%{safe}%", escape="\\"))
        query = query.where(Onboarding.account_id.in_(named))
    return query


def _behind(rank: Any, due: Any, place: int, on: date, row: int) -> Any:
    """What stands after this place of the list."""
    day = literal(on, Date())
    return or_(
        rank > place,
        and_(rank == place, due > day),
        and_(rank == place, due == day, Onboarding.id > row),
    )


def _place(after: str | None) -> tuple[int, date, int] | None:
    """Where a page ended; anything mangled is the beginning."""
    parts = (after or "").split("_")
    if len(parts) != 3 or not all(part.isascii() for part in parts):
        return None
    rank, day, row = parts
    try:
        due = date.fromisoformat(day)
    except ValueError:
        return None
    if rank.isdigit() and len(rank) == 1 and row.isdigit() and len(row) < 19:
        return int(rank), due, int(row)
    return None


# --- What a page of the list needs besides ------------------------------------------------------


def legs_of(onboarding: Onboarding) -> list[Leg]:
    """The stages of an onboarding in order, with items done and in all, from what is stored with it."""
    return [
        Leg(
            key=stage["key"],
            share=stage["share"],
            state=stage["state"],
            window=planning.Window(date.fromisoformat(stage["starts"]), date.fromisoformat(stage["ends"])),
            done=stage["done"],
            total=stage["total"],
        )
        for stage in onboarding.meter["stages"]
    ]


def pauses(ids: Sequence[int]) -> dict[int, list[planning.Hold]]:
    """The holds of these onboardings, past and present."""
    found: dict[int, list[planning.Hold]] = {}
    for hold in db.session.scalars(select(Hold).where(Hold.onboarding_id.in_(ids)).order_by(Hold.id)):
        found.setdefault(hold.onboarding_id, []).append(planning.Hold(hold.began_on, hold.ended_on))
    return found


def first_of_ours(ids: Sequence[int]) -> dict[int, Step]:
    """For each of these onboardings our own open step that was promised first."""
    rows = (
        select(Step)
        .where(Step.onboarding_id.in_(ids), OURS)
        .options(joinedload(Step.assignee))
        .order_by(Step.onboarding_id, func.coalesce(Step.due_on, literal(date.max, Date())), Step.position)
    )
    found: dict[int, Step] = {}
    for step in db.session.scalars(rows):
        found.setdefault(step.onboarding_id, step)
    return found


# --- One onboarding -----------------------------------------------------------------------------


def onboarding_of(account_ref: str, oid: str | None, *, lock: bool = False) -> Onboarding:
    """The onboarding of this account that is asked for, else the newest that is running, else the newest; or 404."""
    query = (
        visible(Onboarding)
        .join(Account, Account.id == Onboarding.account_id)
        .where(Account.ref == account_ref)
        .options(joinedload(Onboarding.account), joinedload(Onboarding.playbook_version))
    )
    if oid:
        query = query.where(Onboarding.ref == oid)
    if lock:
        # One at a time changes a road: whoever comes second sees what the first has done.
        query = query.with_for_update(of=Onboarding)
    live = case((Onboarding.state.in_(LIVE), 0), else_=1)
    found = db.session.scalars(query.order_by(live, Onboarding.id.desc()).limit(1)).first()
    if found is None:
        abort(404)
    roads.load_road(found)
    roads.load_people(found)
    return found


def others_of(onboarding: Onboarding) -> list[Onboarding]:
    """The account's other onboardings that this viewer sees, newest first."""
    query = visible(Onboarding).where(
        Onboarding.account_id == onboarding.account_id, Onboarding.id != onboarding.id
    )
    return list(
        db.session.scalars(query.options(joinedload(Onboarding.product)).order_by(Onboarding.id.desc()))
    )


def staff_with(role: TeamRole) -> list[Staff]:
    """Who can play this part."""
    found = db.session.scalars(select(Staff).where(Staff.left_at.is_(None)).order_by(Staff.name))
    return [staff for staff in found if role.value in staff.staff_roles]
