"""What a customer must have ready before the work begins, with who said what of it."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATUSES = ("not_ready", "ready", "need_help")
MOMENTS = ("said_at", "left_out_at", "without_at", "sponsors_asked_at")
REFERS = {
    "onboarding_id": "onboarding",
    "said_by_id": "app_user",
    "assignee_id": "person",
    "without_by_id": "staff",
    "hold_id": "hold",
    "account_id": "account",
}


def upgrade() -> None:
    listed = ", ".join(f"'{status}'" for status in STATUSES)
    op.create_table(
        "prerequisite",
        *(sa.Column(name, BIG, nullable=name not in ("onboarding_id", "account_id")) for name in REFERS),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("own_enough", sa.String(length=200), nullable=True),
        sa.Column("own_guidance", sa.String(length=2000), nullable=True),
        sa.Column("because", sa.String(length=200), nullable=True),
        sa.Column("by_hand", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("in_the_way", sa.String(length=600), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_by_hand", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("blocking", sa.Boolean(), nullable=False),
        sa.Column("sponsor_after", sa.Integer(), nullable=False),
        sa.Column("left_out_why", sa.String(length=400), nullable=True),
        sa.Column("without_why", sa.String(length=400), nullable=True),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=True) for name in MOMENTS),
        sa.Column("id", BIG, nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.CheckConstraint(f"status IN ({listed})", name=op.f("ck_prerequisite_status")),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_prerequisite_{name}"))
            for name, table in REFERS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prerequisite")),
        sa.UniqueConstraint("onboarding_id", "key", name=op.f("uq_prerequisite_onboarding_id_key")),
        sa.UniqueConstraint("ref", name=op.f("uq_prerequisite_ref")),
    )
    op.create_index("ix_prerequisite_account_id", "prerequisite", ["account_id"])


def downgrade() -> None:
    op.drop_table("prerequisite")
