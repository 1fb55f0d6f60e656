"""A step knows for which day its call is booked, and when the customer was asked for a time: neither is our turn."""

from datetime import UTC, date
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BOOKED = sa.text(
    """
    SELECT call.onboarding_id AS road, call.kind, call.start, account.time_zone, playbook_version.content
    FROM call
    JOIN step ON step.id = call.step_id
    JOIN onboarding ON onboarding.id = call.onboarding_id
    JOIN account ON account.id = onboarding.account_id
    JOIN playbook_version ON playbook_version.id = onboarding.playbook_version_id
    WHERE call.state = 'scheduled'
    """
).columns(start=sa.DateTime(timezone=True), content=sa.JSON())
# What waited on us for nothing but a call that is booked.
THEIRS = """
    UPDATE onboarding SET turn = 1
    WHERE turn = 0 AND ball = 'customer' AND answer_due_on IS NULL
    AND (our_due_on IS NULL OR (our_due_on > next_due_on AND our_due_on >= CURRENT_DATE))
    AND next_step_id IN (SELECT id FROM step WHERE call_on IS NOT NULL)
"""
STEP = sa.table("step", *map(sa.column, ("onboarding_id", "key", "call_on")))


def upgrade() -> None:
    op.add_column("step", sa.Column("asked_on", sa.Date(), nullable=True))
    op.add_column("step", sa.Column("call_on", sa.Date(), nullable=True))
    bind = op.get_bind()
    for call in bind.execute(BOOKED).all():
        here = STEP.c.onboarding_id == call.road, STEP.c.key.in_(_about(call))
        bind.execute(sa.update(STEP).where(*here).values(call_on=sa.bindparam("on", _day(call), sa.Date())))
    op.execute(THEIRS)


def downgrade() -> None:
    op.drop_column("step", "call_on")
    op.drop_column("step", "asked_on")


def _about(call: sa.Row) -> list[str]:
    """The keys of the steps that wait for a call of this kind: one to book it, one to attend it."""
    steps = (step for module in call.content["modules"] for step in module["steps"])
    return [step["key"] for step in steps if (step.get("call") or {}).get("kind") == call.kind]


def _day(call: sa.Row) -> date:
    start = call.start if call.start.tzinfo else call.start.replace(tzinfo=UTC)
    return start.astimezone(ZoneInfo(call.time_zone)).date()
