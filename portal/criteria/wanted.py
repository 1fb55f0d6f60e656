"""The wording that somebody would like, before it is one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from flask_babel import gettext as _

from portal.criteria.rules import MOST_CHECKPOINTS, Direction, Evidence, Flaw, flaw_of, flaw_of_points
from portal.criteria.wordings import TERMS
from portal.criteria.words import FLAWS
from portal.errors import Refused


class Way(NamedTuple):
    """A checkpoint that somebody asks for."""

    on: date
    value: Decimal | None
    what: str | None


@dataclass(frozen=True)
class Wanted:
    """The wording that somebody proposes; what is there or isn't goes from 0 to 1 and has no unit."""

    statement: str
    direction: Direction
    baseline: Decimal
    target: Decimal
    target_on: date
    unit: str | None = None
    must_have: bool = False
    evidence: Evidence = Evidence.STATEMENT
    seen_in: str | None = None
    checkpoints: Sequence[Way] = field(default=())

    @property
    def terms(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in TERMS} | {
            "checkpoints": [tuple(w) for w in self.checkpoints]
        }

    def check(self, today: date) -> None:
        """Raises Refused for numbers that contradict themselves and for days that have passed."""
        flaw = flaw_of(self)
        if flaw is not None:
            raise Refused(FLAWS[flaw], field="target")
        if self.target_on < today:
            raise Refused(_("That day has passed. Choose today or later."), field="target_on")
        if len(self.checkpoints) > MOST_CHECKPOINTS:
            raise Refused(_("Keep to %(most)s checkpoints.", most=MOST_CHECKPOINTS))
        wrong = flaw_of_points(self, self.checkpoints)
        if wrong is not None:
            name = "on" if wrong[0] is Flaw.LATE else "value"
            raise Refused(FLAWS[wrong[0]], field=f"checkpoint_{wrong[1] + 1}_{name}")
