"""One wave's part of a road alone (product.md 2.12): which one is asked for, and the ways from one to the other."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask_babel import gettext as _

from portal.onboardings.models import Onboarding
from portal.onboardings.standing import Standing
from portal.onboardings.waves import Wave


@dataclass(frozen=True)
class Way:
    """A link to the road of one wave, or of all; `query` is its address on the same page."""

    text: str
    query: str
    is_here: bool


def chosen_wave(onboarding: Onboarding, asked: str | None) -> Wave | None:
    """The wave whose number an address has; the whole road when there is none such."""
    return next((wave for wave in onboarding.waves_on if str(wave.n) == asked), None)


def ways(onboarding: Onboarding, wave: Wave | None, **kept: str) -> list[Way]:
    """Everybody's road and each department's; none where there are no two waves. `kept` stays in each address."""
    waves = onboarding.waves_on
    if len(waves) < 2:
        return []
    each = [Way(one.department, "?" + urlencode({**kept, "wave": one.n}), one is wave) for one in waves]
    return [Way(_("Everybody"), "?" + urlencode(kept), wave is None), *each]


def concerns(step: Standing, wave: Wave | None) -> bool:
    """Whether it is of this wave's part: its own, or what all share."""
    return wave is None or step.wave_n in (None, wave.n)
