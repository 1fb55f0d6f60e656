"""The road as a page shows it: four legs of ticks, the sentence above them, and the next step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from portal import web
from portal.accounts.models import User
from portal.onboardings import drawing, planning, progress, settling
from portal.onboardings.letters import reviewer
from portal.onboardings.models import Onboarding
from portal.onboardings.snapshot import tick_word
from portal.onboardings.states import OnboardingState, StageState, StepState
from portal.onboardings.steps import Step
from portal.onboardings.words import STAGE_TITLES, minutes

NEAR = 14  # Days within which a date is also said as “in 2 days”.


@dataclass(frozen=True)
class Leg:
    """One stage on the meter. `drawn` are its ticks; `is_bar` says that they are too narrow to be told apart."""

    key: str
    title: str
    share: int
    done: int
    total: int
    optional: int
    fact: str
    state: str
    current: bool
    url: str
    drawn: Markup
    is_bar: bool


@dataclass(frozen=True)
class Road:
    """Everything the meter macros draw."""

    percent: int
    done: int
    total: int
    minutes_left: int
    legs: list[Leg]
    has_next: bool
    sentence: str = ""
    subline: str = ""


def road_of(
    onboarding: Onboarding, next_step: Step | None, *, tag: str = "", sentence: str = "", subline: str = ""
) -> Road:
    """The meter of `onboarding` from its stored snapshot, with `next_step` marked and `tag` hung on it."""
    stages = onboarding.meter["stages"]
    key = next_step.key if next_step else None
    hanging = drawing.Hanging(key, tag, *_first_value(onboarding))
    drawn = drawing.legs([stage["share"] for stage in stages], [stage["groups"] for stage in stages], hanging)
    return Road(
        percent=onboarding.percent,
        done=onboarding.items_done,
        total=onboarding.items_total,
        minutes_left=onboarding.minutes_left,
        legs=[_leg(onboarding, stage, *leg) for stage, leg in zip(stages, drawn, strict=True)],
        has_next=next_step is not None,
        sentence=sentence,
        subline=subline,
    )


def _leg(onboarding: Onboarding, stage: dict[str, Any], drawn: Markup, is_bar: bool) -> Leg:
    key = stage["key"]
    return Leg(
        key=key,
        title=str(STAGE_TITLES[key]),
        share=stage["share"],
        done=stage["done"],
        total=stage["total"],
        optional=stage["optional"],
        fact=_fact(onboarding, stage),
        state=stage["state"],
        current=onboarding.current_stage == key,
        url=f"/o/{onboarding.ref}/stages/{key}",
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


def _first_value(onboarding: Onboarding) -> tuple[str | None, str]:
    key = onboarding.meter["first_value"]
    if key is None:
        return None, ""
    on = web.short_day(expected_on(onboarding, onboarding.first_value_due))
    return key, _("First value, about %(date)s", date=on)


# --- Which step comes next, and for whom ---------------------------------------------------------


def next_for(onboarding: Onboarding, reader: User, steps: Sequence[Step] | None = None) -> Step | None:
    """The reader's next step: of their own and of those that nobody has; for an admin, else a colleague's.

    `steps` are those to choose from, when not all of them have been read.
    """
    if not onboarding.is_running:
        return None
    theirs = {s.key: s for s in (onboarding.steps if steps is None else steps) if s.workable_by(reader)}
    own = [step.facts for step in theirs.values() if step.assignee_id in (None, reader.id)]
    today = onboarding.account.today
    chosen = planning.next_step(own, today) or planning.next_step(
        (step.facts for step in theirs.values()), today
    )
    return theirs[chosen.key] if chosen else None


# --- Rows ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    """One line of a timetable: date, tick, title, who and how long. `is_others`: open, and somebody else's turn."""

    date_text: str
    title: str
    url: str
    state: str
    who_text: str
    minutes_text: str
    is_next: bool
    is_locked: bool
    is_done: bool
    is_others: bool
    optional: bool
    word: str


def item_of(step: Step, reader: User, next_step: Step | None) -> Item:
    """The line of one step, as `reader` sees it."""
    is_next = next_step is not None and step.id == next_step.id
    holder = None if step.is_done else holder_of(step)
    return Item(
        date_text=_date_text(step),
        title=step.title,
        url=f"/o/{step.onboarding.ref}/steps/{step.ref}",
        state=tick_word(step),
        who_text=_who(step, holder, reader),
        minutes_text="" if step.is_closed or step.with_us or not step.minutes else minutes(step.minutes),
        is_next=is_next,
        is_locked=step.state is StepState.LOCKED,
        is_done=step.is_done,
        is_others=holder is not None and holder.id != reader.id,
        optional=not step.required,
        word=_word(step, is_next),
    )


def _date_text(step: Step) -> str:
    if step.is_done:
        return web.short_day(step.done_at)
    if step.due_on is None:
        return ""
    if step.stage.is_open:
        return web.short_day(step.due_on)
    return _("about %(date)s", date=web.short_day(step.due_on))


def _who(step: Step, holder: User | None, reader: User) -> str:
    if step.is_done:
        if step.done_via == "creation" or step.done_for_you:
            return _("done for you")
        return _("held") if step.done_via == "call" else name_for(step.done_by, reader)
    if holder is not None:
        return name_for(holder, reader)
    return _("anyone") if step.is_customers else ""


def holder_of(step: Step) -> User | None:
    """Who has the ball: who writes what an approval waits for, who answers what was handed in or is to be changed,
    else who does it."""
    if first := step.waits_for:
        return first.assignee
    return reviewer(step) if step.state is StepState.SUBMITTED or step.asks_change else step.assignee


def _word(step: Step, is_next: bool) -> str:
    """What the mark of this line says to who can't see it."""
    if is_next:
        return _("next")
    match tick_word(step):
        case "done":
            return _("done")
        case "in_progress":
            return _("something to change") if step.state is StepState.RETURNED else _("started")
        case "with_us":
            return _("with us")
        case "blocked":
            return _("something is in the way")
    return _("not open yet") if step.state is StepState.LOCKED else _("open")


def name_for(user: User | None, reader: User) -> str:
    """How `reader` reads this name: “you” for themselves."""
    if user is None:
        return ""
    return _("you") if user.id == reader.id else user.called


def by_when(due: date | None, today: date) -> str:
    """“by Thu 12 March, in 2 days”; a date that has passed is “planned for”, never “overdue”."""
    if due is None:
        return ""
    if due < today:
        return _("planned for %(date)s", date=web.day(due))
    return _("by %(when)s", when=when(due, today))


def when(due: date, today: date) -> str:
    """“Thu 12 March, in 2 days”, for a place that says “by” already; far dates stand alone."""
    days = (due - today).days
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow, %(date)s", date=web.day(due))
    if not 0 < days <= NEAR:
        return web.day(due)
    near = ngettext("in %(num)s day", "in %(num)s days", days)
    return _("%(date)s, %(near)s", date=web.day(due), near=near)


def is_about(step: Step) -> bool:
    """Whether the date of this step still hangs on something that hasn't happened."""
    return not step.due_by_hand and settling.planned_due(step).is_about
