"""Zones, working hours of two people, quiet hours; on the days the clocks change too."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.calendars import (
    Calendar,
    WorkingHours,
    at,
    bookable,
    next_sending_moment,
    slots,
    zone,
    zone_names,
)

LISBON, NEW_YORK = zone("Europe/Lisbon"), zone("America/New_York")
WEEKDAYS = Calendar()


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def test_a_known_zone_is_given_and_an_unknown_one_refused_with_what_would_be_right() -> None:
    assert zone("Asia/Kathmandu").key == "Asia/Kathmandu"
    for wrong in ("Mars/Olympus", "", "Europe", "../etc/passwd", "europe/lisbon", "localtime"):
        with pytest.raises(ValueError, match="is not a time zone we know; choose one like Europe/Lisbon"):
            zone(wrong)


def test_a_wall_time_left_out_by_summer_time_is_as_much_later_and_a_double_one_is_the_first() -> None:
    assert at(date(2026, 3, 8), time(2, 30), NEW_YORK).astimezone(NEW_YORK).time() == time(3, 30)
    assert at(date(2026, 11, 1), time(1, 30), NEW_YORK) == utc(2026, 11, 1, 5, 30)


def test_two_people_meet_in_the_overlap_of_their_days() -> None:
    both = bookable(date(2026, 1, 14), WorkingHours(), LISBON, WorkingHours(), NEW_YORK)
    assert both == [(utc(2026, 1, 14, 14), utc(2026, 1, 14, 17))]


def test_the_overlap_is_an_hour_longer_while_only_one_side_has_summer_time() -> None:
    both = bookable(date(2026, 3, 12), WorkingHours(), LISBON, WorkingHours(), NEW_YORK)
    assert both == [(utc(2026, 3, 12, 13), utc(2026, 3, 12, 17))]


def test_across_the_date_line_the_other_side_is_on_another_day() -> None:
    auckland, los_angeles = zone("Pacific/Auckland"), zone("America/Los_Angeles")
    assert bookable(date(2026, 1, 14), WorkingHours(), auckland, WorkingHours(), los_angeles) == [
        (utc(2026, 1, 13, 20), utc(2026, 1, 14, 1))
    ]
    monday_there = date(2026, 1, 12)
    assert bookable(monday_there, WorkingHours(), auckland, WorkingHours(), los_angeles) == [], (
        "Sunday over there"
    )


def test_no_overlap_is_an_empty_list() -> None:
    tokyo = zone("Asia/Tokyo")
    assert bookable(date(2026, 1, 14), WorkingHours(), LISBON, WorkingHours(), tokyo) == []


def test_a_day_off_of_either_side_leaves_nothing_to_book() -> None:
    at_home = WorkingHours(calendar=Calendar("PT"))
    good_friday = date(2026, 4, 3)
    assert bookable(good_friday, at_home, LISBON, WorkingHours(), LISBON) == []
    assert bookable(good_friday, WorkingHours(), LISBON, at_home, LISBON) == []
    assert len(bookable(good_friday, WorkingHours(), LISBON, WorkingHours(), LISBON)) == 1


def test_working_hours_end_after_they_start() -> None:
    with pytest.raises(ValueError, match="end later than they start"):
        WorkingHours(time(17), time(9))


def test_slots_fill_the_overlap_and_none_runs_over_its_end() -> None:
    both = [(utc(2026, 1, 14, 14), utc(2026, 1, 14, 16, 20))]
    assert slots(both, 60) == [
        (utc(2026, 1, 14, 14), utc(2026, 1, 14, 15)),
        (utc(2026, 1, 14, 15), utc(2026, 1, 14, 16)),
    ]
    assert slots(both, 180) == []
    with pytest.raises(ValueError, match="at least one minute"):
        slots(both, 0)


@pytest.mark.parametrize(
    ("moment", "leaves"),
    [
        (utc(2026, 1, 14, 9), utc(2026, 1, 14, 9)),
        (utc(2026, 1, 14, 16, 59), utc(2026, 1, 14, 16, 59)),
        (utc(2026, 1, 14, 17), utc(2026, 1, 15, 9)),
        (utc(2026, 1, 14, 3), utc(2026, 1, 14, 9)),
        (utc(2026, 1, 16, 18), utc(2026, 1, 19, 9)),
        (utc(2026, 3, 27, 18), utc(2026, 3, 30, 8)),
    ],
    ids=["at nine", "a minute to five", "at five", "at night", "over the weekend", "over the clock change"],
)
def test_letters_leave_in_the_readers_working_day(moment: datetime, leaves: datetime) -> None:
    assert next_sending_moment(moment, LISBON, WEEKDAYS) == leaves


def test_letters_do_not_leave_on_a_public_holiday() -> None:
    assert next_sending_moment(utc(2026, 4, 3, 10), LISBON, Calendar("PT")) == utc(2026, 4, 6, 8)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs its time zone"):
        next_sending_moment(datetime(2026, 1, 14, 9), LISBON, WEEKDAYS)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(sorted(zone_names())),
)
@settings(max_examples=300, deadline=None)
def test_a_sending_moment_is_never_early_and_always_inside_the_hours(moment: datetime, name: str) -> None:
    leaves = next_sending_moment(moment, zone(name), WEEKDAYS)
    local = leaves.astimezone(zone(name))
    assert leaves >= moment
    assert WEEKDAYS.is_working_day(local.date())
    assert time(9) <= local.time() < time(17)
    assert next_sending_moment(leaves, zone(name), WEEKDAYS) == leaves
    assert leaves - moment < timedelta(days=4)
