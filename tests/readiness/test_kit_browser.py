"""The kit in Chromium: on a phone from the first question to the check, and what a colleague's link opens."""

import os

import pytest

from portal import db
from portal.playbooks.models import publish
from portal.playbooks.reader import read_checked
from portal.readiness.asks import ReadinessAsk
from portal.readiness.models import ReadinessSubmission
from tests import make
from tests.infra.visit import session_cookie
from tests.playbooks.ready import READY


@pytest.fixture
def ready(clock, site) -> dict[str, str]:
    """Ana's session, where her kit is, and a link that waits for Nora."""
    with site.app.test_request_context(), db.transaction():
        make.provider()
        cast = make.northwind(book=publish(read_checked(READY)), programme=90)
        ask = ReadinessAsk.send(
            cast.onboarding,
            "data",
            name="Nora Vale",
            email="nora@else.example",
            note="You set it up",
            by=cast.ana,
        )
        found = {"ana": session_cookie(cast.ana), "here": f"/o/{cast.onboarding.ref}/readiness"}
        return {**found, "link": f"/ask/{ask.mint()}"}


@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("desktop", "dark")])
def test_from_the_first_question_to_the_check(site, window, ready, size, scheme) -> None:
    shown = window(site, size, scheme=scheme)
    shown.sign_in(ready["ana"])
    page = shown.open(ready["here"])

    def look(name: str) -> None:
        shown.check()
        if folder := os.environ.get("KIT_SHOTS"):
            page.screenshot(path=f"{folder}/{name}-{size}.png", full_page=True)

    look("start")
    page.get_by_role("link", name="Go on with question 1").click()
    page.locator("textarea[name=a_problem]").fill("We pay partners late.")
    page.get_by_role("button", name="Continue").click()
    page.locator("input[name=a_users]").wait_for()
    page.get_by_role("button", name="Continue").click()
    page.locator("#problems:focus").wait_for()
    look("refused")
    page.locator("input[name=a_users]").fill("20")
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("Waiting for Nora").wait_for()
    assert page.get_by_label("About how many rows?").is_hidden()
    page.get_by_text("Spreadsheets", exact=True).click()
    page.get_by_label("About how many rows?").fill("200")
    page.get_by_text("Ask somebody else").click()
    look("question")
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("How clean is that data?").first.wait_for()
    page.get_by_text("Not sure yet").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("Do you use single sign-on?").first.wait_for()
    page.get_by_text("No", exact=True).click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("link", name="Skip for now").click()
    page.get_by_role("link", name="Skip for now").click()
    page.get_by_role("button", name="Send answers to Priya").wait_for()
    look("check")
    page.get_by_text("This is complete").click()
    page.get_by_role("button", name="Send answers to Priya").click()
    page.get_by_text("Sent. Priya looks at your answers").wait_for()
    with site.app.test_request_context():
        assert db.session.query(ReadinessSubmission).one().is_handed_in


def test_the_link_opens_one_question(site, window, ready) -> None:
    shown = window(site, "phone")
    page = shown.open(ready["link"])
    shown.check()
    if folder := os.environ.get("KIT_SHOTS"):
        page.screenshot(path=f"{folder}/link-phone.png", full_page=True)
    page.get_by_text("We start fresh").click()
    page.get_by_role("button", name="Send the answer to Ana").click()
    page.get_by_text("Thank you, Nora.").wait_for()
    shown.check()
