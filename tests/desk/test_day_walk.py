"""Priya's morning and Tomás's day at the demo's desk, from the keyboard alone.

After each act: what stands on the page, and where the focus is.
"""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from portal import db
from portal.accounts.models import Account, User
from portal.auth import links
from portal.calls.models import Call
from portal.calls.rules import CallState
from portal.onboardings.holds import Hold
from portal.onboardings.models import Onboarding
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step
from tests.desk.keyboard import Keyboard
from tests.infra.browser import Site

pytestmark = pytest.mark.browser
PRIYA = "priya@partnerly.example"


def test_priyas_morning(demo_site, window, clock) -> None:
    me = Keyboard(demo_site, window(demo_site))
    _comes_in(me)
    _my_day(me)
    _list(me)
    _views_and_peek(me)
    _several_at_once(me)
    clock.forward(hours=2)
    _logs_the_call_of_today(me)
    with me.site.app.app_context():
        logged = db.session.scalars(select(Call).where(Call.notes.startswith("The broker list"))).one()
        held = db.session.scalars(select(Hold.reason).where(Hold.ended_on.is_(None))).all()
    assert [one["text"] for one in logged.next_steps] == ["Send the first part of the list"]
    assert held.count("Everybody is at the fair.") == 2
    assert held.count("Their office moves.") == 1


def test_tomas_day(demo_site, window, clock) -> None:
    handed_in(demo_site, "southridge", "vanarsdel", key="payout_account")
    me = Keyboard(demo_site, window(demo_site))
    me.sign_in("tomas@partnerly.example")
    _reviews(me)
    _own_step_and_answer(me)
    clock.forward(hours=3)
    _week_of_calls(me)
    _goes_away(me)
    with me.site.app.app_context():
        steps = (
            select(Step.state)
            .join(Account, Account.id == Step.account_id)
            .where(Step.key == "payout_account")
        )
        states = {
            slug: db.session.scalar(steps.where(Account.slug == slug)) for slug in ("southridge", "vanarsdel")
        }
        notes = db.session.scalars(select(Call.state).where(Call.notes == "One CRM, two pipelines.")).all()
    assert states == {"southridge": StepState.DONE, "vanarsdel": StepState.RETURNED}
    assert notes == [CallState.HELD]


def handed_in(site: Site, *slugs: str, key: str) -> None:
    """These customers hand in this step for a review."""
    with site.app.test_request_context(), db.transaction():
        for slug in slugs:
            roads = select(Onboarding).join(Account, Account.id == Onboarding.account_id)
            road = db.session.scalars(roads.where(Account.slug == slug)).one()
            admin, step = road.account.people[0], road.step_called(key)
            if step.is_done:
                step.reopen("Once more, with the new account.", by=road.owner)
            if step.blocked_by:
                step.unblock(by=admin)
            if step.state is not StepState.SUBMITTED:
                step.submit(by=admin)


def _comes_in(me: Keyboard) -> None:
    """An address, a letter, one button. The first Tab of every page is the way past its navigation."""
    page = me.open("/login")
    me.write("#email", PRIYA)
    me.key("Enter")
    expect(page.locator("#code")).to_be_visible()
    with me.site.app.app_context(), db.transaction():
        user = User.by_email(PRIYA)
        assert user is not None
        link = links.link_for(user)
    me.open(link.removeprefix(me.site.url))
    me.press("Continue as Priya")
    me.is_on("7 customers are waiting on you, Adventure Works the longest.")
    me.key("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    me.key("Enter", "Tab")
    expect(me.main.get_by_role("link", name="Adventure Works").first).to_be_focused()


def _my_day(me: Keyboard) -> None:
    """Each kind of entry, where it stands: a question, a review that is accepted, one that goes back, a step."""
    first = me.main.locator(".next-bar")
    expect(first).to_contain_text("Our president can only come")
    me.write("textarea", "Yes: what your president needs comes first.", within=first)
    me.press("Send", within=first)
    me.said("Sent")
    expect(me.main.get_by_text("Our president can only come")).to_have_count(0)

    row = me.row("Import your partners")
    me.unfold("Review", within=row)
    me.press("Accept", within=row)
    me.said("Import your partners")
    row = me.row("Set your reward rules", "Coho")
    me.unfold("Review", within=row)
    me.press("Send it back", within=row)
    me.refused("Write what should change")
    row = me.row("Set your reward rules", "Coho")
    me.write("What should change?", "Rule 2 has no amount.", within=row)
    me.key("Escape")
    expect(row.locator("summary").first).to_be_focused()
    expect(row.locator("textarea")).to_be_hidden()
    me.key("Enter")
    expect(row.locator("textarea")).to_have_value("Rule 2 has no amount.")
    me.press("Send it back", within=row)
    me.said("Set your reward rules")

    me.open("/staff")
    me.follow("Open it", within=me.row("Your plan, written and ready to sign", "Fourth Coffee"))
    me.is_on("The plan")


def _list(me: Keyboard) -> None:
    """Move, open, search, note: letters and arrows. Then the filters by Tab."""
    me.open("/staff")
    me.follow("Accounts", within=me.page.locator(".side-nav"))
    page = me.page
    me.is_on("of your 16 accounts need you")
    names = [link.inner_text() for link in me.main.locator(".accounts tbody th a").all()]
    me.key("ArrowDown", "ArrowDown", "ArrowUp")
    expect(me.main.get_by_role("link", name=names[0], exact=True)).to_be_focused()
    me.key("j", "Enter")
    me.is_on(names[1])
    me.open("/staff/accounts")
    me.key("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("tail")
    me.key("Enter")
    expect(me.main.locator(".accounts tbody th a")).to_have_text(["Tailspin"])
    me.follow("Customer's turn", within=me.main.locator(".counts"))
    expect(me.main.locator(".counts [aria-current]")).to_contain_text("Customer's turn")
    me.open("/staff/accounts")
    me.choose("Stage", "Training")
    me.press("Show")
    expect(me.main.locator(".accounts tbody .c-stage").first).to_contain_text("Training")
    assert all("Training" in text for text in me.main.locator(".accounts .c-stage").all_inner_texts())
    me.key("?")
    expect(page.locator("#keys")).to_be_visible()
    me.key("Escape")
    expect(page.locator("#keys")).to_be_hidden()


def _views_and_peek(me: Keyboard) -> None:
    """A view is saved; beside it one account is peeked at, noted down, held, and closed: the list stays as it was."""
    fold = me.unfold("Save view")
    me.press("Save view", within=fold)
    me.refused("Give the view a name")
    me.write("Name of this view", "In training")
    me.press("Save view", within=me.main.locator(".views"))
    me.said("“In training” is saved above the list.")
    expect(me.main.locator(".views [aria-current]")).to_have_text("In training")

    me.row_of("VanArsdel")
    me.key("p")
    expect(me.page.locator("#peek-h")).to_have_text("VanArsdel")
    expect(me.page.locator("#peek-h")).to_be_focused()
    me.key("n")
    expect(me.page.locator(".peek textarea").first).to_be_focused()
    me.page.keyboard.type("They like mornings.")
    me.press("Keep the note", within=me.page.locator(".peek"))
    me.said("Kept. Only your team sees it.", at="#peek-h")
    expect(me.page.locator(".peek .history li").first).to_contain_text("Priya Rao wrote a note")
    fold = me.unfold("Hold", within=me.page.locator(".peek"))
    me.write("Why? The customer reads it.", "Their office moves.", within=fold)
    me.write("Until when?", "03272026", within=fold)
    me.press("Put on hold", within=fold)
    me.said("On hold.", at="#peek-h")
    expect(me.main.locator(".views [aria-current]")).to_have_text("In training")
    me.key("Escape")
    expect(me.page.locator(".peek")).to_have_count(0)
    expect(me.main.locator("tbody th a", has_text="VanArsdel")).to_be_focused()


def _several_at_once(me: Keyboard) -> None:
    """Boxes come when they are asked for; what can't be held is said by name, and nothing else is changed."""
    me.open("/staff/accounts")
    me.follow("Select")
    for name in ("Trey Research", "Southridge"):
        me.tick(me.main.get_by_role("checkbox", name=name))
    me.press("Put on hold")
    me.refused("Write why")
    expect(me.main.get_by_role("checkbox", name="Southridge")).to_be_checked()
    me.write("Why? The customer reads it.", "Everybody is at the fair.")
    me.write("Until when?", "03232026")
    me.press("Put on hold")
    me.said("2 accounts are on hold.")
    held = me.main.locator("tbody", has_text="On hold").last
    expect(held).to_contain_text("Southridge")


def _logs_the_call_of_today(me: Keyboard) -> None:
    """Once it has begun it stands on the page as one to log: notes, one next step with who and when."""
    me.open("/staff")
    row = me.row("Join your training consultation")
    me.unfold("Log it", within=row)
    me.press("Log the call", within=row)
    me.refused("Write notes, or add the link to a recording")
    me.write("Notes, shared with the customer", "The broker list comes in two parts.", within=row)
    me.write("What happens", "Send the first part of the list", within=row)
    me.choose("Who", "Yusuf", within=row)
    me.write("By", "03172026", within=row)
    me.press("Log the call", within=row)
    me.said("Logged.")
    expect(me.row("Join your training consultation")).to_have_count(0)


# --- Tomás --------------------------------------------------------------------------------------


def _reviews(me: Keyboard) -> None:
    """One that customers handed in is accepted, one goes back with what should change."""
    me.open("/staff")
    me.is_on("customers are waiting on you")
    row = me.row("Connect your payout account", "Southridge")
    me.unfold("Review", within=row)
    me.press("Accept", within=row)
    me.said("Accepted: “Connect your payout account”.")
    row = me.row("Connect your payout account", "VanArsdel")
    me.unfold("Review", within=row)
    me.write("What should change?", "The account is still in test mode.", within=row)
    me.press("Send it back", within=row)
    me.said("Connect your payout account")
    expect(me.row("Connect your payout account", "VanArsdel")).to_have_count(0)


def _own_step_and_answer(me: Keyboard) -> None:
    before = me.main.locator(".day-table tbody tr").count()
    me.press("Sandbox is open", within=me.row("Open your sandbox", "Northwind"))
    me.said("Done: “Open your sandbox”.")
    expect(me.main.locator(".day-table tbody tr")).to_have_count(before - 1)
    row = me.row("the connection was planned for last week")
    me.unfold("Answer", within=row)
    me.press("Send", within=row)
    me.refused("Write something first")
    me.write("textarea", "The key is all that I need.", within=row)
    me.press("Send", within=row)
    me.said("Sent")
    expect(me.row("the connection was planned for last week")).to_have_count(0)


def _week_of_calls(me: Keyboard) -> None:
    """What took place is logged among the week's calls."""
    me.follow("Calls", within=me.page.locator(".side-nav"))
    me.is_on("Calls")
    fold = me.unfold("Fourth Coffee, Scope the integration")
    me.write("Notes, shared with the customer", "One CRM, two pipelines.", within=fold)
    me.write("What happens", "Name the two pipelines", within=fold)
    me.choose("Who", "Teo", within=fold)
    me.press("Log the call", within=fold)
    me.said("Logged.")
    expect(me.main.locator("summary", has_text="Scope the integration")).to_have_count(0)
    me.follow("Week after")
    me.follow("This week")
    me.follow("Everybody's")
    expect(me.main.locator(".views [aria-current]")).to_have_text("Everybody's")


def _goes_away(me: Keyboard) -> None:
    me.follow("Team", within=me.page.locator(".side-nav"))
    me.follow("Tomás Moreira", within=me.main)
    fold = me.unfold("Going away")
    me.press("Save", within=fold)
    me.refused("Choose the last day of the absence")
    me.write("Last day away", "03182026", within=fold)
    me.choose("Who stands in?", "Mei Tan", within=fold)
    me.press("Save", within=fold)
    me.said("away")
    expect(me.main.locator(".line").first).to_contain_text("Mei stands in")
    me.press("Here again")
    me.said("Tomás is here again.")
