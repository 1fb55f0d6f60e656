"""The schema: brought up to date by a command, never by a web process on the side.

A migration's file name begins with its revision, and the revisions are numbered. So a web process can tell whether
the schema is right without loading the tool that changes it, which costs half a second and several megabytes.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from portal import db

if TYPE_CHECKING:
    from alembic.config import Config as AlembicConfig

FOLDER = Path(__file__).parent.parent / "migrations"


class Behind(Exception):
    """The database has another schema than this version needs; the message says what helps."""


def alembic_config() -> "AlembicConfig":
    """Alembic's settings, made here so that no file has to repeat the database's address."""
    from alembic.config import Config as AlembicConfig

    settings = AlembicConfig()
    settings.set_main_option("script_location", str(FOLDER))
    return settings


def upgrade(revision: str = "head") -> None:
    """Run the migrations up to `revision` on the connected database. Raises Behind for a newer one than ours."""
    from alembic import command

    _refuse_newer()
    command.upgrade(alembic_config(), revision)


def downgrade(revision: str) -> None:
    """Take migrations back down to `revision`."""
    from alembic import command

    command.downgrade(alembic_config(), revision)


def check() -> None:
    """Raise Behind when the connected database is not at this version's schema."""
    if _refuse_newer() != {revisions()[-1]}:
        raise Behind("The database doesn't have this version's schema yet. Run: portal migrate")


def revisions() -> list[str]:
    """The revisions that this version knows, oldest first."""
    return sorted(path.name.partition("_")[0] for path in FOLDER.glob("versions/[0-9]*_*.py"))


def _refuse_newer() -> set[str]:
    """The revisions that the database is at. Raises Behind for one that this version doesn't know."""
    with db.writing_engine().connect() as connection:
        made = inspect(connection).has_table("alembic_version")
        current = set(connection.scalars(text("SELECT version_num FROM alembic_version"))) if made else set()
    for revision in current - set(revisions()):
        raise Behind(
            f"The database's schema ({revision}) is not one that this version knows. "
            "Run the version of Firstmile that made it, or a newer one."
        )
    return current
