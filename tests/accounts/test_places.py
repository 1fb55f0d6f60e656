"""Countries by name, and for each the time zone that most people there live by."""

from babel import Locale
from babel.core import get_global

from portal import calendars
from portal.accounts import places


def test_every_country_offered_has_one_main_zone_of_its_own() -> None:
    own = get_global("territory_zones")
    for code, _name in places.countries("en"):
        zone = places.main_zone(code)
        assert zone in calendars.zone_names(), code
        assert zone in own.get(code, [zone]), f"{zone} is not in {code}"


def test_all_whose_holidays_are_known_are_offered_but_two_without_people() -> None:
    assert calendars.country_codes() - {code for code, _name in places.countries("en")} == {"BV", "HM"}


def test_names_follow_the_readers_language_and_accents_do_not_sort() -> None:
    names = [name for _code, name in places.countries("de")]
    assert names.index("Ägypten") < names.index("Belgien")
    assert places.country_name("DE", Locale("pt")) == "Alemanha"


def test_what_has_one_clock_and_what_has_several() -> None:
    assert (places.main_zone("PT"), places.has_several_zones("PT")) == ("Europe/Lisbon", True)
    assert (places.main_zone("FR"), places.has_several_zones("FR")) == ("Europe/Paris", False)
    assert places.main_zone("XX") is None


def test_zones_offered_are_names_in_use() -> None:
    zones = places.zones()
    assert {"UTC", "Europe/Lisbon", "Asia/Kolkata", "America/New_York"} <= set(zones)
    assert not {"US/Eastern", "Asia/Calcutta", "localtime"} & set(zones)
    assert all(zone in calendars.zone_names() for zone in zones)
