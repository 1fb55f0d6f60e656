"""Calls at the desk in Chromium: the week in every size and theme, and a log from the keyboard alone."""

from datetime import timedelta

import pytest

from portal import db
from portal.calls.models import Call
from tests import make
from tests.calls.cast import FRIDAY
from tests.infra.visit import session_cookie


@pytest.fixture
def priya(clock, site) -> str:
    """Priya's session; the kickoff began an hour ago, and there is one on Monday."""
    with site.app.test_request_context(), db.transaction():
        cast = make.northwind()
        clock.at(FRIDAY - timedelta(hours=1))
        for start, minutes in ((FRIDAY, 30), (FRIDAY + timedelta(days=3), 60)):
            Call.book(
                cast.onboarding, kind="walk_through", title="Help", minutes=minutes, agenda=[], start=start,
                owner=cast.priya, by=cast.ana, people=[cast.ana],
            )  # fmt: skip
        token = session_cookie(cast.priya)
    clock.at(FRIDAY + timedelta(hours=1))
    return token


@pytest.mark.parametrize(("size", "scheme"), [("phone", "dark"), ("desktop", "light")])
def test_the_week_in_every_size_and_theme(site, window, priya, size, scheme) -> None:
    shown = window(site, size, scheme=scheme)
    shown.sign_in(priya)
    page = shown.open("/staff/calls")
    shown.check()
    page.locator("summary", has_text="Northwind, Help").click()
    shown.check()
    page.get_by_role("link", name="Northwind, Help").first.click()
    page.locator("h1", has_text="Help").wait_for()
    shown.check()
    shown.open("/staff/calls?week=2026-05-04")
    shown.check()


@pytest.mark.parametrize(("page_of", "line"), [("/staff/calls", "Northwind, Help"), ("/staff", "Log it")])
def test_a_call_is_logged_from_the_keyboard_in_eight_stops(site, window, priya, page_of, line) -> None:
    """From the line of the call: open it, four fields and the tick passed, and the button. The rest is typing."""
    shown = window(site, "desktop")
    shown.sign_in(priya)
    page = shown.open(page_of)
    page.locator("summary", has_text=line).first.focus()
    keys = 0

    def press(*names: str) -> None:
        nonlocal keys
        for name in names:
            page.keyboard.press(name)
            keys += 1

    press("Enter", "Tab")
    page.keyboard.type("All good")
    press("Tab")
    page.keyboard.type("Send the CSV")
    press("Tab", "A", "Tab")  # Ana, by the first letter of her name.
    page.keyboard.type("03132026")
    while page.evaluate("document.activeElement.textContent.trim()") != "Log the call":
        press("Tab")
        assert keys < 16, "the button is too far away"
    press("Enter")
    page.get_by_text("Logged.").first.wait_for()
    assert keys <= 12
    with site.app.test_request_context():
        (step,) = db.session.query(Call).filter(Call.notes == "All good").one().next_steps
    assert (step["text"], step["due"]) == ("Send the CSV", "2026-03-13")
    assert step["step"]
