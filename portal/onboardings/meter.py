"""The road as a page shows it: four legs of ticks, the sentence above them, and the next step."""

from dataclasses import dataclass, field
from datetime import date

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import web
from portal.accounts.models import User
from portal.onboardings import planning, settling
from portal.onboardings.models import Onboarding
from portal.onboardings.stages import Stage
from portal.onboardings.states import OnboardingState, StageState, StepState
from portal.onboardings.steps import Step
from portal.onboardings.words import STAGE_TITLES

TICK_OF = {
    StepState.DONE: "done",
    StepState.IN_PROGRESS: "in_progress",
    StepState.RETURNED: "in_progress",
    StepState.SUBMITTED: "with_us",
    StepState.BLOCKED: "blocked",
}


NEAR = 14  # Days within which a date is also said as “in 2 days”.


@dataclass(frozen=True)
class Tick:
    """One item on the meter, as wide as its weight."""

    key: str
    state: str
    weight: int


@dataclass(frozen=True)
class Leg:
    """One stage on the meter; its groups are the modules."""

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
    groups: list[list[Tick]]


@dataclass(frozen=True)
class FirstValue:
    """The tick at which the customer first gets something out of it, and when that is expected."""

    key: str
    text: str


@dataclass(frozen=True)
class Road:
    """Everything the meter macros draw."""

    percent: int
    done: int
    total: int
    minutes_left: int
    legs: list[Leg]
    first_value: FirstValue | None
    next: Step | None
    sentence: str = ""
    subline: str = ""
    reader_has_next: bool = field(default=True)


def road_of(onboarding: Onboarding, next_step: Step | None, *, sentence: str = "", subline: str = "") -> Road:
    """The meter of `onboarding`, with `next_step` marked."""
    return Road(
        percent=onboarding.percent,
        done=onboarding.items_done,
        total=onboarding.items_total,
        minutes_left=onboarding.minutes_left,
        legs=[_leg(stage, next_step) for stage in onboarding.stages],
        first_value=_first_value(onboarding),
        next=next_step,
        sentence=sentence,
        subline=subline,
    )


def _leg(stage: Stage, next_step: Step | None) -> Leg:
    onboarding = stage.onboarding
    items = stage.items
    return Leg(
        key=stage.key,
        title=str(STAGE_TITLES[stage.key]),
        share=stage.share,
        done=sum(step.is_done for step in items),
        total=len(items),
        optional=sum(not step.required and step.visible and not step.is_closed for step in stage.steps),
        fact=_fact(stage),
        state=stage.state.value,
        current=onboarding.current_stage == stage.key,
        url=url_for("road.stage", oid=onboarding.ref, key=stage.key),
        groups=_groups(items, next_step),
    )


def _groups(items: list[Step], next_step: Step | None) -> list[list[Tick]]:
    groups: dict[int, list[Tick]] = {}
    for step in items:
        groups.setdefault(step.module_id, []).append(Tick(step.key, tick_state(step, next_step), step.weight))
    return list(groups.values())


def tick_state(step: Step, next_step: Step | None) -> str:
    """The word of the meter for a step: done, next, in_progress, with_us, blocked or todo."""
    if next_step is not None and step.id == next_step.id:
        return "next"
    if step.state in TICK_OF:
        return TICK_OF[step.state]
    return "with_us" if step.with_us else "todo"


def _fact(stage: Stage) -> str:
    """One date that says where this stage stands."""
    onboarding = stage.onboarding
    if stage.state is StageState.COMPLETE and stage.completed_at:
        return _("done %(date)s", date=web.short_day(stage.completed_at))
    if stage.key == "graduation":
        return _("target %(date)s", date=web.short_day(onboarding.target_graduation))
    if stage.is_open:
        if onboarding.state is OnboardingState.ACTIVE and stage.planned_end < onboarding.account.today:
            return _("%(date)s, we can move it", date=web.day(stage.planned_end, "dMMMM"))
        return _("by %(date)s", date=web.day(stage.planned_end, "dMMMM"))
    texts = onboarding.playbook_version.document.stage_text(stage.key)  # type: ignore[arg-type]
    return _("opens %(when)s", when=texts.opens_when)


def _first_value(onboarding: Onboarding) -> FirstValue | None:
    step = next(
        (step for step in onboarding.steps if step.counts and step.spec.records == "first_value"), None
    )
    if step is None or step.is_done:
        return None
    name = step.spec.unlocks or step.title
    expected = web.short_day(onboarding.forecast(onboarding.first_value_due))
    return FirstValue(step.key, _("%(what)s, about %(date)s", what=name, date=expected))


# --- Which step comes next, and for whom ---------------------------------------------------------


def next_for(onboarding: Onboarding, reader: User) -> Step | None:
    """The reader's next step: an admin's is the onboarding's, a teammate's the next of their own or unassigned."""
    if not onboarding.is_running:
        return None
    theirs = [step for step in onboarding.steps if step.workable_by(reader)]
    chosen = planning.next_step(step.facts for step in theirs)
    return onboarding.step_called(chosen.key) if chosen else None


# --- Rows ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    """One line of a timetable: date, tick, title, who and how long."""

    date_text: str
    title: str
    url: str
    state: str
    who_text: str
    minutes_text: str
    is_next: bool
    is_locked: bool
    is_done: bool
    optional: bool
    state_text: str


def item_of(step: Step, reader: User, next_step: Step | None) -> Item:
    """The line of one step, as `reader` sees it."""
    return Item(
        date_text=_date_text(step),
        title=step.title,
        url=url_for("road.step", oid=step.onboarding.ref, sid=step.ref),
        state=tick_state(step, None),
        who_text=_who(step, reader),
        minutes_text="" if step.is_closed or not step.minutes else minutes(step.minutes),
        is_next=next_step is not None and step.id == next_step.id,
        is_locked=step.state is StepState.LOCKED,
        is_done=step.is_done,
        optional=not step.required,
        state_text=_state_text(step),
    )


def _date_text(step: Step) -> str:
    if step.is_done:
        return web.short_day(step.done_at)
    if step.due_on is None:
        return ""
    if step.stage.is_open:
        return web.short_day(step.due_on)
    return _("about %(date)s", date=web.short_day(step.due_on))


def _who(step: Step, reader: User) -> str:
    if step.is_done:
        if step.done_via == "creation" or step.done_for_you:
            return _("done for you")
        return _("held") if step.done_via == "call" else name_for(step.done_by, reader)
    holder = holder_of(step)
    if holder is not None:
        return name_for(holder, reader)
    return _("anyone") if step.is_customers else ""


def holder_of(step: Step) -> User | None:
    """Who has the ball: who writes what an approval waits for, who reviews what was handed in, else who does it."""
    if first := step.waits_for:
        return first.assignee
    return step.onboarding.owner if step.state is StepState.SUBMITTED else step.assignee


def _state_text(step: Step) -> str:
    if step.state is StepState.SUBMITTED:
        return _("with us")
    if step.state is StepState.RETURNED:
        return _("something to change")
    if step.state is StepState.BLOCKED:
        return _("something's in the way")
    return ""


def name_for(user: User | None, reader: User) -> str:
    """How `reader` reads this name: “you” for themselves."""
    if user is None:
        return ""
    return _("you") if user.id == reader.id else user.called


def minutes(count: int) -> str:
    """“10 min”, “1 h 20 min”."""
    hours, rest = divmod(count, 60)
    if not hours:
        return _("%(n)s min", n=rest)
    return _("%(h)s h %(n)s min", h=hours, n=rest) if rest else _("%(h)s h", h=hours)


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
    return settling.planned_due(step).is_about
