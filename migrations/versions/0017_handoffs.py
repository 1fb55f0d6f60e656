"""Sales hands an onboarding over in a form: why they bought, complete before it is accepted."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATES = ("draft", "submitted", "returned", "accepted")
TEXTS = (
    "reason",
    "problem",
    "promised_impact",
    "stakeholders",
    "promised_dates",
    "surprises",
    "returned_why",
)


def upgrade() -> None:
    listed = ", ".join(f"'{state}'" for state in STATES)
    op.create_table(
        "handoff",
        sa.Column("onboarding_id", BIG, nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("author_id", BIG, nullable=False),
        *(sa.Column(name, sa.String(length=1000), nullable=True) for name in TEXTS),
        sa.Column("quote", sa.String(length=400), nullable=True),
        sa.Column("quoted_by", sa.String(length=120), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.CheckConstraint(f"state IN ({listed})", name=op.f("ck_handoff_state")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_handoff_account_id")),
        sa.ForeignKeyConstraint(["onboarding_id"], ["onboarding.id"], name=op.f("fk_handoff_onboarding_id")),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("fk_handoff_author_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["staff.id"], name=op.f("fk_handoff_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoff")),
        sa.UniqueConstraint("onboarding_id", name=op.f("uq_handoff_onboarding_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_handoff_ref")),
    )
    for column in ("account_id", "author_id", "state"):
        op.create_index(f"ix_handoff_{column}", "handoff", [column])


def downgrade() -> None:
    op.drop_table("handoff")
