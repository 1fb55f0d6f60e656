"""A code by which somebody who is signed in says once more who they are."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

CHECK = op.f("ck_sign_in_link_purpose")


def upgrade() -> None:
    _purposes("'sign_in', 'invitation', 'again'")


def downgrade() -> None:
    op.execute("DELETE FROM sign_in_link WHERE purpose = 'again'")
    _purposes("'sign_in', 'invitation'")


def _purposes(known: str) -> None:
    with op.batch_alter_table("sign_in_link") as table:
        table.drop_constraint(CHECK, type_="check")
        table.create_check_constraint(CHECK, f"purpose IN ({known})")
