"""Invitations as a second calendar library reads them (RFC 5546): asked, moved, called off; one event throughout."""

import base64
from datetime import timedelta

import vobject

from portal.calls.ics import Method, calendar_file
from tests.calls.cast import FRIDAY, MONDAY


def read(letter):
    """The calendar of a letter, checked against the rules that the library knows."""
    ((_name, mime, content),) = letter.attachments
    made = vobject.readOne(base64.b64decode(content).decode())
    assert made.validate(raiseException=True)
    assert mime == f"text/calendar; method={made.method.value}; charset=utf-8"
    return made


def test_a_change_updates_the_same_event_and_a_cancellation_takes_it_away(
    book, cast, letters, clock, sent
) -> None:
    call = book()
    sent()
    asked = read(letters(cast.ana)[-1])
    clock.at(FRIDAY - timedelta(days=1))
    call.move(MONDAY, by=cast.ana)
    moved = read(letters(cast.ana)[-1])
    call.cancel("Ana is ill", by=cast.ana)
    gone = read(letters(cast.ana)[-1])
    said = [
        (one.method.value, one.vevent.status.value, int(one.vevent.sequence.value), one.vevent.dtstart.value)
        for one in (asked, moved, gone)
    ]
    assert said == [
        ("REQUEST", "CONFIRMED", 0, FRIDAY),
        ("REQUEST", "CONFIRMED", 1, MONDAY),
        ("CANCEL", "CANCELLED", 2, MONDAY),
    ]
    assert {one.vevent.uid.value for one in (asked, moved, gone)} == {call.uid}


def test_it_names_who_asks_and_whoever_is_asked_with_their_answer_open(book, cast, letters) -> None:
    book()
    event = read(letters(cast.ana)[-1]).vevent
    assert event.organizer.value == "mailto:priya@partnerly.example"
    assert {
        (who.value, who.params["PARTSTAT"][0], who.params["RSVP"][0], who.params["ROLE"][0])
        for who in event.attendee_list
    } == {
        (f"mailto:{name}@{company}.example", "NEEDS-ACTION", "TRUE", "REQ-PARTICIPANT")
        for name, company in (("priya", "partnerly"), ("ana", "northwind"), ("ben", "northwind"))
    }
    assert event.dtend.value - event.dtstart.value == timedelta(minutes=60)


def test_what_is_only_shown_asks_nobody(book) -> None:
    raw = calendar_file(book(), Method.PUBLISH, provider_name="Partnerly", address="https://portal.example/c")
    made = vobject.readOne(raw.decode())
    assert made.method.value == "PUBLISH"
    assert "attendee" not in made.vevent.contents
