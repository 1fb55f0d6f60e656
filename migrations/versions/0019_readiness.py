"""A customer answers the readiness kit: one submission for each onboarding, one answer for each question."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATES = ("not_started", "in_progress", "submitted", "needs_update", "confirmed")
SOURCES = ("person", "handoff", "link")


def _one_of(column: str, words: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{word}'" for word in words)
    return f"{column} IN ({listed})"


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    name = "readiness_submission"
    op.create_table(
        name,
        sa.Column("onboarding_id", BIG, nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by_id", BIG, nullable=True),
        sa.Column("returned_why", sa.String(length=1000), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by_id", BIG, nullable=True),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.CheckConstraint(_one_of("state", STATES), name=op.f(f"ck_{name}_state")),
        _to(name, "account_id", "account"),
        _to(name, "onboarding_id", "onboarding"),
        _to(name, "submitted_by_id", "app_user"),
        _to(name, "confirmed_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("onboarding_id", name=op.f(f"uq_{name}_onboarding_id")),
        sa.UniqueConstraint("ref", name=op.f(f"uq_{name}_ref")),
    )
    op.create_index(f"ix_{name}_account_id", name, ["account_id"])
    name = "readiness_answer"
    op.create_table(
        name,
        sa.Column("submission_id", BIG, nullable=False),
        sa.Column("question", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=True),
        sa.Column("more", sa.JSON(), nullable=False),
        sa.Column("unknown", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("by_id", BIG, nullable=True),
        sa.Column("by_name", sa.String(length=120), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.CheckConstraint(_one_of("source", SOURCES), name=op.f(f"ck_{name}_source")),
        _to(name, "account_id", "account"),
        _to(name, "submission_id", "readiness_submission"),
        _to(name, "by_id", "app_user"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("submission_id", "question", name=op.f(f"uq_{name}_submission_id_question")),
    )
    op.create_index(f"ix_{name}_account_id", name, ["account_id"])


def downgrade() -> None:
    op.drop_table("readiness_answer")
    op.drop_table("readiness_submission")
