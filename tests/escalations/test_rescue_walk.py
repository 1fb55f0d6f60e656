"""June rescues Fabrikam from the keyboard alone: takes it, ticks the play off, sends the draft, waits, resolves."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from portal import db
from portal.accounts.models import Account
from portal.escalations.models import Escalation, EscalationState
from portal.messages.models import Message
from tests.desk.keyboard import Keyboard
from tests.infra.browser import Site

pytestmark = pytest.mark.browser
JUNE = "june@partnerly.example"


def fabrikams(site: Site) -> Escalation:
    with site.app.app_context():
        of = select(Account.id).where(Account.slug == "fabrikam").scalar_subquery()
        return db.session.scalars(select(Escalation).where(Escalation.account_id == of)).one()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_june_rescues_fabrikam(demo_site, window, clock, scheme) -> None:
    me = Keyboard(demo_site, window(demo_site, scheme=scheme))
    me.sign_in(JUNE)
    me.open("/staff/escalations")
    me.window.check()
    row = me.main.locator(".cases tr", has_text="Fabrikam")
    me.press("I'm on it", within=row)
    me.said("You are on it.")
    me.follow("Fabrikam", within=me.main.locator(".cases tr", has_text="Fabrikam"))
    me.is_on("Fabrikam: no sign of life on their turn")
    me.window.check()

    me.press("Call the champion in their own working hours")
    me.said("Ticked off.")
    expect(me.main.locator(".play .done")).to_contain_text("Call the champion")

    draft = me.main.locator("#draft")
    expect(draft.locator("textarea")).to_have_value(re.compile("^Hi Fay,"))
    me.write("textarea", "Hi Fay, shall I call at ten? June", within=draft)
    me.press("Send as June", within=draft)
    me.said("Sent.")

    ways = me.main.locator(".aside")
    me.unfold("Resolve", within=ways)
    me.press("Resolve it", within=ways)
    expect(me.page.locator("#problems")).to_be_focused()
    me.window.check()
    me.unfold("Waiting on the customer", within=ways)
    me.write("#wait-until", "03202026", within=ways)
    me.press("Wait until then", within=ways)
    me.said("It comes back by itself")
    assert fabrikams(demo_site).state is EscalationState.WAITING_ON_CUSTOMER

    me.press("End the wait")
    me.said("The wait is over")
    me.unfold("Resolve", within=ways)
    me.write("What was the cause?", "The season: nobody reads mail", within=ways)
    me.write("What helped?", "A call before ten", within=ways)
    me.tick(ways.get_by_label("Yes"))
    me.press("Resolve it", within=ways)
    me.said("Resolved.")
    me.window.check()
    case = fabrikams(demo_site)
    assert (case.state, case.trigger_right, case.helped) == (
        EscalationState.RESOLVED,
        True,
        "A call before ten",
    )
    with demo_site.app.app_context():
        bodies = db.session.scalars(select(Message.body).where(Message.body.contains("call at ten"))).all()
    assert bodies == ["Shall we do the next one together?\n\nHi Fay, shall I call at ten? June"]
