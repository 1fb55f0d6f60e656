"""The lines of the staff's list of onboardings, in groups by who has to move."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from portal import web
from portal.desk import queries
from portal.desk.queries import Leg
from portal.onboardings import progress
from portal.onboardings.models import Onboarding
from portal.onboardings.planning import Hold
from portal.onboardings.states import OnboardingState, StepState
from portal.onboardings.steps import Step
from portal.onboardings.words import SEGMENTS, STAGE_TITLES

# Shape (components/icons.html), word, and how the group is sorted.
LOOKS = {
    "us": ("with_us", _l("Waiting on us"), _l("oldest promise first")),
    "customer": ("todo", _l("Customer's turn"), _l("next date first")),
    "nobody": ("on_track", _l("Nobody's turn"), _l("everything that can be done now is done")),
    "draft": ("in_progress", _l("Drafts"), _l("the customer sees nothing yet")),
    "hold": ("on_hold", _l("On hold"), ""),
    "over": ("done", _l("Over"), ""),
}


@dataclass(frozen=True)
class Row:
    """One onboarding in the list (components/staff.html, account_table)."""

    name: str
    url: str
    segment: str
    who_text: str
    next_text: str
    due_text: str
    since_text: str
    late: bool
    stage_text: str
    legs: list[Leg]
    percent: int
    plan: int | None
    day_text: str


@dataclass(frozen=True)
class Group:
    """The rows of one page that have the same turn."""

    kind: str
    word: str
    rule: str
    rows: list[Row]


def groups_of(page: queries.Page) -> list[Group]:
    """The page's rows in their groups; two statements, whatever their number."""
    ids = [onboarding.id for _group, onboarding in page.rows]
    pauses = queries.pauses(ids)
    ours = queries.first_of_ours([onboarding.id for group, onboarding in page.rows if group == "us"])
    made: dict[str, list[Row]] = {}
    for group, onboarding in page.rows:
        step = ours.get(onboarding.id) if group == "us" else onboarding.next_step
        row = _row(onboarding, group, queries.legs_of(onboarding), pauses.get(onboarding.id, []), step)
        made.setdefault(group, []).append(row)
    return [Group(LOOKS[key][0], str(LOOKS[key][1]), str(LOOKS[key][2]), rows) for key, rows in made.items()]


def _row(
    onboarding: Onboarding, group: str, legs: list[Leg], pauses: Sequence[Hold], step: Step | None
) -> Row:
    account = onboarding.account
    due = step.due_on if step and group == "us" else onboarding.next_due_on
    return Row(
        name=account.name,
        url=url_for("desk.account", ref=account.ref, o=onboarding.ref),
        segment=str(SEGMENTS[account.segment]),
        who_text=_who(step),
        next_text=_next(onboarding, step),
        due_text=_near(due, account.today) if group in ("us", "customer") else "",
        since_text=web.short_day(_since(onboarding, group, step)) if group != "draft" else "",
        late=bool(group == "us" and due and due < account.today),
        stage_text=_stage(onboarding, legs),
        legs=legs,
        percent=onboarding.percent,
        plan=_plan(onboarding, legs, pauses) if group in ("us", "customer", "nobody", "hold") else None,
        day_text=_day(onboarding),
    )


def _plan(onboarding: Onboarding, legs: list[Leg], pauses: Sequence[Hold]) -> int:
    """The percent that the plan says for today."""
    windows, shares = {leg.key: leg.window for leg in legs}, {leg.key: leg.share for leg in legs}
    return int(progress.expected(onboarding.account.today, windows, pauses, shares)) if legs else 0


def _since(onboarding: Onboarding, group: str, step: Step | None) -> datetime | date | None:
    """Since when it is their turn. What we are late with is ours since it was handed to us, or was due."""
    if group == "us" and onboarding.ball != "us" and step is not None:
        return step.submitted_at or step.due_on
    return onboarding.ball_since


def _who(step: Step | None) -> str:
    if step is None:
        return ""
    if step.state is StepState.SUBMITTED:
        return _("Us")
    if step.assignee is None:
        return ""
    return _("You") if step.assignee.id == current_user.id else step.assignee.called


def _next(onboarding: Onboarding, step: Step | None) -> str:
    if step is not None:
        review = step.state is StepState.SUBMITTED
        return _("review “%(title)s”", title=step.title) if review else step.title
    if onboarding.state is OnboardingState.CANCELLED:
        return _("ended")
    return _("graduated") if onboarding.graduated else ""


def _near(due: date | None, today: date) -> str:
    return _("today") if due == today else web.short_day(due)


def _stage(onboarding: Onboarding, legs: list[Leg]) -> str:
    title = STAGE_TITLES[onboarding.current_stage]
    leg = next((leg for leg in legs if leg.key == onboarding.current_stage), None)
    if leg is None or not leg.total:
        return str(title)
    return _("%(stage)s %(done)s of %(total)s", stage=title, done=leg.done, total=leg.total)


def _day(onboarding: Onboarding) -> str:
    if onboarding.graduated or onboarding.state is OnboardingState.CANCELLED:
        return ""
    if onboarding.day < 0:
        return _("from %(date)s", date=web.short_day(onboarding.start_date))
    return f"{onboarding.day} / {onboarding.programme}"
