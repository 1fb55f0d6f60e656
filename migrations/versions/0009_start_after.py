"""A draft can wait for another onboarding of its customer."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    # Written out, so that SQLite adds it without copying the table.
    op.execute(
        f"ALTER TABLE onboarding ADD COLUMN starts_after_id {kind} "
        "CONSTRAINT fk_onboarding_starts_after_id REFERENCES onboarding (id)"
    )
    op.create_index("ix_onboarding_starts_after_id", "onboarding", ["starts_after_id"])


def downgrade() -> None:
    op.drop_index("ix_onboarding_starts_after_id", table_name="onboarding")
    op.drop_column("onboarding", "starts_after_id")
