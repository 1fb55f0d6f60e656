"""The week of calls: whose, on both walls, what each needs, and a log in one short form that leads back."""

from datetime import date

import pytest
from sqlalchemy import event

from portal import db
from portal.calls.models import Call
from portal.calls.rules import CallState
from portal.calls.week import monday
from tests import make
from tests.calls.cast import FRIDAY, MONDAY, in_app, step_of


def book(app, cast, start, **more) -> str:
    with in_app(app):
        onboarding = db.session.get(type(cast.onboarding), cast.onboarding.id)
        ana, priya, tomas = (db.session.get(type(one), one.id) for one in (cast.ana, cast.priya, cast.tomas))
        values = {
            "kind": "kickoff", "title": "Kickoff", "minutes": 60, "agenda": ["People"], "owner": priya,
            "start": start, "by": ana, "people": [ana], "step": step_of(onboarding, "book_call", "kickoff"),
        }  # fmt: skip
        if more.pop("with_tomas", False):
            values |= {"owner": tomas, "step": None, "title": "Scope", "agenda": []}
        call = Call.book(onboarding, **{**values, **more})
        db.session.commit()
        return call.ref


@pytest.fixture
def kickoff(app, cast) -> str:
    return book(app, cast, FRIDAY)


def test_priya_sees_her_week_on_both_walls(cast, enter, kickoff, clock) -> None:
    page = enter(cast.priya).get("/staff/calls")
    assert page.one("time").text() == "09:30"
    assert "15:30 in Lisbon" in page.text
    assert "Northwind, Kickoff" in page.text
    assert "2 Mar to 8 Mar" in page.text


def test_colleagues_calls_are_under_everybodys_or_while_one_stands_in(app, cast, enter, clock) -> None:
    book(app, cast, FRIDAY.replace(hour=10), with_tomas=True)
    priya = enter(cast.priya)
    assert "Scope" not in priya.get("/staff/calls").text
    page = priya.get("/staff/calls?who=all")
    assert "Northwind, Scope" in page.text
    assert "Tomás, Ana" in page.text
    assert "needs an agenda" in page.text
    with in_app(app):
        tomas = db.session.get(type(cast.tomas), cast.tomas.id)
        tomas.away_until, tomas.stand_in_id = date(2026, 3, 10), cast.priya.id
        db.session.commit()
    assert "Scope" in priya.get("/staff/calls").text


def test_other_weeks_have_an_address_and_an_empty_one_says_how_calls_come(app, cast, enter, kickoff) -> None:
    priya = enter(cast.priya)
    priya.get("/staff/calls")
    link = next(a for a in priya.page.all("a") if a.text() == "Week after")
    assert link["href"] == "/staff/calls?week=2026-03-09"
    page = priya.get(link["href"])
    assert "No call in this week." in page.text
    back = next(a for a in page.all("a") if a.text() == "Week before")
    assert "Kickoff" in priya.get(back["href"]).text


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("2026-03-12", date(2026, 3, 9)),
        ("2026-03-09", date(2026, 3, 9)),
        ("soon", date(2026, 3, 2)),
        ("0001-01-01", date(2026, 3, 2)),
        ("9999-12-31", date(2026, 3, 2)),
        (None, date(2026, 3, 2)),
    ],
)
def test_a_mangled_week_is_this_one(text, first) -> None:
    assert monday(text, date(2026, 3, 6)) == first


def test_a_call_is_logged_there_and_leads_back(app, cast, enter, kickoff, clock) -> None:
    clock.at(MONDAY)
    priya = enter(cast.priya)
    assert "To log" in priya.get("/staff/calls").text
    log = {"notes": "Good", "text_1": "Send the CSV", "who_1": cast.ana.ref, "due_1": "2026-03-13"}
    page = priya.submit(f"/{kickoff}/held?back=calls", log)
    assert page.location.endswith("/staff/calls")
    assert "Logged." in priya.follow().text
    assert "To log" not in priya.page.text
    with in_app(app):
        assert db.session.query(Call).one().state is CallState.HELD


def test_one_press_says_they_did_not_come(app, cast, enter, kickoff, clock) -> None:
    clock.at(MONDAY)
    priya = enter(cast.priya)
    priya.get("/staff/calls")
    priya.submit(f"/{kickoff}/no-show?back=calls", {"side": "customer"})
    assert "Logged as missed: “Kickoff”, Northwind." in priya.follow().text
    with in_app(app):
        assert db.session.query(Call).one().no_show_side == "customer"


def test_a_log_that_lacks_something_is_shown_with_all_that_is_missing(cast, enter, kickoff, clock) -> None:
    clock.at(MONDAY)
    priya = enter(cast.priya)
    priya.get("/staff/calls")
    page = priya.submit(f"/{kickoff}/held?back=calls", {"text_1": "Send the CSV"}, 422)
    assert "Write notes" in page.text
    assert "Choose who does it" in page.text
    assert page.one("input", name="text_1")["value"] == "Send the CSV"


def test_customers_and_sellers_have_no_week(app, cast, enter, kickoff) -> None:
    with in_app(app):
        sam = make.staff("Saul Field", "account_executive")
        db.session.commit()
    for who, status in ((cast.ana, 404), (sam, 403)):
        page = enter(who).get("/staff/calls", status)
        assert page.status == status
        assert "Kickoff" not in page.text
    assert "Northwind, Kickoff" in enter(cast.priya).get("/staff/calls").text


def test_the_number_of_statements_does_not_grow_with_the_calls(app, cast, enter, kickoff) -> None:
    priya = enter(cast.priya)

    def count() -> int:
        seen: list[str] = []
        with in_app(app):
            engine = db.session.get_bind()

        def heard(_conn, _cursor, statement, *_rest) -> None:
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", heard)
        priya.get("/staff/calls?who=all&week=2026-03-09")
        event.remove(engine, "before_cursor_execute", heard)
        return len(seen)

    book(app, cast, MONDAY.replace(hour=12), with_tomas=True)
    count()
    before = count()
    for hour in (9, 10, 11):
        book(app, cast, MONDAY.replace(hour=hour), with_tomas=True)
    assert count() == before
