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


LADDER: Final = (Rung.INVITE_3, Rung.DAY_3, Rung.DAY_7, Rung.DAY_12)
REACH: Final = 5  # Working days for which the last rung holds; after that a person has it.


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
    """On which working day of a silence each rung is due. `invite` counts from the invitation; None and an empty
    `silent` mean that it is switched off."""

    invite: int | None = 3
    silent: tuple[int, ...] = (3, 7, 12)


@dataclass(frozen=True, slots=True)
class Silence:
    """How quiet a road is. Days are the account's working days.

    `low_touch`: the ladder is for those. `theirs`: it runs, it is their turn, and an item waits that they can do today;
    never so on hold. `active`: it has begun, else they are only getting ready. `came`: somebody of theirs has signed in
    at some time; `invited` counts from the first invitation, None without one. `silent` counts from what they did last,
    or from when it became their turn; `life` from any sign of life: a visit, a message, a call, use of the product.
    `stalled_after` is from when on somebody who gives signs of life needs a question rather than a reminder.
    `call_soon`: a call is booked within three days. `replied`: to a follow-up of this silence. `climbed` are the rungs
    of this silence that were sent, left out or overtaken.
    """

    low_touch: bool = True
    theirs: bool = True
    active: bool = True
    came: bool = True
    invited: int | None = None
    silent: int = 0
    life: int | None = None
    stalled_after: int = 5
    call_soon: bool = False
    replied: bool = False
    climbed: Collection[Rung] = field(default=())

    @property
    def quiet(self) -> int:
        """For how long there was nothing at all: no move, and no other sign of life."""
        shown = self.silent if self.life is None else min(self.silent, self.life)
        return shown if self.came else min(shown, self.invited or 0)

    @property
    def engaged(self) -> bool:
        """Whether they came since they last moved anything, lately enough to be met with a question."""
        return self.life is not None and self.life < min(self.silent, self.stalled_after)


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
    who was away has missed is not made up for."""
    if stopped(silence):
        return None
    found = [(starts, rung) for starts, rung in _steps(silence, days) if starts <= silence.quiet]
    if not found:
        return None
    starts, rung = max(found)
    last = max(starts for starts, _rung in _steps(silence, days))
    if rung in silence.climbed or (starts == last and silence.quiet >= last + REACH):
        return None
    return rung


def _steps(silence: Silence, days: Days) -> list[tuple[int, Rung]]:
    """The days of the ladder for this road: whoever never came gets a new invitation instead of the first rung."""
    steps = (
        list(zip(days.silent, (Rung.DAY_3, Rung.DAY_7, Rung.DAY_12), strict=False)) if silence.active else []
    )
    if not silence.came:
        steps = [step for step in steps if step[1] is not Rung.DAY_3]
        steps += [(days.invite, Rung.INVITE_3)] if days.invite is not None else []
    return steps


def goes_on(planned: Rung, silence: Silence, days: Days) -> Stop | None:
    """Why a follow-up that was planned as this rung is not sent after all; None when it is."""
    if why := stopped(silence):
        return why
    rung = due(silence, days)
    if rung is planned:
        return None
    return Stop.MOVED if rung is None else Stop.NEXT_RUNG
