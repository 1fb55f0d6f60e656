"""An app context and a clock that stands still: what is walked here writes letters."""

from collections.abc import Iterator

import pytest

from portal import mail


@pytest.fixture
def context(app, session) -> Iterator[None]:
    with app.app_context():
        mail.configure(app.config["PORTAL"])
        yield
