"""A road in short. Settling looks at every step but changes few: it reads lines of the columns it needs, in one
statement, and takes a whole row only where something changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ColumnElement, Select, String, bindparam, select, type_coerce

from portal import db
from portal.onboardings.standing import Standing

if TYPE_CHECKING:
    from portal.onboardings.models import Onboarding
    from portal.onboardings.record import StepRecord
    from portal.onboardings.stages import Stage


class _Columns(NamedTuple):
    id: int
    stage_id: int
    module_id: int
    key: str
    position: int
    owner_side: str
    required: bool
    visible: bool
    is_gate: bool
    early_start: bool
    weight: int
    minutes: int
    milestone_place: int | None
    wave_n: int | None
    waiting: bool
    ours_since: datetime | None
    state: str
    due_on: date | None
    snoozed_until: date | None
    asked_on: date | None
    call_on: date | None
    submitted_at: datetime | None
    assignee_id: int | None
    blocked_by: str | None
    blocked_at: datetime | None


class Line(_Columns, Standing):
    """One step as it was when the outline was read; it can't be changed."""

    __slots__ = ()


class Outline:
    """The stages and the steps of one onboarding, in their order.

    The steps are rows where the session holds them already, lines otherwise. True until somebody changes a step that
    was a line here by another way than `rows`.
    """

    def __init__(self, onboarding: Onboarding) -> None:
        self.stages = onboarding.stages
        self._steps: dict[int, Standing] = {}
        self._ids_of_stage: dict[int, list[int]] = {}
        self._id_of_key: dict[str, int] = {}
        for step in _read(onboarding):
            step_id = step.id
            self._steps[step_id] = step
            self._id_of_key[step.key] = step_id
            self._ids_of_stage.setdefault(step.stage_id, []).append(step_id)
        self._class = _class_of(onboarding)

    def __iter__(self) -> Iterator[Standing]:
        return iter(self._steps.values())

    def of(self, stage: Stage) -> list[Standing]:
        """The steps of one stage."""
        return [self._steps[step_id] for step_id in self._ids_of_stage.get(stage.id, ())]

    def called(self, keys: Iterable[str]) -> list[Standing]:
        """Those of these steps that are on this road."""
        return [self._steps[self._id_of_key[key]] for key in keys if key in self._id_of_key]

    def these(self, ids: Iterable[int]) -> list[Standing]:
        """The steps with these ids, all of this road."""
        return [self._steps[step_id] for step_id in ids]

    def weights(self, stage: Stage) -> tuple[int, int]:
        """The weight done, and the whole weight, of what counts in a stage."""
        items = [step for step in self.of(stage) if step.counts]
        return sum(step.weight for step in items if step.is_done), sum(step.weight for step in items)

    def rows(self, steps: Iterable[Standing]) -> list[StepRecord]:
        """These steps as rows that can be changed; those not read yet with one statement."""
        steps = list(steps)
        if missing := [step.id for step in steps if isinstance(step, Line)]:
            step_class: Any = self._class
            for row in db.session.scalars(select(step_class).where(step_class.id.in_(missing))):
                self._steps[row.id] = row
        return self.these(step.id for step in steps)  # type: ignore[return-value]


def _class_of(onboarding: Onboarding) -> type[StepRecord]:
    found: type[StepRecord] = type(onboarding).steps.property.mapper.class_
    return found


def _read(onboarding: Onboarding) -> Iterator[Standing]:
    if "steps" in onboarding.__dict__:
        yield from onboarding.steps
        return
    held = db.session().identity_map
    cls, _id, token = _class_of(onboarding).__mapper__.identity_key_from_primary_key((0,))
    for row in db.session.execute(_lines(), {"road": onboarding.id}).all():
        yield held.get((cls, (row[0],), token)) or Line._make(row)


@cache
def _lines() -> Select[Any]:
    step = db.Base.metadata.tables["step"]
    columns: list[ColumnElement[Any]] = [step.c[name] for name in _Columns._fields if name != "state"]
    # Its words equal the states and need no turning into them, which would cost more than reading them.
    columns.insert(_Columns._fields.index("state"), type_coerce(step.c.state, String))
    return select(*columns).where(step.c.onboarding_id == bindparam("road")).order_by(step.c.position)
