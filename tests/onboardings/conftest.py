"""The cast on its road, prepared, with an app context open: domain methods write letters."""

from collections.abc import Iterator

import pytest

from tests.make import Cast, northwind


@pytest.fixture
def cast(app, session) -> Iterator[Cast]:
    with app.app_context():
        yield northwind()
