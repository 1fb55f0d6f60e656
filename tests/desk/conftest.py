"""The cast of the desk, a way to do what a person did in an earlier request, and how many statements a page takes."""

from collections.abc import Callable
from dataclasses import fields
from functools import partial
from typing import Any

import pytest

from portal import db
from portal.accounts.kinds import TeamRole
from portal.onboardings.models import Onboarding
from portal.onboardings.queries import load_people, load_road
from portal.onboardings.steps import Step
from tests import make
from tests.infra import statements as asked
from tests.make import Cast


@pytest.fixture
def cast(app) -> Cast:
    """Northwind, prepared; committed."""
    with app.test_request_context():
        made = make.northwind()
        db.session.commit()
    return made


@pytest.fixture
def acted(app, cast) -> Callable[..., Any]:
    """Does something as an earlier request did: `acted(lambda now: now.step("goals").submit(by=now.ana))`."""

    def act(what: Callable[[Cast], Any]) -> Any:
        with app.test_request_context():
            rows = {field.name: getattr(cast, field.name) for field in fields(Cast)}
            now = Cast(**{name: db.session.get_one(type(row), row.id) for name, row in rows.items()})
            load_road(now.onboarding)
            load_people(now.onboarding)
            done = what(now)
            db.session.commit()
        return done

    return act


@pytest.fixture
def more(app, cast):
    """Makes further onboardings of Priya's, by account name, with the stored columns that a test wants."""

    def make_them(*names: str, **columns) -> list[Onboarding]:
        with app.test_request_context():
            made = []
            for name in names:
                road = make.onboarding(make.account(name), {TeamRole.CONSULTANT: cast.priya}, by=cast.priya)
                for column, value in {"state": "active", **columns}.items():
                    setattr(road, column, value)
                road.take_turn()
                made.append(road)
            db.session.commit()
        return made

    return make_them


def handed_in(now: Cast, *, by: str = "ana") -> Step:
    """What comes next for the customer, handed in for our review."""
    step = now.onboarding.next_step
    assert step is not None
    step.needs_review = True
    step.submit(by=getattr(now, by))
    return step


@pytest.fixture
def statements() -> Callable[[], Any]:
    """`with statements() as seen: visit()`; then `seen` holds every SELECT, INSERT and UPDATE of it."""
    return partial(asked.statements, beginning=("SELECT", "INSERT", "UPDATE", "DELETE", "WITH"))
