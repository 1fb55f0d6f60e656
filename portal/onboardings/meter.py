"""The road as a page shows it: four legs of ticks with their dates, and the sentence above them."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from flask_babel import gettext as _
from markupsafe import Markup

from portal import web
from portal.onboardings import drawing, progress
from portal.onboardings.links import links_of
from portal.onboardings.models import Onboarding
from portal.onboardings.snapshot import of_wave, weight_done
from portal.onboardings.states import OnboardingState, StageState
from portal.onboardings.steps import Step
from portal.onboardings.waves import Wave
from portal.onboardings.words import STAGE_TITLES


@dataclass(frozen=True)
class Leg:
    """One stage on the meter. `more` is a second date of it, `drawn` are its ticks; `is_bar` says that they are too
    narrow to be told apart."""

    key: str
    title: str
    share: int
    done: int
    total: int
    optional: int
    fact: str
    more: str
    state: str
    current: bool
    url: str
    drawn: Markup
    is_bar: bool


@dataclass(frozen=True)
class Road:
    """Everything the meter macros draw. `wave` is the department whose way alone it is."""

    percent: int
    done: int
    total: int
    minutes_left: int
    legs: list[Leg]
    has_next: bool
    sentence: str = ""
    subline: str = ""
    wave: str = ""


def road_of(
    onboarding: Onboarding,
    next_step: Step | None,
    *,
    tag: str = "",
    sentence: str = "",
    subline: str = "",
    wave: Wave | None = None,
) -> Road:
    """The meter of `onboarding` from its stored snapshot, with `next_step` marked and `tag` hung on it; only of what
    concerns `wave`, where one is given."""
    part = _whole(onboarding) if wave is None else _part(onboarding, wave)
    first_key, first_on = part.first_key, web.short_day(value_expected_on(onboarding, wave))
    first_value = _("First value, about %(date)s", date=first_on) if first_key else ""
    more = {"graduation": _("first value about %(date)s", date=first_on)} if first_key and not wave else {}
    hanging = drawing.Hanging(next_step.key if next_step else None, tag, first_key, first_value)
    shares, groups = [stage["share"] for stage in part.stages], [stage["groups"] for stage in part.stages]
    legs = zip(part.stages, drawing.legs(shares, groups, hanging), strict=True)
    return Road(
        percent=part.percent,
        done=sum(stage["done"] for stage in part.stages),
        total=sum(stage["total"] for stage in part.stages),
        minutes_left=part.minutes_left,
        legs=[_leg(onboarding, stage, more, *drawn, wave=wave) for stage, drawn in legs],
        has_next=next_step is not None,
        sentence=sentence,
        subline=subline,
        wave=wave.department if wave else "",
    )


class _Part(NamedTuple):
    """What a meter is drawn from: stages as in the snapshot, and the key of the next tick that shows first value."""

    stages: list[dict[str, Any]]
    percent: int
    minutes_left: int
    first_key: str | None


def _whole(onboarding: Onboarding) -> _Part:
    meter = onboarding.meter
    return _Part(meter["stages"], onboarding.percent, onboarding.minutes_left, meter["first_value"])


def _part(onboarding: Onboarding, wave: Wave) -> _Part:
    """One department's way: its own items and those that all share, as far as they are."""
    stages = [of_wave(stage, wave.n) for stage in onboarding.meter["stages"]]
    shows_value = links_of(onboarding).first_value
    ticks = [tick for stage in stages for group in stage["groups"] for tick in group]
    first_key = next((key for key, word, _weight in ticks if key in shows_value and word != "done"), None)
    fractions = {stage["key"]: _part_done(stage) for stage in stages}
    points = progress.overall(fractions, onboarding.stored_shares)
    return _Part(stages, progress.shown(points, graduated=onboarding.graduated), 0, first_key)


def _part_done(stage: dict[str, Any]) -> Fraction:
    """By weight, as the whole meter, but without what changes of scope have left to it."""
    whole = sum(weight for group in stage["groups"] for _key, _word, weight in group)
    return Fraction(weight_done(stage), whole) if whole else Fraction(1)


def _fact_of_wave(onboarding: Onboarding, wave: Wave, stage: dict[str, Any]) -> str:
    """Training ends, for a wave, when it goes live."""
    if stage["key"] == "training" and stage["state"] != StageState.COMPLETE:
        if wave.went_live_on is not None:
            return _("live since %(date)s", date=web.short_day(wave.went_live_on))
        return _("live on %(date)s", date=web.short_day(wave.go_live_on))
    if stage["key"] == "graduation" and wave.first_value_on is not None:
        return _("first value %(date)s", date=web.short_day(wave.first_value_on))
    return _fact(onboarding, stage)


def _leg(
    onboarding: Onboarding,
    stage: dict[str, Any],
    more: dict[str, str],
    drawn: Markup,
    is_bar: bool,
    *,
    wave: Wave | None,
) -> Leg:
    key = stage["key"]
    return Leg(
        key=key,
        title=str(STAGE_TITLES[key]),
        share=stage["share"],
        done=stage["done"],
        total=stage["total"],
        optional=stage["optional"],
        fact=_fact_of_wave(onboarding, wave, stage) if wave else _fact(onboarding, stage),
        more=more.get(key, ""),
        state=stage["state"],
        current=onboarding.current_stage == key,
        url=f"/o/{onboarding.ref}/stages/{key}" + (f"?wave={wave.n}" if wave else ""),
        drawn=drawn,
        is_bar=is_bar,
    )


def _fact(onboarding: Onboarding, stage: dict[str, Any]) -> str:
    """One date that says where this stage stands."""
    if stage["completed"] and stage["state"] == StageState.COMPLETE:
        return _("done %(date)s", date=web.short_day(date.fromisoformat(stage["completed"])))
    if stage["key"] == "graduation":
        return _("target %(date)s", date=web.short_day(onboarding.target_graduation))
    if stage["state"] != StageState.LOCKED:
        ends = ends_on(onboarding, stage)
        if onboarding.state is OnboardingState.ACTIVE and ends < onboarding.account.today:
            return _("%(date)s, we can move it", date=web.day(ends, "dMMMM"))
        return _("by %(date)s", date=web.day(ends, "dMMMM"))
    texts = onboarding.playbook_version.document.stage_text(stage["key"])
    return _("opens %(when)s", when=texts.opens_when)


def ends_on(onboarding: Onboarding, stage: dict[str, Any]) -> date:
    """The last working day of a stage, from its entry in the stored meter: nobody is held to a Sunday."""
    return onboarding.account.calendar.previous_working_day(date.fromisoformat(stage["ends"]))


def expected_on(onboarding: Onboarding, planned_on: date) -> date:
    """When something planned for that day is to be expected at today's progress."""
    account = onboarding.account
    return progress.forecast(
        planned_on,
        onboarding.progress,
        onboarding.stored_plan,
        onboarding.pauses,
        account.today,
        account.calendar,
        onboarding.stored_shares,
    )


def value_expected_on(onboarding: Onboarding, wave: Wave | None = None) -> date:
    """When first value is to be expected at today's progress: that of `wave`, else the first that any wave
    sees. No wave sees it before it goes live."""
    days = [
        max(expected_on(onboarding, one.first_value_due), one.went_live_on or one.go_live_on)
        for one in ([wave] if wave else onboarding.waves_on)
    ]
    return min(days) if days else expected_on(onboarding, onboarding.first_value_due)
