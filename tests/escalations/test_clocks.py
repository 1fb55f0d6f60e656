"""Working time of one person: what it reaches and what has gone by belong together, whatever the zone and the hours."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from portal.calendars import Calendar, WorkingHours
from portal.escalations import clocks
from portal.escalations.clocks import Shift

ZONES = ["Europe/Lisbon", "America/Chicago", "Asia/Kolkata", "Pacific/Auckland", "America/St_Johns"]
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))
AMOUNTS = st.integers(0, 60 * 60).map(lambda minutes: timedelta(minutes=minutes))
SHIFTS = st.builds(
    lambda zone, start, length, country: Shift(
        WorkingHours(time(start), time(start + length), Calendar(country=country)), ZoneInfo(zone)
    ),
    st.sampled_from(ZONES),
    st.integers(6, 12),
    st.integers(1, 11),
    st.sampled_from([None, "PT", "US", "DE"]),
)
LISBON = Shift(WorkingHours(calendar=Calendar(country="PT")), ZoneInfo("Europe/Lisbon"))


@given(MOMENTS, AMOUNTS, SHIFTS)
def test_what_is_reached_was_worked(since, amount, shift):
    until = clocks.reached(since, amount, shift)
    assert until >= since
    assert clocks.worked(since, until, shift) == amount


@given(MOMENTS, AMOUNTS, AMOUNTS, SHIFTS)
def test_two_stretches_one_after_the_other_are_one(since, first, second, shift):
    there = clocks.reached(clocks.reached(since, first, shift), second, shift)
    assert there == clocks.reached(since, first + second, shift)


@given(MOMENTS, MOMENTS, MOMENTS, SHIFTS)
def test_time_adds_up(a, b, c, shift):
    early, between, late = sorted((a, b, c))
    whole = clocks.worked(early, late, shift)
    assert whole == clocks.worked(early, between, shift) + clocks.worked(between, late, shift)
    assert timedelta(0) <= whole <= late - early


@given(MOMENTS, SHIFTS)
def test_whoever_opens_is_at_work_then_and_not_before(moment, shift):
    begins = shift.hours.next(moment, shift.zone)
    assert begins >= moment
    assert clocks.worked(moment, begins, shift) == timedelta(0)
    assert clocks.worked(begins, begins + timedelta(minutes=1), shift) == timedelta(minutes=1)


def test_four_hours_from_friday_afternoon_end_on_monday():
    friday = datetime(2026, 3, 13, 15, 0, tzinfo=UTC)
    assert clocks.reached(friday, timedelta(hours=4), LISBON) == datetime(2026, 3, 16, 11, 0, tzinfo=UTC)


def test_a_working_day_is_as_long_as_whoever_works_it():
    short = Shift(WorkingHours(time(10), time(14), Calendar()), ZoneInfo("UTC"))
    monday = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
    three = clocks.reached(monday, 3 * short.day, short)
    assert three == datetime(2026, 3, 11, 14, 0, tzinfo=UTC)


def test_a_public_holiday_is_no_working_time():
    before = datetime(2026, 4, 2, 16, 0, tzinfo=UTC)  # 17:00 in Lisbon; Good Friday follows.
    assert clocks.reached(before, timedelta(hours=1), LISBON) == datetime(2026, 4, 6, 9, 0, tzinfo=UTC)
