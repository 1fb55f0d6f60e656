"""I01, I03: what people write stays text; links lead to pages only; an @ finds the people it means."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.calendars import Calendar, WorkingHours
from portal.messages.rules import answer_due, as_html, clean, mentioned
from tests.infra.html import read

REL = 'rel="nofollow noopener noreferrer ugc"'
NAMES = {
    1: ["Ana", "Ana Moreira"],
    2: ["Priya", "Priya Shah"],
    3: ["Ben"],
    4: ["Ben", "Ben Ortiz"],
    5: ["O'Hara"],
}


def link(address: str) -> str:
    return f'<a href="{address}" {REL}>{address}</a>'


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("one\ntwo", "one<br>\ntwo"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("{{ 7*7 }} {% if x %}", "{{ 7*7 }} {% if x %}"),
        ("see https://example.com/a?b=1&c=2.", f"see {link('https://example.com/a?b=1&amp;c=2')}."),
        ("(https://example.com/a_(b))", f"({link('https://example.com/a_(b)')})"),
        ("HTTP://EXAMPLE.COM!", f"{link('HTTP://EXAMPLE.COM')}!"),
        ("https://a.example,https://b.example", link("https://a.example,https://b.example")),
        ('https://a.example/"onmouseover=alert(1)', f"{link('https://a.example/')}&#34;onmouseover=alert(1)"),
        ("https://a.example/<b>", f"{link('https://a.example/')}&lt;b&gt;"),
        ("javascript:alert(1) data:text/html,x ftp://x", "javascript:alert(1) data:text/html,x ftp://x"),
        ("xhttps://a.example", "xhttps://a.example"),
        ("https:// and http://...", "https:// and http://..."),
    ],
)
def test_i01_text_is_escaped_and_addresses_become_links(body: str, html: str) -> None:
    assert as_html(body) == html


@given(
    st.text(max_size=200)
    | st.lists(st.sampled_from(["https://", "<a ", '"', "'", "a.b", "/", "&", "\n", "@"])).map("".join)
)
def test_i01_whatever_is_written_makes_only_links_and_breaks(body: str) -> None:
    page = read(str(as_html(body)))
    for node in page.root.all():
        assert node.tag in {"a", "br"}
        assert set(node.attrs) <= {"href", "rel"}
        assert node.tag == "br" or node["href"].lower().startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("body", "who"),
    [
        ("@Ana look", [1]),
        ("@ana, and @PRIYA SHAH!", [1, 2]),
        ("@Priya Shahs", [2]),
        ("thanks @Priya.", [2]),
        ("@Ben which bank?", [3, 4]),
        ("@Ben Ortiz which bank?", [4]),
        ("@Benjamin", []),
        ("mail ana@ana.example or x@Ana", []),
        ("@@Ana @ Ana", []),
        ("@ana.moreira", []),
        ("(@o'hara)", [5]),
        ("@Ana @Ana", [1]),
        ("@Ana\nMoreira", [1]),
        ("", []),
    ],
)
def test_people_are_found_by_any_of_their_names(body: str, who: list[int]) -> None:
    assert mentioned(body, NAMES) == who


def test_a_body_is_kept_without_what_nobody_sees() -> None:
    assert (
        clean("  one\r\ntwo\rthree\n\n\n\nfour\x00\x07 \u202etxt \ud800 ") == "one\ntwo\nthree\n\nfour txt ?"
    )
    assert clean(None) == clean("\n \t") == ""


CHICAGO = ZoneInfo("America/Chicago")  # Six hours behind UTC until 8 March 2026.
NINE_TO_FIVE = WorkingHours(time(9), time(17), Calendar("US"))


@pytest.mark.parametrize(
    ("asked", "hours", "answered"),
    [
        ("2026-03-03 16:00", 4, "2026-03-03 20:00"),  # 10:00 in Chicago
        ("2026-03-03 09:00", 4, "2026-03-03 19:00"),  # before their morning
        ("2026-03-03 22:00", 4, "2026-03-04 18:00"),  # an hour before their evening: three more tomorrow
        ("2026-03-06 23:30", 4, "2026-03-09 18:00"),  # Friday evening, and the clocks change on Sunday
        ("2026-03-03 15:00", 16, "2026-03-04 23:00"),  # exactly two days' work
        ("2026-07-03 15:00", 1, "2026-07-06 15:00"),  # Independence Day, observed on the Friday
    ],
)
def test_an_answer_is_due_within_hours_that_somebody_works(asked, hours, answered) -> None:
    moment = datetime.fromisoformat(asked).replace(tzinfo=UTC)
    due = answer_due(moment, hours, NINE_TO_FIVE, CHICAGO)
    assert due.astimezone(UTC) == datetime.fromisoformat(answered).replace(tzinfo=UTC)
