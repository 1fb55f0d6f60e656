"""A time that can't be booked is refused with the nearest that can, on the wall of whoever asks."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal import db
from portal.calls.models import Call
from portal.errors import Refused
from tests.calls.cast import FRIDAY, MONDAY, in_app, step_of


def said(act) -> str:
    with pytest.raises(Refused) as refusal:
        act()
    assert refusal.value.field == "start"
    return str(refusal.value)


def test_beside_another_call_the_free_times_of_that_day_are_named(book, cast) -> None:
    book(MONDAY.replace(hour=14), minutes=60)
    again = {"step": None, "minutes": 60}
    assert said(lambda: book(MONDAY.replace(hour=14, minute=30), **again)) == (
        "Priya has a call then. Free that day: 15:00 (10:00 Priya's), 15:30 (10:30 Priya's), "
        "16:00 (11:00 Priya's)."
    )
    assert said(lambda: book(MONDAY.replace(hour=14, minute=30), by=cast.priya, **again)) == (
        "Priya has a call then. Free that day: 10:00 (15:00 Ana's), 10:30 (15:30 Ana's), 11:00 (16:00 Ana's)."
    )


def test_the_nearest_of_many_are_named_in_their_order(book, cast) -> None:
    cast.priya.time_zone = "Europe/Lisbon"
    book(MONDAY.replace(hour=12))
    assert said(lambda: book(MONDAY.replace(hour=12, minute=30), step=None)) == (
        "Priya has a call then. Free that day: 11:00, 13:00, 13:30, 14:00."
    )


def test_without_one_that_day_the_next_day_that_has_one_is_named(book, cast) -> None:
    book(FRIDAY, minutes=90)
    words = said(lambda: book(FRIDAY, step=None))
    assert words.startswith("Priya has a call then. Next free: Mon 9 Mar, ")
    saturday = FRIDAY + timedelta(days=1)
    assert said(lambda: book(saturday, step=None)).startswith(
        "Sat 7 Mar is a day off for you. Next free: Mon 9 Mar, 14:00 (09:00 Priya's), "
    )


def test_outside_the_shared_hours_the_nearest_inside_are_named(book, cast) -> None:
    assert said(lambda: book(MONDAY.replace(hour=9))) == (
        "That time is outside your working day or Priya's. Free that day: 14:00 (09:00 Priya's), "
        "14:30 (09:30 Priya's), 15:00 (10:00 Priya's), 15:30 (10:30 Priya's)."
    )


def test_a_call_is_not_moved_to_where_it_is(book, cast) -> None:
    call = book(MONDAY)
    words = said(lambda: call.move(MONDAY.replace(hour=17), by=cast.ana))
    assert "15:00" not in words
    assert "15:30 (10:30 Priya's)" in words
    assert (call.start, call.sequence) == (MONDAY, 0)


def test_while_the_host_is_away_the_first_day_back_is_named(book, cast) -> None:
    call = book(MONDAY)
    cast.priya.away_until = date(2026, 3, 11)
    assert said(lambda: call.move(MONDAY + timedelta(days=1), by=cast.ana)).startswith(
        "Priya is away until Wed 11 March. Next free: Thu 12 Mar, 14:00 (09:00 Priya's)"
    )
    cast.priya.away_until = date(2026, 12, 31)
    assert said(lambda: call.move(MONDAY + timedelta(days=1), by=cast.ana)).endswith(
        "Priya has no free time in the ten working days after that."
    )


def test_far_ahead_the_times_are_of_then(book, cast) -> None:
    june = datetime(2026, 6, 8, 20, 0, tzinfo=UTC)
    assert "Free that day: 15:00 (09:00 Priya's)" in said(lambda: book(june))


def test_where_the_days_never_meet_the_stand_in_is_offered(book, cast) -> None:
    cast.priya.time_zone = "Pacific/Auckland"
    assert said(lambda: book(MONDAY)) == (
        "Your working day and Priya's don't overlap. "
        "Nobody stands in for Priya; somebody else has to take the call."
    )
    cast.priya.stand_in = cast.june
    assert said(lambda: book(MONDAY, by=cast.priya)).startswith(
        "Ana's working day and Priya's don't overlap. June stands in and is free on Tue 10 Mar: "
    )
    assert "June stands in and is free on Mon 9 Mar: 14:00, 14:30, 15:00, 15:30." in said(
        lambda: book(MONDAY)
    )
    cast.june.time_zone = "Pacific/Auckland"
    assert said(lambda: book(MONDAY)).endswith("June stands in, without a free time in those days either.")


@pytest.fixture
def busy(app, cast) -> None:
    """Priya has a call with somebody else from three to four in Lisbon on Monday."""
    with in_app(app):
        made = {name: db.session.get(type(row), row.id) for name, row in vars(cast).items()}
        Call.book(
            made["rival"], kind="kickoff", title="Kickoff", minutes=60, agenda=[], owner=made["priya"],
            start=MONDAY, by=made["fay"], people=[made["fay"]],
            step=step_of(made["rival"], "book_call", "kickoff"),
        )  # fmt: skip
        db.session.commit()


SAID = "Priya has a call then. Free that day: "


def test_the_customer_and_the_desk_read_the_same_where_they_book(app, cast, busy, enter) -> None:
    ana, priya = enter(cast.ana), enter(cast.priya)
    ana.get(f"/o/{cast.onboarding.ref}/calls")
    page = ana.submit("/calls/book", {"start": "2026-03-09T15:00Z"}, status=422)
    assert f"{SAID}14:00 (09:00 Priya's), 16:00 (11:00 Priya's)." in page.one("div", id="problems").text()
    step = step_of(cast.onboarding, "book_call", "kickoff")
    to = f"/staff/accounts/{cast.northwind.ref}/steps/{step.ref}/call"
    priya.get(to)
    page = priya.submit(
        f"{to}/book", {"start": "2026-03-09T15:00Z", "join_link": "https://meet.example/1"}, status=422
    )
    assert f"{SAID}09:00 (14:00 Ana's), 11:00 (16:00 Ana's)." in page.one("div", id="problems").text()
    assert page.one("input", name="join_link")["value"] == "https://meet.example/1"
    with in_app(app):
        assert db.session.query(Call).count() == 1
