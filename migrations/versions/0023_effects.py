"""What a customer's answers did to their road is kept, with its reason and what people said about it; calls find what
the answers want to be talked about."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATES = (
    "applied", "offered", "taken", "contested", "proposed", "accepted", "declined", "overruled", "withdrawn",
)  # fmt: skip


def upgrade() -> None:
    listed = ", ".join(f"'{state}'" for state in STATES)
    op.create_table(
        "readiness_effect",
        sa.Column("submission_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("target", sa.String(length=200), nullable=False),
        sa.Column("beside", sa.String(length=24), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("because", sa.JSON(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("unsure", sa.String(length=64), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("contested_why", sa.String(length=400), nullable=True),
        sa.Column("contested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contested_by_id", BIG, nullable=True),
        sa.Column("decided_why", sa.String(length=400), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("signal_id", BIG, nullable=True),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.CheckConstraint(f"state IN ({listed})", name=op.f("ck_readiness_effect_state")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_readiness_effect_account_id")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["readiness_submission.id"], name=op.f("fk_readiness_effect_submission_id")
        ),
        sa.ForeignKeyConstraint(
            ["contested_by_id"], ["app_user.id"], name=op.f("fk_readiness_effect_contested_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["staff.id"], name=op.f("fk_readiness_effect_decided_by_id")
        ),
        sa.ForeignKeyConstraint(["signal_id"], ["signal.id"], name=op.f("fk_readiness_effect_signal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readiness_effect")),
        sa.UniqueConstraint(
            "submission_id",
            "kind",
            "target",
            "beside",
            name=op.f("uq_readiness_effect_submission_id_kind_target_beside"),
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_readiness_effect_ref")),
    )
    op.create_index("ix_readiness_effect_account_id", "readiness_effect", ["account_id"])
    op.add_column("onboarding", sa.Column("topics", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("onboarding", "topics")
    op.drop_table("readiness_effect")
