"""What is in, what is not in and why, what the customer brings, and how much an onboarding matters."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FALSE = sa.false()


def upgrade() -> None:
    op.add_column("onboarding", sa.Column("size", sa.Integer(), nullable=True))
    op.add_column("onboarding", sa.Column("change_resources", sa.Integer(), nullable=True))
    op.create_table(
        "scope",
        sa.Column("onboarding_id", BIG, nullable=False),
        sa.Column("asked_seal", sa.String(length=16), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        *_owned("scope"),
        sa.ForeignKeyConstraint(["onboarding_id"], ["onboarding.id"], name=op.f("fk_scope_onboarding_id")),
        sa.UniqueConstraint("onboarding_id", name=op.f("uq_scope_onboarding_id")),
    )
    op.create_table(
        "scope_item",
        *_row(),
        sa.Column("side", sa.String(length=32), nullable=False),
        sa.Column("statement", sa.String(length=200), nullable=False),
        sa.Column("why", sa.String(length=2000), nullable=True),
        sa.Column("alternative", sa.String(length=2000), nullable=True),
        sa.Column("module", sa.String(length=40), nullable=True),
        *_owned("scope_item"),
        *_of_scope("scope_item", "key"),
        sa.CheckConstraint("side IN ('in', 'not_in')", name=op.f("ck_scope_item_side")),
        sa.CheckConstraint("side = 'in' OR why IS NOT NULL", name=op.f("ck_scope_item_why")),
    )
    op.create_table(
        "resource_need",
        *_row(),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("role", sa.String(length=20), nullable=True),
        sa.Column("who", sa.String(length=120), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("first_stage", sa.String(length=16), nullable=False),
        sa.Column("last_stage", sa.String(length=16), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by_id", BIG, nullable=True),
        sa.Column("confirmed_mark", sa.String(length=10), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_by_id", BIG, nullable=True),
        sa.Column("refused_mark", sa.String(length=10), nullable=True),
        sa.Column("refused_why", sa.String(length=2000), nullable=True),
        *_owned("resource_need"),
        *_of_scope("resource_need", "key"),
        sa.CheckConstraint(
            "kind IN ('people', 'data', 'access', 'budget')", name=op.f("ck_resource_need_kind")
        ),
        *(
            sa.ForeignKeyConstraint([name], ["app_user.id"], name=op.f(f"fk_resource_need_{name}"))
            for name in ("person_id", "confirmed_by_id", "refused_by_id")
        ),
    )
    op.create_table(
        "scope_agreement",
        sa.Column("scope_id", BIG, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("by_id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *_owned("scope_agreement"),
        *_of_scope("scope_agreement", "n"),
        sa.ForeignKeyConstraint(["by_id"], ["app_user.id"], name=op.f("fk_scope_agreement_by_id")),
    )
    for table in ("scope", "scope_item", "resource_need", "scope_agreement"):
        op.create_index(f"ix_{table}_account_id", table, ["account_id"])
    op.create_index("ix_resource_need_person_id", "resource_need", ["person_id"])


def _row() -> list[sa.Column]:
    return [
        sa.Column("scope_id", BIG, nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("from_playbook", sa.Boolean(), nullable=False, server_default=FALSE),
        sa.Column("left_out", sa.Boolean(), nullable=False, server_default=FALSE),
    ]


def _owned(table: str) -> list[sa.Column | sa.Constraint]:
    return [
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f(f"fk_{table}_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _of_scope(table: str, unique: str) -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(["scope_id"], ["scope.id"], name=op.f(f"fk_{table}_scope_id")),
        sa.UniqueConstraint("scope_id", unique, name=op.f(f"uq_{table}_scope_id_{unique}")),
    ]


def downgrade() -> None:
    for table in ("scope_agreement", "resource_need", "scope_item", "scope"):
        op.drop_table(table)
    op.drop_column("onboarding", "change_resources")
    op.drop_column("onboarding", "size")
