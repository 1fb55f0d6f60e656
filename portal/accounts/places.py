"""Countries by name, and the time zone that most of a country lives in."""

import unicodedata
from functools import lru_cache

from babel import Locale
from babel.core import get_global

from portal import calendars

# CLDR says which zones a country has, but not which of several most people there live by.
MOST_LIVE_BY = {
    "AQ": "Antarctica/McMurdo",
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CD": "Africa/Kinshasa",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "FM": "Pacific/Pohnpei",
    "GL": "America/Nuuk",
    "ID": "Asia/Jakarta",
    "KI": "Pacific/Tarawa",
    "KZ": "Asia/Almaty",
    "MH": "Pacific/Majuro",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PF": "Pacific/Tahiti",
    "PG": "Pacific/Port_Moresby",
    "PS": "Asia/Gaza",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "UM": "Pacific/Wake",
    "US": "America/New_York",
    "UZ": "Asia/Tashkent",
    "XK": "Europe/Belgrade",
}


def main_zone(country: str) -> str | None:
    """The time zone most people there live by, from two letters in capitals; None for a place without people."""
    zones = get_global("territory_zones").get(country, [])
    zone = MOST_LIVE_BY.get(country) or (zones[0] if len(zones) == 1 else None)
    return zone if zone in calendars.zone_names() else None


def has_several_zones(country: str) -> bool:
    """Whether clocks in this country show more than one time."""
    return len(get_global("territory_zones").get(country, [])) > 1


def country_name(country: str, locale: Locale) -> str:
    """What readers of this language call the country."""
    return str(locale.territories.get(country, country))


@lru_cache(maxsize=16)
def countries(language: str) -> tuple[tuple[str, str], ...]:
    """Code and name of every country that people live in, by name; `language` is a locale like en or pt_BR."""
    locale = Locale.parse(language)
    found = [(code, country_name(code, locale)) for code in calendars.country_codes() if main_zone(code)]
    return tuple(sorted(found, key=lambda pair: as_sorted(pair[1])))


def as_sorted(name: str) -> str:
    """Without accents: Å stands with A."""
    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).casefold()


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """The time zones to choose from, without the old names that others have replaced."""
    known = {zone for listed in get_global("territory_zones").values() for zone in listed}
    return ("UTC", *sorted(known & calendars.zone_names()))
