"""The calendar file, read by a second reader: the lines of RFC 5545 taken apart here by hand, without the library
that wrote them."""

import base64
from datetime import timedelta

import pytest

from portal.calls.ics import Method, calendar_file
from portal.mail import Letter
from tests.calls.cast import FRIDAY, MONDAY

Line = tuple[str, dict[str, str], str]


def lines(raw: bytes) -> list[Line]:
    """Each content line as name, parameters and value (RFC 5545, 3.1). Refuses what a strict calendar would."""
    assert raw.endswith(b"\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    return [_line(line) for line in raw.replace(b"\r\n ", b"").decode().removesuffix("\r\n").split("\r\n")]


def _line(text: str) -> Line:
    # The first colon that stands outside quotes: an even number of quotes lies before it.
    end = next(n for n, letter in enumerate(text) if letter == ":" and text.count('"', 0, n) % 2 == 0)
    name, *given = text[:end].split(";")
    pairs = (one.partition("=") for one in given)
    return name, {key: value.strip('"') for key, _sign, value in pairs}, text[end + 1 :]


def one(found: list[Line], name: str) -> str:
    (value,) = [value for key, _parameters, value in found if key == name]
    return value


def file_of(letter: Letter) -> list[Line]:
    """The file of a letter; its method stands in the file and in its type alike."""
    ((_name, mime, content),) = letter.attachments
    found = lines(base64.b64decode(content))
    assert mime == f"text/calendar; method={one(found, 'METHOD')}; charset=utf-8"
    return found


def test_a_calendar_follows_every_change_of_one_call(book, cast, letters, clock, sent) -> None:
    call = book()
    sent()
    (asked,) = [file_of(letter) for letter in letters(cast.ana)]
    clock.at(FRIDAY - timedelta(days=1))
    call.move(MONDAY, by=cast.ana)
    moved = file_of(letters(cast.ana)[-1])
    call.cancel("Ana is ill", by=cast.ana)
    gone = file_of(letters(cast.ana)[-1])

    assert [one(file, "METHOD") for file in (asked, moved, gone)] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [one(file, "STATUS") for file in (asked, moved, gone)] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert [one(file, "SEQUENCE") for file in (asked, moved, gone)] == ["0", "1", "2"]
    assert {one(file, "UID") for file in (asked, moved, gone)} == {call.uid}
    assert [one(file, "DTSTART") for file in (asked, moved, gone)] == [
        "20260306T153000Z", "20260309T150000Z", "20260309T150000Z",
    ]  # fmt: skip
    stamps = [one(file, "DTSTAMP") for file in (asked, moved, gone)]
    assert stamps == sorted(stamps)
    assert stamps[0] < stamps[1]
    for file in (asked, moved, gone):  # RFC 5546, 3.2.2 and 3.2.5: both name who asks and everybody asked.
        assert one(file, "ORGANIZER") == "mailto:priya@partnerly.example"
        assert len([name for name, _parameters, _value in file if name == "ATTENDEE"]) == 3
        assert [value for name, _parameters, value in file if name in ("BEGIN", "END")] == [
            "VCALENDAR", "VEVENT", "VEVENT", "VCALENDAR",
        ]  # fmt: skip
        assert (one(file, "VERSION"), one(file, "PRODID")[:5]) == ("2.0", "-//Fi")


def test_everybody_gets_the_same_event(book, cast, letters) -> None:
    book()
    files = [file_of(letters(user)[-1]) for user in (cast.ana, cast.ben, cast.priya)]
    for name in ("UID", "SEQUENCE", "DTSTART", "DTEND", "ORGANIZER"):
        assert len({one(file, name) for file in files}) == 1
    assert one(files[0], "URL").endswith(f"/o/{cast.onboarding.ref}/calls/" + one(files[2], "URL")[-12:])
    assert "/staff/calls/" in one(files[2], "URL")


def test_hostile_letters_start_no_line_of_their_own(book, cast) -> None:
    call = book(title="Kickoff, with; odd\\ letters\r\nBEGIN:VALARM", join_link="https://meet.example/a")
    cast.ana.name = 'Ana "the\r\nboss" Moreira'
    raw = calendar_file(call, Method.REQUEST, provider_name="Partnerly", address="https://portal.example/c")
    found = lines(raw)
    assert [name for name, _parameters, _value in found].count("BEGIN") == 2
    assert one(found, "SUMMARY") == "Kickoff\\, with\\; odd\\\\ letters\\nBEGIN:VALARM with Partnerly"
    assert one(found, "DTEND") == "20260306T163000Z"
    assert one(found, "LOCATION") == "https://meet.example/a"
    names = [parameters["CN"] for name, parameters, _value in found if name == "ATTENDEE"]
    assert names == ["Priya Shah", "Ana theboss Moreira", "Ben Ortiz"]


def test_a_published_event_asks_nobody(book) -> None:
    raw = calendar_file(book(), Method.PUBLISH, provider_name="Partnerly", address="https://portal.example/c")
    found = lines(raw)
    assert one(found, "METHOD") == "PUBLISH"
    assert "ATTENDEE" not in [name for name, _parameters, _value in found]


@pytest.mark.parametrize("raw", [b"BEGIN:VCALENDAR\nEND:VCALENDAR\n", b"X:" + b"a" * 80 + b"\r\n"])
def test_the_second_reader_refuses_what_is_no_calendar(raw) -> None:
    with pytest.raises(AssertionError):
        lines(raw)
