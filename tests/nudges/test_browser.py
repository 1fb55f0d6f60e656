"""A quiet customer gets a letter on the third day, opens its link on a phone, finishes the item, and hears no more."""

import email
import email.policy
import re
from datetime import UTC, datetime

import pytest

from portal import db, mail, schedule, worker
from portal.accounts.kinds import Segment
from portal.nudges.models import Nudge
from tests import make
from tests.infra.visit import session_cookie
from tests.nudges.conftest import QUIET_SINCE, empty_outbox

pytestmark = pytest.mark.browser


@pytest.fixture
def ana(site, clock):
    """Ana's session; she did her last thing on 16 March, and everything of ours is done."""
    with site.app.test_request_context(), db.transaction():
        mail.configure(site.app.config["PORTAL"])
        cast = make.northwind()
        cast.account.segment = Segment.SMB
        clock.at(QUIET_SINCE)
        cast.ana.joined_at = cast.ana.invited_at = clock.now
        cast.onboarding.begin()
        for step in [step for step in cast.onboarding.steps if step.owner_side == "us" and step.with_us]:
            step.complete(by=cast.priya)
        cast.step("purchase_reason").save({"reason": "Late payouts"}, version=0, by=cast.ana)
        token = session_cookie(cast.ana)
    with site.app.app_context(), db.transaction():
        empty_outbox(commit=False)
    return token


@pytest.fixture
def a_day(site, clock):
    """Lets the worker run in the morning of this day of March."""

    def run(day):
        clock.at(datetime(2026, 3, day, 9, 30, tzinfo=UTC))
        worker.work(once=True, schedule=schedule.run_due, around=site.app.app_context)

    return run


def test_the_letter_of_day_three_leads_to_the_item_and_the_ladder_stops(site, window, ana, a_day, clock):
    a_day(19)
    folder = site.app.config["PORTAL"].data_dir / "mail"
    letters = [
        email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        for file in folder.glob("*.eml")
    ]
    (letter,) = [one for one in letters if one["Subject"] == "4 items left in Welcome"]
    html = letter.get_body(("html",)).get_content()
    link = re.search(r'href="([^"]+)"[^>]*>Watch what the road looks like</a>', html)
    assert link
    clock.forward(hours=2)
    phone = window(site, "phone")
    phone.sign_in(ana)
    page = phone.open(link[1].removeprefix(site.url))
    phone.check()
    with page.expect_navigation():
        page.locator("form[action$='/complete'] button[type=submit]").last.click()
    phone.check()
    page = phone.open("/")
    assert "wrote to you on" not in page.locator("main").inner_text()
    for day in (20, 23):
        a_day(day)
    with db.transaction():
        assert [(one.rung, one.state.value) for one in db.session.query(Nudge)] == [("day_3", "acted")]


@pytest.mark.parametrize(("size", "scheme"), [("phone", "dark"), ("desktop", "light")])
def test_the_outbox_and_the_question_in_every_size_and_theme(site, window, ana, a_day, size, scheme):
    a_day(19)
    with site.app.test_request_context(), db.transaction():
        nudge = db.session.query(Nudge).one()
        priya, road = session_cookie(nudge.onboarding.owner), nudge.onboarding
        at = f"/staff/accounts/{road.account.ref}/follow-up?o={road.ref}&ask=1"
        sent, home = f"/staff/nudges/{nudge.ref}", f"/o/{road.ref}"
    desk = window(site, size, scheme=scheme)
    desk.sign_in(priya)
    for path in ("/staff/nudges", sent, at):
        desk.open(path)
        desk.check()
    with desk.page.expect_navigation():
        desk.page.locator("form.form-sheet button[type=submit]").click()
    with db.transaction():
        asked = db.session.query(Nudge).filter_by(rung="engaged").one().ref
    customer = window(site, size, scheme=scheme)
    customer.sign_in(ana)
    for path in (home, f"{home}/follow-ups/{asked}?answer=access"):
        customer.open(path)
        customer.check()
