"""Escalations, their plays' ticks, and what triggers did."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "trigger_setting",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("on", sa.Boolean(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by_id", BIG, nullable=True),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["staff.id"], name=op.f("fk_trigger_setting_changed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trigger_setting")),
        sa.UniqueConstraint("key", name=op.f("uq_trigger_setting_key")),
    )
    op.create_table(
        "escalation",
        sa.Column("onboarding_id", BIG, nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("apart", sa.Boolean(), nullable=False),
        sa.Column("play", sa.String(length=40), nullable=False),
        sa.Column("draft", sa.Text(), nullable=True),
        sa.Column("owner_id", BIG, nullable=True),
        sa.Column("owner_because", sa.String(length=40), nullable=True),
        sa.Column("instead_of_id", BIG, nullable=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("opened_by_id", BIG, nullable=True),
        sa.Column("acknowledge_by", MOMENT, nullable=True),
        sa.Column("act_by", MOMENT, nullable=True),
        sa.Column("acknowledge_left", sa.Integer(), nullable=True),
        sa.Column("act_left", sa.Integer(), nullable=True),
        sa.Column("chased_at", MOMENT, nullable=True),
        sa.Column("acknowledged_at", MOMENT, nullable=True),
        sa.Column("acknowledged_by_id", BIG, nullable=True),
        sa.Column("wait_until", sa.Date(), nullable=True),
        sa.Column("clear_since", sa.Date(), nullable=True),
        sa.Column("resolved_at", MOMENT, nullable=True),
        sa.Column("resolved_by_id", BIG, nullable=True),
        sa.Column("cause", sa.String(length=1000), nullable=True),
        sa.Column("helped", sa.String(length=1000), nullable=True),
        sa.Column("trigger_right", sa.Boolean(), nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'acknowledged', 'working', 'waiting_on_customer', 'resolved', 'dismissed')",
            name=op.f("ck_escalation_state"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_escalation_account_id")),
        sa.ForeignKeyConstraint(
            ["acknowledged_by_id"], ["staff.id"], name=op.f("fk_escalation_acknowledged_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["onboarding_id"], ["onboarding.id"], name=op.f("fk_escalation_onboarding_id")
        ),
        sa.ForeignKeyConstraint(["instead_of_id"], ["staff.id"], name=op.f("fk_escalation_instead_of_id")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["staff.id"], name=op.f("fk_escalation_opened_by_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_escalation_owner_id")),
        sa.ForeignKeyConstraint(["resolved_by_id"], ["staff.id"], name=op.f("fk_escalation_resolved_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
        sa.UniqueConstraint("ref", name=op.f("uq_escalation_ref")),
    )
    op.create_index(op.f("ix_escalation_account_id"), "escalation", ["account_id"], unique=False)
    op.create_index(
        op.f("ix_escalation_onboarding_id_opened_at"),
        "escalation",
        ["onboarding_id", "opened_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_escalation_owner_id_resolved_at"), "escalation", ["owner_id", "resolved_at"], unique=False
    )
    op.create_index(
        op.f("ix_escalation_resolved_at_acknowledge_by"),
        "escalation",
        ["resolved_at", "acknowledge_by"],
        unique=False,
    )
    op.create_index(
        "uq_escalation_unsettled",
        "escalation",
        ["onboarding_id"],
        unique=True,
        sqlite_where=sa.text("resolved_at IS NULL AND apart = 0"),
        postgresql_where=sa.text("resolved_at IS NULL AND apart IS FALSE"),
    )
    op.create_table(
        "escalation_reason",
        sa.Column("escalation_id", BIG, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("trigger", sa.String(length=40), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("cleared_on", sa.Date(), nullable=True),
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_escalation_reason_account_id")),
        sa.ForeignKeyConstraint(
            ["escalation_id"], ["escalation.id"], name=op.f("fk_escalation_reason_escalation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_reason")),
    )
    op.create_index(
        op.f("ix_escalation_reason_account_id"), "escalation_reason", ["account_id"], unique=False
    )
    op.create_index(
        op.f("ix_escalation_reason_escalation_id"), "escalation_reason", ["escalation_id"], unique=False
    )
    op.create_table(
        "play_tick",
        sa.Column("escalation_id", BIG, nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("by_id", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_play_tick_account_id")),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"], name=op.f("fk_play_tick_by_id")),
        sa.ForeignKeyConstraint(
            ["escalation_id"], ["escalation.id"], name=op.f("fk_play_tick_escalation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_play_tick")),
        sa.UniqueConstraint("escalation_id", "item", name=op.f("uq_play_tick_escalation_id_item")),
    )
    op.create_index(op.f("ix_play_tick_account_id"), "play_tick", ["account_id"], unique=False)
    op.create_table(
        "trigger_firing",
        sa.Column("onboarding_id", BIG, nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("entered_on", sa.Date(), nullable=False),
        sa.Column("fire_at", MOMENT, nullable=True),
        sa.Column("fired_at", MOMENT, nullable=True),
        sa.Column("cleared_on", sa.Date(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("done", sa.JSON(), nullable=False),
        sa.Column("escalation_id", BIG, nullable=True),
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_trigger_firing_account_id")),
        sa.ForeignKeyConstraint(
            ["escalation_id"], ["escalation.id"], name=op.f("fk_trigger_firing_escalation_id")
        ),
        sa.ForeignKeyConstraint(
            ["onboarding_id"], ["onboarding.id"], name=op.f("fk_trigger_firing_onboarding_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trigger_firing")),
        sa.UniqueConstraint(
            "onboarding_id", "key", "entered_on", name=op.f("uq_trigger_firing_onboarding_id_key_entered_on")
        ),
    )
    op.create_index(op.f("ix_trigger_firing_account_id"), "trigger_firing", ["account_id"], unique=False)
    op.create_index(
        op.f("ix_trigger_firing_escalation_id"), "trigger_firing", ["escalation_id"], unique=False
    )
    op.create_index(op.f("ix_trigger_firing_fire_at"), "trigger_firing", ["fire_at"], unique=False)
    op.create_index(
        op.f("ix_trigger_firing_fired_at_cleared_on"),
        "trigger_firing",
        ["fired_at", "cleared_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_trigger_firing_key_fired_at"), "trigger_firing", ["key", "fired_at"], unique=False
    )
    op.create_table(
        "trigger_look",
        sa.Column("onboarding_id", BIG, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_trigger_look_account_id")),
        sa.ForeignKeyConstraint(
            ["onboarding_id"], ["onboarding.id"], name=op.f("fk_trigger_look_onboarding_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trigger_look")),
        sa.UniqueConstraint("onboarding_id", name=op.f("uq_trigger_look_onboarding_id")),
    )
    op.create_index(op.f("ix_trigger_look_account_id"), "trigger_look", ["account_id"], unique=False)
    op.add_column("onboarding", sa.Column("helper_id", BIG, nullable=True))
    op.add_column("onboarding", sa.Column("helper_by", MOMENT, nullable=True))


def downgrade() -> None:
    op.drop_column("onboarding", "helper_by")
    op.drop_column("onboarding", "helper_id")
    op.drop_table("trigger_look")
    op.drop_table("trigger_firing")
    op.drop_table("play_tick")
    op.drop_table("escalation_reason")
    op.drop_table("escalation")
    op.drop_table("trigger_setting")
