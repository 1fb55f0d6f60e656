"""Both sides agree to two to five results, each wording a row; what is measured is kept beside them."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
AGREEMENT = ("draft", "proposed", "changes_requested", "agreed", "superseded", "withdrawn")
ACHIEVEMENT = ("not_started", "tracking", "met", "not_met", "adjusted")
EVIDENCE = ("usage", "upload", "statement")
IS_OPEN = sa.text("state IN ('draft', 'proposed', 'changes_requested')")
IN_FORCE = sa.text("state = 'agreed'")


def upgrade() -> None:
    op.create_table(
        "success_criterion",
        *_row("success_criterion", addressed=True),
        sa.Column("onboarding_id", BIG, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("achievement", sa.String(length=32), nullable=False),
        sa.Column("their_owner_id", BIG, nullable=True),
        sa.Column("our_owner_id", BIG, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.Column("withdrawn_by_id", BIG, nullable=True),
        sa.Column("withdrawn_why", sa.String(length=600), nullable=True),
        sa.Column("met_at", MOMENT, nullable=True),
        sa.Column("met_by_id", BIG, nullable=True),
        sa.Column("unmet_why", sa.String(length=600), nullable=True),
        sa.Column("adjusted_why", sa.String(length=600), nullable=True),
        _one_of("success_criterion", "achievement", ACHIEVEMENT),
        _key("success_criterion", "onboarding_id", "onboarding"),
        _key("success_criterion", "their_owner_id", "person"),
        _key("success_criterion", "our_owner_id", "staff"),
        _key("success_criterion", "withdrawn_by_id", "app_user"),
        _key("success_criterion", "met_by_id", "app_user"),
        sa.UniqueConstraint("onboarding_id", "n", name=op.f("uq_success_criterion_onboarding_id_n")),
    )
    op.create_table(
        "criterion_wording",
        *_row("criterion_wording", addressed=True),
        sa.Column("criterion_id", BIG, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("side", sa.String(length=32), nullable=False),
        sa.Column("by_id", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("statement", sa.String(length=120), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("direction", sa.String(length=32), nullable=False),
        sa.Column("baseline", sa.String(length=40), nullable=False),
        sa.Column("target", sa.String(length=40), nullable=False),
        sa.Column("target_on", sa.Date(), nullable=False),
        sa.Column("must_have", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.String(length=32), nullable=False),
        sa.Column("seen_in", sa.String(length=120), nullable=True),
        sa.Column("note", sa.String(length=600), nullable=True),
        sa.Column("asked", sa.String(length=600), nullable=True),
        sa.Column("asked_by_id", BIG, nullable=True),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        _one_of("criterion_wording", "state", AGREEMENT),
        _one_of("criterion_wording", "side", ("customer", "us")),
        _one_of("criterion_wording", "direction", ("up", "down", "by_date")),
        _one_of("criterion_wording", "evidence", EVIDENCE),
        _key("criterion_wording", "criterion_id", "success_criterion"),
        *(_key("criterion_wording", name, "app_user") for name in ("by_id", "asked_by_id", "decided_by_id")),
        sa.UniqueConstraint("criterion_id", "n", name=op.f("uq_criterion_wording_criterion_id_n")),
    )
    for name, where in (("open", IS_OPEN), ("in_force", IN_FORCE)):
        op.create_index(
            f"uq_criterion_wording_{name}",
            "criterion_wording",
            ["criterion_id"],
            unique=True,
            sqlite_where=where,
            postgresql_where=where,
        )
    op.create_table(
        "criterion_checkpoint",
        *_row("criterion_checkpoint"),
        sa.Column("wording_id", BIG, nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=True),
        sa.Column("what", sa.String(length=60), nullable=True),
        _key("criterion_checkpoint", "wording_id", "criterion_wording"),
        sa.UniqueConstraint("wording_id", "on", name=op.f("uq_criterion_checkpoint_wording_id_on")),
    )
    op.create_table(
        "measurement",
        *_row("measurement", addressed=True),
        sa.Column("criterion_id", BIG, nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.Column("document_id", BIG, nullable=True),
        sa.Column("by_id", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        _one_of("measurement", "source", EVIDENCE),
        _key("measurement", "criterion_id", "success_criterion"),
        _key("measurement", "document_id", "document"),
        _key("measurement", "by_id", "app_user"),
    )
    op.create_index("ix_measurement_criterion_id_on", "measurement", ["criterion_id", "on"])
    for table in TABLES:
        op.create_index(f"ix_{table}_account_id", table, ["account_id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


TABLES = ("success_criterion", "criterion_wording", "criterion_checkpoint", "measurement")


def _row(table: str, *, addressed: bool = False) -> list[sa.schema.SchemaItem]:
    found: list[sa.schema.SchemaItem] = [
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        _key(table, "account_id", "account"),
    ]
    if addressed:
        found += [
            sa.Column("ref", sa.String(length=12), nullable=False),
            sa.UniqueConstraint("ref", name=op.f(f"uq_{table}_ref")),
        ]
    return found


def _key(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def _one_of(table: str, column: str, words: tuple[str, ...]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_{table}_{column}"))
