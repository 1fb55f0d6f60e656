"""Working days: checked against counting day by day, and against dates anyone can look up."""

import subprocess
import sys
import time as stopwatch
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.calendars import Calendar, country, country_codes, public_holidays

PORTUGAL = Calendar("PT")
GULF = Calendar("AE", frozenset({0, 1, 2, 3, 6}))
OWN_BREAK = Calendar(None, days_off=frozenset({date(2026, 8, 10), date(2026, 8, 11)}))
CALENDARS = st.sampled_from([Calendar(), PORTUGAL, GULF, OWN_BREAK, Calendar("US", frozenset({2}))])
DAYS = st.dates(date(2020, 1, 1), date(2032, 12, 31))


def counted(calendar: Calendar, a: date, b: date) -> int:
    """Working days after `a` up to and with `b`, one by one."""
    return sum(calendar.is_working_day(a + timedelta(days=n)) for n in range(1, (b - a).days + 1))


def test_public_holidays_weekends_and_own_days_off_are_not_worked() -> None:
    assert PORTUGAL.is_working_day(date(2026, 4, 2))
    assert not PORTUGAL.is_working_day(date(2026, 4, 3)), "Good Friday"
    assert Calendar().is_working_day(date(2026, 4, 3)), "no country, no public holidays"
    assert not PORTUGAL.is_working_day(date(2026, 4, 4)), "Saturday"
    assert not OWN_BREAK.is_working_day(date(2026, 8, 10))


def test_every_country_offered_has_its_holidays() -> None:
    none = {code for code in country_codes() if not public_holidays(code, 2026)}
    assert none == {"BV", "HM", "IO", "UA"}, "islands without people, and a country at war"


def test_one_countrys_holidays_load_no_other_country() -> None:
    asking = "from portal.calendars import Calendar; from datetime import date; import sys;"
    asking += "Calendar('PT').is_working_day(date(2026, 4, 3));"
    asking += "print(*(name for name in sys.modules if name.startswith('holidays.countries.')))"
    told = subprocess.run([sys.executable, "-c", asking], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["holidays.countries.portugal"]


def test_a_week_may_run_from_sunday_to_thursday() -> None:
    assert GULF.is_working_day(date(2026, 3, 1)), "a Sunday"
    assert not GULF.is_working_day(date(2026, 3, 6)), "a Friday"


def test_next_and_previous_working_day_jump_over_easter() -> None:
    assert PORTUGAL.next_working_day(date(2026, 4, 3)) == date(2026, 4, 6)
    assert PORTUGAL.previous_working_day(date(2026, 4, 5)) == date(2026, 4, 2)
    assert PORTUGAL.next_working_day(date(2026, 4, 2)) == date(2026, 4, 2)


def test_adding_working_days_skips_what_is_not_worked() -> None:
    assert PORTUGAL.add_working_days(date(2026, 4, 2), 1) == date(2026, 4, 6)
    assert PORTUGAL.add_working_days(date(2026, 4, 6), -1) == date(2026, 4, 2)
    assert PORTUGAL.add_working_days(date(2026, 4, 4), 0) == date(2026, 4, 6)
    assert PORTUGAL.add_working_days(date(2026, 12, 30), 2) == date(2027, 1, 4)


def test_working_days_between_counts_the_last_day_and_not_the_first() -> None:
    assert Calendar().working_days_between(date(2026, 3, 9), date(2026, 3, 16)) == 5
    assert Calendar().working_days_between(date(2026, 3, 16), date(2026, 3, 9)) == -5
    assert Calendar().working_days_between(date(2026, 3, 13), date(2026, 3, 15)) == 0
    assert Calendar().working_days_between(date(2026, 3, 9), date(2026, 3, 9)) == 0


@given(CALENDARS, DAYS, DAYS)
@settings(max_examples=200, deadline=None)
def test_counting_fast_is_counting_one_by_one(calendar: Calendar, a: date, b: date) -> None:
    a, b = min(a, b), max(a, b)
    assert calendar.working_days_between(a, b) == counted(calendar, a, b)
    assert calendar.working_days_between(b, a) == -counted(calendar, a, b)


@given(CALENDARS, DAYS, st.integers(1, 200))
@settings(max_examples=200, deadline=None)
def test_adding_lands_on_the_nth_working_day_either_way(calendar: Calendar, day: date, n: int) -> None:
    later, earlier = calendar.add_working_days(day, n), calendar.add_working_days(day, -n)
    assert calendar.is_working_day(later)
    assert calendar.is_working_day(earlier)
    assert counted(calendar, day, later) == n
    assert counted(calendar, earlier - timedelta(days=1), day - timedelta(days=1)) == n


def test_thousands_of_questions_over_years_are_answered_quickly() -> None:
    a, b = date(2022, 1, 3), date(2026, 11, 20)
    PORTUGAL.working_days_between(a, b)
    began = stopwatch.perf_counter()
    for n in range(5_000):
        Calendar("PT").working_days_between(a + timedelta(days=n % 300), b)
    assert stopwatch.perf_counter() - began < 2


def test_countries_are_two_letter_codes() -> None:
    assert country("pt") == "PT"
    assert Calendar("gb") == Calendar("GB")
    for wrong in ("Portugal", "UK", "ZZ", ""):
        with pytest.raises(
            ValueError, match="is not a country code we know; choose a two-letter one like PT"
        ):
            country(wrong)


def test_a_week_without_days_and_an_unknown_country_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one day"):
        Calendar(working_week=frozenset())
    with pytest.raises(ValueError, match="Monday = 0 to Sunday = 6"):
        Calendar(working_week=frozenset({7}))
    with pytest.raises(ValueError, match="not a country code"):
        Calendar("Utopia")
