"""When something to have ready is late, blocks, and what follows: decided from facts and a day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.calendars import Calendar
from portal.readiness.prerequisite_rules import (
    Facts,
    Status,
    all_ready,
    asks_sponsors,
    days_late,
    is_gap,
    order,
    proposes_hold,
)

WORKDAYS = Calendar("PT")
FRIDAY = date(2026, 3, 6)
MONDAY = date(2026, 3, 9)


def facts(status=Status.NOT_READY, due_on=FRIDAY, *, blocking=True, dropped=False, sponsor_after=5) -> Facts:
    return Facts(status, due_on, blocking, dropped, sponsor_after)


def late(one: Facts, today: date, *, running: bool = True) -> int:
    return days_late(one, today, WORKDAYS, running=running)


@pytest.mark.parametrize(
    ("today", "days"),
    [(FRIDAY, 0), (date(2026, 3, 7), 0), (date(2026, 3, 8), 0), (MONDAY, 1), (date(2026, 3, 13), 5)],
)
def test_lateness_counts_working_days(today, days) -> None:
    assert late(facts(), today) == days


def test_what_is_there_dropped_undated_or_paused_is_never_late() -> None:
    much_later = date(2026, 4, 20)
    for one in (facts(Status.READY), facts(dropped=True), facts(due_on=None)):
        assert late(one, much_later) == 0
        assert not is_gap(one, much_later, WORKDAYS, running=True)
    assert late(facts(), much_later, running=False) == 0


def test_a_gap_is_not_ready_or_in_need_of_help_past_its_date() -> None:
    for status in (Status.NOT_READY, Status.NEED_HELP):
        assert is_gap(facts(status), MONDAY, WORKDAYS, running=True)
        assert not is_gap(facts(status), FRIDAY, WORKDAYS, running=True)


def test_only_a_blocking_gap_proposes_a_pause_and_asks_the_sponsors() -> None:
    week = date(2026, 3, 13)
    assert proposes_hold(facts(), MONDAY, WORKDAYS, running=True)
    assert not proposes_hold(facts(blocking=False), MONDAY, WORKDAYS, running=True)
    assert asks_sponsors(facts(), week, WORKDAYS, running=True)
    assert not asks_sponsors(facts(blocking=False), week, WORKDAYS, running=True)
    assert not asks_sponsors(facts(), week - timedelta(days=1), WORKDAYS, running=True)
    assert not asks_sponsors(facts(sponsor_after=6), week, WORKDAYS, running=True)


def test_what_is_dropped_keeps_nobody_waiting() -> None:
    assert all_ready([facts(Status.READY), facts(dropped=True)])
    assert not all_ready([facts(Status.READY), facts(Status.NEED_HELP)])


def test_what_is_still_to_come_stands_first_by_date() -> None:
    ready, early, undated = facts(Status.READY), facts(due_on=FRIDAY), facts(due_on=None)
    later = facts(due_on=MONDAY)
    assert sorted([ready, undated, later, early], key=order) == [early, later, undated, ready]


ANY = st.builds(
    Facts,
    st.sampled_from(Status),
    st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.booleans(),
    st.booleans(),
    st.integers(1, 30),
)


@given(ANY, st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.booleans())
def test_each_consequence_needs_the_one_before(one, today, running) -> None:
    given_day = {"calendar": WORKDAYS, "running": running}
    if asks_sponsors(one, today, **given_day):
        assert proposes_hold(one, today, **given_day)
    if proposes_hold(one, today, **given_day):
        assert is_gap(one, today, **given_day)
        assert running
    if is_gap(one, today, **given_day):
        assert not all_ready([one])
