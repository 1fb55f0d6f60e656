"""What health knows of use: R7, and what T7 reads, from counts; and unknown, not zero, where nothing is counted."""

from datetime import date

import pytest

from portal.onboardings.fact_days import note_day
from portal.usage.rules import ORDER, TICKET
from tests import make
from tests.health.telling import days_of, known, on, said, since
from tests.usage.seen import REFERRED, SET_UP, SIGNED_IN, means, saw

LIVE = date(2026, 4, 1)


@pytest.fixture
def live(cast) -> make.Cast:
    """Northwind with ten seats, and what use of its product means; live since 1 April."""
    cast.account.licensed_seats = 10
    means(cast.onboarding.product)
    note_day(cast.onboarding, "go_live", LIVE)
    return cast


def test_who_is_active_of_the_seats_a_month_after_go_live(live, clock) -> None:
    """R7. Three people used it, a fourth only asked for help and a fifth only ordered."""
    road = live.onboarding
    for who in ("ana", "ben", "eva"):
        saw(live.account, REFERRED, LIVE, who=who)
        saw(live.account, REFERRED, date(2026, 4, 20), who=who)
    saw(live.account, TICKET, date(2026, 4, 20), who="rui")
    saw(live.account, ORDER, date(2026, 4, 20), who="zoe")
    on(clock, date(2026, 4, 30))
    assert (known(road).live_days, known(road).active_people, said(road, "R7")) == (29, 3, ["watch"])
    on(clock, date(2026, 5, 1))
    assert (known(road).active_percent, said(road, "R7")) == (30, ["risk"])
    saw(live.account, REFERRED, date(2026, 5, 1), who="rui")
    assert (known(road).active_percent, said(road, "R7")) == (40, ["watch"])


def test_who_is_activated_two_weeks_after_go_live(live, clock) -> None:
    """R7. Activated is who has done every action: five people did the first, four of them the second."""
    road = live.onboarding
    for who in ("ana", "ben", "eva", "rui", "zoe"):
        saw(live.account, SIGNED_IN, LIVE, who=who)
    for who in ("ana", "ben", "eva", "rui"):
        saw(live.account, SET_UP, date(2026, 4, 8), who=who)
    on(clock, date(2026, 4, 14))
    assert (known(road).live_days, known(road).activated_percent, said(road, "R7")) == (13, None, [])
    on(clock, date(2026, 4, 15))
    assert (known(road).activated_percent, said(road, "R7")) == (40, ["watch"])
    saw(live.account, SET_UP, date(2026, 4, 15), who="zoe")
    assert (known(road).activated_percent, said(road, "R7")) == (50, [])


UNKNOWN = ("active_percent", "active_people", "activated_percent", "week_people", "before_people")


def test_what_others_send_says_nothing_about_an_account_that_sends_nothing(live, clock) -> None:
    fabrikam = make.account("Fabrikam")
    saw(fabrikam, REFERRED, LIVE, who="fay", count=30)
    on(clock, date(2026, 5, 4))
    facts = known(live.onboarding)
    assert [getattr(facts, name) for name in (*UNKNOWN, "week_events", "tickets")] == [None] * 7
    assert (facts.live_days, said(live.onboarding, "R7")) == (33, [])


def test_counts_without_people_leave_the_people_unknown(live, clock) -> None:
    """As a file brings them that has no column of users."""
    for day in since(LIVE, 33):
        saw(live.account, REFERRED, day, count=4)
    on(clock, date(2026, 5, 4))
    facts = known(live.onboarding)
    assert [getattr(facts, name) for name in UNKNOWN] == [None] * 5
    assert (facts.week_events, facts.before_events, said(live.onboarding, "R7")) == (28, 28, [])


def test_who_is_active_is_known_once_thirty_days_are_counted(live, clock) -> None:
    """Tickets came all along, and begin nothing."""
    saw(live.account, TICKET, LIVE, who="ana")
    saw(live.account, REFERRED, date(2026, 4, 20), who="ana")
    days = [date(2026, 5, 18), date(2026, 5, 19)]
    found = days_of(clock, live.onboarding, days, "active_percent", "R7")
    assert found == {18: (None, ["watch"]), 19: (10, ["risk"])}


@pytest.mark.parametrize(("before", "after", "fall"), [(59, 29, 51), (58, 29, 50), (20, 30, 0), (3, 1, 67)])
def test_a_fall_by_more_than_half_is_more_than_fifty(live, clock, before, after, fall) -> None:
    saw(live.account, REFERRED, date(2026, 5, 5), who="ana", count=before)
    saw(live.account, REFERRED, date(2026, 5, 12), who="ana", count=after)
    on(clock, date(2026, 5, 18))
    assert known(live.onboarding).before_events == before
    assert known(live.onboarding).usage_fall_percent == fall


def test_a_week_with_a_holiday_is_compared_by_its_working_days(live, clock) -> None:
    """The 1st of May is none: five a day, then four days of five."""
    for day in (*since(date(2026, 4, 20), 5), *since(date(2026, 4, 27), 4)):
        saw(live.account, REFERRED, day, who="ana", count=5)
    on(clock, date(2026, 5, 4))
    facts = known(live.onboarding)
    assert (facts.before_events, facts.week_events, facts.usage_fall_percent) == (25, 20, 0)
