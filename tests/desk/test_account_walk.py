"""Priya's afternoon at the demo's desk, from the keyboard alone: one account, a new one, the team."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from portal import db
from portal.accounts.models import Account
from portal.calls.models import Call
from portal.calls.rules import CallState
from portal.onboardings.models import Onboarding
from portal.onboardings.notes import Note
from tests.desk.keyboard import Keyboard

pytestmark = pytest.mark.browser
TABS = ["Overview", "Road", "People", "Calls", "Messages", "Documents", "History"]


@pytest.fixture
def priya(demo_site, window) -> Callable[[], Keyboard]:
    """Priya, signed in and at Northwind, whom she found in the list."""

    def come() -> Keyboard:
        me = Keyboard(demo_site, window(demo_site))
        me.sign_in("priya@partnerly.example")
        me.find("Northwind")
        return me

    return come


def test_priyas_account(priya) -> None:
    me = priya()
    _tabs(me)
    _notes_and_signals(me)
    _answers_and_invites(me)
    _calls(me)
    with me.site.app.app_context():
        told = (
            db.session.execute(select(Note.body).where(Note.body.startswith("Rui decides"))).scalars().all()
        )
        about = select(Call.state).where(Call.title == "Walk through the plan")
        calls = db.session.scalars(about.where(Call.account_id == _road_of("Northwind").account_id)).all()
    assert told == ["Rui decides, Ana prepares."]
    assert sorted(calls) == [CallState.CANCELLED, CallState.SCHEDULED]


def test_priyas_road(priya) -> None:
    me = priya()
    _step(me)
    _module_and_own_step(me)
    _dates(me)
    _stage(me)
    _as_customer(me)
    _pause(me)
    with me.site.app.app_context():
        road = _road_of("Northwind")
        changes = {one["code"] for one in road.changes or []}
        assert changes >= {"module_added", "added", "shifted", "opened_early"}
        assert road.stage_called("training").is_open
        assert (road.hold, len(road.holds)) == (None, 1)


def test_priya_creates_one_and_hands_one_over(priya) -> None:
    me = priya()
    _new_customer(me)
    _hand_over(me)
    with me.site.app.app_context():
        owner = _road_of("Tailwind Toys").owner
        assert owner is not None
        assert owner.called == "Nadia"


def _road_of(account: str) -> Onboarding:
    roads = select(Onboarding).join(Account, Account.id == Onboarding.account_id)
    return db.session.scalars(roads.where(Account.name == account)).one()


def _tabs(me: Keyboard) -> None:
    tabs = me.main.locator(".tabs")
    for name in TABS:
        me.follow(name, within=tabs)
        expect(tabs.locator("[aria-current=page]")).to_contain_text(name)
        me.is_on("Northwind")
    me.follow("Calls", within=me.main.locator(".sieve").last)
    expect(me.main.locator(".sieve").last.locator("[aria-current]")).to_contain_text("Calls")


def _notes_and_signals(me: Keyboard) -> None:
    me.follow("Overview", within=me.main.locator(".tabs"))
    record = me.main.locator("#note")
    me.press("Keep the note", within=record)
    me.refused("Write something first")
    me.write("Note", "Rui decides, Ana prepares.", within=record)
    me.choose("About", "Walk through the plan", within=record)
    me.press("Keep the note", within=record)
    me.said("Kept. Only your team sees it.")
    expect(me.main.locator(".history .inside").first).to_contain_text("Rui decides, Ana prepares.")

    signal = me.main.locator("#signal")
    expect(signal.get_by_label("In one sentence")).to_be_hidden()
    me.tick(signal.get_by_label("Champion left"))
    me.choose("Who left?", "Ben Ortiz", within=signal)
    me.write("In one sentence", "Ben moves to another team.", within=signal)
    me.press("Record it", within=signal)
    me.said("Recorded.")
    calling = me.main.locator(".calling li", has_text="Ben moves to another team.")
    me.unfold("Settled", within=calling)
    me.write("What came of it?", "Ana takes it over", within=calling)
    me.press("Mark it as settled", within=calling)
    me.said("Settled.")
    expect(me.main.locator(".calling li", has_text="Ben moves")).to_have_count(0)


def _answers_and_invites(me: Keyboard) -> None:
    me.follow("Messages", within=me.main.locator(".tabs"))
    me.write("Message", "See you on Thursday.")
    me.press("Send to Northwind")
    me.said("Sent")
    expect(me.main.locator(".thread li").last).to_contain_text("See you on Thursday.")
    me.follow("People", within=me.main.locator(".tabs"))
    fold = me.unfold("Invite someone")
    me.press("Send the invitation", within=fold)
    me.refused("Enter")
    me.write("Full name", "Mia Costa", within=fold)
    me.write("Work e-mail", "mia@northwind.example", within=fold)
    me.tick(fold.locator("input[name=portal_role][value=teammate]"))
    me.press("Send the invitation", within=fold)
    me.said("mia@northwind.example")
    expect(me.main.locator(".rows-table--people")).to_contain_text("Mia Costa")


def _calls(me: Keyboard) -> None:
    """One that is booked is cancelled and booked anew; one that took place is logged with its next step."""
    me.follow("Calls", within=me.main.locator(".tabs"))
    me.follow("Walk through the plan", within=me.main.locator(".rows-table--calls").first)
    me.is_on("Walk through the plan")
    fold = me.unfold("Cancel it")
    me.write("Why, in a sentence", "Rui can't come", within=fold)
    me.press("Cancel the call", within=fold)
    me.said("Cancelled.")
    me.follow("Book it again")
    me.press("Book it with Ana")
    me.refused("Choose a time")
    me.to(me.main.locator("#start"))
    me.key("ArrowDown", "ArrowDown")
    me.press("Book it with Ana")
    me.said("Booked. The invitation is on its way")
    me.follow("‹ Northwind")
    me.follow("Calls", within=me.main.locator(".tabs"))
    me.follow("Walk through the plan", within=me.main.locator(".rows-table--calls").first)
    fold = me.unfold("Write the agenda")
    me.write("One point on each line", "The dates\nWho signs", within=fold)
    me.press("Save the agenda", within=fold)
    me.said("Everybody who joins sees this agenda.")


def _step(me: Keyboard) -> None:
    me.follow("Road", within=me.main.locator(".tabs"))
    me.follow("Edit the road")
    me.is_on("Edit the road of Northwind")
    me.follow("Change Import your partners", exact=True)
    me.press("Change it")
    me.refused("Write why, in words the customer reads")
    me.choose("Who does it?", "Ben Ortiz")
    me.write("How many minutes does it take?", "45")
    me.tick(me.main.locator("input[name=weight][value='5']"))
    me.write("Why? The customer reads it.", "Ben has the list.")
    me.press("Change it")
    me.said("Import your partners")
    expect(me.main.locator("tr", has_text="Import your partners").first).to_contain_text("Ben")


def _module_and_own_step(me: Keyboard) -> None:
    me.follow("Add a module", within=me.main.locator(".aside"))
    me.press("Add it")
    me.refused("Choose a module")
    first = me.main.locator("input[name=module]").first
    me.tick(first)
    me.write("Why? The customer reads it.", "They asked for it.")
    me.press("Add it")
    me.said("with its items")
    me.follow("Add a step", within=me.main.locator(".aside"))
    me.write("What is to be done?", "Send the brand colours")
    me.write("Why? The customer reads it.", "For their page.")
    me.write("How many minutes does it take?", "10")
    me.press("Add it")
    me.said("Send the brand colours")


def _dates(me: Keyboard) -> None:
    """Nothing moves before everything that would has been shown."""
    me.follow("Move the dates", within=me.main.locator(".aside"))
    me.press("Show what moves")
    me.refused("Write why, in words the customer reads")
    me.choose("From", "Training")
    me.write("Working days", "5")
    me.write("Why? The customer reads it.", "Their data team is away.")
    me.press("Show what moves")
    me.is_on("Northwind 5 working days later")
    expect(me.main.locator(".rows-table--moves").first).to_contain_text("Programme live")
    me.press("Move the dates", within=me.main.locator(".next-bar"))
    me.said("It stands on their home with the reason.")


def _stage(me: Keyboard) -> None:
    fold = me.unfold("Open Training now")
    me.write("Why? The customer reads it.", "They want to begin.", within=fold)
    me.press("Open Training", within=fold)
    me.said("It is open. It stands on their home with the reason.")
    expect(me.main.locator("summary", has_text="Open Training now")).to_have_count(0)


def _as_customer(me: Keyboard) -> None:
    me.find("Northwind")
    me.press("See as customer")
    seeing = me.page.locator(".seeing")
    expect(seeing).to_contain_text("You see what Ana Nuñez sees.")
    me.fits()
    me.follow("To your desk", within=seeing)
    me.follow("Back to their pages", within=seeing)
    me.press("End it", within=seeing)
    me.said("You see your own pages again.")
    me.is_on("Northwind")


def _pause(me: Keyboard) -> None:
    fold = me.unfold("Put on hold")
    me.press("Put on hold", within=fold)
    me.refused("Choose a review date after today")
    me.write("Why? The customer reads it.", "The fair takes everybody.", within=fold)
    me.write("Until when?", "03202026", within=fold)
    me.press("Put on hold", within=fold)
    me.said("On hold.")
    expect(me.main.locator(".account-head")).to_contain_text("On hold")
    me.press("Resume")
    me.said("It goes on.")
    expect(me.main.get_by_role("button", name="Resume")).to_have_count(0)


def _new_customer(me: Keyboard) -> None:
    me.follow("New onboarding", within=me.page.locator(".side-nav"))
    me.press("Look at it first")
    me.refused("Enter the customer's name")
    me.write("Company name", "Tailwind Toys")
    me.tick(me.main.locator("input[name=segment][value=smb]"))
    me.choose("Country", "Portugal")
    me.write("Full name", "Tea Spin")
    me.write("Work e-mail", "tea@tailwind.example")
    me.write("Start date (day 0)", "03232026")
    me.press("Look at it first")
    expect(me.page).to_have_title("Look before you create · Partnerly")
    me.fits()
    me.press("Change the answers")
    expect(me.main.get_by_label("Company name")).to_have_value("Tailwind Toys")
    me.press("Look at it first")
    me.press("Create onboarding")
    me.said("from Mon 23 March")
    me.is_on("Tailwind Toys")


def _hand_over(me: Keyboard) -> None:
    me.follow("Team", within=me.page.locator(".side-nav"))
    me.follow("Priya Rao", within=me.main)
    box = me.main.locator("tr", has_text="Tailwind Toys").get_by_role("checkbox")
    me.press("Hand them over")
    me.refused("Choose")
    me.tick(box)
    me.choose("Who takes them over?", "Nadia")
    me.write("What must they know?", "Tea is quick to answer.")
    me.press("Hand them over")
    me.said("1 account is with Nadia now; your note stands on it.")
    expect(me.main.locator("tr", has_text="Tailwind Toys")).to_have_count(0)
