"""Where the thread of each onboarding stands: the question that waits for an answer of ours."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# For the messages that are there already: whatever the customer wrote since we last did. The owner answers, and
# the day of the question stands for the day of the answer.
FOLLOW = """
    INSERT INTO thread (account_id, onboarding_id, question_id, asked_id, awaits_reply_since, answer_due_on, unanswered)
    SELECT asked.account_id, asked.onboarding_id, asked.id,
           (SELECT staff_id FROM team_member
            WHERE team_member.onboarding_id = asked.onboarding_id AND team_member.role = 'consultant'),
           asked.created_at, {day}, waits.unanswered
    FROM (SELECT min(message.id) AS id, count(*) AS unanswered
          FROM message JOIN app_user ON app_user.id = message.author_id
          WHERE app_user.kind = 'person' AND message.id > (
              SELECT coalesce(max(ours.id), 0)
              FROM message AS ours JOIN app_user AS us ON us.id = ours.author_id
              WHERE ours.onboarding_id = message.onboarding_id AND us.kind = 'staff')
          GROUP BY message.onboarding_id) AS waits
    JOIN message AS asked ON asked.id = waits.id
"""
DAY = {"sqlite": "date(asked.created_at)", "postgresql": "(asked.created_at AT TIME ZONE 'UTC')::date"}


def upgrade() -> None:
    op.create_table(
        "thread",
        sa.Column("onboarding_id", BIG, nullable=False),
        sa.Column("question_id", BIG, nullable=True),
        sa.Column("asked_id", BIG, nullable=True),
        sa.Column("awaits_reply_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_due_on", sa.Date(), nullable=True),
        sa.Column("unanswered", sa.Integer(), nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_thread_account_id")),
        sa.ForeignKeyConstraint(["asked_id"], ["staff.id"], name=op.f("fk_thread_asked_id")),
        sa.ForeignKeyConstraint(["onboarding_id"], ["onboarding.id"], name=op.f("fk_thread_onboarding_id")),
        sa.ForeignKeyConstraint(["question_id"], ["message.id"], name=op.f("fk_thread_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread")),
        sa.UniqueConstraint("onboarding_id", name=op.f("uq_thread_onboarding_id")),
    )
    op.create_index("ix_thread_account_id", "thread", ["account_id"])
    op.execute(FOLLOW.format(day=DAY[op.get_context().dialect.name]))


def downgrade() -> None:
    op.drop_table("thread")
