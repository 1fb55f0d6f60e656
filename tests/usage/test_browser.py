"""From an event in the product to the customer's home, and the pages about it, in Chromium."""

import urllib.request
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from portal import db, worker
from portal.onboardings.models import Onboarding
from portal.playbooks.models import publish
from portal.playbooks.reader import read_checked, shipped
from tests import make
from tests.infra.visit import session_cookie
from tests.usage.seen import PAID, REFERRED, SET_UP, SIGNED_IN, means, saw
from tests.usage.sending import basic, key

pytestmark = pytest.mark.browser

MOMENT = datetime(2026, 3, 3, 9, tzinfo=UTC)


@pytest.fixture
def story(site, clock):
    """Northwind on the newest edition; its addresses, who looks, and a key for the product."""
    clock.at(MOMENT)
    with site.app.test_request_context(), db.transaction():
        newest = next(read_checked(path) for path in shipped() if path.stem == "partner-programme")
        cast = make.northwind(book=publish(newest))
        means(cast.onboarding.product)
        cast.account.licensed_seats, cast.account.external_id = 4, "northwind"
        cast.onboarding.begin()
        db.session.flush()
        ref, account = cast.onboarding.ref, cast.account.ref
        return cast, ref, account, session_cookie(cast.ana), session_cookie(cast.priya)


def happens(site, event: str) -> None:
    """The product tells of it, and the worker does what follows."""
    body = f'{{"event": "{event}", "userId": "u-1", "context": {{"groupId": "northwind"}}, "messageId": "{event}"}}'
    headers = {"Authorization": basic(key(site.app)), "Content-Type": "application/json"}
    asked = urllib.request.Request(f"{site.url}/v1/track", body.encode(), headers)
    with urllib.request.urlopen(asked) as answer:
        assert answer.status == 200
    worker.work(once=True, around=site.app.app_context)


def percent(page) -> int:
    return int(page.locator("progress").first.get_attribute("value"))


def test_an_event_in_the_product_moves_the_customers_road(window, site, story) -> None:
    _cast, ref, _account, ana, _priya = story
    shown = window(site, "desktop")
    shown.sign_in(ana)
    page = shown.open(f"/o/{ref}")
    before = percent(page)
    happens(site, PAID)
    page = shown.open(f"/o/{ref}")
    assert percent(page) > before
    told = page.inner_text("#home")
    assert "First value was seen on 3 March." in told
    assert "First value is reached" in told
    shown.check()
    page = shown.open(f"/o/{ref}/stages/graduation")
    assert "seen in your account" in page.inner_text("main")
    page.get_by_role("link", name="See your first partner paid").first.click()
    page.wait_for_selector("#said")
    assert "Seen in your account 3 Mar" in page.inner_text("#said")
    shown.check()
    with db.reading():
        assert db.session.scalars(select(Onboarding.first_value_on)).one() == MOMENT.date()


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
def test_staff_see_it_well(window, site, story, size, scheme) -> None:
    cast, ref, account, _ana, priya = story
    with db.transaction():
        for n in range(20):
            saw(cast.account, SIGNED_IN, MOMENT.date() - timedelta(days=n), person=cast.ana)
        saw(cast.account, SET_UP, MOMENT.date(), person=cast.ana)
        saw(cast.account, REFERRED, MOMENT.date(), who="somebody", count=12)
    shown = window(site, size, scheme=scheme)
    shown.sign_in(priya)
    for path in (f"/staff/accounts/{account}/usage?o={ref}", f"/staff/accounts/{account}?o={ref}"):
        shown.open(path)
        shown.check()
