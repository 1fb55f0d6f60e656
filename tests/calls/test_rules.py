"""When two people can meet, and how a time reads to each of them."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.calendars import Calendar, WorkingHours
from portal.calls.rules import (
    DAYS_OFFERED,
    MAY,
    CallState,
    Diary,
    Time,
    both_walls,
    days_away,
    ever_overlap,
    free,
    listed,
    why_not,
    why_not_logged,
)

LISBON, CHICAGO, AUCKLAND = (
    ZoneInfo("Europe/Lisbon"),
    ZoneInfo("America/Chicago"),
    ZoneInfo("Pacific/Auckland"),
)
ANA = Diary(WorkingHours(time(9), time(17), Calendar("PT")), LISBON)
PRIYA = Diary(WorkingHours(time(9), time(17), Calendar("US")), CHICAGO)
HINE = Diary(WorkingHours(time(9), time(17)), AUCKLAND)
NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)  # a Tuesday


def at(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def hour_from(start: datetime) -> tuple[datetime, datetime]:
    return start, start + timedelta(hours=1)


def test_times_lie_in_both_working_days_every_half_hour_for_ten_days() -> None:
    days = free(ANA, PRIYA, 60, [], NOW)
    assert days[0].day == date(2026, 3, 10)
    # Chicago is in summer time since the 8th: 09:00 there is 14:00 in Lisbon, which ends at 17:00.
    assert [start for start, _end in days[0].slots] == [
        at(10, 14),
        at(10, 14, 30),
        at(10, 15),
        at(10, 15, 30),
        at(10, 16),
    ]
    assert len(days) == DAYS_OFFERED
    assert [day.day.weekday() for day in days] == [1, 2, 3, 4, 0, 1, 2, 3, 4, 0]


def test_from_the_day_europe_changes_its_clocks_the_hours_move() -> None:
    monday_after = free(ANA, PRIYA, 60, [], at(27, 9))[1]
    assert monday_after.day == date(2026, 3, 30)
    assert [start for start, _end in monday_after.slots] == [at(30, 14), at(30, 14, 30), at(30, 15)]


def test_taken_times_past_times_and_holidays_are_left_out() -> None:
    days = free(ANA, PRIYA, 60, [(at(10, 15), at(10, 16))], at(10, 14))
    assert [start for start, _end in days[0].slots] == [at(10, 16)]
    # Good Friday is a holiday in Portugal only.
    easter = free(ANA, PRIYA, 60, [], at(1, 9, month=4))
    assert date(2026, 4, 3) not in [day.day for day in easter]


def test_working_days_that_never_meet_offer_nothing() -> None:
    assert free(ANA, HINE, 30, [], NOW) == []
    assert not ever_overlap(ANA, HINE, NOW)
    assert ever_overlap(ANA, PRIYA, NOW)


@settings(deadline=None)  # The first example reads the holidays of a year.
@given(st.integers(0, 60 * 24 * 14), st.sampled_from([15, 30, 45, 60]), st.sampled_from([PRIYA, HINE, ANA]))
def test_what_is_offered_is_never_refused(later: int, minutes: int, host: Diary) -> None:
    now = NOW + timedelta(minutes=later)
    busy = [hour_from(at(12, 15))]
    for day in free(ANA, host, minutes, busy, now):
        for span in day.slots:
            assert why_not(ANA, host, (None, "Priya"), span, busy, now) is None


@pytest.mark.parametrize(
    ("start", "sentence"),
    [
        (at(9, 15), "That time has passed."),
        (NOW, "That time has passed."),
        (at(11, 13), "That time is outside your working day or Priya's."),
        (at(11, 16, 30), "That time is outside your working day or Priya's."),
        (at(14, 15), "Sat 14 Mar is a day off for you."),
        (at(25, 15, month=5), "Mon 25 May is a day off for Priya."),
        (at(12, 14, 30), "Priya has a call then."),
        (at(12, 15), "Priya has a call then."),
        (at(12, 16), None),
        (at(12, 14), None),
    ],
)
def test_a_time_that_does_not_suit_is_refused_with_its_reason(start: datetime, sentence: str | None) -> None:
    assert why_not(ANA, PRIYA, (None, "Priya"), hour_from(start), [hour_from(at(12, 15))], NOW) == sentence


@pytest.mark.parametrize(
    ("moment", "other", "shown"),
    [
        (at(12, 15), CHICAGO, "Thu 12 Mar, 15:00 your time (10:00 Priya's)"),
        (at(12, 15), AUCKLAND, "Thu 12 Mar, 15:00 your time (Fri 13 Mar, 04:00 Priya's)"),
        (at(12, 15), ZoneInfo("Europe/London"), "Thu 12 Mar, 15:00"),
        (at(30, 15), CHICAGO, "Mon 30 Mar, 16:00 your time (10:00 Priya's)"),
    ],
)
def test_both_zones_are_shown_when_they_differ(moment: datetime, other: ZoneInfo, shown: str) -> None:
    assert both_walls(moment, LISBON, "Priya", other, "en") == shown


def starts() -> list[datetime]:
    return [start for day in free(ANA, PRIYA, 60, [], NOW) for start, _end in day.slots]


def test_staff_who_book_for_somebody_read_whose_day_it_is_outside_of() -> None:
    said = why_not(ANA, PRIYA, ("Ana", "Priya"), hour_from(at(11, 13)), [], NOW)
    assert said == "That time is outside Ana's working day or Priya's."


@pytest.mark.parametrize(
    ("other", "zone", "shown"),
    [
        ("June", CHICAGO, "14:00 (09:00 June's)"),  # Naming the stand-in once is enough.
        ("June", LISBON, "14:00, with June"),
        ("Ana", CHICAGO, "14:00 (09:00 Ana's), with June"),  # Staff read it, who see the guest's wall.
    ],
)
def test_a_time_with_the_stand_in_says_so(other: str, zone: ZoneInfo, shown: str) -> None:
    ((_day, [(_value, text)]),) = listed([Time(at(10, 14), other, zone, "June")], LISBON)
    assert text == shown


def test_days_away_end_with_the_last_one() -> None:
    today = date(2026, 3, 10)
    assert days_away(date(2026, 3, 12), today) == {today, date(2026, 3, 11), date(2026, 3, 12)}
    assert days_away(date(2026, 3, 9), today) == days_away(None, today) == frozenset()


@pytest.mark.parametrize(
    ("start", "sentence"),
    [
        (NOW + timedelta(minutes=1), "That time is still ahead. Book the call instead."),
        (NOW - timedelta(days=367), "That is more than a year ago. Check the date."),
        (NOW - timedelta(days=365), None),
        (NOW, None),
    ],
)
def test_what_can_be_logged_lies_behind_but_not_far(start: datetime, sentence: str | None) -> None:
    assert why_not_logged(start, NOW) == sentence


def test_times_to_choose_from_are_grouped_by_the_readers_day() -> None:
    days = listed([Time(start, "Priya", CHICAGO) for start in starts()], AUCKLAND)
    assert days[0] == (date(2026, 3, 11), [
        ("2026-03-10T14:00Z", "03:00 (09:00 Priya's)"),
        ("2026-03-10T14:30Z", "03:30 (09:30 Priya's)"),
        ("2026-03-10T15:00Z", "04:00 (10:00 Priya's)"),
        ("2026-03-10T15:30Z", "04:30 (10:30 Priya's)"),
        ("2026-03-10T16:00Z", "05:00 (11:00 Priya's)"),
    ])  # fmt: skip


def test_what_is_over_stays_over() -> None:
    assert set(MAY) == set(CallState)
    assert {state for state, then in MAY.items() if not then} == {
        CallState.HELD,
        CallState.NO_SHOW,
        CallState.CANCELLED,
    }
