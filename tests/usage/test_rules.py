"""What counts say: who is activated, and weeks that compare."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.calendars import Calendar
from portal.usage import rules

DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
NAMES = st.sampled_from(["Signed In", "Profile Completed", "Report Exported", "Reward Paid"])
DONE = st.dictionaries(st.integers(1, 9), st.dictionaries(NAMES, DAYS, max_size=4), max_size=9)


@given(DONE, st.sets(NAMES), DAYS)
def test_activated_is_whoever_did_every_action_in_time(done, actions, until) -> None:
    found = rules.activated(done, actions, until)
    for user, first in done.items():
        did_all = bool(actions) and all(one in first and first[one] <= until for one in actions)
        assert (user in found) is did_all
        if did_all:
            assert found[user] in first.values()
            assert all(first[one] <= found[user] for one in actions)


@given(DONE, st.sets(NAMES, min_size=1), NAMES, DAYS)
def test_asking_for_one_action_more_activates_nobody_more(done, actions, more, until) -> None:
    assert (
        rules.activated(done, actions | {more}, until).keys() <= rules.activated(done, actions, until).keys()
    )


@given(DAYS)
def test_two_weeks_are_the_fourteen_days_before_today(today) -> None:
    this, before = rules.week(today), rules.week(today, before=1)
    assert before.last + timedelta(days=1) == this.first
    assert this.last == today - timedelta(days=1)
    assert (this.last - before.first).days == 13
    assert today not in this


@given(DAYS)
def test_the_window_of_activity_ends_today_and_holds_thirty_days(today) -> None:
    window = rules.window(today)
    assert today in window
    assert (window.last - window.first).days == 29


def test_a_week_with_a_public_holiday_compares_with_one_without() -> None:
    portugal = Calendar(country="PT")
    plain = rules.week(date(2026, 3, 9))
    with_easter = rules.week(date(2026, 4, 6))
    assert (plain.working(portugal), with_easter.working(portugal)) == (5, 4)
    assert rules.stretch(plain, 100, 3, portugal).per_working_day == 20
    assert rules.stretch(with_easter, 80, 3, portugal).per_working_day == 20


def test_a_week_without_a_working_day_is_no_division_by_nothing() -> None:
    week = rules.week(date(2026, 3, 9))
    closed = Calendar(days_off=frozenset(week.first + timedelta(days=n) for n in range(7)))
    assert rules.stretch(week, 3, 1, closed).per_working_day == 3
