"""Daily counts from a file: looked at, set, and never doubled."""

from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select
from sqlalchemy.engine import Engine

from portal import db, jobs
from portal.activity.models import Activity, Verb
from portal.usage import importing
from portal.usage.models import UsageDay, UsageImported, UsagePersonDay, UsageUser
from tests.usage.seen import PAID, REFERRED, SIGNED_IN, saw

HEAD = "account,day,metric,count,user\n"
PATH = "/staff/settings/events/import"
GOOD = (
    HEAD
    + "northwind,2026-03-02,Signed In,3,ana@northwind.example\nNorthwind,2026-03-02,Referral Submitted,14,\n"
)


def counts() -> dict[str, int]:
    return dict(
        db.session.execute(select(UsageDay.metric, func.sum(UsageDay.count)).group_by(UsageDay.metric)).all()
    )


@pytest.fixture
def staff(road):
    """Whoever brings it in."""
    return road.owner


def set_to(text: str, staff) -> None:
    sheet = importing.read(text)
    assert not sheet.problems
    importing.keep(sheet, by=staff)


def test_counts_are_set_for_the_account_and_its_people(cast, staff) -> None:
    set_to(GOOD, staff)
    assert counts() == {SIGNED_IN: 3, REFERRED: 14}
    user = db.session.scalars(select(UsageUser)).one()
    assert (user.key, user.email, user.person_id) == (
        "ana@northwind.example",
        "ana@northwind.example",
        cast.ana.id,
    )
    assert db.session.scalars(select(UsagePersonDay.count)).all() == [3]


def test_a_long_file_takes_the_users_first_and_then_their_days_as_events_do(staff, monkeypatch) -> None:
    """Else a file and an event for the same people would each wait for what the other has."""
    made: list[str] = []

    def note(*call: object) -> None:
        made.append(str(call[2]))

    monkeypatch.setattr(importing, "AT_ONCE", 1)
    event.listen(Engine, "before_cursor_execute", note)
    try:
        set_to(
            HEAD + "".join(f"northwind,2026-03-0{n},Signed In,3,{n}@northwind.example\n" for n in (2, 3)),
            staff,
        )
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    users = [n for n, one in enumerate(made) if one.startswith("INSERT INTO usage_user ")]
    days = [n for n, one in enumerate(made) if one.startswith("INSERT INTO usage_day ")]
    assert counts() == {SIGNED_IN: 6}
    assert max(users) < min(days)


def test_a_file_sent_twice_doubles_nothing_and_a_corrected_one_corrects(staff) -> None:
    set_to(GOOD, staff)
    set_to(GOOD, staff)
    assert counts() == {SIGNED_IN: 3, REFERRED: 14}
    set_to(HEAD + "northwind,2026-03-02,Referral Submitted,5,\n", staff)
    assert counts() == {SIGNED_IN: 3, REFERRED: 5}
    set_to(HEAD + "northwind,2026-03-02,Signed In,0,ana@northwind.example\n", staff)
    assert counts() == {REFERRED: 5}
    assert db.session.scalars(select(UsagePersonDay)).all() == []


def test_what_came_as_events_stays_beside_it(cast, road, staff) -> None:
    saw(cast.account, REFERRED, road.account.today.replace(day=2), count=7)
    set_to(GOOD, staff)
    set_to(GOOD, staff)
    assert counts()[REFERRED] == 21


def test_semicolons_and_other_orders_of_the_columns_are_read(staff) -> None:
    set_to("Metric;Account;Count;Day\nReward Paid;northwind;2;2026-03-01\n\n", staff)
    assert counts() == {PAID: 2}


def test_it_is_remembered_and_the_road_follows(cast, staff) -> None:
    set_to(GOOD, staff)
    row = db.session.scalars(select(Activity).where(Activity.verb == Verb.USAGE_IMPORTED)).one()
    assert row.data["after"] == {"lines": 2, "from": "2026-03-02", "to": "2026-03-02"}
    waiting = select(jobs.Job.account_id).where(jobs.Job.kind == "usage.react")
    assert db.session.scalars(waiting).all() == [cast.account.id]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("nobody,2026-03-02,Signed In,3,", "there is no account “nobody”"),
        ("northwind,02/03/2026,Signed In,3,", "“02/03/2026” is no day; write it like 2026-03-31"),
        ("northwind,2026-03-04,Signed In,3,", "hasn't come yet"),
        ("northwind,1970-01-01,Signed In,3,", "is too long ago"),
        ("northwind,2026-03-02,,3,", "metric is the name of an event"),
        (f"northwind,2026-03-02,{'x' * 201},3,", "metric is the name of an event"),
        ("northwind,2026-03-02,Signed In,-3,", "“-3” is no count"),
        ("northwind,2026-03-02,Signed In,many,", "“many” is no count"),
        ("northwind,2026-03-02,Signed In,99999999,", "is no count"),
        (f"northwind,2026-03-02,Signed In,3,{'x' * 201}", "under 200 characters"),
        ("northwind,2026-03-02,Signed In,3,ana@northwind.example", "it says again what line 2 says"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(cast, road, line, says) -> None:
    text = HEAD + "northwind,2026-03-02,Signed In,3,ana@northwind.example\n" + line + "\n"
    (problem,) = importing.read(text).problems
    assert problem.startswith("Line 3: ")
    assert says in problem


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no column “account”"),
        ("account,day,count\n", "no column “metric”"),
        (HEAD, "no line below the headings"),
        (HEAD + "northwind,2026-03-02,Signed In,3,\n" * 5001, "more than 5000 lines"),
    ],
)
def test_what_is_no_such_file_is_said(cast, road, text, says) -> None:
    (problem,) = importing.read(text).problems
    assert says in problem


ANYTHING = st.text(max_size=300)
SHEETS = st.one_of(ANYTHING, ANYTHING.map(lambda text: HEAD + text), ANYTHING.map(lambda text: GOOD + text))


@given(SHEETS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_at_all_is_an_error(cast, road, text) -> None:
    """Whatever it is, each line of it is used or something is said, and nothing is kept by looking."""
    sheet = importing.read(text)
    assert sheet.lines or sheet.problems
    if not text.startswith(HEAD):
        assert sheet.lines == []
    assert counts() == {}


def test_the_page_shows_it_first_and_sets_it_when_told(cast, visitor, otto) -> None:
    browser = visitor(otto)
    browser.get(PATH)
    page = browser.post(PATH, {"file": (BytesIO(GOOD.encode()), "counts.csv")}, status=200)
    assert "2 lines can be set" in page.text
    assert counts() == {}
    browser.submit(PATH)
    assert "2 counts are set." in browser.follow().text
    assert counts() == {SIGNED_IN: 3, REFERRED: 14}
    assert db.session.scalar(select(func.count()).select_from(UsageImported)) == 2


def test_the_page_says_what_is_wrong_with_a_file(cast, visitor, otto) -> None:
    browser = visitor(otto)
    browser.get(PATH)
    bad = HEAD + "nobody,2026-03-02,Signed In,3,\n" * 30
    page = browser.post(PATH, {"file": (BytesIO(bad.encode()), "counts.csv")}, status=422)
    assert "Line 2: there is no account “nobody”" in page.text
    assert "And 10 more." in page.text
    assert "Choose the file" in browser.post(PATH, {}, status=422).text
    page = browser.post(PATH, {"file": (BytesIO(b"\xff\xfe\x00"), "counts.csv")}, status=422)
    assert "in UTF-8" in page.text
    page = browser.post(PATH, {"file": (BytesIO(b"x" * 600_000), "counts.csv")}, status=422)
    assert "under 512 KB" in page.text
