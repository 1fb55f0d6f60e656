"""The migrations make exactly the tables of the models, on both databases, and take them away again."""

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, Engine, ForeignKeyConstraint, inspect, text

from portal import db, migrating, tables
from tests.infra import cluster
from tests.infra.databases import KINDS, Databases
from tests.infra.missing import missing


@pytest.fixture(params=KINDS)
def empty(request: pytest.FixtureRequest, databases: Databases, tmp_path) -> Iterator[Engine]:
    """A database without any table, bound."""
    url = f"sqlite:///{tmp_path}/empty.sqlite3"
    if request.param == "postgresql":
        try:
            cluster.start(databases.postgres)
        except cluster.Unavailable as why:
            missing(str(why))
        url = cluster.create(databases.postgres, f"{databases.worker}_empty")
    db.connect(url)
    yield db.writing_engine()
    db.disconnect()
    databases.drop(url)


def test_the_migrated_schema_is_the_models_schema(empty):
    migrating.upgrade()
    with empty.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, tables.metadata) == []
    migrating.check()


def test_every_check_foreign_key_and_partial_index_is_there(empty):
    migrating.upgrade()
    seen = inspect(empty)
    for table in tables.metadata.sorted_tables:
        checks = {check["name"] for check in seen.get_check_constraints(table.name)}
        own = [str(c.name) for c in table.constraints if isinstance(c, CheckConstraint)]
        prefix = f"ck_{table.name}_"  # Put before the name when the constraint is first written out.
        assert checks == {prefix + name.removeprefix(prefix) for name in own}, table.name
        there = seen.get_foreign_keys(table.name)
        leads = {
            (*key["constrained_columns"], key["referred_table"], *key["referred_columns"]) for key in there
        }
        assert leads == {_leads(key) for key in table.foreign_key_constraints}, table.name
        if (
            empty.dialect.name == "postgresql"
        ):  # SQLite forgets the name of a key that came with a later column.
            names = {key["name"] for key in there}
            assert names == {key.name for key in table.foreign_key_constraints}, table.name
        partial = {i.name for i in table.indexes if i.dialect_options["sqlite"]["where"] is not None}
        there = {i["name"] for i in seen.get_indexes(table.name) if _where(i)}
        assert there == partial, table.name


def _leads(key: ForeignKeyConstraint) -> tuple[str, ...]:
    return (*key.column_keys, key.referred_table.name, *(one.column.name for one in key.elements))


def _where(index) -> str | None:
    options = index.get("dialect_options", {})
    return next((str(value) for name, value in options.items() if name.endswith("_where")), None)


def test_down_takes_everything_away_and_up_makes_it_again(empty):
    migrating.upgrade()
    migrating.downgrade("base")
    assert set(inspect(empty).get_table_names()) == {"alembic_version"}
    with pytest.raises(migrating.Behind):
        migrating.check()
    migrating.upgrade()
    with empty.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM onboarding")).scalar_one() == 0
