"""What staff are told in the portal and each morning, and which pages people looked at."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("line", sa.String(length=300), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("about", sa.String(length=200), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("id", BIG, nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_notice_account_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_notice_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("ref", name=op.f("uq_notice_ref")),
    )
    op.create_index(op.f("ix_notice_about"), "notice", ["about"], unique=False)
    op.create_index(op.f("ix_notice_account_id"), "notice", ["account_id"], unique=False)
    op.create_index(op.f("ix_notice_user_id_read_at"), "notice", ["user_id", "read_at"], unique=False)
    op.create_table(
        "visit",
        sa.Column("onboarding_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("page", sa.String(length=80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_visit_account_id")),
        sa.ForeignKeyConstraint(["onboarding_id"], ["onboarding.id"], name=op.f("fk_visit_onboarding_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_visit_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint(
            "person_id",
            "onboarding_id",
            "page",
            "day",
            name=op.f("uq_visit_person_id_onboarding_id_page_day"),
        ),
    )
    op.create_index(op.f("ix_visit_account_id"), "visit", ["account_id"], unique=False)
    op.create_index(op.f("ix_visit_onboarding_id_day"), "visit", ["onboarding_id", "day"], unique=False)
    op.create_table(
        "morning",
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_morning_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_morning")),
        sa.UniqueConstraint("staff_id", "day", name=op.f("uq_morning_staff_id_day")),
    )


def downgrade() -> None:
    op.drop_table("morning")
    op.drop_table("visit")
    op.drop_table("notice")
