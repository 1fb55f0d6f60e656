"""How each onboarding stands, and the facts of every evening."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
INDEX = "ix_onboarding_health_turn_turn_order_id"


def upgrade() -> None:
    op.create_table(
        "segment_thresholds",
        sa.Column("segment", sa.String(length=32), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.CheckConstraint(
            "segment IN ('smb', 'mid_market', 'enterprise')", name=op.f("ck_segment_thresholds_segment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment_thresholds")),
        sa.UniqueConstraint("segment", name=op.f("uq_segment_thresholds_segment")),
    )
    op.create_table(
        "facts_day",
        sa.Column("onboarding_id", BIG, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_facts_day_account_id")),
        sa.ForeignKeyConstraint(
            ["onboarding_id"], ["onboarding.id"], name=op.f("fk_facts_day_onboarding_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facts_day")),
        sa.UniqueConstraint("onboarding_id", "day", name=op.f("uq_facts_day_onboarding_id_day")),
    )
    op.create_index(op.f("ix_facts_day_account_id"), "facts_day", ["account_id"], unique=False)
    op.create_index(op.f("ix_facts_day_day"), "facts_day", ["day"], unique=False)
    op.create_table(
        "health_change",
        sa.Column("onboarding_id", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("label", sa.String(length=32), nullable=False),
        sa.Column("quiet", sa.String(length=32), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.CheckConstraint(
            "label IN ('on_hold', 'waiting_on_us', 'stalled', 'at_risk', 'watch', 'on_track')",
            name=op.f("ck_health_change_label"),
        ),
        sa.CheckConstraint("quiet IN ('ghosting', 'engaged')", name=op.f("ck_health_change_quiet")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_health_change_account_id")),
        sa.ForeignKeyConstraint(
            ["onboarding_id"], ["onboarding.id"], name=op.f("fk_health_change_onboarding_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_change")),
    )
    op.create_index(op.f("ix_health_change_account_id"), "health_change", ["account_id"], unique=False)
    op.create_index(
        op.f("ix_health_change_onboarding_id_at"), "health_change", ["onboarding_id", "at"], unique=False
    )
    op.create_table(
        "health_override",
        sa.Column("onboarding_id", BIG, nullable=False),
        sa.Column("label", sa.String(length=32), nullable=False),
        sa.Column("why", sa.String(length=400), nullable=False),
        sa.Column("by_id", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by_id", BIG, nullable=True),
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.CheckConstraint(
            "label IN ('on_hold', 'waiting_on_us', 'stalled', 'at_risk', 'watch', 'on_track')",
            name=op.f("ck_health_override_label"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_health_override_account_id")),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"], name=op.f("fk_health_override_by_id")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["staff.id"], name=op.f("fk_health_override_ended_by_id")),
        sa.ForeignKeyConstraint(
            ["onboarding_id"], ["onboarding.id"], name=op.f("fk_health_override_onboarding_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_override")),
        sa.UniqueConstraint("ref", name=op.f("uq_health_override_ref")),
    )
    op.create_index(op.f("ix_health_override_account_id"), "health_override", ["account_id"], unique=False)
    op.create_index(
        op.f("ix_health_override_onboarding_id_until"),
        "health_override",
        ["onboarding_id", "until"],
        unique=False,
    )
    op.create_index(
        "uq_health_override_in_force",
        "health_override",
        ["onboarding_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.add_column("onboarding", sa.Column("health", sa.String(length=32), nullable=True))
    op.add_column("onboarding", sa.Column("quiet", sa.String(length=32), nullable=True))
    op.add_column("onboarding", sa.Column("health_reasons", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("onboarding", sa.Column("health_evidence", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("onboarding", sa.Column("health_since", MOMENT, nullable=True))
    op.add_column("onboarding", sa.Column("health_at", MOMENT, nullable=True))
    op.add_column("onboarding", sa.Column("health_seen", BIG, nullable=True))
    op.create_index(INDEX, "onboarding", ["health", "turn", "turn_order", "id"])


def downgrade() -> None:
    op.drop_index(INDEX, "onboarding")
    for column in (
        "health_seen",
        "health_at",
        "health_since",
        "health_evidence",
        "health_reasons",
        "quiet",
        "health",
    ):
        op.drop_column("onboarding", column)
    op.drop_table("health_override")
    op.drop_table("health_change")
    op.drop_table("facts_day")
    op.drop_table("segment_thresholds")
