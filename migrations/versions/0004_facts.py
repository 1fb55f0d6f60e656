"""What changed on a road as facts, for each reader's language; the people in every road's history; asked addresses."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COMPANY = "onboarding_id IS NULL AND audience = 'customer'"
# The sentences that were stored, in the one language there was.
SENTENCES = {"left_out": "“%s” left out: %s", "brought_back": "“%s” is back: %s"}
OTHER = "other"  # Said as it stands: somebody's reason is in it.
NOT_NEEDED = "Not needed any more"


def upgrade() -> None:
    op.add_column("onboarding", sa.Column("scope_facts", sa.JSON(), nullable=True))
    _rewrite(sa.column("scope_change"), sa.column("scope_facts", sa.JSON(none_as_null=True)), _facts)
    op.drop_column("onboarding", "scope_change")
    op.execute("ALTER TABLE onboarding RENAME COLUMN scope_facts TO scope_change")
    rules = sa.CheckConstraint("skip_rule IN ('graduated')", name=op.f("ck_step_skip_rule"))
    op.add_column("step", sa.Column("skip_rule", sa.String(length=32), rules, nullable=True))
    retired = "state = 'skipped' AND skip_reason = '" + NOT_NEEDED + "' AND onboarding_id IN "
    graduated = "(SELECT id FROM onboarding WHERE graduated_at IS NOT NULL)"
    op.execute("UPDATE step SET skip_rule = 'graduated', skip_reason = NULL WHERE " + retired + graduated)
    op.add_column("app_user", sa.Column("asked_email", sa.String(length=254), nullable=True))
    op.create_index(
        "ix_activity_company",
        "activity",
        ["account_id", "id"],
        postgresql_where=sa.text(COMPANY),
        sqlite_where=sa.text(COMPANY),
    )


def downgrade() -> None:
    op.drop_index("ix_activity_company", table_name="activity")
    op.drop_column("app_user", "asked_email")
    op.execute(f"UPDATE step SET skip_reason = '{NOT_NEEDED}' WHERE skip_rule = 'graduated'")
    op.drop_column("step", "skip_rule")
    op.add_column("onboarding", sa.Column("scope_said", sa.String(length=400), nullable=True))
    _rewrite(sa.column("scope_change", sa.JSON()), sa.column("scope_said"), _sentence)
    op.drop_column("onboarding", "scope_change")
    op.execute("ALTER TABLE onboarding RENAME COLUMN scope_said TO scope_change")


def _rewrite(source: sa.ColumnClause, target: sa.ColumnClause, translate) -> None:
    """Put what stands in one column, translated, into the other."""
    table = sa.table("onboarding", sa.column("id"), source, target)
    bind = op.get_bind()
    for row_id, kept in bind.execute(sa.select(table.c.id, source).where(source.is_not(None))).all():
        bind.execute(sa.update(table).where(table.c.id == row_id).values({target: translate(kept)}))


def _facts(sentence: str) -> dict[str, str]:
    for code, shape in SENTENCES.items():
        if found := re.fullmatch(re.escape(shape).replace("%s", "(.*?)"), sentence, re.DOTALL):
            return {"code": code, "title": found[1], "why": found[2]}
    return {"code": OTHER, "title": "", "why": sentence}


def _sentence(facts: dict[str, str]) -> str:
    if facts["code"] == OTHER:
        return facts["why"]
    return (SENTENCES[facts["code"]] % (facts["title"], facts["why"]))[:400]
