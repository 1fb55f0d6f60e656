"""When the waves of a road are, and what the road's own dates follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from portal.onboardings import milestones, planning
from portal.onboardings.creation import date_first
from portal.onboardings.models import Onboarding
from portal.onboardings.settling import redate
from portal.onboardings.stages import Stage
from portal.onboardings.steps import Step
from portal.onboardings.waves import Wave
from portal.playbooks.rules import budgets_for


def usual(onboarding: Onboarding) -> tuple[date, date]:
    """First day and go-live that a new wave is offered: of the first as planned, of a later one from the working day
    after the last go-live, with as many days to train."""
    training, graduation = onboarding.stage_called("training"), onboarding.stage_called("graduation")
    calendar = onboarding.account.calendar
    if not onboarding.waves_on:
        return training.planned_start, calendar.next_working_day(graduation.planned_start)
    last = max(onboarding.waves_on, key=lambda wave: wave.go_live_on)
    starts = max(calendar.add_working_days(last.go_live_on, 1), onboarding.account.today)
    starts = calendar.next_working_day(starts)
    return starts, calendar.next_working_day(starts + (last.go_live_on - last.starts_on))


def go_live(wave: Wave) -> None:
    """What its go-live decides: the days of Graduation that the programme gives, and when first value is due."""
    onboarding = wave.onboarding
    days = budgets_for(onboarding.playbook_version.document, onboarding.programme).graduation
    window = planning.Window(wave.go_live_on, wave.go_live_on + timedelta(days=days - 1))
    wave.ends_on = window.ends
    wave.first_value_due = planning.first_value_due(window, onboarding.account.calendar)


def redate_all(wave: Wave) -> None:
    """Give what is open of it the dates that its rules say now, none of them passed already."""
    _redate(wave.onboarding, [step for step in wave.steps if not step.is_closed])


@contextmanager
def fitted(onboarding: Onboarding) -> Iterator[None]:
    """Training and Graduation last as long as their waves, and what all share in Graduation follows the last one."""
    before = _last_days(onboarding)
    target = onboarding.account.calendar.next_working_day(onboarding.stage_called("graduation").planned_end)
    yield
    after = _last_days(onboarding)
    graduation = onboarding.stage_called("graduation")
    ended = graduation.planned_end
    for stage in onboarding.stages:
        if stage.key in after and not stage.is_complete:
            _stretch(stage, before.get(stage.key), after[stage.key])
    if onboarding.first_value_on is None and onboarding.waves_on:
        onboarding.first_value_due = min(wave.first_value_due for wave in onboarding.waves_on)
    if graduation.planned_end != ended:
        _follow(onboarding, graduation, target)


def _last_days(onboarding: Onboarding) -> dict[str, date]:
    waves = onboarding.waves_on
    if not waves:
        return {}
    return {key: max(wave.window(key).ends for wave in waves) for key in ("training", "graduation")}


def _stretch(stage: Stage, before: date | None, after: date) -> None:
    """It grows to its last wave, and shrinks again with it where nothing else had made it longer."""
    if after > stage.planned_end or stage.planned_end == before:
        stage.planned_end = max(after, stage.planned_start)


def _follow(onboarding: Onboarding, graduation: Stage, target: date) -> None:
    last = onboarding.account.calendar.next_working_day(graduation.planned_end)
    if onboarding.target_graduation == target or onboarding.target_graduation < last:
        onboarding.target_graduation = last
    shared = [step for step in graduation.steps if step.wave_n is None and not step.is_closed]
    _redate(onboarding, shared)


def _redate(onboarding: Onboarding, steps: Iterable[Step]) -> None:
    moved = list(steps)
    soonest = onboarding.account.soonest
    for step in moved:
        if step.first_due_on is None:
            date_first(step, soonest)
        else:
            redate(step)
            step.due_on = max(step.due_on, soonest) if step.due_on else None
    milestones.redate(onboarding, moved)


def move_by(onboarding: Onboarding, days: timedelta) -> None:
    """The waves of a draft start with it, that many days later."""
    calendar = onboarding.account.calendar
    with fitted(onboarding):
        for wave in onboarding.waves_on:
            wave.starts_on = calendar.next_working_day(wave.starts_on + days)
            wave.go_live_on = calendar.next_working_day(wave.go_live_on + days)
            go_live(wave)
