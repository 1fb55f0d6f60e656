"""Booking, moving, cancelling and logging a call, and the letters and calendar files that go with it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from portal import clock, db
from portal.activity.models import Activity
from portal.calls import queries
from portal.calls.models import Call
from portal.calls.rules import CallState
from portal.errors import Refused
from portal.mail import Letter
from tests.calls.cast import FRIDAY, MONDAY, NEXT, step_of
from tests.calls.conftest import calendar_in


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
        (datetime(2026, 3, 7, 15, 30, tzinfo=UTC), "Sat 7 Mar is a day off for you."),
    ],
)
def test_a_time_that_does_not_suit_changes_nothing(book, cast, start, sentence) -> None:
    with pytest.raises(Refused, match=sentence):
        book(start)
    assert db.session.query(Call).count() == 0
    assert not step_of(cast.onboarding, "book_call", "kickoff").is_done


def test_the_owner_is_never_in_two_calls(book, cast) -> None:
    book()
    with pytest.raises(Refused, match="Priya has a call then"):
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


def test_a_cancelled_call_is_taken_back_and_can_be_booked_anew(book, cast, letters, sent) -> None:
    call = book()
    sent()
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
    assert [one.title for one in queries.bookable(cast.onboarding, cast.ana)].count("Meet for kickoff") == 0


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
    """Whoever has heard nothing yet hears of it as a new one, at the time that it has now."""
    call = book()
    call.move(MONDAY, by=cast.ana)
    (only,) = letters(cast.priya)
    assert only.subject == "Booked: Kickoff"
    assert "Mon 9 Mar, 10:00" in only.text
    assert calendar_in(only).events[0]["sequence"] == 1


def test_a_call_that_nobody_heard_of_is_cancelled_in_silence(book, cast, letters) -> None:
    call = book()
    call.move(MONDAY, by=cast.ana)
    call.cancel("Ana is ill", by=cast.ana)
    assert [letters(user) for user in (cast.ana, cast.ben, cast.priya)] == [[], [], []]


def test_whoever_has_heard_of_it_hears_of_the_rest(book, cast, letters) -> None:
    """Priya's letters wait for her day; Ben's and Ana's left at once."""
    call = book()
    gone = update(Letter).where(Letter.user_id != cast.priya.id).values(sent_at=clock.now())
    db.session.execute(gone)
    call.move(MONDAY, by=cast.ana)
    subjects = {user.called: [one.subject for one in letters(user)] for user in (cast.ben, cast.priya)}
    assert subjects == {
        "Ben": ["Booked: Kickoff", "New time: Kickoff"], "Priya": ["Booked: Kickoff"],
    }  # fmt: skip
    call.cancel("Ana is ill", by=cast.ana)
    subjects = {user.called: [one.subject for one in letters(user)] for user in (cast.ben, cast.priya)}
    # Nobody's calendar keeps a time that Ben's letter told it.
    assert subjects == {"Ben": ["Booked: Kickoff", "Cancelled: Kickoff"], "Priya": []}


def test_the_notes_reach_those_who_never_heard_of_the_call(book, cast, letters, clock) -> None:
    call = book()
    clock.at(FRIDAY + timedelta(hours=1))
    call.hold(notes="All good", next_steps=NEXT, by=cast.priya)
    assert [one.subject for one in letters(cast.ben)] == ["Notes and next steps: Kickoff"]
