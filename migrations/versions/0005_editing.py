"""Steps and modules that a road has beyond its playbook, dates set by hand, and all that changed lately."""

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ROADS = sa.table(
    "onboarding",
    sa.column("id"),
    sa.column("scope_change", sa.JSON(none_as_null=True)),
    sa.column("scope_changed_on", sa.Date()),
    sa.column("changes", sa.JSON(none_as_null=True)),
)


def upgrade() -> None:
    op.add_column("onboarding", sa.Column("changes", sa.JSON(), nullable=True))
    bind, last = op.get_bind(), (ROADS.c.id, ROADS.c.scope_change, ROADS.c.scope_changed_on)
    for row_id, fact, on in bind.execute(sa.select(*last).where(last[1].is_not(None), last[2].is_not(None))):
        _set(row_id, changes=[{**fact, "on": on.isoformat(), "stage": None}])
    op.drop_column("onboarding", "scope_change")
    op.drop_column("onboarding", "scope_changed_on")
    op.add_column("step", sa.Column("own", sa.JSON(), nullable=True))
    by_hand = sa.Column("due_by_hand", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("step", by_hand)
    op.add_column("module", sa.Column("added_by", sa.String(length=120), nullable=True))
    op.add_column("module", sa.Column("added_why", sa.String(length=400), nullable=True))


def downgrade() -> None:
    op.drop_column("module", "added_why")
    op.drop_column("module", "added_by")
    op.drop_column("step", "due_by_hand")
    op.drop_column("step", "own")
    op.add_column("onboarding", sa.Column("scope_changed_on", sa.Date(), nullable=True))
    op.add_column("onboarding", sa.Column("scope_change", sa.JSON(), nullable=True))
    known = ("left_out", "brought_back", "other")
    for row_id, changes in op.get_bind().execute(sa.select(ROADS.c.id, ROADS.c.changes)).all():
        for fact in [one for one in changes or [] if one["code"] in known][-1:]:
            kept = {name: fact[name] for name in ("code", "title", "why")}
            _set(row_id, scope_change=kept, scope_changed_on=date.fromisoformat(fact["on"]))
    op.drop_column("onboarding", "changes")


def _set(row_id: int, **values: object) -> None:
    op.get_bind().execute(sa.update(ROADS).where(ROADS.c.id == row_id).values(values))
