"""Booking, moving, cancelling and logging a call, and the letters and calendar files that go with it."""

from datetime import UTC, datetime, timedelta

import pytest

from portal import db
from portal.activity.models import Activity
from portal.calls import queries
from portal.calls.ics import Method, calendar_file
from portal.calls.models import Call
from portal.calls.rules import CallState, Side
from portal.errors import Refused
from tests.calls.cast import step_of
from tests.calls.conftest import calendar_in

FRIDAY = datetime(2026, 3, 6, 15, 30, tzinfo=UTC)  # 15:30 in Lisbon, 09:30 in Chicago
MONDAY = datetime(2026, 3, 9, 15, 0, tzinfo=UTC)
NEXT = [{"text": "Send the CSV", "who": "Ana Moreira", "due": "2026-03-13"}]


@pytest.fixture
def book(cast, context):
    """Ana books the kickoff with Priya."""

    def booked(start=FRIDAY, **changes) -> Call:
        values = {
            "kind": "kickoff",
            "title": "Kickoff",
            "minutes": 60,
            "agenda": ["People", "Goals"],
            "owner": cast.priya,
            "start": start,
            "by": cast.ana,
            "people": [cast.ana, cast.ben],
            "step": step_of(cast.onboarding, "book_call", "kickoff"),
        }
        return Call.book(cast.onboarding, **{**values, **changes})

    return booked


def test_booking_fixes_the_time_and_finishes_the_step(book, cast) -> None:
    step = step_of(cast.onboarding, "book_call", "kickoff")
    call = book()
    db.session.commit()
    db.session.expire_all()
    assert (call.state, call.start, call.end) == (CallState.SCHEDULED, FRIDAY, FRIDAY + timedelta(hours=1))
    assert {user.called for user in call.people} == {"Ana", "Ben", "Priya"}
    assert step.is_done
    assert step.done_by_id == cast.ana.id
    assert call.when_for(cast.ana, "en") == "Fri 6 Mar, 15:30 your time (09:30 Priya's)"
    assert call.when_for(cast.priya, "en") == "Fri 6 Mar, 09:30 your time (15:30 Ana's)"
    verbs = [row.verb.value for row in db.session.query(Activity).order_by(Activity.id)]
    assert "call_booked" in verbs


@pytest.mark.parametrize(
    ("start", "sentence"),
    [
        (datetime(2026, 3, 2, 15, 30, tzinfo=UTC), "That time has passed"),
        (datetime(2026, 3, 6, 9, 0, tzinfo=UTC), "outside your working day or Priya's"),
        (datetime(2026, 3, 7, 15, 30, tzinfo=UTC), "outside your working day or Priya's"),
    ],
)
def test_a_time_that_does_not_suit_changes_nothing(book, cast, start, sentence) -> None:
    with pytest.raises(Refused, match=sentence):
        book(start)
    assert db.session.query(Call).count() == 0
    assert not step_of(cast.onboarding, "book_call", "kickoff").is_done


def test_the_owner_is_never_in_two_calls(book, cast) -> None:
    book()
    with pytest.raises(Refused, match="Priya has another call at that time"):
        book(FRIDAY + timedelta(minutes=30), step=None)
    book(FRIDAY + timedelta(minutes=30), step=None, owner=cast.june)
    with pytest.raises(Refused, match="“Kickoff” is booked already"):
        book(MONDAY)


def test_people_of_another_account_cannot_be_invited(book, cast) -> None:
    for people in ([cast.ana, cast.fay], []):
        with pytest.raises(Refused) as refusal:
            book(people=people)
        assert refusal.value.field == "people"
    assert db.session.query(Call).count() == 0


def test_a_teammate_books_their_own_steps_only(book, cast) -> None:
    step_of(cast.onboarding, "book_call", "kickoff").hand_to(cast.ana, by=cast.priya)
    with pytest.raises(Refused, match="is with Ana"):
        book(by=cast.ben, people=[cast.ben])


def test_moving_keeps_the_uid_and_raises_the_sequence(book, cast, letters) -> None:
    call = book()
    uid = call.uid
    call.move(MONDAY, by=cast.ben)
    assert (call.start, call.sequence, call.uid) == (MONDAY, 1, uid)
    with pytest.raises(Refused, match="at that time already"):
        call.move(MONDAY, by=cast.ana)
    with pytest.raises(Refused, match="outside your working day"):
        call.move(MONDAY + timedelta(hours=9), by=cast.ana)
    assert (call.start, call.sequence) == (MONDAY, 1)
    call.move(FRIDAY, by=cast.ana)
    assert call.sequence == 2
    events = [calendar_in(letter).events[0] for letter in letters(cast.ana)]
    assert {str(event["uid"]) for event in events} == {uid}
    assert events[-1]["sequence"] == 2


def test_a_cancelled_call_is_taken_back_and_can_be_booked_anew(book, cast, letters) -> None:
    call = book()
    call.cancel("Ana is ill", by=cast.ana)
    assert (call.state, call.cancel_reason) == (CallState.CANCELLED, "Ana is ill")
    letter = letters(cast.priya)[-1]
    made = calendar_in(letter)
    assert made["method"] == "CANCEL"
    assert made.events[0]["status"] == "CANCELLED"
    assert made.events[0]["sequence"] == 1
    assert "Ana is ill" in letter.text
    for change in (lambda: call.move(MONDAY, by=cast.ana), lambda: call.cancel("again", by=cast.ana)):
        with pytest.raises(Refused, match="This call is cancelled"):
            change()
    again = book()
    assert again.uid != call.uid
    assert [one.title for one in queries.bookable(cast.onboarding, cast.ana)].count("Kickoff") == 0


def test_held_needs_notes_or_recording_and_next_steps(book, cast, clock, letters) -> None:
    call = book()
    with pytest.raises(Refused, match="has not begun yet"):
        call.hold(notes="All good", next_steps=NEXT, by=cast.priya)
    clock.at(FRIDAY + timedelta(hours=1))
    with pytest.raises(Refused, match="Write notes"):
        call.hold(notes="", next_steps=NEXT, by=cast.priya)
    with pytest.raises(Refused, match="at least one next step"):
        call.hold(notes="All good", next_steps=[], by=cast.priya)
    assert call.state is CallState.SCHEDULED
    call.hold(notes="All good", next_steps=NEXT, by=cast.priya)
    db.session.commit()
    db.session.expire_all()
    assert (call.state, call.next_steps) == (CallState.HELD, NEXT)
    attended = step_of(cast.onboarding, "attend_call", "kickoff")
    assert (attended.is_done, attended.done_via) == (True, "call")
    with pytest.raises(Refused, match="This call is held"):
        call.no_show(Side.US, by=cast.priya)


def test_a_call_for_help_finishes_no_step(book, cast, clock) -> None:
    call = book(step=None, kind="kickoff")
    clock.at(FRIDAY + timedelta(hours=1))
    call.hold(notes=None, recording_link="https://example.com/film", next_steps=NEXT, by=cast.priya)
    assert not step_of(cast.onboarding, "attend_call", "kickoff").is_done


def test_a_missed_call_says_whose_side(book, cast, clock) -> None:
    call = book()
    clock.at(FRIDAY + timedelta(minutes=20))
    call.no_show(Side.CUSTOMER, by=cast.priya)
    assert (call.state, call.no_show_side) == (CallState.NO_SHOW, Side.CUSTOMER)
    assert "Kickoff" in [one.title for one in queries.bookable(cast.onboarding, cast.ana)]


def test_on_hold_nothing_is_booked(book, cast) -> None:
    cast.onboarding.pause("Budget", cast.northwind.today + timedelta(days=9), by=cast.priya)
    with pytest.raises(Refused, match="paused until 12 March"):
        book()
    assert queries.bookable(cast.onboarding, cast.ana) == []


def test_everybody_invited_hears_in_their_own_time(book, cast, letters, clock) -> None:
    call = book()
    (to_ana,), (to_ben,), (to_priya,) = letters(cast.ana), letters(cast.ben), letters(cast.priya)
    assert to_ana.subject == "Booked: Kickoff"
    assert to_ana.not_before is None
    assert "15:30 your time (09:30 Priya's)" in to_ana.text
    assert "09:30 your time (15:30 Ana's)" in to_priya.text
    # 09:00 in Lisbon is 03:00 in Chicago: Priya reads it when her day begins.
    assert to_ben.not_before is None
    assert to_priya.not_before == datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
    assert to_priya.reply_to == "priya@partnerly.example"
    assert f"/o/{cast.onboarding.ref}/calls/{call.ref}" in to_ana.text
    assert f"/staff/calls/{call.ref}" in to_priya.text
    assert letters(cast.fay) == []


def test_what_has_not_left_when_the_call_moves_is_taken_back(book, cast, letters) -> None:
    call = book()
    call.move(MONDAY, by=cast.ana)
    (only,) = letters(cast.priya)
    assert only.subject == "New time: Kickoff"
    assert calendar_in(only).events[0]["sequence"] == 1


def test_the_calendar_file_is_what_calendars_expect(book, cast) -> None:
    call = book(title="Kickoff, with; odd\\ letters\r\nBEGIN:VALARM", join_link="https://meet.example/a")
    cast.ana.name = 'Ana "the\r\nboss" Moreira'
    raw = calendar_file(call, Method.REQUEST, provider_name="Partnerly", address="https://portal.example/c")
    assert b"\r\nDTSTART:20260306T153000Z\r\n" in raw
    assert b"\r\nDTEND:20260306T163000Z\r\n" in raw
    assert b"\r\nBEGIN:VALARM" not in raw
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    unfolded = raw.replace(b"\r\n ", b"").decode()
    assert "ORGANIZER;CN=Priya Shah:mailto:priya@partnerly.example" in unfolded.replace('"', "")
    assert unfolded.count("ATTENDEE") == 3
    assert "Ana theboss Moreira" in unfolded
    published = calendar_file(
        call, Method.PUBLISH, provider_name="Partnerly", address="https://portal.example/c"
    )
    assert b"METHOD:PUBLISH" in published
    assert b"ATTENDEE" not in published


def test_the_stand_in_is_offered_when_days_never_meet(cast, context) -> None:
    cast.priya.time_zone, cast.priya.stand_in = "Pacific/Auckland", cast.june
    wanted = queries.wanted_for(step_of(cast.onboarding, "book_call", "kickoff"))
    picker = queries.picker(wanted, cast.ana)
    assert (picker.host, picker.times, picker.never, picker.others) == (cast.priya, [], True, [cast.june])
    instead = queries.picker(wanted, cast.ana, host=cast.june.ref)
    assert instead.host is cast.june
    assert instead.times
    assert queries.picker(wanted, cast.ana, host=cast.tomas.ref) is None


def test_who_is_away_is_stood_in_for(cast, context) -> None:
    cast.priya.away_until, cast.priya.stand_in = datetime(2026, 3, 20, tzinfo=UTC).date(), cast.june
    assert queries.wanted_help(cast.onboarding).hosts == [cast.june]
