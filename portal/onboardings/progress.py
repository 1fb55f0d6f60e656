"""How far an onboarding is, exactly (product 2.6). Weights are whole numbers, fractions are exact from 0 to 1,
overall, expected and pace are exact points from 0 to 100; rounding happens once, down, in `shown`.

The base of a stage is reset by whatever changes its scope, so the meter falls in two cases only: an undo, and a
step reopened in a complete stage. A stage always holds one required visible step; one without would count as whole.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from portal.calendars import Calendar
from portal.onboardings.planning import Pause, Plan, StepFacts, Window
from portal.onboardings.states import FINAL, StepState


@dataclass(frozen=True, slots=True)
class StageProgress:
    """Where a stage stood when its scope last changed: its fraction, the weight done and the weight left."""

    base: Fraction
    base_done: int
    base_remaining: int


def start(total: int) -> StageProgress:
    """A new stage of this total weight."""
    return StageProgress(Fraction(0), 0, total)


def fraction(p: StageProgress, done: int) -> Fraction:
    """How much of the stage is behind the customer when this weight is done; 1 when nothing remained."""
    if p.base_remaining == 0:
        return Fraction(1)
    return p.base + (1 - p.base) * Fraction(done - p.base_done, p.base_remaining)


def gain(p: StageProgress, done_before: int, done_after: int) -> Fraction:
    """What finishing a step raises the fraction by; stored with the step, for an undo."""
    return fraction(p, done_after) - fraction(p, done_before)


def after_scope_change(
    p: StageProgress, done_before: int, done_after: int, total_after: int
) -> StageProgress:
    """For a step added, removed, skipped, brought back, made required or optional, re-weighed, or reopened in
    a stage that is not complete. The fraction stays, or becomes 1 when nothing remains."""
    return StageProgress(fraction(p, done_before), done_after, total_after - done_after)


def after_undo(
    p: StageProgress, gained: Fraction, done_before: int, done_after: int, total: int
) -> StageProgress:
    """For a step undone: takes back the gain stored with it, never below nothing."""
    return StageProgress(max(Fraction(0), fraction(p, done_before) - gained), done_after, total - done_after)


def after_reopening_complete(weight: int, total: int, done_after: int) -> StageProgress:
    """For a step of this weight reopened in a complete stage of this total weight."""
    return StageProgress(1 - Fraction(weight, total), done_after, total - done_after)


def overall(fractions: Mapping[str, Fraction], shares: Mapping[str, int]) -> Fraction:
    """The whole onboarding in points; both mappings by stage key, the shares adding up to 100."""
    return sum((share * fractions[stage] for stage, share in shares.items()), Fraction(0))


def shown(points: Fraction, *, graduated: bool) -> int:
    """The number on the meter: rounded down, at most 99 before graduation and 100 from then on."""
    return 100 if graduated else min(99, points.__floor__())


def expected(day: date, plan: Plan, pauses: Sequence[Pause], shares: Mapping[str, int]) -> Fraction:
    """Points planned for this day: each stage rises straight from the first day of its window to the last.

    Days on hold are skipped: nothing rises during them, nor while a pause lasts.
    """
    day = _not_past_an_open_pause(day, pauses)
    return overall({stage: _ramp(day, window, pauses) for stage, window in plan.items()}, shares)


def pace(
    actual: Fraction,
    day: date,
    plan: Plan,
    pauses: Sequence[Pause],
    shares: Mapping[str, int],
) -> Fraction:
    """Points ahead of the plan on this day; negative when behind."""
    return actual - expected(day, plan, pauses, shares)


def forecast(
    planned_on: date,
    actual: Fraction,
    plan: Plan,
    pauses: Sequence[Pause],
    today: date,
    calendar: Calendar,
    shares: Mapping[str, int],
) -> date:
    """Where a later planned date lands at today's progress, never earlier than today.

    It moves by the working days, those on hold left out, between today and the first day of the plan whose
    expected points reach the actual ones. Before the plan begins, its first day stands for today.
    """
    first, last = min(w.starts for w in plan.values()), max(w.ends for w in plan.values())
    closed = [pause for pause in pauses if pause.until is not None]
    days = range((last - first).days + 1)
    ahead = bisect_left(days, actual, key=lambda n: expected(first + timedelta(days=n), plan, closed, shares))
    reached = min(first + timedelta(days=ahead), last)
    behind = _working_days_at_work(
        reached, max(first, _not_past_an_open_pause(today, pauses)), closed, calendar
    )
    moved = calendar.add_working_days(planned_on, behind) if behind else planned_on
    return max(moved, today)


def minutes_left(steps: Iterable[StepFacts]) -> int:
    """The customer's own time still to come: required steps of theirs, except those handed in for review."""
    return sum(
        step.minutes
        for step in steps
        if step.counts and step.side != "us" and step.state not in FINAL | {StepState.SUBMITTED}
    )


def _ramp(day: date, window: Window, pauses: Sequence[Pause]) -> Fraction:
    if day >= window.ends:
        return Fraction(1)
    if day <= window.starts:
        return Fraction(0)
    length = _days_at_work(window.starts, window.ends, pauses)
    return Fraction(_days_at_work(window.starts, day, pauses), length) if length else Fraction(0)


def _days_at_work(a: date, b: date, pauses: Sequence[Pause]) -> int:
    """Calendar days from `a` to before `b`, those on hold left out."""
    held = sum(
        max(0, (min(b, one.until) - max(a, one.since)).days) for one in pauses if one.until is not None
    )
    return (b - a).days - held


def _working_days_at_work(a: date, b: date, closed: Sequence[Pause], calendar: Calendar) -> int:
    """Working days between as the calendar counts them, those on hold left out; negative when `b` is before."""
    if b < a:
        return -_working_days_at_work(b, a, closed, calendar)
    held = sum(
        calendar.working_days_between(max(a, one.since), min(b, one.until))
        for one in closed
        if one.until is not None and max(a, one.since) < min(b, one.until)
    )
    return calendar.working_days_between(a, b) - held


def _not_past_an_open_pause(day: date, pauses: Sequence[Pause]) -> date:
    return min([day, *(pause.since for pause in pauses if pause.until is None)])
