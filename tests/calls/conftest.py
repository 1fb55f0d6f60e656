"""The cast of calls, an app context for what is no request, and the letters that wait."""

import base64
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from portal import clock, db
from portal.accounts.models import User
from portal.calls.models import Call
from portal.mail import Letter
from tests.auth.conftest import enter  # noqa: F401
from tests.calls.cast import FRIDAY, in_app, make_cast, step_of
from tests.infra import again


@pytest.fixture
def cast(app) -> SimpleNamespace:
    with in_app(app):
        made = again.once("calls", make_cast)
        db.session.commit()
        return made


@pytest.fixture
def context(app, cast):
    with in_app(app):
        again = {name: db.session.get(type(row), row.id) for name, row in vars(cast).items()}
        vars(cast).update(again)
        yield


@pytest.fixture
def letters() -> Callable[[User], list[Letter]]:
    """The letters about calls to this user that wait or have left, oldest first."""

    def found(user: User) -> list[Letter]:
        rows = select(Letter).where(
            Letter.user_id == user.id, Letter.kind == "call", Letter.dropped_at.is_(None)
        )
        return list(db.session.scalars(rows.order_by(Letter.id)))

    return found


@pytest.fixture
def sent() -> Callable[[], None]:
    """Every letter that waits leaves now."""

    def leave() -> None:
        waiting = Letter.sent_at.is_(None) & Letter.dropped_at.is_(None)
        db.session.execute(update(Letter).where(waiting).values(sent_at=clock.now()))

    return leave


def calendar_in(letter: Letter) -> Calendar:
    """The calendar file that goes with a letter; its method stands in the file and in its type alike."""
    ((name, mime, content),) = letter.attachments
    made = Calendar.from_ical(base64.b64decode(content))
    assert (name, mime) == ("call.ics", f"text/calendar; method={made['method']}; charset=utf-8")
    return made


@pytest.fixture
def book(cast, context):
    """Ana books the kickoff with Priya."""

    def booked(start=FRIDAY, **changes) -> Call:
        values = {
            "kind": "kickoff",
            "title": "Kickoff",
            "minutes": 60,
            "agenda": ["People", "Goals"],
            "owner": cast.priya,
            "start": start,
            "by": cast.ana,
            "people": [cast.ana, cast.ben],
            "step": step_of(cast.onboarding, "book_call", "kickoff"),
        }
        return Call.book(cast.onboarding, **{**values, **changes})

    return booked
