"""How a command ends that can't do what it was asked: one sentence on stderr, and exit code 1."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click
from click.exceptions import NoArgsIsHelpError
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DataError,
    IntegrityError,
    InternalError,
    NotSupportedError,
    ProgrammingError,
)

from portal import migrating
from portal.config import SettingError
from portal.errors import Refused
from portal.playbooks.source import PlaybookError


@contextmanager
def in_words() -> Iterator[None]:
    """Say what goes wrong inside, and exit. What is a mistake of ours is raised as it is."""
    try:
        yield
    except NoArgsIsHelpError as asked:
        _fail(asked.format_message())
    except click.ClickException as misspelt:
        _fail(" ".join(misspelt.format_message().split()))
    except click.Abort:
        sys.exit(130)
    except (SettingError, Refused, PlaybookError, migrating.Behind) as refusal:
        _fail(str(refusal))
    except IntegrityError:
        _fail("Somebody did the same a moment ago. Look, and run it again if it is still needed.")
    except (DatabaseError, ArgumentError) as error:
        if isinstance(error, ProgrammingError | DataError | InternalError | NotSupportedError):
            raise
        why = str(getattr(error, "orig", error)).partition("\n")[0]
        _fail(f"The database doesn't answer ({why}). Check PORTAL_DATABASE_URL, and that it runs.")
    except OSError as error:
        _fail(
            f"{error.filename or 'A file'} can't be used ({error.strerror}). Check PORTAL_DATA_DIR and the rights."
        )
    finally:
        # The process ends, and its memory with it: looking through all of it for what could be given back takes a
        # second, many times that on a busy machine.
        gc.freeze()


def _fail(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(1)
