"""Who is away is stood in for: on those days, by that person, and both sides are told."""

from datetime import date, timedelta

import pytest

from portal import db
from portal.accounts.models import Staff
from portal.calls import queries
from portal.calls.diaries import holder
from portal.errors import Refused
from tests.calls.cast import FRIDAY, MONDAY, in_app, step_of

SUNDAY = date(2026, 3, 8)


@pytest.fixture
def away(cast, context):
    cast.priya.away_until, cast.priya.stand_in = SUNDAY, cast.june


def kickoff(cast, **more):
    wanted = queries.wanted_for(step_of(cast.onboarding, "book_call", "kickoff"))
    return queries.picker(wanted, cast.ana, **more)


def test_the_stand_in_is_offered_when_days_never_meet(cast, context) -> None:
    cast.priya.time_zone, cast.priya.stand_in = "Pacific/Auckland", cast.june
    picker = kickoff(cast)
    assert (picker.host, picker.times, picker.never, picker.others) == (cast.priya, [], True, [cast.june])
    instead = kickoff(cast, host=cast.june.ref)
    assert instead.host is cast.june
    assert instead.times
    assert kickoff(cast, host=cast.tomas.ref) is None


def test_while_the_host_is_away_times_are_the_stand_ins_and_theirs_afterwards(cast, away) -> None:
    picker = kickoff(cast)
    by_day = dict(picker.times)
    assert picker.host is cast.priya
    assert picker.mixed
    assert picker.note == "Priya is away until Sun 8 March. A call before that is with June, who stands in."
    # June works in London, so her whole day is there; Priya's begins at 15:00 in Lisbon.
    assert by_day[date(2026, 3, 6)][0] == ("2026-03-06T09:00Z", "09:00, with June")
    assert by_day[date(2026, 3, 9)][0] == ("2026-03-09T14:00Z", "14:00 (09:00 Priya's)")
    assert (holder(cast.priya, FRIDAY), holder(cast.priya, MONDAY)) == (cast.june, cast.priya)


def test_nobody_is_booked_on_a_day_off(cast, away, book) -> None:
    with pytest.raises(Refused, match="Priya is away until"):
        book(FRIDAY)
    call = book(FRIDAY, owner=cast.june)
    assert call.held_for is cast.priya
    assert not call.is_owner_away
    call.cancel("Another day is better", by=cast.ana)
    assert book(MONDAY).held_for is None


def test_without_a_stand_in_those_days_are_left_out(cast, away) -> None:
    cast.priya.stand_in = None
    picker = kickoff(cast)
    assert min(day for day, _times in picker.times) == date(2026, 3, 9)
    assert picker.note == "Priya is away until Sun 8 March."
    assert not picker.mixed
    cast.priya.away_until = date(2026, 12, 31)
    assert (kickoff(cast).times, kickoff(cast).never) == ([], False)


def test_a_stand_in_who_is_away_too_offers_nothing(cast, away) -> None:
    cast.june.away_until = SUNDAY
    assert min(day for day, _times in kickoff(cast).times) == date(2026, 3, 9)


def test_a_call_booked_before_its_owner_went_away_says_so(cast, context, book) -> None:
    call = book(FRIDAY)
    cast.priya.away_until = SUNDAY
    assert call.is_owner_away
    assert queries.times_to_move(call, cast.ana)[0][0] == date(2026, 3, 9)


def test_ana_books_with_the_stand_in_and_both_pages_say_so(app, cast, enter) -> None:
    with in_app(app):
        db.session.get(Staff, cast.priya.id).away_until = SUNDAY
        db.session.get(Staff, cast.priya.id).stand_in_id = cast.june.id
        db.session.commit()
    index = f"/o/{cast.onboarding.ref}/calls"
    ana = enter(cast.ana)
    assert "June, who stands in." in ana.get(index).text
    ana.submit("/calls/book", {"start": "2026-03-06T10:00Z"})
    address = ana.page.location
    assert "stands in for Priya" in ana.follow().text
    june = enter(cast.june)
    assert "stands in for Priya" in june.get(f"/staff/calls/{address.rpartition('/')[2]}").text


def test_a_day_off_ends_at_midnight_on_the_hosts_wall(cast, away) -> None:
    late = MONDAY.replace(hour=5)  # Still Sunday in Chicago.
    assert holder(cast.priya, late - timedelta(minutes=1)) is cast.june
    assert holder(cast.priya, late) is cast.priya
