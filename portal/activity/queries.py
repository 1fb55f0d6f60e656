"""The timeline, and whether the chains are whole."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from portal import db
from portal.activity.models import FIRST, INSTALLATION, Activity, Audience, AuditChain, Verb, digest


def timeline(
    onboarding_id: int, *, audience: Audience = Audience.CUSTOMER, limit: int = 50, before: int | None = None
) -> list[Activity]:
    """What happened on one road, latest first. Customers see what is for them, staff everything.

    `before` is the id of the last row of the page before; the cost does not grow with how far back it is.
    """
    rows = select(Activity).where(Activity.onboarding_id == onboarding_id)
    if audience is Audience.CUSTOMER:
        rows = rows.where(Activity.audience == Audience.CUSTOMER)
    if before is not None:
        rows = rows.where(Activity.id < before)
    return list(db.session.scalars(rows.order_by(Activity.id.desc()).limit(limit)))


def verify() -> list[str]:
    """Read every chain from its first row to its head: one sentence for each thing that is wrong, none when whole.

    Finds rows that were edited, removed, added or put into another order, cut tails, and chains that are gone.
    """
    heads = {head.id: head for head in db.session.scalars(select(AuditChain))}
    walk = _Walk(heads)
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
        if row.verb is Verb.CHAIN_BEGUN:
            self.begun.add(row.subject_id)
        self.last[row.chain] = row.seq, row.hash

    def end(self) -> None:
        for chain in sorted(self.heads.keys() | self.last.keys() | self.begun):
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
