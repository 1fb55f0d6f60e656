"""What the staff's pages read: the list of onboardings from stored columns, one onboarding with everything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort
from sqlalchemy import ColumnElement, Date, Select, and_, case, exists, func, literal, or_, select, true
from sqlalchemy.orm import aliased, defer, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from portal import db, web
from portal.access import visible
from portal.accounts.kinds import TeamRole
from portal.accounts.models import Account, Staff, TeamMember
from portal.messages.models import Thread
from portal.onboardings import queries as roads
from portal.onboardings.models import Onboarding
from portal.onboardings.states import LIVE, RUNNING, OnboardingState, StepState
from portal.onboardings.steps import Step

PAGE = 50

# The groups of the list, those that need us first.
GROUPS = ("us", "customer", "blocked", "nobody", "draft", "hold", "over")
MOVING = ("us", "customer", "blocked", "nobody")  # Where somebody can still be expected to move.
OVER = GROUPS.index("over")
ASKED = Thread.awaits_reply_since.is_not(None)
# The next step can be one for both sides that somebody of ours has in hand, such as a call that they host.
HOSTED = exists().where(Step.id == Onboarding.next_step_id, Step.assignee_id == Staff.id)
_HERE = Step.onboarding_id == Onboarding.id
_IN_THE_WAY = and_(Step.required, Step.state == StepState.BLOCKED)
_OURS = and_(Step.required, Step.ours_since.is_not(None))
ENDED = func.coalesce(Onboarding.graduated_at, Onboarding.ball_since, Onboarding.created_at)


def _earlier(one: Any, other: Any) -> ColumnElement[date]:
    """The earlier of two dates; where one is missing, the other."""
    return case((one < other, one), else_=func.coalesce(other, one))


def _groups(today: date) -> dict[str, ColumnElement[bool]]:
    """What puts an onboarding into which group; it is in the first that fits. Needs the thread joined.

    It waits on us where the customer spoke last, where the next step is in our hands, where nobody else can move, and
    where the day that we named comes no later than theirs or has passed: a broken promise comes first, whoever else
    could move. Where nobody can move, something may be in the way.
    """
    running = Onboarding.state.in_(RUNNING)
    ours_first = or_(
        Onboarding.ball == "us",
        Onboarding.our_due_on <= Onboarding.next_due_on,
        Onboarding.our_due_on < today,
        HOSTED,
    )
    return {
        "us": or_(ASKED, and_(running, ours_first)),
        "customer": and_(running, Onboarding.ball == "customer"),
        "blocked": and_(running, exists().where(_HERE, _IN_THE_WAY)),
        "nobody": running,
        "draft": Onboarding.state == OnboardingState.DRAFT,
        "hold": Onboarding.state == OnboardingState.ON_HOLD,
        "over": true(),
    }


def _rank(today: date) -> ColumnElement[int]:
    """The group's place in `GROUPS`."""
    *fitting, _rest = _groups(today).values()
    return case(*((fits, place) for place, fits in enumerate(fitting)), else_=len(fitting))


def _due(rank: Any) -> Any:
    """What a group is sorted by: our own promise where we are to move, else the next date; of what is over, none."""
    hosted = case((HOSTED, Onboarding.next_due_on), else_=None)
    ours = _earlier(hosted, _earlier(Thread.answer_due_on, Onboarding.our_due_on))
    blocked = select(func.min(Step.due_on)).where(_HERE, _IN_THE_WAY).scalar_subquery()
    due = case(
        (rank == GROUPS.index("us"), func.coalesce(ours, Onboarding.next_due_on)),
        (rank == GROUPS.index("blocked"), blocked),
        (rank == OVER, None),
        else_=Onboarding.next_due_on,
    )
    return func.coalesce(due, literal(date.max, Date()))


@dataclass(frozen=True)
class Page:
    """One page of the list: each onboarding with its group. `after` is where the next page begins, None on the last;
    `twins` are the ids of those whose account has another onboarding."""

    rows: list[tuple[str, Onboarding]]
    after: str | None
    twins: frozenset[int]


@dataclass(frozen=True)
class Leg:
    """One stage of an onboarding as a row's meter and its plan need it."""

    key: str
    share: int
    state: str
    done: int
    total: int


def page(*, mine: Staff | None, group: str, text: str, after: str | None) -> Page:
    """Fifty onboardings, those who need us first and of these the oldest date; what is over, newest first. `after`
    comes from the page before."""
    # One list of many accounts is grouped by one date, the reader's; each row then says by its own account's
    # date whether it is late (rows.py).
    today = web.local_today()
    query, rank = _filtered(visible(Onboarding), mine, text), _rank(today)
    due = _due(rank)
    if group in GROUPS:
        query = query.where(_groups(today)[group], rank == GROUPS.index(group))
    if (place := _place(after)) is not None:
        query = query.where(_behind(rank, due, *place))
    # All are put in order by few columns; whole rows are read of one page only.
    ended = case((rank == OVER, ENDED), else_=None).label("ended")
    columns = Onboarding.id.label("id"), rank.label("rank"), due.label("due"), ended
    ordered = query.with_only_columns(*columns).order_by("rank", "due", ended.desc(), "id")
    here, other = ordered.limit(PAGE + 1).subquery(), aliased(Onboarding)
    twin = exists().where(other.account_id == Onboarding.account_id, other.id != Onboarding.id)
    rows = (
        select(Onboarding, here.c.rank, here.c.due, twin)
        .join(here, here.c.id == Onboarding.id)
        .options(
            joinedload(Onboarding.account),
            joinedload(Onboarding.product),
            joinedload(Onboarding.holds),
            joinedload(Onboarding.playbook_version),
            joinedload(Onboarding.next_step).options(joinedload(Step.assignee), defer(Step.data)),
        )
        .order_by(here.c.rank, here.c.due, here.c.ended.desc(), here.c.id)
    )
    found = db.session.execute(rows).unique().all()
    shown = found[:PAGE]
    mark = f"{shown[-1][1]}_{shown[-1][2]}_{shown[-1][0].id}" if len(found) > PAGE else None
    listed = [(GROUPS[rank], onboarding) for onboarding, rank, _due, _twin in shown]
    return Page(listed, mark, frozenset(onboarding.id for onboarding, *_place, twin in shown if twin))


def counts(mine: Staff | None, text: str) -> dict[str, int]:
    """How many there are of each group."""
    rank = _rank(web.local_today()).label("rank")
    found = _filtered(visible(Onboarding), mine, text).with_only_columns(rank).subquery()
    rows = db.session.execute(select(found.c.rank, func.count()).group_by(found.c.rank)).all()
    return {GROUPS[rank]: count for rank, count in rows}


def _filtered(query: Select[Any], mine: Staff | None, text: str) -> Select[Any]:
    query = query.outerjoin(Thread, Thread.onboarding_id == Onboarding.id)
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
    day, behind = literal(on, Date()), Onboarding.id > row
    if place == OVER:
        one = aliased(Onboarding)
        its = func.coalesce(one.graduated_at, one.ball_since, one.created_at)
        last = select(its).where(one.id == row).scalar_subquery()
        behind = or_(last > ENDED, and_(last == ENDED, behind))
    return or_(
        rank > place,
        and_(rank == place, due > day),
        and_(rank == place, due == day, behind),
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
            done=stage["done"],
            total=stage["total"],
        )
        for stage in onboarding.meter["stages"]
    ]


def load_teams(onboardings: Sequence[Onboarding]) -> None:
    """Put the team of each of these onboardings in place, stand-ins included, with one statement."""
    rows = select(TeamMember).where(TeamMember.onboarding_id.in_([one.id for one in onboardings]))
    rows = rows.options(joinedload(TeamMember.staff).joinedload(Staff.stand_in)).order_by(TeamMember.id)
    found: dict[int, list[TeamMember]] = {one.id: [] for one in onboardings}
    for member in db.session.scalars(rows):
        found[member.onboarding_id].append(member)
    for one in onboardings:
        set_committed_value(one, "team", found[one.id])


def owing(mine: Staff) -> list[Onboarding]:
    """Those of this person's onboardings in which anything waits on us at all; one statement."""
    running = Onboarding.state.in_(RUNNING)
    query = _filtered(visible(Onboarding), mine, "")
    query = query.where(or_(ASKED, and_(running, or_(exists().where(_HERE, _OURS), HOSTED))))
    query = query.options(
        joinedload(Onboarding.account),
        joinedload(Onboarding.holds),
        joinedload(Onboarding.playbook_version),
        joinedload(Onboarding.next_step).options(joinedload(Step.assignee), defer(Step.data)),
        defer(Onboarding.meter),
    )
    return list(db.session.scalars(query).unique())


def unfinished_of(onboardings: Sequence[Onboarding]) -> dict[int, list[Step]]:
    """The open steps of each of these onboardings that are ours or blocked, as far as they count; one statement."""
    rows = (
        select(Step)
        .where(
            Step.onboarding_id.in_([one.id for one in onboardings if one.is_running]),
            or_(_OURS, _IN_THE_WAY),
        )
        .options(joinedload(Step.assignee), joinedload(Step.module), defer(Step.data))
    )
    whole = {one.id: one for one in onboardings}
    found: dict[int, list[Step]] = {one.id: [] for one in onboardings}
    for step in db.session.scalars(rows):
        set_committed_value(step, "onboarding", whole[step.onboarding_id])
        found[step.onboarding_id].append(step)
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


def group_of(onboarding: Onboarding) -> str:
    """The group of the list that this onboarding is in, on the date of its own account."""
    rank = _rank(onboarding.account.today)
    rows = select(rank).outerjoin(Thread, Thread.onboarding_id == Onboarding.id)
    return GROUPS[db.session.scalars(rows.where(Onboarding.id == onboarding.id)).one()]


def staff_with(role: TeamRole) -> list[Staff]:
    """Who can play this part."""
    found = db.session.scalars(select(Staff).where(Staff.left_at.is_(None)).order_by(Staff.name))
    return [staff for staff in found if role.value in staff.staff_roles]
