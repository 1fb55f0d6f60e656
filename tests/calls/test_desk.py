"""Calls at the desk: asked for, booked for the customer, logged; moved, cancelled and changed. T04, T05."""

import base64
from datetime import timedelta

import pytest
from sqlalchemy import update

from portal import clock, db
from portal.activity.models import Activity, Verb
from portal.calls.models import Call
from portal.calls.rules import CallState
from portal.mail import Letter
from portal.notifications.models import Preference
from portal.notifications.rules import Channel
from tests.calls.cast import FRIDAY, in_app, send, step_of

HELD = {"notes": "By telephone", "text_1": "Send the CSV"}


@pytest.fixture
def page(app, cast) -> str:
    """Where staff arrange the kickoff."""
    with in_app(app):
        step = db.session.get(type(cast.onboarding), cast.onboarding.id).step_called("book_kickoff")
        return f"/staff/accounts/{cast.northwind.ref}/steps/{step.ref}/call"


def option(page, name: str, n: int = 0) -> str:
    return [o["value"] for o in page.one("select", name=name).all("option") if o["value"]][n]


def the_call(app) -> Call:
    with in_app(app):
        call = db.session.query(Call).one()
        db.session.expunge(call)
        return call


def letters_to(app, user) -> list[str]:
    with in_app(app):
        rows = db.session.query(Letter).filter(Letter.user_id == user.id, Letter.kind == "call")
        return [letter.subject for letter in rows.filter(Letter.dropped_at.is_(None))]


# --- Asking -------------------------------------------------------------------------------------


WEDNESDAY = FRIDAY - timedelta(days=2)  # Yesterday everybody was welcomed by letter.


def test_they_are_asked_once_a_day(app, cast, enter, page, clock) -> None:
    clock.at(WEDNESDAY)
    priya = enter(cast.priya)
    assert priya.get(page.removesuffix("/call")).one("a", href=page).text() == "Arrange or log the call"
    assert "They get a letter" in priya.get(page).text
    priya.submit("/call/ask")
    assert "Asked: Ana." in priya.follow().text
    assert "They were asked today." in priya.page.text
    assert priya.page.all("form", action=f"{page}/ask") == []
    assert letters_to(app, cast.ana) == ["Choose a time: Meet for kickoff"]
    assert letters_to(app, cast.ben) == []
    token = priya.token()
    assert "asked today already" in send(priya, token, f"{page}/ask", {}, 422).text
    clock.at(FRIDAY)
    priya = enter(cast.priya)
    priya.get(page)
    priya.submit("/call/ask")
    with in_app(app):
        assert db.session.query(Activity).filter(Activity.verb == Verb.CALL_ASKED).count() == 2


def test_whoever_has_the_step_is_asked_and_no_letter_is_left_once_it_is_booked(
    app, cast, enter, page, clock
) -> None:
    with in_app(app):
        onboarding = db.session.get(type(cast.onboarding), cast.onboarding.id)
        step_of(onboarding, "book_call", "kickoff").hand_to(
            db.session.get(type(cast.ben), cast.ben.id), by=cast.priya
        )
        db.session.commit()
    clock.at(WEDNESDAY)
    priya = enter(cast.priya)
    priya.get(page)
    priya.submit("/call/ask")
    assert letters_to(app, cast.ben) == ["Choose a time: Meet for kickoff"]
    shown = priya.get(page)
    priya.submit("/call/book", {"start": option(shown, "start")})
    assert "Choose a time: Meet for kickoff" not in letters_to(app, cast.ben)


def test_somebody_who_wants_no_letters_is_named(app, cast, enter, page) -> None:
    with in_app(app):
        db.session.add(Preference(user_id=cast.ana.id, channel=Channel.NONE))
        db.session.commit()
    priya = enter(cast.priya)
    priya.get(page)
    priya.submit("/call/ask")
    assert "Ana: wants no letters about calls." in priya.follow().text
    assert "They get a letter" in priya.page.text


# --- Booking for them ---------------------------------------------------------------------------


def test_priya_books_it_for_ana(app, cast, enter, page) -> None:
    priya = enter(cast.priya)
    shown = priya.get(page)
    # 15:00 in Lisbon is the first hour of her day in Chicago.
    assert "09:00 (15:00 Ana's)" in shown.text
    fields = {
        "start": option(shown, "start"),
        "people": [cast.ben.ref],
        "join_link": "https://meet.example/k",
    }
    priya.submit("/call/book", fields)
    assert "Still ahead" in priya.follow().text
    call = the_call(app)
    assert (call.state, call.owner_id, call.join_link) == (
        CallState.SCHEDULED,
        cast.priya.id,
        "https://meet.example/k",
    )
    assert "Booked: Meet for kickoff" in letters_to(app, cast.ana)
    ana = enter(cast.ana).get(f"/o/{cast.onboarding.ref}/calls/{call.ref}")
    assert "Ben Ortiz" in ana.text
    # The page leads to the call from now on.
    assert priya.get(page, status=303).location == f"/staff/calls/{call.ref}"


def test_a_booking_that_is_refused_keeps_what_was_chosen(app, cast, enter, page) -> None:
    priya = enter(cast.priya)
    shown = priya.get(f"{page}?guest={cast.ben.ref}")
    assert "Book it with Ben" in shown.text
    shown = priya.submit("/call/book", {"start": ""}, status=422)
    assert "Choose a time" in shown.text
    assert "Book it with Ben" in shown.text
    shown = priya.submit("/call/book", {"start": "2026-03-06T09:00Z"}, status=422)
    assert "outside Ben's working day or Priya's" in shown.text
    stranger = {"start": option(shown, "start"), "people": [cast.fay.ref]}
    assert "Choose people of Northwind" in priya.submit("/call/book", stranger, status=422).text
    assert "no field called owner" in send(priya, priya.token(), f"{page}/book", {"owner": "1"}, 422).text
    with in_app(app):
        assert db.session.query(Call).count() == 0


def pause(app, cast) -> None:
    with in_app(app):
        onboarding = db.session.get(type(cast.onboarding), cast.onboarding.id)
        review = onboarding.account.today + timedelta(days=9)
        onboarding.pause("Budget", review, by=db.session.get(type(cast.priya), cast.priya.id))
        db.session.commit()


TYPED = {"join_link": "https://meet.example/kickoff"}


def test_a_booking_that_the_pause_refuses_says_so_and_keeps_what_was_typed(app, cast, enter, page) -> None:
    priya = enter(cast.priya)
    fields = {"start": option(priya.get(page), "start"), "people": [cast.ben.ref], **TYPED}
    pause(app, cast)
    shown = priya.submit("/call/book", fields, status=422)
    assert "paused until 12 March" in shown.one("div", role="alert").text()
    assert shown.one("input", name="join_link")["value"] == TYPED["join_link"]
    assert shown.one("select", name="start").one("option", selected="")["value"] == fields["start"]
    assert shown.one("input", name="people", value=cast.ben.ref).get("checked", "no") != "no"
    assert shown.all("form", action=f"{page}/ask") == []
    assert priya.get(page).all("form", action=f"{page}/book") == []


def test_notes_that_the_pause_refuses_are_kept(app, cast, enter, page, clock) -> None:
    clock.at(FRIDAY + timedelta(hours=1))
    priya = enter(cast.priya)
    priya.get(page)
    pause(app, cast)
    fields = {"day": "2026-03-06", "time": "09:30", "people": [cast.ana.ref], **HELD, "who_1": cast.ana.ref}
    shown = priya.submit("/call/held", fields, status=422)
    assert "paused until" in shown.one("div", role="alert").text()
    assert shown.one("textarea", name="notes").text().strip() == HELD["notes"]


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ({"host": "nope"}, "Whoever was chosen to hold this call can't."),
        ({"guest": "nope"}, "Choose people of Northwind who work on this."),
    ],
)
def test_a_booking_with_nobody_says_so_and_keeps_what_was_typed(
    app, cast, enter, page, who, sentence
) -> None:
    priya = enter(cast.priya)
    fields = {"start": option(priya.get(page), "start"), **TYPED, **who}
    shown = priya.submit("/call/book", fields, status=422)
    assert sentence in shown.one("div", role="alert").text()
    assert shown.one("input", name="join_link")["value"] == TYPED["join_link"]
    assert shown.all("input", name="host")[0]["value"] == cast.priya.ref
    assert shown.one("select", name="start").one("option", selected="")["value"] == fields["start"]


# --- Logging ------------------------------------------------------------------------------------


def test_june_logs_a_call_that_took_place(app, cast, enter, page, clock) -> None:
    clock.at(FRIDAY + timedelta(days=3))
    june = enter(cast.june)
    june.get(page)
    shown = june.submit("/call/held", {"day": "2026-03-09"}, status=422)
    assert "Enter when it began, like 09:00" in shown.text
    assert "Choose at least one person who was there" in shown.text
    fields = {"day": "2026-03-06", "time": "15:30", "people": [cast.ana.ref], **HELD, "who_1": cast.ana.ref}
    june.submit("/call/held", {**fields, "day": "2027-03-06"}, status=422)
    assert "That time is still ahead." in june.page.text
    june.submit("/call/held", fields)
    shown = june.follow()
    assert "By telephone" in shown.text
    assert "Logged today" in shown.text
    call = the_call(app)
    # June works in London, where the clock showed 15:30.
    assert (call.start, call.state, call.owner_id) == (FRIDAY, CallState.HELD, cast.priya.id)
    assert "Done with the call" in enter(cast.ana).get(page_of_step(app, cast, "kickoff")).text


@pytest.mark.parametrize(
    ("zone", "day", "time", "sentence"),
    [
        ("America/Chicago", "9999-12-31", "23:59", "That time is still ahead."),
        ("Europe/Prague", "0001-01-01", "00:00", "more than a year ago"),
        ("America/Chicago", "2025-03-04", "09:30", "more than a year ago"),
        ("America/Chicago", "2026-03-07", "09:30", "That time is still ahead."),
    ],
)
def test_days_beyond_reach_are_refused_at_the_field(
    app, cast, enter, page, clock, zone, day, time, sentence
) -> None:
    """At the ends of the calendar a day has no moment in every zone."""
    clock.at(FRIDAY + timedelta(hours=1))
    with in_app(app):
        db.session.get(type(cast.june), cast.june.id).time_zone = zone
        db.session.commit()
    june = enter(cast.june)
    june.get(page)
    fields = {"day": day, "time": time, "people": [cast.ana.ref], **HELD, "who_1": cast.ana.ref}
    june.submit("/call/held", fields, status=422)
    assert sentence in june.page.one("span", id="log-day-error").text()


@pytest.mark.parametrize(
    ("due", "sentence"),
    [
        ("9999-12-31", "within the next two years"),
        ("0001-01-01", "The call was on Fri 6 March"),
        ("soon", "like 2026"),
    ],
)
def test_a_next_step_has_a_day_that_can_be(app, cast, enter, page, clock, due, sentence) -> None:
    clock.at(FRIDAY + timedelta(hours=1))
    june = enter(cast.june)
    june.get(page)
    fields = {
        "day": "2026-03-06",
        "time": "15:30",
        "people": [cast.ana.ref],
        **HELD,
        "who_1": cast.ana.ref,
        "due_1": due,
    }
    june.submit("/call/held", fields, status=422)
    assert sentence in june.page.one("span", id="log-due_1-error").text()


def page_of_step(app, cast, key: str) -> str:
    with in_app(app):
        onboarding = db.session.get(type(cast.onboarding), cast.onboarding.id)
        return f"/o/{onboarding.ref}/steps/{onboarding.step_called(key).ref}"


def test_notes_are_changed_and_the_log_taken_back_at_the_desk(app, cast, enter, page, clock) -> None:
    clock.at(FRIDAY + timedelta(hours=1))
    priya = enter(cast.priya)
    priya.get(page)
    fields = {
        "day": "2026-03-06",
        "time": "09:30",
        "people": [cast.ana.ref],
        "due_1": "2026-03-13",
        **HELD,
        "who_1": cast.ana.ref,
    }
    priya.submit("/call/held", {**fields, **HELD, "who_1": cast.ana.ref})
    assert "by Fri 13 March" in priya.follow().text
    priya.submit("/notes", {"notes": ""}, status=422)
    assert "Write notes" in priya.page.text
    priya.submit("/notes", {"notes": "In the office"})
    assert "In the office" in priya.follow().text
    priya.submit("/not-held", {"reason": ""}, status=422)
    assert "Write why" in priya.page.text
    priya.submit("/not-held", {"reason": "It was last week's"})
    assert "Taken back." in priya.follow().text
    assert "What came of it" in priya.page.text
    assert the_call(app).state is CallState.SCHEDULED
    priya.submit("/cancel", {"reason": "There was none"})
    assert "Cancelled: There was none" in priya.follow().text


# --- One call -----------------------------------------------------------------------------------


def test_staff_move_and_cancel_a_call(app, cast, enter, page) -> None:
    priya = enter(cast.priya)
    priya.submit("/call/book", {"start": option(priya.get(page), "start")})
    shown = priya.follow()
    priya.submit("/move", {"start": option(shown, "start", 1)})
    assert "Moved." in priya.follow().text
    priya.submit("/cancel", {"reason": ""}, status=422)
    assert "Say why" in priya.page.text
    priya.submit("/cancel", {"reason": "Priya is ill"})
    assert "Cancelled: Priya is ill" in priya.follow().text
    assert priya.page.all("select", name="start") == []


def test_a_locked_and_a_finished_step_say_why_there_is_nothing_to_arrange(app, cast, enter, page) -> None:
    with in_app(app):
        onboarding = db.session.get(type(cast.onboarding), cast.onboarding.id)
        locked = onboarding.step_called("kickoff").ref
    priya = enter(cast.priya)
    shown = priya.get(page.replace(page.split("/")[-2], locked))
    assert "This item isn't open yet." in shown.text
    assert shown.all("form", method="post", action=f"{page}/ask") == []


# --- What becomes of calls when the road stops --------------------------------------------------


def test_ending_an_onboarding_takes_its_calls_back(app, cast, enter, page) -> None:
    priya = enter(cast.priya)
    priya.submit("/call/book", {"start": option(priya.get(page), "start")})
    with in_app(app):
        db.session.execute(update(Letter).values(sent_at=clock.now()))
        db.session.commit()
    account = f"/staff/accounts/{cast.northwind.ref}"
    priya.get(account)
    priya.submit(f"/cancel?o={cast.onboarding.ref}", {"reason": "The company was sold. " + "x" * 370})
    call = the_call(app)
    assert call.state is CallState.CANCELLED
    assert call.cancel_reason.startswith("This onboarding has ended: The company was sold.")
    with in_app(app):
        letter = (
            db.session.query(Letter).filter(Letter.user_id == cast.ana.id).order_by(Letter.id.desc()).first()
        )
        assert letter.subject == "Cancelled: Meet for kickoff"
        assert "can be booked" not in letter.text
        assert b"METHOD:CANCEL" in _file(letter)
        verbs = [row.verb for row in db.session.query(Activity).order_by(Activity.id)]
    assert verbs[-2:] == [Verb.CANCELLED, Verb.CALL_CANCELLED]


def _file(letter: Letter) -> bytes:
    ((_name, _mime, content),) = letter.attachments
    return base64.b64decode(content)


def test_a_pause_names_the_calls_that_stand_in_it(app, cast, enter, page) -> None:
    priya = enter(cast.priya)
    priya.submit("/call/book", {"start": option(priya.get(page), "start")})
    account = f"/staff/accounts/{cast.northwind.ref}"
    priya.get(account)
    priya.submit(f"/hold?o={cast.onboarding.ref}", {"reason": "Holidays", "review_on": "2026-03-20"})
    assert "1 booked call lies in the pause and still stands: Meet for kickoff," in priya.follow().text
    call = the_call(app)
    assert call.state is CallState.SCHEDULED
    assert "this call still stands" in priya.get(f"/staff/calls/{call.ref}").text
    shown = enter(cast.ana).get(f"/o/{cast.onboarding.ref}/calls/{call.ref}")
    assert "takes place all the same" in shown.text


# --- Who may ------------------------------------------------------------------------------------


def test_t04_customers_find_none_of_it(app, cast, enter, page) -> None:
    ana = enter(cast.ana)
    ana.get(f"/o/{cast.onboarding.ref}/calls")
    token = ana.token()
    ana.get(page, status=404)
    for verb in ("ask", "book", "held"):
        send(ana, token, f"{page}/{verb}", {}, 404)
    with in_app(app):
        assert db.session.query(Call).count() == 0
    assert enter(cast.priya).get(page).status == 200, "the page is there for those whose it is"


def test_a_step_stands_under_its_own_account_and_belongs_to_a_call(app, cast, enter, page) -> None:
    priya = enter(cast.priya)
    assert priya.get(page).status == 200
    strange = priya.get(page.replace(cast.northwind.ref, cast.fabrikam.ref), status=404)
    with in_app(app):
        onboarding = db.session.get(type(cast.onboarding), cast.onboarding.id)
        other = onboarding.step_called("road_preview").ref
    without = priya.get(page.replace(page.split("/")[-2], other), status=404)
    assert strange.text == without.text, "a stranger's step and one without a call look the same"
