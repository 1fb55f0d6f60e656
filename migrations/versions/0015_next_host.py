"""A call knows who takes it over once it has a time that suits them."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    # Written out, so that SQLite adds it without copying the table.
    op.execute(
        f"ALTER TABLE call ADD COLUMN next_host_id {kind} CONSTRAINT fk_call_next_host_id REFERENCES staff (id)"
    )


def downgrade() -> None:
    op.drop_column("call", "next_host_id")
