"""When each signer of a plan was asked to sign it."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

SENT = "(SELECT sent_at FROM plan_version WHERE plan_version.id = plan_signer.version_id)"
WAITING = (
    "EXISTS (SELECT 1 FROM plan_signer other WHERE other.version_id = plan_signer.version_id "
    "AND other.role IN ('customer', 'customer_sponsor') AND NOT EXISTS (SELECT 1 FROM signature "
    "WHERE signature.version_id = other.version_id AND signature.user_id = other.user_id))"
)
SIGNED = (
    "(SELECT max(signed_at) FROM signature WHERE signature.version_id = plan_signer.version_id "
    "AND signature.role IN ('customer', 'customer_sponsor'))"
)


def upgrade() -> None:
    op.add_column("plan_signer", sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(f"UPDATE plan_signer SET asked_at = {SENT} WHERE role IN ('customer', 'customer_sponsor')")
    op.execute(
        f"UPDATE plan_signer SET asked_at = {SIGNED} "
        f"WHERE role IN ('provider', 'provider_sponsor') AND NOT {WAITING}"
    )


def downgrade() -> None:
    op.drop_column("plan_signer", "asked_at")
