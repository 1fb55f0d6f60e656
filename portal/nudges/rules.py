"""Which follow-up is due, and what stops them (product.md 5.2; T1 and T2 of 2.10). Pure: facts in, a rung out."""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum, auto
from typing import Final


class Rung(StrEnum):
    """Why a follow-up is written. `ENGAGED` asks somebody who comes and doesn't get on what is in the way, `BY_HAND` is
    one of ours writing; neither belongs to the ladder, which goes by days."""

    INVITE_3 = auto()
    DAY_3 = auto()
    DAY_7 = auto()
    DAY_12 = auto()
    ENGAGED = auto()
    BY_HAND = auto()


BY_DAYS: Final = (Rung.DAY_3, Rung.DAY_7, Rung.DAY_12)
LADDER: Final = (Rung.INVITE_3, *BY_DAYS)
REACH: Final = 5  # Days for which the last rung holds; after that a person has it.


class Stop(StrEnum):
    """Why nothing is due, or why what was planned isn't sent."""

    NOT_THEIRS = auto()
    CALL = auto()
    REPLIED = auto()
    CAME = auto()
    MOVED = auto()
    NOBODY = auto()
    UNWANTED = auto()
    NEXT_RUNG = auto()
    BY_PERSON = auto()


@dataclass(frozen=True, slots=True)
class Days:
    """On which day each rung is due: `invite` counts from the first invitation, `silent` are working days of silence.
    None and nothing mean that it is switched off."""

    invite: int | None = 3
    silent: tuple[int, ...] = (3, 7, 12)


@dataclass(frozen=True, slots=True)
class Silence:
    """How quiet a road is, by the facts of health.

    `low_touch`: the ladder is for those. `theirs`: it runs, it is their turn, and an item waits that they can do today;
    never so on hold. `active`: it has begun, else they are only getting ready. `came`: somebody of theirs has signed in
    at some time; `invited` is how many days ago the first of them was invited, None when nobody was. `silent`: working
    days on which they moved nothing though something was due, None when nothing is. `life`: working days since any sign
    of life, a visit or use of the product among them; None when there never was one. `stalled_after` is from when on
    somebody who gives signs of life needs a question rather than a reminder. `call_soon`: a call is booked within three
    days. `replied`: to a follow-up of this silence. `climbed` are the rungs of this silence that were sent, left out or
    overtaken.
    """

    low_touch: bool = True
    theirs: bool = True
    active: bool = True
    came: bool = True
    invited: int | None = None
    silent: int | None = None
    life: int | None = None
    stalled_after: int = 5
    call_soon: bool = False
    replied: bool = False
    climbed: Collection[Rung] = field(default=())

    @property
    def engaged(self) -> bool:
        """Whether they came since they last moved anything, lately enough to be met with a question."""
        return self.life is not None and self.life < min(self.silent or 0, self.stalled_after)


def stopped(silence: Silence) -> Stop | None:
    """What forbids every follow-up of the ladder now."""
    if not silence.low_touch or not silence.theirs:
        return Stop.NOT_THEIRS
    if silence.call_soon:
        return Stop.CALL
    if silence.replied:
        return Stop.REPLIED
    return Stop.CAME if silence.engaged else None


def due(silence: Silence, days: Days) -> Rung | None:
    """The rung that is due today. Each is due once in a silence, until the next one's day begins: one that a worker
    who was away has missed is not made up for. Whoever never came gets a new invitation in place of the first rung."""
    if stopped(silence):
        return None
    rung = _of_silence(silence, days)
    if not silence.came and rung in (None, Rung.DAY_3):
        rung = _of_invitation(silence, days)
    return None if rung in silence.climbed else rung


def _of_silence(silence: Silence, days: Days) -> Rung | None:
    if silence.silent is None or not silence.active or not days.silent:
        return None
    # A visit long enough ago stops nothing any more, but the days are counted from it.
    quiet = silence.silent if silence.life is None else min(silence.silent, silence.life)
    reached = [rung for starts, rung in zip(days.silent, BY_DAYS, strict=True) if starts <= quiet]
    return reached[-1] if reached and quiet < days.silent[-1] + REACH else None


def _of_invitation(silence: Silence, days: Days) -> Rung | None:
    if days.invite is None or silence.invited is None:
        return None
    return Rung.INVITE_3 if days.invite <= silence.invited < days.invite + REACH else None


def goes_on(planned: Rung, silence: Silence, days: Days) -> Stop | None:
    """Why a follow-up that was planned as this rung is not sent after all; None when it is."""
    if why := stopped(silence):
        return why
    rung = due(silence, days)
    if rung is planned:
        return None
    return Stop.MOVED if rung is None else Stop.NEXT_RUNG
