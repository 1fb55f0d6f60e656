"""When things are planned: stage windows, due dates, first value, pauses, and which step is next (product 2.4).

Every date is a date in the account's zone. Days of a programme are calendar days counted from day 0, the start
date; `+N` in a due rule and the length of a pause are working days of the account's calendar.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final, NamedTuple

from portal.calendars import Calendar
from portal.onboardings.states import CUSTOMERS_TURN, StepState
from portal.playbooks.document import StageBudgets
from portal.playbooks.due import Due as DueRule

STAGES: Final = ("welcome", "expectations", "training", "graduation")
REVIEW_WITHIN: Final = 2  # Working days that looking at what was handed in takes us at most (product 2.3).


@dataclass(frozen=True, slots=True)
class Window:
    """Planned days of one stage, first and last included."""

    starts: date
    ends: date

    @property
    def days(self) -> int:
        return (self.ends - self.starts).days + 1


Plan = Mapping[str, Window]


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause: on hold from `since`, at work again on `until`; None while it lasts."""

    since: date
    until: date | None = None

    def working_days(self, calendar: Calendar) -> int:
        """Working days lost; none are counted before the pause is over."""
        if self.until is None:
            return 0
        eve = timedelta(days=1)
        return calendar.working_days_between(self.since - eve, self.until - eve)


def stage_days(budgets: StageBudgets) -> dict[str, tuple[int, int]]:
    """First and last day of each stage, counted from day 0 (the table of product 2.4).

    Welcome runs from one day to another; the other three follow each other from day 1, each beginning on the day
    after the one before, so that together they take the days of the programme.
    """
    agreed = budgets.expectations
    trained = agreed + budgets.training
    return {
        "welcome": budgets.welcome,
        "expectations": (1, agreed),
        "training": (agreed + 1, trained),
        "graduation": (trained + 1, trained + budgets.graduation),
    }


def windows(budgets: StageBudgets, start: date) -> dict[str, Window]:
    """The window of each stage when day 0 is `start`. Windows may begin and end on days off."""
    return {
        stage: Window(start + timedelta(days=first), start + timedelta(days=last))
        for stage, (first, last) in stage_days(budgets).items()
    }


def half_up(days: Fraction) -> int:
    """The nearest whole day; a half becomes the later one."""
    return (days + Fraction(1, 2)).__floor__()


def first_value_due(graduation: Window, calendar: Calendar) -> date:
    """Planned opening of Graduation plus a third of its budget, on a day off the next working day.

    Graduation opens when Training is complete, so its planned opening is the day before its first own day.
    """
    a_third = half_up(Fraction(graduation.days, 3))
    return calendar.next_working_day(graduation.starts + timedelta(days=a_third - 1))


def shifted(planned: date, pause: Pause, calendar: Calendar) -> date:
    """A planned date moved by the working days of a pause that is over; dates before it stay."""
    lost = pause.working_days(calendar)
    if planned < pause.since or lost == 0:
        return planned
    return calendar.add_working_days(planned, lost)


def shifted_plan(plan: Plan, pause: Pause, calendar: Calendar) -> dict[str, Window]:
    """The windows moved by a pause: those over before it stay, those it falls into end later.

    Stages that followed each other still do: a first day moves with the eve of it.
    """
    return {stage: _shifted_window(window, pause, calendar) for stage, window in plan.items()}


def _shifted_window(window: Window, pause: Pause, calendar: Calendar) -> Window:
    lost, eve = pause.working_days(calendar), timedelta(days=1)
    if lost == 0 or window.starts < pause.since:
        return Window(window.starts, shifted(window.ends, pause, calendar))
    starts = calendar.add_working_days(window.starts - eve, lost) + eve
    return Window(starts, max(starts, shifted(window.ends, pause, calendar)))


class Due(NamedTuple):
    """`is_about`: the date still hangs on something that has not happened and is shown as "about"."""

    on: date
    is_about: bool


def due(
    rule: DueRule,
    *,
    start: date,
    window: Window,
    opened: date | None,
    done: Mapping[str, date],
    planned: Mapping[str, date],
    calendar: Calendar,
) -> Due:
    """The date a rule gives a step of the stage with this planned window; always a working day.

    `start` is day 0, `opened` the day the stage really opened. `done` holds when other steps were completed and
    `planned` when they are due, both by step key; a step that is in neither counts from the window's first day.
    """
    if rule.anchor == "stage":
        return Due(_share_of(window, rule.amount, calendar), opened is None)
    if rule.anchor == "start":
        return Due(calendar.add_working_days(start, rule.amount), False)
    if rule.anchor == "stage_open":
        return Due(calendar.add_working_days(opened or window.starts, rule.amount), opened is None)
    step = rule.step or ""
    since = done.get(step) or planned.get(step) or window.starts
    return Due(calendar.add_working_days(since, rule.amount), step not in done)


def _share_of(window: Window, percent: int, calendar: Calendar) -> date:
    """The working day nearest behind this share of the window, but no later than its end if that can be."""
    nth = max(1, half_up(Fraction(window.days * percent, 100)))
    day = calendar.next_working_day(window.starts + timedelta(days=nth - 1))
    if day <= window.ends:
        return day
    last = calendar.previous_working_day(window.ends)
    return last if last >= window.starts else day


class StepFacts(NamedTuple):
    """What deciding about a step needs to know.

    `side` is customer, us or both. `milestone` is the place of its milestone in the playbook, None without one;
    `position` its place on the whole road. `minutes` is the playbook's estimate (docs/decisions/0004). `asleep_until`
    is the day to which the customer has put it off, or for which its call is booked.
    """

    key: str
    state: StepState
    side: str
    weight: int
    minutes: int
    due_on: date | None
    milestone: int | None
    position: int
    required: bool = True
    visible: bool = True
    asleep_until: date | None = None

    @property
    def counts(self) -> bool:
        """Whether this is an item of the meter: required, visible to the customer, not skipped (2.6.1)."""
        return self.required and self.visible and self.state != StepState.SKIPPED

    @property
    def with_them(self) -> bool:
        """Whether the customer can move it now."""
        return self.side != "us" and self.state in CUSTOMERS_TURN

    def sleeps(self, today: date) -> bool:
        """Whether nobody can do anything about it today."""
        return self.asleep_until is not None and self.asleep_until > today


def next_step(
    steps: Iterable[StepFacts], today: date, held: Collection[str] = frozenset()
) -> StepFacts | None:
    """The item the customer does next: by due date, milestone, then position; undated ones last.

    What sleeps beyond `today` comes after all that they haven't. `held` are the keys of what can't be done
    before something of ours. None when every item of theirs is finished, locked, blocked, held or with us.
    """
    theirs = (step for step in steps if step.with_them and step.counts and step.key not in held)
    return min(theirs, key=lambda step: _urgency(step, today), default=None)


def _urgency(step: StepFacts, today: date) -> tuple[bool, date, float, int]:
    milestone = float("inf") if step.milestone is None else step.milestone
    return step.sleeps(today), step.due_on or date.max, milestone, step.position
