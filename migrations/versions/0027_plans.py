"""The signed plan: its versions, who signs, each signature, the files and their seal."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
SHA = sa.String(length=64)
STATES = (
    "'draft', 'in_review', 'sent', 'partly_signed', 'signed', 'superseded', 'declined', 'expired', 'voided'"
)
ROLES = "'customer', 'customer_sponsor', 'provider', 'provider_sponsor'"
AT_MOST_ONE = {
    "written": "state IN ('draft', 'in_review')",
    "to_sign": "state IN ('sent', 'partly_signed')",
    "in_force": "state = 'signed'",
}


def upgrade() -> None:
    op.add_column("onboarding", sa.Column("signed_version", sa.Integer(), nullable=True))
    op.add_column("milestone", sa.Column("signed_due_on", sa.Date(), nullable=True))
    op.create_table(
        "consent_text",
        sa.Column("sha256", SHA, nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_text")),
        sa.UniqueConstraint("sha256", name=op.f("uq_consent_text_sha256")),
    )
    _versions()
    _signers()
    _signatures()
    op.create_table(
        "plan_paper",
        sa.Column("version_id", BIG, nullable=False),
        sa.Column("signed", sa.Integer(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        *_paper("plan_paper"),
        sa.UniqueConstraint("version_id", "signed", name=op.f("uq_plan_paper_version_id_signed")),
    )
    op.create_table(
        "plan_seal",
        sa.Column("version_id", BIG, nullable=False),
        sa.Column("sealed_at", MOMENT, nullable=False),
        sa.Column("certificate", SHA, nullable=False),
        sa.Column("time_source", sa.String(length=200), nullable=True),
        sa.Column("time_certificate", SHA, nullable=True),
        sa.Column("audit_head", SHA, nullable=False),
        *_paper("plan_seal"),
        sa.UniqueConstraint("version_id", name=op.f("uq_plan_seal_version_id")),
    )
    for table in ("plan_version", "plan_signer", "signature", "plan_paper", "plan_seal"):
        op.create_index(f"ix_{table}_account_id", table, ["account_id"])


def _versions() -> None:
    op.create_table(
        "plan_version",
        sa.Column("onboarding_id", BIG, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("amends_id", BIG, nullable=True),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("words_version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("review_asked_at", MOMENT, nullable=True),
        sa.Column("snapshot", sa.Text(), nullable=True),
        sa.Column("sha256", SHA, nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("sent_by_id", BIG, nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("signed_at", MOMENT, nullable=True),
        sa.Column("declined_at", MOMENT, nullable=True),
        sa.Column("declined_by_id", BIG, nullable=True),
        sa.Column("declined_why", sa.String(length=600), nullable=True),
        sa.Column("voided_at", MOMENT, nullable=True),
        sa.Column("voided_why", sa.String(length=600), nullable=True),
        sa.Column("seal_failed_at", MOMENT, nullable=True),
        sa.Column("seal_failure", sa.String(length=300), nullable=True),
        *_owned("plan_version"),
        *_addressed("plan_version"),
        *_references("plan_version", onboarding_id="onboarding", amends_id="plan_version"),
        *_references("plan_version", sent_by_id="app_user", declined_by_id="app_user"),
        sa.UniqueConstraint("onboarding_id", "n", name=op.f("uq_plan_version_onboarding_id_n")),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_plan_version_state")),
    )
    for name, where in AT_MOST_ONE.items():
        op.create_index(
            f"uq_plan_version_{name}",
            "plan_version",
            ["onboarding_id"],
            unique=True,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )


def _signers() -> None:
    op.create_table(
        "plan_signer",
        sa.Column("version_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("viewed_at", MOMENT, nullable=True),
        sa.Column("typed_name", sa.String(length=120), nullable=True),
        sa.Column("consented_at", MOMENT, nullable=True),
        sa.Column("consent_sha256", SHA, nullable=True),
        sa.Column("reminded_at", MOMENT, nullable=True),
        sa.Column("instead_of_id", BIG, nullable=True),
        *_owned("plan_signer"),
        *_addressed("plan_signer"),
        *_references("plan_signer", version_id="plan_version", user_id="app_user", instead_of_id="app_user"),
        sa.UniqueConstraint("version_id", "user_id", name=op.f("uq_plan_signer_version_id_user_id")),
        sa.UniqueConstraint("version_id", "position", name=op.f("uq_plan_signer_version_id_position")),
        sa.CheckConstraint(f"role IN ({ROLES})", name=op.f("ck_plan_signer_role")),
    )
    op.create_index("ix_plan_signer_user_id", "plan_signer", ["user_id"])


def _signatures() -> None:
    op.create_table(
        "signature",
        sa.Column("version_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("typed_name", sa.String(length=120), nullable=False),
        sa.Column("snapshot_sha256", SHA, nullable=False),
        sa.Column("consent_sha256", SHA, nullable=False),
        sa.Column("identified_by", sa.String(length=32), nullable=False),
        sa.Column("identified_at", MOMENT, nullable=False),
        sa.Column("viewed_at", MOMENT, nullable=False),
        sa.Column("consented_at", MOMENT, nullable=False),
        sa.Column("signed_at", MOMENT, nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("ip", sa.String(length=45), nullable=False),
        sa.Column("user_agent", sa.String(length=300), nullable=False),
        *_owned("signature"),
        *_references("signature", version_id="plan_version", user_id="app_user"),
        sa.ForeignKeyConstraint(
            ["consent_sha256"], ["consent_text.sha256"], name=op.f("fk_signature_consent_sha256")
        ),
        sa.UniqueConstraint("version_id", "user_id", name=op.f("uq_signature_version_id_user_id")),
        sa.CheckConstraint(f"role IN ({ROLES})", name=op.f("ck_signature_role")),
        sa.CheckConstraint(
            "identified_by IN ('code', 'password', 'standing')", name=op.f("ck_signature_identified_by")
        ),
    )
    op.create_index("ix_signature_user_id", "signature", ["user_id"])


def _paper(table: str) -> list[sa.Column | sa.Constraint]:
    return [
        sa.Column("stored_as", sa.String(length=32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", SHA, nullable=False),
        *_owned(table),
        *_references(table, version_id="plan_version"),
        sa.UniqueConstraint("stored_as", name=op.f(f"uq_{table}_stored_as")),
    ]


def _owned(table: str) -> list[sa.Column | sa.Constraint]:
    return [
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f(f"fk_{table}_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _addressed(table: str) -> list[sa.Column | sa.Constraint]:
    return [
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.UniqueConstraint("ref", name=op.f(f"uq_{table}_ref")),
    ]


def _references(table: str, **columns: str) -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint([name], [f"{other}.id"], name=op.f(f"fk_{table}_{name}"))
        for name, other in columns.items()
    ]


def downgrade() -> None:
    for table in ("plan_seal", "plan_paper", "signature", "plan_signer", "plan_version", "consent_text"):
        op.drop_table(table)
    op.drop_column("milestone", "signed_due_on")
    op.drop_column("onboarding", "signed_version")
