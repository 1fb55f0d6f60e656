"""A person has no department: nothing ever wrote one, and a wave names its people itself."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("person", "department")


def downgrade() -> None:
    op.add_column("person", sa.Column("department", sa.String(length=120), nullable=True))
