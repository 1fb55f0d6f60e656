"""One wave's part of a road alone (product.md 2.12): which one is asked for, and the ways from one to the other."""

from dataclasses import dataclass

from flask import request
from flask_babel import gettext as _

from portal.onboardings.models import Onboarding
from portal.onboardings.waves import Wave


@dataclass(frozen=True)
class Way:
    """A link to the road of one wave, or of all; `query` is its address on the same page."""

    text: str
    query: str
    is_here: bool


def chosen_wave(onboarding: Onboarding) -> Wave | None:
    """The wave that the address asks for; the whole road when there is none such."""
    asked = request.args.get("wave", "")
    return next((wave for wave in onboarding.waves_on if str(wave.n) == asked), None)


def ways(onboarding: Onboarding, wave: Wave | None) -> list[Way]:
    """Everybody's road and each department's; none where there are no two waves."""
    waves = onboarding.waves_on
    if len(waves) < 2:
        return []
    each = [Way(one.department, f"?wave={one.n}", one is wave) for one in waves]
    return [Way(_("Everybody"), "?", wave is None), *each]
