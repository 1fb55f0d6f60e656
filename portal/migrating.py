"""The schema: brought up to date by a command, never by a web process on the side."""

from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from portal import db

FOLDER = Path(__file__).parent.parent / "migrations"


class Behind(Exception):
    """The database has another schema than this version needs; the message says what helps."""


def alembic_config() -> AlembicConfig:
    """Alembic's settings, made here so that no file has to repeat the database's address."""
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(FOLDER))
    return settings


def upgrade(revision: str = "head") -> None:
    """Run the migrations up to `revision` on the connected database. Raises Behind for a newer one than ours."""
    _refuse_newer(ScriptDirectory.from_config(alembic_config()))
    command.upgrade(alembic_config(), revision)


def downgrade(revision: str) -> None:
    """Take migrations back down to `revision`."""
    command.downgrade(alembic_config(), revision)


def check() -> None:
    """Raise Behind when the connected database is not at this version's schema."""
    scripts = ScriptDirectory.from_config(alembic_config())
    if _refuse_newer(scripts) != set(scripts.get_heads()):
        raise Behind("The database doesn't have this version's schema yet. Run: portal migrate")


def _refuse_newer(scripts: ScriptDirectory) -> set[str]:
    """The revisions that the database is at. Raises Behind for one that this version doesn't know."""
    with db.writing_engine().connect() as connection:
        current = MigrationContext.configure(connection).get_current_heads()
    for revision in current:
        try:
            scripts.get_revision(revision)
        except CommandError:
            raise Behind(
                f"The database's schema ({revision}) is not one that this version knows. "
                "Run the version of Firstmile that made it, or a newer one."
            ) from None
    return set(current)
