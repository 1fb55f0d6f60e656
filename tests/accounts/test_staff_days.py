"""The working days of those who work at the provider."""

from datetime import date

from tests import make

PORTUGAL_DAY = date(2026, 6, 10)  # A Wednesday.


def test_public_holidays_are_the_companys_until_somebody_has_a_country_of_their_own(session) -> None:
    make.provider(country="PT")
    mia, priya = make.staff("Mia Weber", country=None), make.staff("Priya Rao", country="US")
    assert not mia.calendar.is_working_day(PORTUGAL_DAY)
    assert priya.calendar.is_working_day(PORTUGAL_DAY)
