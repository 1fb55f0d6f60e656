"""Staff see a customer's pages as one of its people: whose eyes, in which session, until when."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "customer_view",
        sa.Column("session_id", BIG, nullable=False),
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("onboarding_id", BIG, nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_customer_view_session_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_customer_view_staff_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_customer_view_person_id")),
        sa.ForeignKeyConstraint(
            ["onboarding_id"], ["onboarding.id"], name=op.f("fk_customer_view_onboarding_id")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_customer_view_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_view")),
    )
    op.create_index("ix_customer_view_account_id", "customer_view", ["account_id"])
    op.create_index("ix_customer_view_session_id", "customer_view", ["session_id"])
    op.create_index(
        "uq_customer_view_open",
        "customer_view",
        ["session_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    op.drop_table("customer_view")
