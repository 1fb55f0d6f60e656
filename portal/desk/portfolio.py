"""Which onboardings the staff's list holds: filters, pages and counts, all from stored columns and their index."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, func, select, tuple_
from sqlalchemy.orm import aliased, defer, joinedload

from portal import db
from portal.access import visible
from portal.accounts.models import Account, Staff, TeamMember
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step
from portal.onboardings.turns import Turn

PAGE = 50

TURNS = {turn.key: turn for turn in Turn}
_PLACE = (Onboarding.turn, Onboarding.turn_order, Onboarding.id)
_LARGEST = 2**63 - 1  # That either database takes.


@dataclass(frozen=True)
class Page:
    """One page of the list. `after` is where the next page begins, None on the last; `twins` are the ids of those
    whose account has another onboarding."""

    rows: list[Onboarding]
    after: str | None
    twins: frozenset[int]


def page(*, mine: Staff | None, turn: Turn | None, text: str, after: str | None) -> Page:
    """Fifty onboardings, those who need us first and of these the oldest date; what is over, newest first. `after`
    comes from the page before."""
    query = _filtered(visible(Onboarding), mine, text)
    if turn is not None:
        query = query.where(Onboarding.turn == turn)
    if (place := _place(after)) is not None:
        query = query.where(tuple_(*_PLACE) > tuple_(*place))
    # They are put in order by the index alone; whole rows are read of one page only.
    here = query.with_only_columns(Onboarding.id).order_by(*_PLACE).limit(PAGE + 1).subquery()
    other = aliased(Onboarding)
    twin = exists().where(other.account_id == Onboarding.account_id, other.id != Onboarding.id)
    rows = (
        select(Onboarding, twin)
        .join(here, here.c.id == Onboarding.id)
        .options(
            joinedload(Onboarding.account),
            joinedload(Onboarding.product),
            joinedload(Onboarding.holds),
            joinedload(Onboarding.playbook_version),
            joinedload(Onboarding.next_step).options(joinedload(Step.assignee), defer(Step.data)),
        )
        .order_by(*_PLACE)
    )
    found = db.session.execute(rows).unique().all()
    shown = found[:PAGE]
    mark = _mark(shown[-1][0]) if len(found) > PAGE else None
    return Page([row for row, _twin in shown], mark, frozenset(row.id for row, twin in shown if twin))


def counts(mine: Staff | None, text: str) -> dict[Turn, int]:
    """How many there are of each turn."""
    found = _filtered(visible(Onboarding), mine, text).with_only_columns(Onboarding.turn, func.count())
    return dict(db.session.execute(found.group_by(Onboarding.turn)).all())


def _filtered(query: Select[Any], mine: Staff | None, text: str) -> Select[Any]:
    if mine is not None:
        own = select(TeamMember.onboarding_id).where(TeamMember.staff_id == mine.id)
        query = query.where(Onboarding.id.in_(own))
    if text:
        # LIKE's own signs are letters here.
        safe = text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
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
