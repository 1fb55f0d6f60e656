"""The desk's longer forms in Chromium, refused and open: axe, nothing wider than the page, no error on the console."""

import pytest

from portal import db
from tests import make
from tests.desk.test_account import handed_in
from tests.infra.visit import session_cookie

SIZES = [("phone", "light"), ("phone", "dark"), ("desktop", "light"), ("desktop", "dark")]


@pytest.fixture
def story(clock, site) -> dict[str, str]:
    """Northwind with one item that waits for a review, committed: Priya's session and the addresses."""
    with site.app.test_request_context(), db.transaction():
        cast = make.northwind()
        step = handed_in(cast)
        account = f"/staff/accounts/{cast.account.ref}"
        return {
            "priya": session_cookie(cast.priya),
            "people": f"{account}/people",
            "review": f"{account}/steps/{step.ref}",
        }


@pytest.mark.parametrize(("size", "scheme"), SIZES)
def test_forms_refused_and_open_in_every_size_and_theme(site, window, story, size, scheme) -> None:
    shown = window(site, size, scheme=scheme)
    shown.sign_in(story["priya"])
    page = shown.open("/staff/onboardings/new")
    page.get_by_role("button", name="Look at it first").click()
    page.locator("#problems").wait_for()
    shown.check()
    page.get_by_role("link", name="A customer we already have").click()
    page.get_by_label("Customer", exact=True).wait_for()
    shown.check()
    page = shown.open(story["people"])
    page.locator("#invite").get_by_text("Invite someone").click()
    page.get_by_role("button", name="Send the invitation").click()
    page.locator("#problems").wait_for()
    shown.check()
    page = shown.open(story["review"])
    page.get_by_text("Send it back instead").click()
    page.get_by_role("button", name="Send it back", exact=True).click()
    page.locator("#problems").wait_for()
    shown.check()
