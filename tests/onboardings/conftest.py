"""The cast on its road, prepared, with an app context open: domain methods write letters."""

from collections.abc import Iterator

import pytest

from tests.make import Cast, northwind


@pytest.fixture
def cast(app, session) -> Iterator[Cast]:
    with app.app_context():
        yield northwind()


@pytest.fixture
def running(cast, clock) -> Cast:
    """The cast on day 0."""
    clock.forward(days=6)
    cast.onboarding.begin()
    return cast
