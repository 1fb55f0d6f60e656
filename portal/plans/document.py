"""What a plan says: the one thing that is shown, signed and printed, and its canonical form.

What it says of this customer stands here as its reader sees it, in the language of the plan, so that what is signed is
what was shown. Dates are written out by whoever shows them, who puts the titles and heads of its tables beside it.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from portal.playbooks.shape import Shape

SECTIONS = ("why", "success", "road", "people", "needs", "scope", "changes")


class Why(Shape):
    """`quote` in the customer's words, `text` what stands behind it, `said` who confirmed it and when."""

    quote: str = ""
    text: str = ""
    said: str = ""


class Checkpoint(Shape):
    """A value on the way, in words."""

    on: date
    says: str


class Result(Shape):
    """A success criterion as both agreed to it. `baseline` and `target` are written with their unit; `seen` says
    where it is seen, and by what."""

    key: str
    statement: str
    must_have: bool
    baseline: str
    target: str
    by: date
    seen: str = ""
    checkpoints: tuple[Checkpoint, ...] = ()


class Tick(Shape):
    """One item of the meter: its weight, and whether it was done on the day the plan was sent."""

    weight: Annotated[int, Field(ge=1, le=5)]
    done: bool
    begins_module: bool = False


class StagePlan(Shape):
    """`items` counts what the customer's meter counts."""

    key: str
    title: str
    starts: date
    ends: date
    items: int
    share: int
    ticks: tuple[Tick, ...] = ()
    modules: tuple[str, ...] = ()


class MilestonePlan(Shape):
    """`who` names those whose items it waits for; `stage` and `place` say where it stands on the meter: after the
    tick of that number, from 1."""

    key: str
    title: str
    on: date
    who: str
    stage: str
    place: int


class Player(Shape):
    """Somebody on either side: what they are, what they do, and how much time it takes or how they are reached."""

    name: str
    part: str
    does: str
    time: str


class Need(Shape):
    """What the customer brings. `by` is None where it is needed all along."""

    key: str
    by: date | None
    what: str
    detail: str = ""
    who: str = ""


class ScopeLine(Shape):
    """A no has its reason."""

    key: str
    side: Literal["in", "not_in"]
    statement: str
    why: str = ""
    alternative: str = ""


class PlanDocument(Shape):
    """One version, whole. `plan` is the short id of the onboarding, `amends` the number of the signed version that
    this one changes."""

    format: Literal[1] = 1
    plan: str
    version: int
    amends: int | None = None
    locale: str
    customer: str
    provider: str
    headline: str
    summary: str
    why: Why
    results: tuple[Result, ...]
    results_note: str = ""
    starts_on: date
    first_value_on: date
    graduates_on: date
    stages: tuple[StagePlan, ...]
    milestones: tuple[MilestonePlan, ...]
    theirs: tuple[Player, ...]
    ours: tuple[Player, ...]
    needs: tuple[Need, ...]
    scope: tuple[ScopeLine, ...]
    changes: tuple[str, ...]

    @property
    def canonical(self) -> str:
        """The text that is hashed: JSON with sorted keys, no spaces, no escapes that JSON does not ask for, and no
        number that is not whole (as RFC 8785 has it)."""
        return json.dumps(
            self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )

    @property
    def mark(self) -> str:
        """Differs when anything that is written in it does; an item that is done meanwhile changes nothing."""
        open_ones = [
            stage.model_copy(
                update={"ticks": tuple(tick.model_copy(update={"done": False}) for tick in stage.ticks)}
            )
            for stage in self.stages
        ]
        return digest(self.model_copy(update={"stages": tuple(open_ones)}).canonical)


def digest(canonical: str) -> str:
    """SHA-256 of a canonical text, in hex."""
    return hashlib.sha256(canonical.encode()).hexdigest()


def read(canonical: str) -> PlanDocument:
    """The document that a canonical text holds. Raises pydantic.ValidationError for one of another format."""
    return PlanDocument.model_validate_json(canonical)
