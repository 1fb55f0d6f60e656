"""An account has no industry: nothing reads it and nothing planned will."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("account", "industry")


def downgrade() -> None:
    op.add_column("account", sa.Column("industry", sa.String(length=200), nullable=True))
