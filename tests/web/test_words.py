"""Dates, times and Markdown as people read them."""

from datetime import UTC, date, datetime

import pytest
from flask_babel import force_locale

from portal import web
from tests import make
from tests.infra.html import read

MARCH_3 = date(2026, 3, 3)


@pytest.fixture
def reading(app):
    with app.test_request_context():
        yield


@pytest.mark.parametrize(
    ("locale", "long", "short"),
    [
        ("en", "Tue 3 March", "3 Mar"),
        ("en_US", "Tue 3 March", "3 Mar"),
        ("en_GB", "Tue 3 March", "3 Mar"),
        ("de", "Di., 3. März", "3. März"),
        ("pt", "ter., 3 de março", "3 de mar."),
        ("fr", "mar. 3 mars", "3 mars"),
    ],
)
def test_the_day_comes_before_the_month(reading, locale, long, short):
    with force_locale(locale):
        assert web.day(MARCH_3) == long
        assert web.short_day(MARCH_3) == short


def test_no_date_is_no_words(reading):
    assert web.day(None) == web.short_day(None) == ""


# --- Time zones -----------------------------------------------------------------------------------


def shown(visitor, moment: datetime) -> tuple[str, str]:
    page = visitor.get("/planted/times", query_string={"at": moment.isoformat()})
    return page.one("p", id="day").text(), page.one("p", id="time").text()


@pytest.mark.parametrize(
    ("moment", "chicago", "lisbon"),
    [
        # Chicago's clocks go forward on 8 March 2026 at 08:00 UTC, Lisbon's on 29 March at 01:00 UTC.
        ("2026-03-08T05:30", ("Sat 7 March", "23:30"), ("Sun 8 March", "05:30")),
        ("2026-03-08T07:59", ("Sun 8 March", "01:59"), ("Sun 8 March", "07:59")),
        ("2026-03-08T08:00", ("Sun 8 March", "03:00"), ("Sun 8 March", "08:00")),
        ("2026-03-29T00:59", ("Sat 28 March", "19:59"), ("Sun 29 March", "00:59")),
        ("2026-03-29T01:00", ("Sat 28 March", "20:00"), ("Sun 29 March", "02:00")),
        ("2026-07-01T12:00", ("Wed 1 July", "07:00"), ("Wed 1 July", "13:00")),
        # And back: the hour that comes twice.
        ("2026-11-01T06:30", ("Sun 1 November", "01:30"), ("Sun 1 November", "06:30")),
        ("2026-11-01T07:30", ("Sun 1 November", "01:30"), ("Sun 1 November", "07:30")),
        ("2026-11-01T08:30", ("Sun 1 November", "02:30"), ("Sun 1 November", "08:30")),
    ],
)
def test_a_moment_is_shown_in_the_zone_of_who_reads_it(planted, moment, chicago, lisbon):
    make.provider()
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert shown(planted(make.staff()), at) == chicago
    assert shown(planted(make.person(make.account())), at) == lisbon


def test_a_persons_own_zone_goes_before_the_companys(planted):
    ana = make.person(make.account(), time_zone="Asia/Kathmandu")
    assert shown(planted(ana), datetime(2026, 3, 3, 18, 30, tzinfo=UTC)) == ("Wed 4 March", "00:15")


def test_a_day_is_a_day_in_every_zone(planted, app):
    """A date without a time is not moved across midnight."""
    with app.test_request_context():
        assert web.day(MARCH_3) == "Tue 3 March"


# --- Markdown -------------------------------------------------------------------------------------


def test_markdown_becomes_paragraphs_lists_links_and_tables(reading):
    text = "Two *words*\n\n- one\n- **two**\n\n[guide](https://partnerly.example/g)\n\n|a|b|\n|-|-|\n|1|2|\n"
    root = read(str(web.markdown(text))).root
    assert root.one("em").text() == "words"
    assert [item.text() for item in root.all("li")] == ["one", "two"]
    assert (root.one("a")["href"], root.one("a")["rel"]) == (
        "https://partnerly.example/g",
        "noopener noreferrer",
    )
    assert [cell.text() for cell in root.all("td")] == ["1", "2"]


ALLOWED = {
    "p", "a", "em", "strong", "ul", "ol", "li", "code", "pre", "blockquote", "br", "hr", "h1", "h2", "h3",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt&#58;alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](vbscript:alert(1))",
        "[x](file:///etc/passwd)",
        "![x](https://elsewhere.example/pixel.png)",
        "![x](data:image/svg+xml;base64,PHN2Zz4=)",
        '[x](https://a.example "\\" onmouseover=alert(1) \\"")',
        "<svg/onload=alert(1)>",
        "<style>* { display: none }</style>",
        "<iframe src=https://elsewhere.example></iframe>",
        "<form action=/logout><button>x</button></form>",
        "`<script>alert(1)</script>`",
        "{{ 7 * 7 }} {% include 'x' %}",
        "<p style='position:fixed'>x</p>",
        "| <b onclick=alert(1)>x</b> |\n|-|\n| y |",
    ],
)
def test_markdown_never_brings_anything_active(reading, text):
    for node in read(str(web.markdown(text))).root.below:
        if node.tag != "#document":
            assert node.tag in ALLOWED, node
            assert set(node.attrs) <= {"href", "title", "rel"}, node
            assert node.get("href", "https://").startswith(("https://", "http://", "/", "mailto:")), node


def test_markdown_of_a_name_is_text(reading):
    assert "{{ 7 * 7 }}" in web.markdown("{{ 7 * 7 }}")
    assert "49" not in web.markdown("{{ 7 * 7 }}")
