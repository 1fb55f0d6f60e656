"""The desk and the people page in Chromium: every size and theme, axe, no error on the console."""

from collections.abc import Callable

import pytest

from portal import db
from portal.accounts.kinds import TeamRole
from tests import make
from tests.infra.visit import session_cookie

SIZES = [("phone", "dark"), ("desktop", "light")]  # Each window's colours are looked at in both themes.


@pytest.fixture
def story(clock, site) -> Callable[..., str]:
    """Northwind and a late one beside it, committed; gives the session of one of the cast."""
    with site.app.test_request_context(), db.transaction():
        cast = make.northwind()
        late = make.onboarding(make.account("Contoso"), {TeamRole.CONSULTANT: cast.priya}, by=cast.priya)
        late.prepare(by=cast.priya)
        late.next_step.needs_review = True
        late.next_step.submit(by=cast.priya)
        cast.step(cast.onboarding.next_step.key).start(by=cast.ana)
        refs = {"account": cast.account.ref, "o": cast.onboarding.ref}
        tokens = {name: session_cookie(getattr(cast, name)) for name in ("priya", "ana")}
        refs["step"] = cast.onboarding.next_step.ref
    return lambda name, path="": tokens[name] if not path else path.format(**refs)


@pytest.mark.parametrize(("size", "scheme"), SIZES)
def test_people_team_and_documents_in_every_size_and_theme(site, window, story, size, scheme) -> None:
    shown = window(site, size, scheme=scheme)
    shown.sign_in(story("ana"))
    for path in ("/o/{o}/people", "/o/{o}/team", "/o/{o}/documents", "/preferences"):
        shown.open(story("ana", path))
        shown.check()


def test_a_refused_hold_and_a_refused_invitation_are_readable(site, window, story) -> None:
    shown = window(site, "phone")
    shown.sign_in(story("priya"))
    page = shown.open(story("priya", "/staff/accounts/{account}"))
    page.get_by_text("Put on hold").first.click()
    page.get_by_label("Why? The customer reads it.").first.fill("Their bank migrates")
    page.get_by_role("button", name="Put on hold").click()
    page.locator("#problems").wait_for()
    shown.check()
    assert page.locator("#hold-reason").input_value() == "Their bank migrates"
    shown.sign_in(story("ana"))
    page = shown.open(story("ana", "/o/{o}/people"))
    page.get_by_role("button", name="Send the invitation").click()
    page.locator("#problems").wait_for()
    shown.check()


def test_theirs_and_yours_stand_beside_each_other(site, window, story) -> None:
    shown = window(site)
    shown.sign_in(story("priya"))
    page = shown.open(story("priya", "/staff/accounts/{account}/steps/{step}/edit?o={o}"))
    page.locator("[name=seen]").evaluate("field => field.value = 'what it was before'")
    page.locator("[name=minutes]").fill("55")
    page.locator("[name=reason]").fill("It takes longer")
    page.locator("form.form-sheet button").last.click()
    table = page.locator(".rows-table--both")
    table.wait_for()
    shown.check()
    widths = table.locator("thead th").evaluate_all("cells => cells.map(cell => cell.offsetWidth)")
    assert min(widths) > 150, widths


def test_the_first_row_is_reached_by_keyboard_and_opens_the_account(site, window, story) -> None:
    shown = window(site)
    shown.sign_in(story("priya"))
    page = shown.open("/staff/accounts")
    assert page.locator("tr.first th a").inner_text() == "Contoso"
    page.locator("tr.first th a").focus()
    page.keyboard.press("Enter")
    page.locator("h1", has_text="Contoso").wait_for()


def test_a_signal_takes_two_clicks_and_a_sentence(site, window, story) -> None:
    """Choose it, say it, record it; who left is asked for only when somebody did. It is on top until it is settled."""
    for size in ("phone", "desktop"):
        shown = window(site, size)
        shown.sign_in(story("priya"))
        page = shown.open(story("priya", "/staff/accounts/{account}"))
        assert not page.get_by_label("In one sentence").is_visible()
        page.locator("#signal").get_by_text("Sponsor left").click()
        page.get_by_label("Who left?").wait_for()
        page.locator("#signal").get_by_text("Frustration").click()
        page.get_by_label("Who left?").wait_for(state="hidden")
        page.get_by_label("In one sentence").fill(f"The import failed on the {size}")
        page.get_by_role("button", name="Record it").click()
        page.locator(".calling", has_text=f"The import failed on the {size}").wait_for()
        shown.check()
        page.get_by_label("Note").fill("Called her back")
        page.get_by_role("button", name="Keep the note").click()
        page.locator(".history .inside", has_text="Called her back").first.wait_for()
        shown.open(story("priya", "/staff/accounts/{account}/history"))
        shown.check()
    page = shown.open(story("priya", "/staff/accounts/{account}"))
    first = page.locator(".calling li").first
    first.locator("summary").click()
    first.get_by_label("What came of it?").fill("We imported it together")
    first.get_by_role("button", name="Mark it as settled").click()
    page.locator(".flash", has_text="Settled.").wait_for()
    assert page.locator(".calling li").count() == 1


@pytest.mark.parametrize(("size", "scheme"), SIZES)
def test_seeing_as_a_customer_there_and_back(site, window, story, size, scheme) -> None:
    shown = window(site, size, scheme=scheme)
    shown.sign_in(story("priya"))
    page = shown.open(story("priya", "/staff/accounts/{account}"))
    page.get_by_role("button", name="See as customer").click()
    page.get_by_text("You see what Ana Moreira sees.").wait_for()
    shown.check()
    shown.open(story("priya", "/o/{o}/steps/{step}"))
    shown.check()
    shown.open(story("priya", "/staff/accounts/{account}"))
    shown.check()
    page.get_by_role("link", name="Back to their pages").click()
    page.get_by_role("button", name="End it").click()
    page.get_by_text("You see your own pages again.").wait_for()
    assert not page.locator(".seeing").count()
