"""How the desk's pages look with a question, a review and long names on them: nothing is cut, touches or wraps."""

import io
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from werkzeug.datastructures import FileStorage

from portal import db, uploads
from portal.calls.models import Call
from portal.messages.models import Message
from tests import make
from tests.desk.conftest import handed_in
from tests.desk.test_list_turns import ours
from tests.infra.visit import session_cookie

LONG = "a_very_long_name_that_somebody_gave_a_file_without_a_space_in_it_2026_03_03_final_final.csv"
EVERY = pytest.mark.parametrize(
    ("size", "scheme"), [("phone", "light"), ("phone", "dark"), ("desktop", "light"), ("desktop", "dark")]
)
ACCOUNT = "/staff/accounts/{account}"
# How far the button stands below the box that is written into, in px.
GAP = """(form) => form.querySelector('button').getBoundingClientRect().top
                 - form.querySelector('textarea').getBoundingClientRect().bottom"""
ROWS = """(cells) => cells.map((cell) => {
  const all = document.createRange(); all.selectNodeContents(cell);
  return new Set([...all.getClientRects()].map((one) => Math.round(one.top))).size })"""
STICKS_OUT = """(blocks) => blocks.filter((one) => [...one.querySelectorAll('*')].some(
  (inner) => inner.getBoundingClientRect().right > one.getBoundingClientRect().right + 1)).length"""


@pytest.fixture
def story(clock, site) -> Callable[..., str]:
    """Northwind with a review, a question to Tomás and a file with a long name; gives sessions and addresses."""
    with site.app.test_request_context(), db.transaction():
        cast = make.northwind()
        step = handed_in(cast)
        question = "@Tomás which key does the integration user need, and where do we find it?"
        Message.write(cast.onboarding, question, by=cast.ben, step=step)
        Message.write(cast.onboarding, "x" * 120, by=cast.ana)
        sent = FileStorage(io.BytesIO(b"name,email\nAna,ana@northwind.example\n"), filename=LONG)
        uploads.receive(sent, account_id=cast.account.id, onboarding_id=cast.onboarding.id, by=cast.ana)
        refs = {"account": cast.account.ref, "o": cast.onboarding.ref, "step": step.ref}
        tokens = {name: session_cookie(getattr(cast, name)) for name in ("priya", "tomas", "ana")}
    return lambda name, path="": tokens[name] if not path else path.format(**refs)


@EVERY
def test_a_question_and_a_review_in_every_size_and_theme(site, window, story, size, scheme) -> None:
    shown = window(site, size, scheme=scheme)
    shown.sign_in(story("priya"))
    for path in (
        "/staff/accounts",
        ACCOUNT,
        f"{ACCOUNT}/messages",
        f"{ACCOUNT}/history",
        f"{ACCOUNT}/history?q=review",
    ):
        page = shown.open(story("priya", path))
        shown.check()
        assert page.locator(".side-block, .bubble, .asked, .next-bar").evaluate_all(STICKS_OUT) == 0
    shown.sign_in(story("ana"))
    for path in ("/o/{o}/messages", "/o/{o}/steps/{step}"):
        page = shown.open(story("ana", path))
        shown.check()
        assert page.locator(".bubble").evaluate_all(STICKS_OUT) == 0


@EVERY
def test_my_day_with_its_forms_open_and_refused(site, window, clock, size, scheme) -> None:
    with site.app.test_request_context(), db.transaction():
        cast = make.northwind()
        ours(cast, date(2026, 3, 4))
        start = clock.now.replace(hour=15, minute=30) + timedelta(days=3)
        Call.book(
            cast.onboarding, kind="help", title="Help", minutes=30, agenda=[], start=start, owner=cast.priya,
            by=cast.ana, people=[cast.ana],
        )  # fmt: skip
        clock.at(start + timedelta(hours=1))
        token = session_cookie(cast.priya)
    shown = window(site, size, scheme=scheme)
    shown.sign_in(token)
    page = shown.open("/staff")
    page.locator("summary", has_text="Log it").click()
    page.locator("summary", has_text="New date").click()
    shown.check()
    page.get_by_label("New date").fill("2026-03-02")
    page.get_by_role("button", name="Give the new date").click()
    page.locator(".problems").wait_for()
    assert page.get_by_label("New date").input_value() == "2026-03-02"
    shown.check()


def test_the_mark_stands_where_the_row_begins(site, window, story) -> None:
    shown = window(site)
    shown.sign_in(story("tomas"))
    page = shown.open("/staff/accounts")
    shade = "(row) => getComputedStyle(row).boxShadow"
    assert " 5px 0px " in page.locator("tr.first").evaluate(shade)
    page.evaluate("() => document.documentElement.setAttribute('dir', 'rtl')")
    assert " -5px 0px " in page.locator("tr.first").evaluate(shade)


@pytest.mark.parametrize("size", ["phone", "tablet", "desktop"])
def test_dates_stand_on_one_line(site, window, story, size) -> None:
    shown = window(site, size)
    shown.sign_in(story("priya"))
    for path, cells in (("/staff/accounts", ".accounts td.r"), (f"{ACCOUNT}/road", ".rows-table td.r")):
        rows = shown.open(story("priya", path)).locator(cells).evaluate_all(ROWS)
        assert len(rows) > 2
        assert max(rows) == 1


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_what_sends_keeps_its_distance_from_what_is_written(site, window, story, size) -> None:
    shown = window(site, size)
    shown.sign_in(story("priya"))
    assert shown.open(story("priya", f"{ACCOUNT}/messages")).locator(".compose").evaluate(GAP) >= 8
    shown.sign_in(story("ana"))
    for path in ("/o/{o}/messages", "/o/{o}/steps/{step}"):
        assert shown.open(story("ana", path)).locator("form.compose").evaluate(GAP) >= 8


def test_on_paper_the_desk_is_light_and_asks_for_nothing(site, window, story) -> None:
    shown = window(site, "desktop", scheme="dark")
    shown.sign_in(story("priya"))
    for path in ("/staff/accounts", ACCOUNT, f"{ACCOUNT}/messages"):
        page = shown.open(story("priya", path))
        page.emulate_media(media="print")
        assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert (
            page.evaluate("() => getComputedStyle(document.querySelector('h1')).color") == "rgb(21, 33, 30)"
        )
        assert not [
            one for one in page.locator("main :is(button, textarea, select)").all() if one.is_visible()
        ]
        page.emulate_media(media="screen")
