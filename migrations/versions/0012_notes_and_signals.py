"""What our team keeps for itself about an onboarding: notes, and signals until they are settled."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KINDS = ("frustration", "surprise", "praise", "blocker", "champion_left", "sponsor_left")


def upgrade() -> None:
    op.create_table(
        "note",
        sa.Column("onboarding_id", BIG, nullable=False),
        sa.Column("step_id", BIG, nullable=True),
        sa.Column("author_id", BIG, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True),
        *_owned("note"),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("fk_note_author_id")),
    )
    op.create_index("ix_note_account_id", "note", ["account_id"])
    op.create_index("ix_note_step_id", "note", ["step_id"])
    op.create_index("ix_note_onboarding_id_id", "note", ["onboarding_id", "id"])
    listed = ", ".join(f"'{kind}'" for kind in KINDS)
    op.create_table(
        "signal",
        sa.Column("onboarding_id", BIG, nullable=False),
        sa.Column("step_id", BIG, nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("text", sa.String(length=400), nullable=False),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("author_id", BIG, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", BIG, nullable=True),
        sa.Column("outcome", sa.String(length=400), nullable=True),
        *_owned("signal"),
        sa.CheckConstraint(f"kind IN ({listed})", name=op.f("ck_signal_kind")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_signal_person_id")),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("fk_signal_author_id")),
        sa.ForeignKeyConstraint(["settled_by_id"], ["staff.id"], name=op.f("fk_signal_settled_by_id")),
    )
    op.create_index("ix_signal_account_id", "signal", ["account_id"])
    op.create_index("ix_signal_onboarding_id_settled_at", "signal", ["onboarding_id", "settled_at"])


def _owned(table: str) -> list[sa.schema.SchemaItem]:
    """What both have: an address, an owner, an onboarding, perhaps a step."""
    return [
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f(f"fk_{table}_account_id")),
        sa.ForeignKeyConstraint(["onboarding_id"], ["onboarding.id"], name=op.f(f"fk_{table}_onboarding_id")),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f(f"fk_{table}_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("ref", name=op.f(f"uq_{table}_ref")),
    ]


def downgrade() -> None:
    op.drop_table("signal")
    op.drop_table("note")
