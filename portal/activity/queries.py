"""The timeline, and whether the chains are whole."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, select, text, union_all

from portal import db
from portal.activity.heads import Noted
from portal.activity.models import (
    FIRST,
    INSTALLATION,
    OF_THE_COMPANY,
    Activity,
    Audience,
    AuditChain,
    Verb,
    digest,
)

LATEST = 2**62  # Beyond the id of any row.


def timeline(
    onboarding_id: int,
    account_id: int,
    *,
    audience: Audience = Audience.CUSTOMER,
    limit: int = 50,
    before: int | None = None,
    only: Sequence[ColumnElement[bool]] = (),
) -> list[Activity]:
    """What happened on one road and to the people of its company, latest first. Customers see what is for them,
    staff everything; `only` leaves out what doesn't fit all of these.

    `before` is the id of the last row of the page before; the cost does not grow with how far back it is.
    """
    facts = {"road": onboarding_id, "company": account_id, "limit": limit, "before": before or LATEST}
    asked = _timeline(*_FOR[audience], only=only) if only else _TIMELINE[audience]
    return list(db.session.scalars(asked, facts))


def tally(
    onboarding_id: int,
    account_id: int,
    by: ColumnElement[Any],
    *,
    audience: Audience = Audience.CUSTOMER,
    limit: int,
    only: Sequence[ColumnElement[bool]] = (),
) -> list[tuple[Verb, Any, int]]:
    """How many of the last `limit` rows of a timeline there are of each verb and each value of `by`."""
    facts = {"road": onboarding_id, "company": account_id, "limit": limit, "before": LATEST}
    rows = _timeline(*_FOR[audience], only=only, wanted=(Activity.verb, by.label("by"))).subquery()
    counted = select(rows.c.verb, rows.c.by, func.count()).group_by(rows.c.verb, rows.c.by)
    return [(verb, value, count) for verb, value, count in db.session.execute(counted, facts)]


def _timeline(
    *road: ColumnElement[bool], only: Sequence[ColumnElement[bool]] = (), wanted: Sequence[Any] = (Activity,)
) -> Select[Any]:
    """The last rows of the road and the last of its company, each from an index of its own, in one order; of each what
    is wanted."""
    own = (Activity.onboarding_id == bindparam("road"), *road)
    shared = (Activity.account_id == bindparam("company"), text(OF_THE_COMPANY))
    last = [
        select(Activity.id)
        .where(Activity.id < bindparam("before"), *which, *only)
        .order_by(Activity.id.desc())
        .limit(bindparam("limit", type_=Integer))
        .subquery()
        for which in (own, shared)
    ]
    both = union_all(*(select(ids.c.id) for ids in last))
    newest = select(*wanted).where(Activity.id.in_(both)).order_by(Activity.id.desc())
    return newest.limit(bindparam("limit", type_=Integer))


_FOR: dict[Audience, tuple[ColumnElement[bool], ...]] = {
    Audience.CUSTOMER: (Activity.audience == Audience.CUSTOMER,),
    Audience.STAFF: (),
}
# Made once: putting them together costs as much as reading the rows.
_TIMELINE = {audience: _timeline(*rows) for audience, rows in _FOR.items()}


def last(subject: Any, verb: Verb) -> Activity | None:
    """When this last happened to this row, and who did it."""
    rows = select(Activity).where(
        Activity.subject_type == subject.__tablename__,
        Activity.subject_id == subject.id,
        Activity.verb == verb,
        Activity.account_id == subject.account_id,
    )
    return db.session.scalar(rows.order_by(Activity.id.desc()).limit(1))


def latest_of(subject: Any) -> Activity | None:
    """The last thing that happened to this row."""
    same = (Activity.subject_type == subject.__tablename__, Activity.subject_id == subject.id)
    return db.session.scalar(select(Activity).where(*same).order_by(Activity.id.desc()).limit(1))


def verify(noted: Noted | None = None) -> list[str]:
    """Read every chain from its first row to its head: one sentence for each thing that is wrong, none when whole.

    Finds rows that were edited, removed, added or put into another order, cut tails, and chains that are gone; and
    chains that were cut or rewritten together with their head since the head was `noted`.
    """
    heads = {head.id: head for head in db.session.scalars(select(AuditChain))}
    accounts = set(db.session.scalars(select(db.Base.metadata.tables["account"].c.id)))
    walk = _Walk(heads, accounts | {INSTALLATION} if accounts else set(), noted or {})
    try:
        for row in _rows():
            walk.step(row)
    except ValueError:  # A value that no portal ever wrote can't even be read; the walk ends there.
        return walk.problems + _unreadable()
    walk.end()
    return walk.problems


@dataclass
class _Walk:
    """Where the reading of the chains is."""

    heads: dict[int, AuditChain]
    expected: set[int]
    noted: Noted

    def __post_init__(self) -> None:
        self.problems: list[str] = []
        self.last: dict[int, tuple[int, str]] = {}
        self.begun: set[int] = set()

    def step(self, row: Activity) -> None:
        seq, previous = self.last.get(row.chain, (0, FIRST))
        where = {"chain": chain_name(row.chain), "seq": row.seq}
        if row.seq != seq + 1:
            self.problems.append(_("%(chain)s: rows are missing before number %(seq)s.", **where))
        elif row.prev_hash != previous:
            self.problems.append(_("%(chain)s: number %(seq)s does not follow the row before it.", **where))
        if row.hash != row.hashed():
            self.problems.append(_("%(chain)s: number %(seq)s was changed.", **where))
        if row.personal is not None and digest(row.personal) != row.personal_digest:
            self.problems.append(_("%(chain)s: the personal part of number %(seq)s was changed.", **where))
        if (row.account_id or INSTALLATION) != row.chain:
            self.problems.append(_("%(chain)s: number %(seq)s belongs to another chain.", **where))
        if row.hash != self.noted.get(row.chain, {}).get(row.seq, row.hash):
            self.problems.append(_("%(chain)s: number %(seq)s is not the one that was noted.", **where))
        if row.verb is Verb.CHAIN_BEGUN:
            self.begun.add(row.subject_id)
        self.last[row.chain] = row.seq, row.hash

    def end(self) -> None:
        for chain in sorted(
            self.heads.keys() | self.last.keys() | self.begun | self.expected | self.noted.keys()
        ):
            name, head = chain_name(chain), self.heads.get(chain)
            seq, last = self.last.get(chain, (0, FIRST))
            if head is None:
                self.problems.append(_("%(chain)s: its head is gone.", chain=name))
            elif (head.seq, head.head) != (seq, last):
                self.problems.append(
                    _(
                        "%(chain)s: it ends at number %(seq)s, its head says %(head)s.",
                        chain=name,
                        seq=seq,
                        head=head.seq,
                    )
                )
            if (most := max(self.noted.get(chain, {}), default=0)) > seq:
                self.problems.append(
                    _(
                        "%(chain)s: it ends at number %(seq)s, though number %(most)s was noted.",
                        chain=name,
                        seq=seq,
                        most=most,
                    )
                )
            if chain != INSTALLATION and chain not in self.begun:
                self.problems.append(
                    _("%(chain)s: its beginning is not noted in the installation's.", chain=name)
                )


def _unreadable() -> list[str]:
    """The rows that hold something else than their columns are made for, found one by one."""
    problems = []
    places = select(Activity.id, Activity.chain, Activity.seq).order_by(Activity.chain, Activity.seq)
    for row_id, chain, seq in db.session.execute(places).all():
        try:
            db.session.get(Activity, row_id, populate_existing=True)
        except ValueError:
            where = {"chain": chain_name(chain), "seq": seq}
            problems.append(_("%(chain)s: number %(seq)s was changed.", **where))
    return problems


def chain_name(chain: int) -> str:
    """What a chain is called in a sentence."""
    return (
        _("The installation's chain") if chain == INSTALLATION else _("The chain of account %(id)s", id=chain)
    )


def _rows() -> Iterator[Activity]:
    """Every row, chain by chain, a thousand in memory at a time."""
    rows = select(Activity).order_by(Activity.chain, Activity.seq).execution_options(yield_per=1000)
    found = db.session.scalars(rows.execution_options(populate_existing=True))
    try:
        yield from found
    finally:
        found.close()
