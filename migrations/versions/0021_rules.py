"""Rules change a road by what its customer answered; what somebody did by hand is marked, so that no rule undoes it."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("module", sa.Column("by_hand", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("module", sa.Column("depth", sa.String(length=10), nullable=True))
    op.add_column("module", sa.Column("role", sa.String(length=16), nullable=True))
    op.add_column("step", sa.Column("given_by_hand", sa.Boolean(), server_default=sa.false(), nullable=False))
    _skip_rules("graduated", "readiness")


def downgrade() -> None:
    op.execute(
        "UPDATE step SET skip_reason = 'Because ' || skip_reason || '.', skip_rule = NULL WHERE skip_rule = 'readiness'"
    )
    _skip_rules("graduated")
    op.drop_column("step", "given_by_hand")
    for column in ("role", "depth", "by_hand"):
        op.drop_column("module", column)


def _skip_rules(*rules: str) -> None:
    """Let a step be left out by these rules and no others; SQLite changes a check only with its column."""
    op.add_column("step", sa.Column("kept", sa.String(length=32), nullable=True))
    op.execute("UPDATE step SET kept = skip_rule WHERE skip_rule IS NOT NULL")
    op.drop_column("step", "skip_rule")
    listed = ", ".join(f"'{rule}'" for rule in rules)
    check = sa.CheckConstraint(f"skip_rule IN ({listed})", name=op.f("ck_step_skip_rule"))
    op.add_column("step", sa.Column("skip_rule", sa.String(length=32), check, nullable=True))
    op.execute("UPDATE step SET skip_rule = kept WHERE kept IS NOT NULL")
    op.drop_column("step", "kept")
