"""Follow-ups to customers who went quiet."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "nudge",
        sa.Column("onboarding_id", BIG, nullable=False),
        sa.Column("rung", sa.String(length=16), nullable=False),
        sa.Column("quiet_since", MOMENT, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("step_id", BIG, nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("planned_for", MOMENT, nullable=False),
        sa.Column("by_id", BIG, nullable=True),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("edited_at", MOMENT, nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("letter_id", BIG, nullable=True),
        sa.Column("link_id", BIG, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_because", sa.String(length=60), nullable=True),
        sa.Column("answer", sa.String(length=20), nullable=True),
        sa.Column("dismissed_at", MOMENT, nullable=True),
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.CheckConstraint(
            "state IN ('planned', 'needs_approval', 'sent', 'acted', 'replied', 'bounced', 'superseded', 'skipped')",
            name=op.f("ck_nudge_state"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_nudge_account_id")),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"], name=op.f("fk_nudge_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["staff.id"], name=op.f("fk_nudge_decided_by_id")),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_nudge_letter_id")),
        sa.ForeignKeyConstraint(["link_id"], ["sign_in_link.id"], name=op.f("fk_nudge_link_id")),
        sa.ForeignKeyConstraint(["onboarding_id"], ["onboarding.id"], name=op.f("fk_nudge_onboarding_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_nudge_person_id")),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f("fk_nudge_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nudge")),
        sa.UniqueConstraint("ref", name=op.f("uq_nudge_ref")),
    )
    op.create_index(op.f("ix_nudge_account_id"), "nudge", ["account_id"], unique=False)
    op.create_index(op.f("ix_nudge_state_planned_for"), "nudge", ["state", "planned_for"], unique=False)
    op.create_index(
        "uq_nudge_open",
        "nudge",
        ["onboarding_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('planned', 'needs_approval')"),
        postgresql_where=sa.text("state IN ('planned', 'needs_approval')"),
    )
    op.create_index("uq_nudge_rung", "nudge", ["onboarding_id", "rung", "quiet_since"], unique=True)


def downgrade() -> None:
    op.drop_table("nudge")
