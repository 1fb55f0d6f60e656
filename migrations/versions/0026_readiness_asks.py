"""A question of the readiness kit is sent to a colleague, by a link of which only the hash is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = "readiness_ask"
WAITING = sa.text("answered_at IS NULL AND revoked_at IS NULL")


def _to(column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{NAME}_{column}"))


def upgrade() -> None:
    moments = ("expires_at", "answered_at", "revoked_at", "told_at")
    op.create_table(
        NAME,
        sa.Column("submission_id", BIG, nullable=False),
        sa.Column("question", sa.String(length=64), nullable=False),
        sa.Column("asked_by_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=True),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("salt", sa.String(length=43), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=True) for name in moments),
        sa.Column("aside", sa.JSON(), nullable=True),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        _to("account_id", "account"),
        _to("submission_id", "readiness_submission"),
        _to("asked_by_id", "person"),
        _to("person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{NAME}")),
        sa.UniqueConstraint("ref", name=op.f(f"uq_{NAME}_ref")),
        sa.UniqueConstraint("token_hash", name=op.f(f"uq_{NAME}_token_hash")),
    )
    op.create_index(f"ix_{NAME}_account_id", NAME, ["account_id"])
    op.create_index(f"ix_{NAME}_person_id", NAME, ["person_id"])
    op.create_index(
        f"uq_{NAME}_waiting",
        NAME,
        ["submission_id", "question"],
        unique=True,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )


def downgrade() -> None:
    op.drop_table(NAME)
