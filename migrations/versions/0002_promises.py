"""What we promised first, stored with each onboarding; since when a step is with us."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# For the rows that are there already. A review's day is a first guess that the next change of its road replaces by
# the two working days of the account's own calendar.
OURS = """
    UPDATE step SET ours_since = coalesce(
        CASE WHEN state = 'submitted' THEN submitted_at END,
        (SELECT opened_at FROM stage WHERE stage.id = step.stage_id),
        (SELECT started_at FROM onboarding WHERE onboarding.id = step.onboarding_id))
    WHERE state = 'submitted'
       OR (state IN ('ready', 'in_progress', 'returned', 'blocked') AND (waiting OR owner_side = 'us'))
"""
PROMISED = """
    UPDATE onboarding SET our_due_on = (
        SELECT min(CASE WHEN state = 'submitted' THEN {two_days_later} ELSE due_on END)
        FROM step WHERE step.onboarding_id = onboarding.id AND required AND ours_since IS NOT NULL)
    WHERE state IN ('preparing', 'active')
"""
TWO_DAYS_LATER = {
    "sqlite": "date(submitted_at, '+2 days')",
    "postgresql": "(submitted_at AT TIME ZONE 'UTC')::date + 2",
}


def upgrade() -> None:
    op.add_column("onboarding", sa.Column("our_due_on", sa.Date(), nullable=True))
    op.add_column("step", sa.Column("ours_since", sa.DateTime(timezone=True), nullable=True))
    op.execute(OURS)
    op.execute(PROMISED.format(two_days_later=TWO_DAYS_LATER[op.get_context().dialect.name]))
    op.drop_index("ix_onboarding_state_ball_ball_since", table_name="onboarding")
    op.create_index("ix_onboarding_state_our_due_on", "onboarding", ["state", "our_due_on"])
    op.create_index("ix_hold_onboarding_id", "hold", ["onboarding_id"])


def downgrade() -> None:
    op.drop_index("ix_hold_onboarding_id", table_name="hold")
    op.drop_index("ix_onboarding_state_our_due_on", table_name="onboarding")
    op.create_index("ix_onboarding_state_ball_ball_since", "onboarding", ["state", "ball", "ball_since"])
    op.drop_column("step", "ours_since")
    op.drop_column("onboarding", "our_due_on")
