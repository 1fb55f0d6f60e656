"""The pages of results in Chromium: on a desk and on a phone, in both themes, with the keyboard alone."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from portal import db
from portal.criteria.models import SuccessCriterion
from portal.criteria.wanted import Way
from tests.criteria.conftest import HOURS, PAID, northwind
from tests.infra.visit import session_cookie

pytestmark = pytest.mark.browser


@pytest.fixture
def story(site, clock):
    """Two agreed, one measured, and one that is Ana's turn; the addresses and who looks."""
    clock.at(datetime(2026, 3, 9, 9, tzinfo=UTC))
    with site.app.test_request_context(), db.transaction():
        cast = northwind()
        road = cast.onboarding
        way = [Way(date(2026, 4, 2), Decimal(8), "in the test run")]
        hours = SuccessCriterion.add(road, replace(HOURS, checkpoints=way), None, by=cast.priya)
        hours.agree(seen=hours.shown.ref, by=cast.ana)
        hours.measure(Decimal(11), date(2026, 3, 9), by=cast.priya, note="the payout log")
        paid = SuccessCriterion.add(road, PAID, None, by=cast.ana)
        paid.suggest(replace(PAID, target=Decimal(98)), "We can.", seen=paid.shown.ref, by=cast.priya)
        db.session.flush()
        theirs, ours = f"/o/{road.ref}/success", f"/staff/accounts/{cast.account.ref}/goals?o={road.ref}"
        return theirs, ours, paid.ref, session_cookie(cast.ana), session_cookie(cast.priya)


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_both_sides_see_it_well(window, site, story, size) -> None:
    theirs, ours, ref, ana, priya = story
    shown = window(site, size)
    shown.sign_in(ana)
    for path in (theirs, f"{theirs}?change={ref}", f"{theirs}?add=own"):
        page = shown.open(path)
        shown.check()
    room = "one => parseFloat(getComputedStyle(one).paddingTop)"
    assert page.locator(".result").last.evaluate(room) > 20  # No other page's rules apply to it.
    desk = window(site, size, scheme="dark")
    desk.sign_in(priya)
    for path in (ours, f"{ours}&change={ref}", f"{ours}&add=own"):
        desk.open(path)
        desk.check()


def test_agreeing_with_the_keyboard(window, site, story) -> None:
    theirs, _ours, _ref, ana, _priya = story
    shown = window(site, "phone")
    shown.sign_in(ana)
    page = shown.open(theirs)
    page.get_by_role("button", name="Agree to 98").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".flash")
    assert "Both results agreed, Ana." in page.inner_text("h1")
    shown.check()
