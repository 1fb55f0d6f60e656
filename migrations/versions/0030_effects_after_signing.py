"""What answers ask for once the plan is signed names the version that says otherwise."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("readiness_effect", sa.Column("against_version", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("readiness_effect", "against_version")
