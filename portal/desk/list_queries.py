"""Which onboardings the staff's list holds: filters, pages and counts, all from stored columns and their index."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Subquery, and_, exists, func, literal, select, tuple_, union_all
from sqlalchemy.orm import aliased, defer, joinedload

from portal import db
from portal.access import viewer, visible
from portal.accounts.kinds import TeamRole
from portal.accounts.models import Account, Staff, TeamMember
from portal.desk import queries
from portal.desk.list_filters import Filters
from portal.desk.models import SavedView
from portal.messages.models import Thread
from portal.messages.queries import ASKING, IS_ASKED
from portal.onboardings.models import Onboarding
from portal.onboardings.standings import Health
from portal.onboardings.steps import Step
from portal.onboardings.turns import Turn

PAGE = 50

_PLACE = (Onboarding.turn, Onboarding.turn_order, Onboarding.id)
_LARGEST = 2**63 - 1  # That either database takes.


@dataclass(frozen=True)
class Page:
    """One page of the list, with the threads in which something is asked. `after` is where the next page begins, None
    on the last; `twins` are the ids of those whose account has another onboarding; `owing` are, on the reader's own
    list, all those on any page in which something waits on us."""

    rows: list[Onboarding]
    owing: list[Onboarding]
    threads: dict[int, Thread]
    after: str | None
    twins: frozenset[int]

    @property
    def every(self) -> list[Onboarding]:
        return list(dict.fromkeys([*self.rows, *self.owing]))


def page(filters: Filters, after: str | None, *, size: int | None = None) -> Page:
    """Fifty onboardings (or `size`), those who need us first and of these the oldest date; what is over, newest first.
    `after` comes from the page before. One statement."""
    size = size or PAGE
    query = _filtered(visible(Onboarding), filters)
    if filters.turn is not None:
        query = query.where(Onboarding.turn == filters.turn)
    if filters.health is not None:
        query = query.where(Onboarding.health == filters.health)
    if (place := _place(after)) is not None:
        query = query.where(tuple_(*_PLACE) > tuple_(*place))
    # They are put in order by the index alone; whole rows are read of one page only.
    here = query.with_only_columns(Onboarding.id).order_by(*_PLACE).limit(size + 1).subquery()
    found = db.session.execute(_whole(here, filters)).unique().all()
    listed = [(row, twin) for row, twin, _thread, is_here, _owes in found if is_here]
    shown = listed[:size]
    return Page(
        rows=[row for row, _twin in shown],
        owing=[row for row, _twin, _thread, _here, owes in found if owes],
        threads={row.id: thread for row, _twin, thread, *_ in found if thread is not None},
        after=_mark(shown[-1][0]) if len(listed) > size else None,
        twins=frozenset(row.id for row, twin in shown if twin),
    )


def _whole(here: Subquery, filters: Filters) -> Select[Any]:
    """The rows of a page and, on the reader's own list, those that owe something: each once, with what it is."""
    parts = [select(here.c.id, literal(1).label("here"), literal(0).label("owes"))]
    if filters.are_mine and filters.of is not None:
        owing = queries.owing(filters.of)
        parts.append(owing.with_only_columns(Onboarding.id, literal(0), literal(1)))
    both = union_all(*parts).subquery()
    largest = func.max(both.c.here).label("here"), func.max(both.c.owes).label("owes")
    wanted = select(both.c.id, *largest).group_by(both.c.id).subquery()
    other = aliased(Onboarding)
    twin = exists().where(other.account_id == Onboarding.account_id, other.id != Onboarding.id)
    return (
        select(Onboarding, twin, Thread, wanted.c.here, wanted.c.owes)
        .join(wanted, wanted.c.id == Onboarding.id)
        .outerjoin(Thread, and_(Thread.onboarding_id == Onboarding.id, IS_ASKED))
        .options(
            *ASKING,
            joinedload(Onboarding.account),
            joinedload(Onboarding.product),
            joinedload(Onboarding.holds),
            joinedload(Onboarding.playbook_version),
            joinedload(Onboarding.next_step).options(joinedload(Step.assignee), defer(Step.data)),
        )
        .order_by(*_PLACE)
    )


@dataclass(frozen=True)
class Counts:
    """How many there are of each turn and health, whichever of them is asked for."""

    each: Mapping[tuple[Turn, Health | None], int]

    def of(self, turn: Turn | None = None, health: Health | None = None) -> int:
        """How many have this turn and this health; None is any."""
        return sum(
            n
            for (one, other), n in self.each.items()
            if turn in (None, one) and (health is None or other is health)
        )


def counts(filters: Filters) -> Counts:
    """One statement."""
    both = Onboarding.turn, Onboarding.health
    found = _filtered(visible(Onboarding), filters).with_only_columns(*both, func.count()).group_by(*both)
    return Counts({(turn, health): n for turn, health, n in db.session.execute(found)})


def colleagues_and_views() -> tuple[list[Staff], list[SavedView]]:
    """Everybody of ours who can be on a team, and what the reader has saved, each by name; one statement."""
    theirs = and_(SavedView.staff_id == Staff.id, Staff.id == viewer().id)
    rows = select(Staff, SavedView).outerjoin(SavedView, theirs).where(Staff.left_at.is_(None))
    found = db.session.execute(rows.order_by(Staff.name, Staff.id, SavedView.name)).all()
    staff = dict.fromkeys(one for one, _view in found if set(TeamRole) & set(one.staff_roles))
    return list(staff), [view for _one, view in found if view is not None]


def _filtered(query: Select[Any], filters: Filters) -> Select[Any]:
    """All but whose turn it is and how it stands, which the counts go through."""
    if filters.of is not None:
        own = select(TeamMember.onboarding_id).where(TeamMember.staff_id == filters.of.id)
        query = query.where(Onboarding.id.in_(own))
    if filters.stage:
        query = query.where(Onboarding.current_stage == filters.stage)
    if filters.segment:
        sized = select(Account.id).where(Account.segment == filters.segment)
        query = query.where(Onboarding.account_id.in_(sized))
    if filters.text:
        # LIKE's own signs are letters here.
        safe = filters.text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        named = select(Account.id).where(func.lower(Account.name).like(f"%{safe}%", escape="\\"))
        query = query.where(Onboarding.account_id.in_(named))
    return query


def _mark(last: Onboarding) -> str:
    return f"{last.turn:d}_{last.turn_order}_{last.id}"


def _place(after: str | None) -> tuple[int, int, int] | None:
    """Where a page ended; anything mangled is the beginning."""
    parts = (after or "").split("_")
    if len(parts) != 3 or not all(part.isascii() and part.removeprefix("-").isdigit() for part in parts):
        return None
    if any(len(part) > 19 for part in parts):
        return None
    turn, order, row = map(int, parts)
    return (turn, order, row) if turn in list(Turn) and max(abs(order), abs(row)) <= _LARGEST else None
