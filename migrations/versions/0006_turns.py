"""Whose turn it is, and the order of the staff's list, stored with each onboarding."""

from datetime import UTC, date

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
US, CUSTOMER, BLOCKED, NOBODY, DRAFT, HOLD, OVER = range(7)
ANSWER = "(SELECT answer_due_on FROM thread WHERE onboarding_id = onboarding.id AND awaits_reply_since IS NOT NULL)"
BACK = "(SELECT answer_due_on FROM onboarding WHERE onboarding.id = thread.onboarding_id)"
IN_THE_WAY = "FROM step WHERE step.onboarding_id = o.id AND required AND step.state = 'blocked'"
FACTS = sa.text(
    f"""
    SELECT o.id, o.state, o.ball, o.our_due_on, o.next_due_on, o.answer_due_on,
        (SELECT count(*) FROM step JOIN staff ON staff.id = step.assignee_id WHERE step.id = o.next_step_id) AS hosted,
        (SELECT count(*) {IN_THE_WAY}) AS blocked,
        (SELECT min(due_on) {IN_THE_WAY}) AS blocked_on,
        (SELECT min(review_on) FROM hold WHERE hold.onboarding_id = o.id AND ended_on IS NULL) AS review_on,
        coalesce(o.graduated_at, o.ball_since, o.created_at) AS ended_at
    FROM onboarding AS o
    """
).columns(
    **dict.fromkeys(("our_due_on", "next_due_on", "answer_due_on", "blocked_on", "review_on"), sa.Date()),
    ended_at=sa.DateTime(timezone=True),
)


def upgrade() -> None:
    op.add_column("onboarding", sa.Column("answer_due_on", sa.Date(), nullable=True))
    op.add_column("onboarding", sa.Column("turn", sa.Integer(), nullable=False, server_default=str(DRAFT)))
    op.add_column("onboarding", sa.Column("turn_order", BIG, nullable=False, server_default="0"))
    op.execute(f"UPDATE onboarding SET answer_due_on = {ANSWER}")
    op.drop_column("thread", "answer_due_on")
    table = sa.table("onboarding", *map(sa.column, ("id", "turn", "turn_order")))
    places = [_place(row) for row in op.get_bind().execute(FACTS)]
    if places:
        one = sa.update(table).where(table.c.id == sa.bindparam("row"))
        values = {"turn": sa.bindparam("its_turn"), "turn_order": sa.bindparam("order")}
        op.get_bind().execute(one.values(values), places)
    op.drop_index("ix_onboarding_state_our_due_on", table_name="onboarding")
    order = ["turn", "turn_order", "id"]
    op.create_index("ix_onboarding_turn_turn_order_id", "onboarding", order)
    op.create_index("ix_onboarding_current_stage_turn_turn_order_id", "onboarding", ["current_stage", *order])
    op.create_index("ix_onboarding_turn_our_due_on", "onboarding", ["turn", "our_due_on"])


def downgrade() -> None:
    op.add_column("thread", sa.Column("answer_due_on", sa.Date(), nullable=True))
    op.execute(f"UPDATE thread SET answer_due_on = {BACK}")
    op.drop_index("ix_onboarding_turn_our_due_on", table_name="onboarding")
    op.drop_index("ix_onboarding_current_stage_turn_turn_order_id", table_name="onboarding")
    op.drop_index("ix_onboarding_turn_turn_order_id", table_name="onboarding")
    op.create_index("ix_onboarding_state_our_due_on", "onboarding", ["state", "our_due_on"])
    op.drop_column("onboarding", "turn_order")
    op.drop_column("onboarding", "turn")
    op.drop_column("onboarding", "answer_due_on")


def _place(row: sa.Row) -> dict[str, int]:
    """The rule as it was when this ran, but for promises that have passed: the timetable looks for those."""
    turn = _turn(row)
    if turn == OVER:
        ended = row.ended_at if row.ended_at.tzinfo else row.ended_at.replace(tzinfo=UTC)
        return {"row": row.id, "its_turn": turn, "order": -int(ended.timestamp())}
    day = row.next_due_on
    if turn == US:
        ours = [row.next_due_on if row.hosted else None, row.answer_due_on, row.our_due_on]
        day = min(filter(None, ours), default=day)
    elif turn == BLOCKED:
        day = row.blocked_on
    elif turn == HOLD:
        day = row.review_on
    return {"row": row.id, "its_turn": turn, "order": (day or date.max).toordinal()}


def _turn(row: sa.Row) -> int:
    if row.answer_due_on:
        return US
    if row.state not in ("preparing", "active"):
        return {"draft": DRAFT, "on_hold": HOLD}.get(row.state, OVER)
    ours, theirs = row.our_due_on, row.next_due_on
    if row.ball == "us" or row.hosted or (ours and theirs and ours <= theirs):
        return US
    if row.ball == "customer":
        return CUSTOMER
    return BLOCKED if row.blocked else NOBODY
