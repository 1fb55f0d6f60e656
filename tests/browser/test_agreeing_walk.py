"""From the hand-off to what both sides agreed, by keyboard: Sam and Priya at the desk, Ana on her phone in the dark,
and Ben through the link that opens one question.

Every page on the way is looked at by axe in both themes; the percent never falls; an error on the console fails it.
"""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from portal import db, mail
from portal.criteria.models import SuccessCriterion
from portal.handoffs.models import Handoff
from portal.onboardings.models import Onboarding
from portal.playbooks.models import publish
from portal.playbooks.reader import read_checked, shipped
from portal.scope.models import Scope
from tests.browser.someone import Someone
from tests.infra.browser import Site, Window
from tests.make import Cast, northwind

pytestmark = pytest.mark.browser

SOLD = {
    "Why did they buy?": "Two of their best partners left over late payouts.",
    "What goes wrong for them today?": "Partners are paid three weeks late.",
    "What did we promise will change?": "Payout runs of 2 hours instead of 14.",
    "In their own words": "Stop losing partners because we pay them late.",
    "Who matters, and what for?": "Ana leads, Rui decides.",
    "Which dates were promised?": "none",
    "What could surprise them, or us?": "none seen",
}


@pytest.fixture
def people(site: Site, window: Callable[..., Window], clock: Any) -> Callable[..., Someone]:
    """Opens a window for somebody of Northwind's road, a draft on the shipped playbook that Sam has sold."""
    with site.app.app_context(), db.transaction():
        mail.configure(site.app.config["PORTAL"])
        version = publish(next(read_checked(path) for path in shipped() if path.stem == "partner-programme"))
        cast = northwind(prepared=False, book=version)
        Handoff.begin(cast.onboarding, by=cast.sam)

    def make(address: str | None, size: str = "desktop", scheme: str = "light") -> Someone:
        return Someone(site, window(site, size, scheme=scheme), cast, address)

    return make


def changed(person: Someone, act: Callable[[Onboarding, Cast], object]) -> None:
    """Something happens elsewhere."""
    with person.site.app.app_context(), db.transaction():
        act(db.session.get_one(Onboarding, person.cast.onboarding.id), person.cast)


def test_what_was_sold_is_answered_and_agreed(people: Callable[..., Someone], clock: Any) -> None:
    sam, priya = people("sam@partnerly.example"), people("priya@partnerly.example")
    _sold(sam, priya)
    ana = people("ana@northwind.example", "phone", "dark")
    ana.meter()
    before = ana.items()
    _confirmed(ana)
    _answered(ana, people(None, "phone"))
    _changed(ana, priya)
    assert (
        ana.items() == before + 3 + 1 - 1
    )  # Two modules joined with four items, one left with its only one.
    clock.forward(days=6)
    changed(ana, _day_0)
    ana.sign_in("ana@northwind.example")
    priya.sign_in("priya@partnerly.example")
    ana.meter()
    _agreed(ana, priya)
    _brought(ana)
    ana.meter()
    with ana.site.app.app_context():
        road = db.session.get_one(Onboarding, ana.cast.onboarding.id)
        kinds = ("kit", "criteria", "scope", "resources")
        assert {step.kind for step in road.steps if step.is_done} >= set(kinds)
        on_time, hours = SuccessCriterion.of(road)
        assert (on_time.in_force.target, hours.in_force.target) == (95, 2)
        assert Scope.of(road).is_agreed


def _sold(sam: Someone, priya: Someone) -> None:
    """Sam writes it all down, Priya accepts it and opens the portal."""
    sam.open("/staff/handoffs")
    sam.follow("Northwind")
    sam.is_on("Hand-off of Northwind")
    for label, text in SOLD.items():
        sam.write(label, text)
    sam.look()
    sam.press("Submit it")
    sam.said("Submitted.")
    priya.open("/staff/handoffs")
    priya.follow("Northwind")
    priya.is_on("Hand-off of Northwind")
    priya.look()
    priya.press("Accept it")
    priya.said("Accepted.")
    changed(priya, lambda road, cast: road.prepare(by=cast.priya))


def _confirmed(ana: Someone) -> None:
    """What sales wrote stands in the form; one press says that it is right."""
    ana.look(f"{ana.home}/steps/{ana.cast.step('purchase_reason').ref}")
    expect(ana.page.locator("#a_reason")).to_have_value(SOLD["In their own words"])
    ana.press("That is why we bought")
    expect(ana.page.locator("#home")).to_be_visible()
    expect(ana.page.get_by_text(SOLD["In their own words"])).to_be_visible()


def _answered(ana: Someone, ben: Someone) -> None:
    """The kit on a phone: one question goes to Ben, one is left to a call, the rest is answered and sent."""
    ana.look(ana.home + "/readiness")
    ana.press("Start with the first question")
    expect(ana.page.locator("#a_problem")).to_have_value(SOLD["What goes wrong for them today?"])
    ana.go_on()
    ana.follow("Skip for now")
    expect(ana.page.locator("#a_how_you_would_know")).to_have_value(SOLD["What did we promise will change?"])
    ana.go_on()
    ana.write("#a_users", "20")
    for role in ("Administrator", "Partner manager", "Finance"):
        ana.tick(ana.page.get_by_label(role, exact=True))
    ana.go_on()
    ana.write("#a_decider", "Rui Tavares")
    ana.go_on()
    ana.write("#a_it_contact", "Ben Ortiz")
    ana.go_on()
    ana.tick(ana.page.get_by_label("HubSpot", exact=True))
    ana.go_on()
    _ask_ben(ana, ben)
    ana.tick(ana.page.get_by_label("Not sure yet"))
    ana.go_on()
    ana.tick(ana.page.get_by_label("Reading", exact=True))
    ana.go_on()
    ana.tick(ana.page.get_by_label("1 to 2 hours", exact=True))
    ana.tick(ana.page.get_by_label("Well established", exact=True))
    ana.go_on()
    ana.tick(ana.page.get_by_label("No", exact=True))
    ana.go_on()
    ana.tick(ana.page.get_by_label("European Union", exact=True))
    ana.go_on()
    ana.look(ana.home + "/readiness/data_quality?back=check")
    ana.tick(ana.page.get_by_label("Several lists that disagree", exact=True))
    ana.go_on()
    ana.tick(ana.page.locator("#choice"))
    ana.press("Send answers to Priya")
    expect(ana.page.locator("#problems")).to_have_count(0)


def _ask_ben(ana: Someone, ben: Someone) -> None:
    """The question about the data goes to Ben, who answers without signing in."""
    ana.unfold("Ask a colleague")
    ana.choose("Who knows this?", "Ben Ortiz")
    ana.press("Send the question")
    expect(ana.page.get_by_text("Sent to Ben Ortiz.")).to_be_visible()
    ana.look()
    ana.mail_leaves()
    ben.look(ben.in_a_letter(r"/ask/[\w.-]{20,}"))
    ben.tick(ben.page.get_by_label("In spreadsheets", exact=True))
    ben.press("Send the answer to Ana")
    ben.is_on("Thank you")
    ben.look()
    ana.look(ana.home + "/readiness/single_sign_on")


def _changed(ana: Someone, priya: Someone) -> None:
    """What the answers did, in words and on the meter; Priya confirms it."""
    ana.look(ana.home + "/readiness/result")
    sections = ana.page.locator(".outcome-two section")
    expect(sections.nth(0)).to_contain_text("Clean your partner list")
    expect(sections.nth(1)).to_contain_text("Learn to work with partners")
    ana.meter()
    priya.look(f"{priya.desk}/readiness")
    priya.press("Confirm the answers")
    priya.look()
    ana.look(ana.home + "/stages/training")
    expect(ana.main).to_contain_text("Clean your partner list")
    ana.meter()


def _day_0(road: Onboarding, cast: Cast) -> None:
    """Welcome is over and the first day has come."""
    for key in ("road_preview", "invite_people", "book_kickoff"):
        step = road.step_called(key)
        assert step is not None
        step.complete(by=cast.ana)
    road.begin()


def _agreed(ana: Someone, priya: Someone) -> None:
    """Priya suggests two results; Ana wants another target for one, which Priya takes."""
    _suggests(priya, "Partners paid on time", "71", "98")
    _suggests(priya, "Hours spent on each payout run", "14", "2")
    ana.look(ana.home + "/success")
    ana.follow("Suggest something else")
    expect(ana.page.locator("#target")).to_have_value("98")
    ana.write("#target", "95 %")
    ana.look()
    ana.press("Send the suggestion")
    expect(ana.main).to_contain_text("was 98")
    ana.look()
    ana.press("Agree to 2 h")
    ana.look()
    priya.look(f"{priya.desk}/goals")
    priya.press("Agree to 95 %")
    priya.look()
    ana.look(ana.home + "/success")
    expect(ana.page.get_by_role("heading", level=1)).to_contain_text("Both")


def _suggests(priya: Someone, what: str, today: str, target: str) -> None:
    priya.open(f"{priya.desk}/goals")
    priya.follow("Suggest a result")
    priya.follow(what)
    priya.write("#baseline", today)
    priya.write("#target", target)
    priya.write("#target_on", "04202026")
    priya.press("Send it to them")
    expect(priya.main.locator(".result h3", has_text=what)).to_be_visible()
    priya.look()


def _brought(ana: Someone) -> None:
    """The list is agreed, and the hours are there."""
    ana.look(ana.home + "/scope")
    ana.press("Agree this list")
    ana.look()
    ana.press("Confirm all", exact=False)
    ana.look()
