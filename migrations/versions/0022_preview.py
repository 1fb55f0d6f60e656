"""Whoever considers buying sees the road by a link that can be withdrawn."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "preview",
        sa.Column("handoff_id", BIG, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("salt", sa.String(length=43), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_by_id", BIG, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_preview_account_id")),
        sa.ForeignKeyConstraint(["handoff_id"], ["handoff.id"], name=op.f("fk_preview_handoff_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["staff.id"], name=op.f("fk_preview_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preview")),
        sa.UniqueConstraint("handoff_id", "n", name=op.f("uq_preview_handoff_id_n")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_preview_token_hash")),
    )
    op.create_index("ix_preview_account_id", "preview", ["account_id"])
    living = {
        "sqlite_where": sa.text("revoked_at IS NULL"),
        "postgresql_where": sa.text("revoked_at IS NULL"),
    }
    op.create_index("ix_preview_living", "preview", ["handoff_id"], unique=True, **living)


def downgrade() -> None:
    op.drop_table("preview")
