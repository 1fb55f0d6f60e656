"""The waves of a road as lists show them."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from portal import web
from portal.onboardings.models import Onboarding
from portal.onboardings.waves import Wave
from portal.onboardings.words import listed

NAMED = 4  # People of a wave whose names stand in a list.


def rows_of(onboarding: Onboarding) -> list[dict[str, Any]]:
    """A line for each wave that is on."""
    return [_row(wave) for wave in onboarding.waves_on]


def _row(wave: Wave) -> dict[str, Any]:
    items = [step for step in wave.steps if step.counts]
    people = wave.people
    more = len(people) - NAMED
    names = [person.name for person in people[:NAMED]]
    if more > 0:
        names.append(ngettext("%(num)s more", "%(num)s more", more))
    return {
        "n": wave.n,
        "department": wave.department,
        "people": listed(names),
        "count": len(people),
        "trains": from_to(wave.starts_on, wave.training_ends),
        "live": _seen(wave.went_live_on, wave.go_live_on, _("live since %(date)s")),
        "goes": _seen(wave.went_live_on, None, _("live since %(date)s"))
        or _("goes live %(date)s", date=web.short_day(wave.go_live_on)),
        "value": _seen(wave.first_value_on, wave.first_value_due, _("seen %(date)s")),
        "done": sum(step.is_done for step in items),
        "total": len(items),
    }


def from_to(first: date, last: date) -> str:
    return _("%(first)s to %(last)s", first=web.short_day(first), last=web.short_day(last))


def _seen(on: date | None, due: date | None, said: str) -> str:
    return said % {"date": web.short_day(on)} if on else web.short_day(due)
