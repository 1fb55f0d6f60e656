"""The desk from the keyboard alone: rows by arrows, search, the list of keys, and letters that can be turned off."""

from collections.abc import Callable

import pytest

from portal import db
from portal.accounts.kinds import TeamRole
from portal.messages.models import Message
from tests import make
from tests.infra.visit import session_cookie


@pytest.fixture
def priya(clock, site) -> Callable[[], str]:
    """Three accounts of Priya's, of which one asks; gives her session."""
    with site.app.test_request_context(), db.transaction():
        cast = make.northwind()
        for name in ("Contoso", "Fabrikam"):
            road = make.onboarding(make.account(name), {TeamRole.CONSULTANT: cast.priya}, by=cast.priya)
            road.prepare(by=cast.priya)
        Message.write(cast.onboarding, "Which bank do we use?", by=cast.ana)
        token = session_cookie(cast.priya)
    return lambda: token


def focused(page) -> str:
    return page.evaluate("document.activeElement.textContent.trim()")


def test_arrows_walk_the_rows_and_enter_opens_one(site, window, priya) -> None:
    shown = window(site)
    shown.sign_in(priya())
    page = shown.open("/staff/accounts")
    names = [link.inner_text() for link in page.locator(".accounts tbody th a").all()]
    page.keyboard.press("ArrowDown")
    assert focused(page) == names[0]
    page.keyboard.press("j")
    assert focused(page) == names[1]
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert focused(page) == names[0], "the first row is the end"
    page.keyboard.press("Enter")
    page.locator("h1", has_text=names[0]).wait_for()


def test_a_slash_searches_and_what_is_typed_there_is_only_text(site, window, priya) -> None:
    shown = window(site)
    shown.sign_in(priya())
    page = shown.open("/staff/accounts")
    page.keyboard.press("/")
    page.keyboard.type("jonk?/")
    assert page.locator("#q").input_value() == "jonk?/"
    assert not page.locator("#keys").is_visible()


def test_the_keys_are_listed_and_letters_can_be_turned_off(site, window, priya) -> None:
    shown = window(site)
    shown.sign_in(priya())
    page = shown.open("/staff")
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    shown.check()
    page.get_by_role("button", name="Turn letters off").click()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert not page.locator("#keys").is_visible()
    page.get_by_role("button", name="Keys").click()
    page.get_by_role("button", name="Turn letters on").click()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
