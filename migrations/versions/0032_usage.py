"""Keys of other programs, usage events and what each day adds up to; what a product's use means."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAMES = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "usage_source",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_source")),
        sa.UniqueConstraint("name", name=op.f("uq_usage_source_name")),
    )
    op.create_table(
        "api_key",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("hint", sa.String(length=12), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("bound_to_id", BIG, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("revoked_by_id", BIG, nullable=True),
        sa.Column("id", BIG, nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["bound_to_id"], ["account.id"], name=op.f("fk_api_key_bound_to_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["app_user.id"], name=op.f("fk_api_key_created_by_id")),
        sa.ForeignKeyConstraint(["revoked_by_id"], ["app_user.id"], name=op.f("fk_api_key_revoked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_key_digest")),
        sa.UniqueConstraint("ref", name=op.f("uq_api_key_ref")),
    )
    op.create_index(op.f("ix_api_key_name"), "api_key", ["name"], unique=False)
    op.create_table(
        "usage_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("metric", sa.String(length=200), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_usage_day_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_day")),
        sa.UniqueConstraint("account_id", "metric", "day", name=op.f("uq_usage_day_account_id_metric_day")),
    )
    op.create_index(op.f("ix_usage_day_account_id"), "usage_day", ["account_id"], unique=False)
    op.create_index(op.f("ix_usage_day_account_id_day"), "usage_day", ["account_id", "day"], unique=False)
    op.create_table(
        "usage_event",
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("account_id", BIG, nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("user_key", sa.String(length=200), nullable=True),
        sa.Column("group_key", sa.String(length=200), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("props", sa.JSON(), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.CheckConstraint(
            "kind IN ('track', 'identify', 'group', 'page', 'screen', 'alias')",
            name=op.f("ck_usage_event_kind"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_usage_event_account_id")),
        sa.ForeignKeyConstraint(["source_id"], ["usage_source.id"], name=op.f("fk_usage_event_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_event")),
        sa.UniqueConstraint("source_id", "message_id", name=op.f("uq_usage_event_source_id_message_id")),
    )
    op.create_index("ix_usage_event_account", "usage_event", ["account_id", "at"], unique=False)
    op.create_index("ix_usage_event_received", "usage_event", ["source_id", "received_at"], unique=False)
    op.create_index(
        "ix_usage_event_unknown",
        "usage_event",
        ["group_key"],
        unique=False,
        sqlite_where=sa.text("account_id IS NULL"),
        postgresql_where=sa.text("account_id IS NULL"),
    )
    op.create_index(
        "ix_usage_event_waiting",
        "usage_event",
        ["source_id", "user_key"],
        unique=False,
        sqlite_where=sa.text("account_id IS NULL"),
        postgresql_where=sa.text("account_id IS NULL"),
    )
    op.create_table(
        "usage_group",
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("user_key", sa.String(length=200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_usage_group_account_id")),
        sa.ForeignKeyConstraint(["source_id"], ["usage_source.id"], name=op.f("fk_usage_group_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_group")),
        sa.UniqueConstraint("source_id", "user_key", name=op.f("uq_usage_group_source_id_user_key")),
    )
    op.create_index(op.f("ix_usage_group_account_id"), "usage_group", ["account_id"], unique=False)
    op.create_table(
        "usage_reject",
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("excerpt", sa.String(length=500), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.CheckConstraint(
            "reason IN ('not_an_event', 'unknown_type', 'too_large', 'too_deep', 'bad_number', 'bad_text', 'no_name', "
            "'too_long', 'nobody', 'no_group', 'bad_time', 'too_old', 'other_account')",
            name=op.f("ck_usage_reject_reason"),
        ),
        sa.ForeignKeyConstraint(["source_id"], ["usage_source.id"], name=op.f("fk_usage_reject_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_reject")),
        sa.UniqueConstraint("source_id", "message_id", name=op.f("uq_usage_reject_source_id_message_id")),
    )
    op.create_index(op.f("ix_usage_reject_received_at"), "usage_reject", ["received_at"], unique=False)
    op.create_table(
        "usage_user",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=True),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("email_at", MOMENT, nullable=True),
        sa.Column("name_at", MOMENT, nullable=True),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_usage_user_account_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_usage_user_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_user")),
        sa.UniqueConstraint("account_id", "key", name=op.f("uq_usage_user_account_id_key")),
    )
    op.create_index(op.f("ix_usage_user_account_id"), "usage_user", ["account_id"], unique=False)
    op.create_index(
        op.f("ix_usage_user_account_id_last_seen_at"),
        "usage_user",
        ["account_id", "last_seen_at"],
        unique=False,
    )
    op.create_index(op.f("ix_usage_user_person_id"), "usage_user", ["person_id"], unique=False)
    op.create_table(
        "usage_person_day",
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("metric", sa.String(length=200), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_usage_person_day_account_id")),
        sa.ForeignKeyConstraint(["user_id"], ["usage_user.id"], name=op.f("fk_usage_person_day_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_person_day")),
        sa.UniqueConstraint("user_id", "metric", "day", name=op.f("uq_usage_person_day_user_id_metric_day")),
    )
    op.create_index(op.f("ix_usage_person_day_account_id"), "usage_person_day", ["account_id"], unique=False)
    op.create_index(
        op.f("ix_usage_person_day_account_id_day"), "usage_person_day", ["account_id", "day"], unique=False
    )
    op.create_table(
        "usage_imported",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("metric", sa.String(length=200), nullable=False),
        sa.Column("user_key", sa.String(length=200), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_usage_imported_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_imported")),
        sa.UniqueConstraint(
            "account_id",
            "metric",
            "day",
            "user_key",
            name=op.f("uq_usage_imported_account_id_metric_day_user_key"),
        ),
    )
    op.create_index(op.f("ix_usage_imported_account_id"), "usage_imported", ["account_id"], unique=False)
    op.add_column("product", sa.Column("value_events", NAMES, server_default="[]", nullable=False))
    op.add_column("product", sa.Column("activation_actions", NAMES, server_default="[]", nullable=False))
    op.add_column("product", sa.Column("value_loop", NAMES, server_default="[]", nullable=False))
    op.add_column("product", sa.Column("key_features", NAMES, server_default="[]", nullable=False))


def downgrade() -> None:
    op.drop_table("usage_imported")
    op.drop_table("usage_person_day")
    op.drop_table("usage_user")
    op.drop_table("usage_reject")
    op.drop_table("usage_group")
    op.drop_table("usage_event")
    op.drop_table("usage_day")
    op.drop_table("api_key")
    op.drop_table("usage_source")
    op.drop_column("product", "value_events")
    op.drop_column("product", "activation_actions")
    op.drop_column("product", "value_loop")
    op.drop_column("product", "key_features")
