"""Northwind's road with everything agreed that a plan is made of."""

import pytest

from tests.desk.conftest import statements  # noqa: F401
from tests.plans import making


@pytest.fixture
def made(app, clock):
    """Inside a request context, for what is done without a page; nothing is committed."""
    with app.test_request_context():
        yield making.road(clock)
