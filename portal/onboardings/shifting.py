"""The dates ahead of a road move together: worked out first, then confirmed as they were seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from math import floor
from typing import Any, Final

from flask_babel import gettext as _

from portal import seals
from portal.accounts.models import User
from portal.activity.models import Verb, record
from portal.errors import Conflict, Refused
from portal.onboardings import beside, changes, planning, progress
from portal.onboardings.models import Onboarding
from portal.onboardings.record import check_running
from portal.onboardings.stages import Milestone, Stage
from portal.onboardings.states import ScopeChange, StepState
from portal.onboardings.steps import Step

MOST: Final = 260  # Working days, about a year.
A_DAY: Final = timedelta(days=1)
WAVE_DAYS: Final = {
    "wave_starts": "starts_on",
    "wave_live": "go_live_on",
    "wave_value": "first_value_due",
    "wave_ends": "ends_on",
}


@dataclass(frozen=True)
class Shift:
    """By how many working days, earlier when negative, and from where on: a stage, by its key, or else a day."""

    days: int
    stage: str | None = None
    since: date | None = None


@dataclass(frozen=True)
class Move:
    """One date, now and after. `of` is a step, a milestone, something beside the road, a stage's first or last day, or
    what the onboarding as a whole has: first_value and graduation; or of a wave, one of `WAVE_DAYS`."""

    of: Any
    what: str
    now: date
    after: date


@dataclass(frozen=True)
class Preview:
    """Everything that would move, in the order of the road, and what is open and stays with why: a word of
    `words.STAYS`."""

    shift: Shift
    moves: list[Move]
    stays: list[tuple[Step, str]]
    pace: tuple[int, int]

    @property
    def seal(self) -> str:
        """A short word for what was seen: it differs when anything would move otherwise."""
        told = [(move.what, move.of.id, move.now, move.after) for move in self.moves]
        return seals.of(self.shift, told)

    def of(self, *what: str) -> list[Move]:
        """The moves of these sorts."""
        return [move for move in self.moves if move.what in what]

    @property
    def told(self) -> list[Move]:
        """The moves that are named and counted: a stage's days are told by its last, a wave's by its go-live."""
        return self.of("step", "milestone", "beside", "ends", "wave_live", "first_value", "graduation")


def preview(onboarding: Onboarding, shift: Shift) -> Preview:
    """What `shift` would do now. Raises Refused when it would do nothing, or what can't be."""
    check_running(onboarding, or_draft=True)
    if not 0 < abs(shift.days) <= MOST:
        raise Refused(_("Enter by how many working days, from 1 to %(most)s.", most=MOST), field="days")
    if shift.since is not None and shift.since < onboarding.account.today:
        raise Refused(_("That day has passed. Choose today or later."), field="since")
    road = _Road(onboarding, shift)
    moves = [*road.steps(), *road.windows(), *road.milestones(), *road.besides(), *road.waves(), *road.ends()]
    if not moves:
        raise Refused(_("No date would move. Choose an earlier beginning, or other days."), field="days")
    return Preview(shift, moves, list(road.stays()), (onboarding.pace, road.pace_after(moves)))


def move_dates(onboarding: Onboarding, shift: Shift, why: str, *, seen: str, by: User) -> Preview:
    """Move what the preview showed whose seal is `seen`. Raises Conflict when the road has changed since."""
    planned = preview(onboarding, shift)
    if planned.seal != seen:
        raise Conflict(
            _("The road changed while you were looking. These are the dates as they would move now.")
        )
    before = onboarding.target_graduation
    for move in planned.moves:
        _apply(move)
    after = onboarding.target_graduation
    changes.note(onboarding, ScopeChange.SHIFTED, why, stage=None, day=after.isoformat())
    record(
        onboarding,
        Verb.DATES_MOVED,
        by=by,
        onboarding=onboarding,
        before={"target_graduation": before},
        after={"target_graduation": after, "days": shift.days, "dates": len(planned.moves)},
        personal={"why": why},
    )
    onboarding.settle()
    return planned


def _apply(move: Move) -> None:
    """A milestone keeps the date first promised, a step the one it was first due."""
    match move.what:
        case "step" | "milestone" | "beside":
            move.of.due_on = move.after
        case "starts":
            move.of.planned_start = move.after
        case "ends":
            move.of.planned_end = move.after
        case "first_value":
            move.of.first_value_due = move.after
        case "graduation":
            move.of.target_graduation = move.after
        case _:
            setattr(move.of, WAVE_DAYS[move.what], move.after)


class _Road:
    """One road under one shift."""

    def __init__(self, onboarding: Onboarding, shift: Shift) -> None:
        self.road, self.shift, self.calendar = onboarding, shift, onboarding.account.calendar
        self.today = onboarding.account.today
        self.first = onboarding.stage_called(shift.stage).position if shift.stage else 0

    def moved(self, day: date) -> date:
        """Where a day goes; never before today, and what has passed goes no further back."""
        after, soonest = self.calendar.add_working_days(day, self.shift.days), self.road.account.soonest
        return max(after, min(day, soonest) if self.shift.days < 0 else soonest)

    def takes(self, stage: Stage, day: date) -> bool:
        """Whether what is in this stage on this day moves."""
        if self.shift.since is not None:
            return day >= self.shift.since
        return stage.position >= self.first

    def steps(self) -> Iterator[Move]:
        for step in self.road.steps:
            if step.due_on and self._step_moves(step):
                yield from self._move(step, "step", step.due_on)

    def _step_moves(self, step: Step) -> bool:
        with_us = step.state is StepState.SUBMITTED
        return not (step.is_closed or with_us) and self.takes(step.stage, step.due_on or self.today)

    def stays(self) -> Iterator[tuple[Step, str]]:
        """What is open and doesn't move."""
        for step in self.road.steps:
            if step.is_closed or (step.due_on and self._step_moves(step)):
                continue
            if step.due_on is None:
                yield step, "undated"
            elif step.state is StepState.SUBMITTED:
                yield step, "with_us"
            else:
                yield step, "before"

    def windows(self) -> Iterator[Move]:
        """A stage that has begun ends at another time; a later one moves as a whole, with the eve of its first day."""
        for stage in self.road.stages:
            starts, ends = stage.planned_start, stage.planned_end
            if stage.is_complete or not self.takes(stage, ends):
                continue
            if not stage.is_open and self.takes(stage, starts) and starts > self.today:
                after = self.moved(starts - A_DAY) + A_DAY
                yield from self._move(stage, "starts", starts, after)
                starts = after
            yield from self._move(stage, "ends", ends, max(self.moved(ends), starts))

    def milestones(self) -> Iterator[Move]:
        for milestone in self.road.checkpoints:
            stage = self._stage_of(milestone)
            if milestone.reached_on is None and stage and self.takes(stage, milestone.due_on):
                yield from self._move(milestone, "milestone", milestone.due_on)

    def besides(self) -> Iterator[Move]:
        for one in beside.dated(self.road):
            if one.due_on and self.takes(one.stage, one.due_on):
                yield from self._move(one, "beside", one.due_on)

    def _stage_of(self, milestone: Milestone) -> Stage | None:
        """The stage of its last step."""
        return next((s.stage for s in reversed(self.road.steps) if s.key in milestone.step_keys), None)

    def waves(self) -> Iterator[Move]:
        """A wave begins with Training; its go-live and what follows belong to Graduation. Training lasts until the
        last go-live, also where it would stay by itself."""
        training, graduation = self.road.stage_called("training"), self.road.stage_called("graduation")
        for wave in self.road.waves_on:
            ahead = {
                "wave_starts": wave.starts_on > self.today,
                "wave_live": wave.went_live_on is None,
                "wave_value": wave.first_value_on is None,
                "wave_ends": True,
            }
            for what in (what for what, is_ahead in ahead.items() if is_ahead):
                day = getattr(wave, WAVE_DAYS[what])
                if self.takes(training if what == "wave_starts" else graduation, day):
                    yield from self._move(wave, what, day)
        live = [wave.go_live_on for wave in self.road.waves_on if wave.went_live_on is None]
        if live and not training.is_complete and not self.takes(training, training.planned_end):
            moved = max(self.moved(day) if self.takes(graduation, day) else day for day in live)
            yield from self._move(
                training, "ends", training.planned_end, max(training.planned_end, moved - A_DAY)
            )

    def ends(self) -> Iterator[Move]:
        last, road = self.road.stages[-1], self.road
        if road.first_value_on is None and self.takes(last, road.first_value_due):
            yield from self._move(road, "first_value", road.first_value_due)
        if self.takes(last, road.target_graduation):
            yield from self._move(road, "graduation", road.target_graduation)

    def _move(self, of: Any, what: str, now: date, after: date | None = None) -> Iterator[Move]:
        after = after or self.moved(now)
        if after != now:
            yield Move(of, what, now, after)

    def pace_after(self, moves: list[Move]) -> int:
        """The pace with the stages where they would be, in whole points as `Onboarding.pace`."""
        plan = dict(self.road.plan)
        for move in moves:
            if move.what in ("starts", "ends"):
                window = plan[move.of.key]
                starts = move.after if move.what == "starts" else window.starts
                ends = move.after if move.what == "ends" else window.ends
                plan[move.of.key] = planning.Window(starts, max(starts, ends))
        road = self.road
        return floor(progress.pace(road.progress, self.today, plan, road.pauses, road.shares))
