"""I01 in a real browser: hostile text of one role opened by the other runs nothing."""

import pytest

from portal import db
from portal.messages.models import Message
from tests import make
from tests.infra.visit import session_cookie

pytestmark = pytest.mark.browser

ATTACK = "\"'><img src=x onerror=boom()><script>boom()</script><svg onload=boom()>"
LINK = 'javascript:boom() https://x.example/"onmouseover=boom()//'


@pytest.fixture
def stage(site, clock):
    with site.app.test_request_context(), db.transaction():
        cast = make.northwind()
        cast.account.name = f"Northwind {ATTACK}"
        for user in (cast.ana, cast.ben, cast.priya):
            user.name = user.called = f"{user.called} {ATTACK}"[:60]
        Message.write(cast.onboarding, f"{ATTACK} {LINK}", by=cast.ana)
        Message.write(cast.onboarding, f"{LINK} {ATTACK}", by=cast.priya)
        step = cast.step("road_preview")
        step.block("other", ATTACK, ATTACK[:120], by=cast.ana)
        cast.step("purchase_reason").ask_to_skip(ATTACK, by=cast.ana)
        refs = {"road": cast.onboarding.ref, "account": cast.account.ref, "step": step.ref}
        cookies = {name: session_cookie(getattr(cast, name)) for name in ("ana", "ben", "priya")}
    return refs, cookies


CUSTOMERS = [
    "/o/{road}",
    "/o/{road}/messages",
    "/o/{road}/people",
    "/o/{road}/team",
    "/o/{road}/steps/{step}",
]
DESK = [
    "/staff/accounts?who=all", "/staff/accounts/{account}", "/staff/accounts/{account}/messages",
    "/staff/accounts/{account}/people", "/staff/accounts/{account}/history", "/staff/accounts/{account}/steps/{step}",
]  # fmt: skip


@pytest.mark.parametrize(("name", "paths"), [("ana", CUSTOMERS), ("ben", CUSTOMERS[:2]), ("priya", DESK)])
def test_I01_in_a_browser_nothing_of_it_runs(site, window, stage, name, paths):
    refs, cookies = stage
    shown = window(site)
    ran: list[str] = []
    shown.page.expose_function("boom", lambda: ran.append(shown.page.url))
    shown.page.on("dialog", lambda dialog: ran.append(dialog.message))
    shown.sign_in(cookies[name])
    marks = 0
    for path in paths:
        page = shown.open(path.format(**refs))
        page.wait_for_load_state("networkidle")
        marks += page.content().count("onerror=boom()")
        assert page.locator("img[src='x'], svg[onload], [onmouseover], [onerror]").count() == 0
    assert ran == []
    assert marks > 0  # The text was there, as text.


def test_I01_the_browser_would_notice(site, window, stage):
    """The trap works: a page's own script that calls it is heard."""
    shown = window(site)
    ran: list[str] = []
    shown.page.expose_function("boom", lambda: ran.append("heard"))
    shown.open("/login")
    shown.page.evaluate("() => boom()")
    assert ran == ["heard"]
