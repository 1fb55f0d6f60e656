"""Whoever leads the team reads on their day that the seal's certificate ends, ahead of time; nobody else does."""

from datetime import timedelta

import pytest

from portal import clock as portal_clock
from portal.plans import keys
from tests import make


@pytest.fixture
def install(app, session, monkeypatch, settings):
    monkeypatch.setitem(app.config, "PORTAL", settings())
    make.provider()
    keys.ensure(app.config["PORTAL"], "Partnerly")
    return app.config["PORTAL"]


def test_e11_its_end_stands_on_the_leaders_day_sixty_days_ahead(visitor, install):
    lena, priya = make.staff("Lena Fox", "cs_leader"), make.staff()
    assert "Sealing of plans" not in visitor(lena).get("/staff").text
    with portal_clock.frozen(keys.ends_at(install) - timedelta(days=59)):
        page = visitor(lena).get("/staff")
        assert "The certificate of the seal ends on 3 Mar 2031." in page.text
        assert "portal seal renew" in page.text
        assert "Sealing of plans" not in visitor(priya).get("/staff").text


def test_a_damaged_key_breaks_no_page(visitor, install):
    for path in keys.folder(install).iterdir():
        path.write_bytes(b"\xff\xfe")
    assert visitor(make.staff("Lena Fox", "cs_leader")).get("/staff")
