"""The days on which a customer went live and first had what they bought: for the whole road, and for each wave."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from portal import db
from portal.activity.models import Verb, record
from portal.activity.queries import last

if TYPE_CHECKING:
    from portal.onboardings.models import Onboarding
    from portal.onboardings.waves import Wave

# What of a step's facts is a day, each with where it is kept.
DAYS: Final = {"go_live": "went_live_on", "first_value": "first_value_on"}


def note_day(onboarding: Onboarding, fact: str, on: date | None, wave: Wave | None = None) -> None:
    """Keep the day of a fact, or that it wasn't so; of a road with waves, the first wave's that there is.

    First value is said once, however often somebody takes it back and says it again.
    """
    name = DAYS[fact]
    before = getattr(wave or onboarding, name)
    if on is not None and before is not None:
        on = min(on, before)  # What was seen first stays.
    if wave is not None:
        setattr(wave, name, on)
        seen = (getattr(one, name) for one in onboarding.waves)
        on = min((day for day in seen if day is not None), default=None)
    was = getattr(onboarding, name)
    setattr(onboarding, name, on)
    if fact == "first_value" and was is None and on is not None:
        with db.session.no_autoflush:
            if last(onboarding, Verb.FIRST_VALUE_REACHED) is None:
                record(onboarding, Verb.FIRST_VALUE_REACHED, by=None, onboarding=onboarding)
