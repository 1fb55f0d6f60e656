"""A large onboarding is rolled out in waves, a department each."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "wave",
        sa.Column("onboarding_id", BIG, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("department", sa.String(length=40), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("go_live_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("first_value_due", sa.Date(), nullable=False),
        sa.Column("went_live_on", sa.Date(), nullable=True),
        sa.Column("first_value_on", sa.Date(), nullable=True),
        sa.Column("left_out_on", sa.Date(), nullable=True),
        sa.Column("left_out_why", sa.String(length=400), nullable=True),
        *_owned("wave"),
        sa.UniqueConstraint("onboarding_id", "n", name=op.f("uq_wave_onboarding_id_n")),
    )
    op.create_index("ix_wave_account_id", "wave", ["account_id"])
    op.create_table(
        "wave_person",
        sa.Column("onboarding_id", BIG, nullable=False),
        sa.Column("wave_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        *_owned("wave_person"),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_wave_person_wave_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_wave_person_person_id")),
        sa.UniqueConstraint(
            "onboarding_id", "person_id", name=op.f("uq_wave_person_onboarding_id_person_id")
        ),
    )
    for column in ("account_id", "wave_id", "person_id"):
        op.create_index(f"ix_wave_person_{column}", "wave_person", [column])
    for table in ("module", "step", "milestone"):
        op.add_column(table, sa.Column("wave_n", sa.Integer(), nullable=True))
    op.add_column("onboarding", sa.Column("waves_made", sa.Integer(), server_default="0", nullable=False))


def _owned(table: str) -> list[sa.schema.SchemaItem]:
    """What both have: an owner and an onboarding."""
    return [
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f(f"fk_{table}_account_id")),
        sa.ForeignKeyConstraint(["onboarding_id"], ["onboarding.id"], name=op.f(f"fk_{table}_onboarding_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def downgrade() -> None:
    op.drop_column("onboarding", "waves_made")
    for table in ("milestone", "step", "module"):
        op.drop_column(table, "wave_n")
    op.drop_table("wave_person")
    op.drop_table("wave")
