"""Calls as people see them: book, move, cancel, log; and what a stranger finds. T02, T04."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from icalendar import Calendar

from portal import db
from portal.calls.models import Call
from portal.calls.rules import CallState
from tests.calls.cast import begin, in_app, playbook, send, step_of


@pytest.fixture
def index(cast) -> str:
    return f"/o/{cast.onboarding.ref}/calls"


def first_time(page) -> str:
    return next(
        option["value"] for option in page.one("select", name="start").all("option") if option["value"]
    )


def booked(browser, index: str, **more) -> str:
    """Book the first time offered; the address of the call."""
    page = browser.get(index)
    browser.submit("/calls/book", {"start": first_time(page), **more})
    return browser.page.location


def test_ana_books_moves_and_cancels(app, cast, enter, index) -> None:
    ana = enter(cast.ana)
    page = ana.get(index)
    assert "No calls booked." in page.text
    assert page.one("h2", id="book-h").text() == "Book: Meet for kickoff"
    address = booked(ana, index, people=[cast.ben.ref, cast.rui.ref])
    page = ana.follow()
    assert "your time (09:00 Priya's), 60 min" in page.text
    assert "Rui Lopes" in page.text
    ana.submit("/move", {"start": first_time(page)})
    page = ana.follow()
    assert "your time (09:30 Priya's), 60 min" in page.text
    ana.submit("/cancel", {"reason": "Ben is ill"})
    assert "cancelled" in ana.follow().text
    assert "Cancelled: Ben is ill" in ana.get(address).text


def test_times_are_refused_with_what_was_chosen_kept(app, cast, enter, index) -> None:
    ana = enter(cast.ana)
    ana.get(index)
    assert "Choose a time" in ana.submit("/calls/book", status=422).text
    assert (
        "Choose one of the times shown" in ana.submit("/calls/book", {"start": "tomorrow"}, status=422).text
    )
    page = ana.submit("/calls/book", {"start": "2026-03-02T15:00Z"}, status=422)
    assert "That time has passed. Next free: " in page.text
    assert page.source.count("<title>Error:") == 1
    stranger = {"start": first_time(page), "people": cast.fay.ref}
    page = ana.submit("/calls/book", stranger, status=422)
    assert "Choose people of Northwind who work on this." in page.text
    assert page.one("select", name="start").one("option", selected="")["value"] == stranger["start"]
    assert "no field called owner" in ana.post(f"{index}/book", {"owner": "1"}, status=422).text
    assert db.session.query(Call).count() == 0


@pytest.mark.parametrize(
    ("host", "paused", "sentence"),
    [("nope", False, "Whoever was chosen to hold this call can't."), (None, True, "paused until 12 March")],
)
def test_a_booking_that_cannot_be_says_why(app, cast, enter, index, host, paused, sentence) -> None:
    ana = enter(cast.ana)
    fields = {"start": first_time(ana.get(index)), "people": [cast.ben.ref]}
    if paused:
        with in_app(app):
            onboarding = db.session.get(type(cast.onboarding), cast.onboarding.id)
            review = onboarding.account.today + timedelta(days=9)
            onboarding.pause("Budget", review, by=db.session.get(type(cast.priya), cast.priya.id))
            db.session.commit()
    page = ana.submit("/calls/book", fields | ({"host": host} if host else {}), status=422)
    assert sentence in page.one("div", role="alert").text()
    assert page.one("select", name="start").one("option", selected="")["value"] == fields["start"]
    assert page.one("input", name="people", value=cast.ben.ref).get("checked", "no") != "no"
    assert db.session.query(Call).count() == 0


def test_booking_twice_books_once(app, cast, enter, index) -> None:
    ana = enter(cast.ana)
    page = ana.get(index)
    fields = {"start": first_time(page), "step": page.one("input", name="step")["value"]}
    fields["host"] = page.one("input", name="host")["value"]
    ana.post(f"{index}/book", fields)
    assert "is booked already" in ana.post(f"{index}/book", fields, status=422).text
    assert db.session.query(Call).count() == 1


def test_help_is_a_quarter_of_an_hour_with_the_owner(app, cast, enter, index) -> None:
    ana = enter(cast.ana)
    page = ana.get(f"{index}?help=1")
    ana.submit("/calls/book", {"start": first_time(page)})
    assert "15 min" in ana.follow().text
    assert not step_of(cast.onboarding, "book_call", "kickoff").is_done


def test_todays_calls_stand_first_and_can_be_joined_while_they_go_on(app, cast, enter, index, clock) -> None:
    ana = enter(cast.ana)
    booked(ana, index)
    with in_app(app):
        call = db.session.query(Call).one()
        call.join_link = "https://meet.example/k"
        start = call.start
        db.session.commit()
    assert [h.text() for h in ana.get(index).all("h2")][:1] == ["Today"]
    clock.at(start + timedelta(minutes=5))
    page = enter(cast.ana).get(index)
    assert [h.text() for h in page.all("h2")][:1] == ["Today"]
    assert "· now" in page.text
    assert page.one("a", href="https://meet.example/k").text() == "Join"
    clock.at(start + timedelta(hours=2))
    page = enter(cast.ana).get(index)
    assert "· notes to follow" in page.text
    assert page.all("a", href="https://meet.example/k") == []
    clock.at(start + timedelta(days=1))
    assert [h.text() for h in enter(cast.ana).get(index).all("h2")][:1] == ["Earlier"]


def test_the_calendar_file_is_one_to_keep(app, cast, enter, index) -> None:
    ana = enter(cast.ana)
    address = booked(ana, index)
    page = ana.get(f"{address}.ics")
    assert page.headers["Content-Type"].startswith("text/calendar")
    assert Calendar.from_ical(page.bytes)["method"] == "PUBLISH"


def test_a_sponsor_reads_and_does_not_book(app, cast, enter, index) -> None:
    address = booked(enter(cast.ana), index)
    rui = enter(cast.rui)
    token = rui.token()
    assert rui.get(index).all("select") == []
    assert rui.get(address).all("select") == []
    send(rui, token, f"{index}/book", {}, 403)
    send(rui, token, f"{address}/cancel", {"reason": "no"}, 403)


def test_t02_strangers_and_mixed_parents_find_nothing(app, cast, enter, index) -> None:
    address = booked(enter(cast.ana), index)
    fay = enter(cast.fay)
    token = fay.token()
    ref = address.rpartition("/")[2]
    mixed = f"/o/{cast.rival.ref}/calls/{ref}"
    for path in (index, address, f"{address}.ics", mixed, f"{mixed}.ics"):
        fay.get(path, status=404)
    for path in (address, mixed):
        send(fay, token, f"{path}/move", {"start": "2026-03-06T15:30Z"}, 404)
        send(fay, token, f"{path}/cancel", {"reason": "mine"}, 404)
    step = step_of(cast.onboarding, "book_call", "kickoff")
    fay.get(f"/o/{cast.rival.ref}/calls?step={step.ref}", status=404)
    with in_app(app):
        call = db.session.query(Call).one()
        assert (call.state, call.sequence) == (CallState.SCHEDULED, 0), "nothing of what was sent took hold"


def test_t02_a_call_stands_under_its_own_onboarding_only(app, cast, enter, index) -> None:
    ana = enter(cast.ana)
    ref = booked(ana, index).rpartition("/")[2]
    with in_app(app):
        account = db.session.get(type(cast.northwind), cast.northwind.id)
        team = {name: db.session.get(type(row), row.id) for name, row in vars(cast).items()}
        other = begin(account, SimpleNamespace(**team), playbook().model_copy(update={"key": "other"})).ref
        db.session.commit()
    ana.get(f"/o/{other}/calls/{ref}", status=404)
    ana.get(f"/o/{other}/calls/{ref}.ics", status=404)
    for tail in ("", ".ics"):
        assert ana.get(f"/o/{cast.onboarding.ref}/calls/{ref}{tail}").status == 200


def test_t04_customers_do_not_find_the_desk(app, cast, enter, index) -> None:
    ana = enter(cast.ana)
    ref = booked(ana, index).rpartition("/")[2]
    ana.get(index)
    token = ana.token()
    ana.get(f"/staff/calls/{ref}", status=404)
    send(ana, token, f"/staff/calls/{ref}/held", {"notes": "x"}, 404)
    send(ana, token, f"/staff/calls/{ref}/no-show", {"side": "us"}, 404)
    with in_app(app):
        assert db.session.query(Call).one().state is CallState.SCHEDULED


def test_priya_logs_what_came_of_it(app, cast, enter, index, clock) -> None:
    ana = enter(cast.ana)
    address = booked(ana, index)
    desk = f"/staff/calls/{address.rpartition('/')[2]}"
    with in_app(app):
        start = db.session.query(Call).one().start
    priya = enter(cast.priya)
    assert "Still ahead" in priya.get(desk).text
    clock.at(start + timedelta(hours=1))
    priya = enter(cast.priya)
    priya.get(desk)
    page = priya.submit("/held", {"notes": "Went well", "text_1": "Send the CSV"}, status=422)
    assert "Choose who does it" in page.text
    assert page.one("textarea", name="notes").text() == "Went well"
    page = priya.submit(
        "/held", {"text_1": "", "due_1": "soon", "recording_link": "ftp://example.com"}, status=422
    )
    assert "Enter a date like 2026-03-27" in page.text
    assert "begins with https://" in page.text
    page = priya.submit("/held", {"due_1": "", "recording_link": ""}, status=422)
    assert "Add at least one next step" in page.one("div", id="problems").one("a", href="#text_1").text()
    page = priya.submit("/held", {"notes": "", "recording_link": ""}, status=422)
    told = page.one("div", id="problems").text()
    assert "Write notes" in told
    assert "Add at least one next step" in told, "both at once"
    early = {
        "notes": "Went well",
        "text_1": "Send it",
        "who_1": cast.ana.ref,
        "due_1": f"{start - timedelta(days=1):%Y-%m-%d}",
    }
    page = priya.submit("/held", early, status=422)
    assert "The call was on" in page.one("div", id="problems").one("a", href="#due_1").text()
    priya.submit(
        "/held", {"notes": "Went well", "text_1": "Send <b>", "who_1": cast.ana.ref, "due_1": "2026-03-27"}
    )
    assert "Went well" in priya.follow().text
    shown = enter(cast.ana).get(address)
    assert "Send <b> · Ana Moreira" in shown.text
    assert "Went well" in shown.text
    priya.get(desk)
    assert priya.page.all("form", action=f"{desk}/held") == []
    assert "This call is held" in priya.post(f"{desk}/no-show", {"side": "us"}, status=422).text
