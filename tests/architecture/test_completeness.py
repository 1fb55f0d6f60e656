"""Every list is complete: routes and their permissions, grants, tables and their account, the schema."""

import re

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import CheckConstraint, MetaData, Table, inspect

from portal import db
from portal.access import GRANTS, Can, allow
from tests.architecture.tree import ours, text

# Tables of the installation as a whole. A row of any other belongs to one customer account and says to which.
SHARED = {
    "account", "app_user", "staff", "provider", "product", "playbook", "playbook_version",
    "session", "sign_in_link", "throttle", "preference", "audit_chain", "consent_text",
    "api_key", "usage_source", "usage_reject", "segment_thresholds", "trigger_setting",
    "saved_view", "morning", "job", "letter", "heartbeat", "scheduled_run", "daily_letter", "digest_item",
    "alembic_version",
}  # fmt: skip

# Rows here belong to an account, or to none (yet), and then their account is empty.
MIXED = {"activity", "notice", "usage_event"}


def unstated(app: Flask) -> list[str]:
    """The endpoints that state neither a permission nor that they are public."""
    return [name for name, view in app.view_functions.items() if not hasattr(view, "permission")]


def unused(code: str) -> list[Can]:
    """The permissions that `code` never names."""
    named = set(re.findall(r"\bCan\.(\w+)", code))
    return [can for can in Can if can.name not in named]


def unowned(metadata: MetaData) -> list[str]:
    """The tables that should say whose they are, and do not: not empty, and found quickly."""
    return [
        table.name for table in metadata.tables.values() if table.name not in SHARED and not _owned(table)
    ]


def _owned(table: Table) -> bool:
    column = table.columns.get("account_id")
    may_be_empty = table.name in MIXED
    return column is not None and column.nullable == may_be_empty and _is_found_quickly(table)


def _is_found_quickly(table: Table) -> bool:
    leading = [next(iter(index.columns)).name for index in table.indexes]
    leading += [next(iter(key.columns)).name for key in table.constraints if key.columns]
    return "account_id" in leading


def test_every_route_states_a_permission(shared_app):
    assert unstated(shared_app) == []


def test_a_route_that_states_none_is_found():
    app = Flask("planted", static_folder=None)
    app.add_url_rule("/a", "open", lambda: "")
    app.add_url_rule("/b", "stated", allow(Can.SEE_ROAD)(lambda: ""))
    assert unstated(app) == ["open"]


def test_every_permission_is_granted_and_used():
    code = "".join(text(name) for name in ours("portal/", end=".py") if name != "portal/access.py")
    assert set(GRANTS) == set(Can)
    assert [can for can, roles in GRANTS.items() if not roles] == []
    assert unused(code) == []
    assert Can.SEE_ROAD in unused("@allow(Can.SEE_ROADS)")


def test_every_customers_table_says_whose_row_it_is(session):
    assert unowned(db.Base.metadata) == []
    assert SHARED - {"alembic_version"} - set(db.Base.metadata.tables) == set()


def test_a_table_without_an_owner_is_found():
    planted = MetaData()
    Table("note", planted)
    assert unowned(planted) == ["note"]


def test_the_migrated_schema_is_the_models_schema(session):
    context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
    differences = compare_metadata(context, db.Base.metadata)
    assert [one for one in differences if "alembic_version" not in str(one)] == []


def test_the_migrated_checks_are_the_models_checks(session):
    """Autogenerate overlooks CHECK constraints, so they are compared by name."""
    found = inspect(session.connection())
    for table in db.Base.metadata.tables.values():
        wanted = {str(rule.name) for rule in table.constraints if isinstance(rule, CheckConstraint)}
        present = {rule["name"] for rule in found.get_check_constraints(table.name)}
        assert present == wanted, table.name
