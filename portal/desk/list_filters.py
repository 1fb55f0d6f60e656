"""What the address asks the staff's list for. Anything mangled or foreign in it asks for nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from portal.access import DELIVERY, Role, viewer
from portal.accounts.kinds import Segment
from portal.accounts.models import Staff
from portal.onboardings.planning import STAGES
from portal.onboardings.standings import Health
from portal.onboardings.turns import Turn

MINE, EVERYBODYS = "mine", "all"
LONGEST = 80
TURNS = {turn.key: turn for turn in Turn}
HEALTHS = {label.value: label for label in Health}
SEGMENTS = {segment.value: segment for segment in Segment}


@dataclass(frozen=True)
class Filters:
    """Which onboardings are wanted: on whose team (`of`, None for everybody's; `who` is its word in the address), in
    which stage, segment and health, whose turn, and with which text in the account's name."""

    who: str
    of: Staff | None
    stage: str = ""
    segment: Segment | None = None
    turn: Turn | None = None
    text: str = ""
    health: Health | None = None

    @classmethod
    def read(cls, asked: Mapping[str, str], colleagues: Iterable[Staff]) -> Self:
        """What an address asks for, whoever wrote it."""
        given = {name: asked.get(name, "").strip()[:LONGEST] for name in cls.names()}
        who, of = _whose(given["who"], colleagues)
        return cls(
            who=who,
            of=of,
            stage=given["stage"] if given["stage"] in STAGES else "",
            segment=SEGMENTS.get(given["segment"]),
            turn=TURNS.get(given["turn"]),
            text=given["q"].replace("\x00", ""),
            health=HEALTHS.get(given["health"]),
        )

    @staticmethod
    def names() -> tuple[str, ...]:
        return "who", "stage", "health", "segment", "turn", "q"

    @property
    def args(self) -> dict[str, Any]:
        """The same as an address says it; whose is always said."""
        turn = "" if self.turn is None else self.turn.key
        health, segment = (one.value if one else "" for one in (self.health, self.segment))
        values = (self.who, self.stage, health, segment, turn, self.text)
        return {name: value for name, value in zip(self.names(), values, strict=True) if value}

    def by(self, turn: Turn | None = None, health: Health | None = None) -> Self:
        """These, but for another turn or health."""
        return replace(self, turn=turn, health=health)

    @property
    def are_mine(self) -> bool:
        return self.who == MINE

    @property
    def narrow(self) -> bool:
        """Whether anything but whose and whose turn is asked for."""
        return bool(self.stage or self.segment or self.text)


def _whose(word: str, colleagues: Iterable[Staff]) -> tuple[str, Staff | None]:
    """Who works with customers looks at their own accounts first, who leads at everybody's."""
    if word == EVERYBODYS:
        return word, None
    found = next((one for one in colleagues if one.ref == word), None)
    if found is not None and found.id != viewer().id:
        return word, found
    works_with_them = bool(viewer().roles & (DELIVERY | {Role.ACCOUNT_EXECUTIVE}))
    if found is not None or word == MINE or works_with_them:
        return MINE, viewer()
    return EVERYBODYS, None
