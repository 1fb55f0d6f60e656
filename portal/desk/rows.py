"""The lines of the staff's list of onboardings, in groups by who has to move."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal import web
from portal.desk import queries, waits
from portal.desk.queries import Leg
from portal.desk.waits import Wait
from portal.messages.queries import waiting
from portal.onboardings import progress
from portal.onboardings.models import Onboarding
from portal.onboardings.states import RUNNING, OnboardingState
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
# Where the plan still says something about today.
PLANNED = RUNNING | {OnboardingState.ON_HOLD}


@dataclass(frozen=True)
class Row:
    """One onboarding in the list (components/staff.html, account_table). `marked` is the reader's own next thing."""

    name: str
    url: str
    marked: bool
    segment: str
    who_text: str
    next_text: str
    asked_text: str  # A question that waits for its answer behind something promised earlier.
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
    """The rows of one page that have the same turn; `count` is how many there are on all pages."""

    kind: str
    word: str
    rule: str
    count: int
    rows: list[Row]


def groups_of(page: queries.Page, counts: Mapping[str, int], *, mark: bool) -> list[Group]:
    """The page's rows in their groups; four statements, whatever their number.

    With `mark`, the first that waits on the reader themselves is marked; what waits on a colleague names them.
    """
    queries.load_holds([onboarding for _group, onboarding in page.rows])
    us = [onboarding for group, onboarding in page.rows if group == "us"]
    ours = _waits(us)
    own = next((one.id for one in us if mark and ours[one.id] and ours[one.id][0].is_viewers), None)
    made: dict[str, list[Row]] = {}
    for group, onboarding in page.rows:
        row = _row(onboarding, group, ours.get(onboarding.id, []), marked=onboarding.id == own)
        made.setdefault(group, []).append(row)
    return [
        Group(LOOKS[k][0], str(LOOKS[k][1]), str(LOOKS[k][2]), counts.get(k, 0), rows)
        for k, rows in made.items()
    ]


def _waits(onboardings: list[Onboarding]) -> dict[int, list[Wait]]:
    """For each of those that wait on us, with what, what we promised first on top."""
    if not onboardings:
        return {}
    queries.load_teams(onboardings)
    steps, threads = queries.ours_of(onboardings), waiting(one.id for one in onboardings)
    return {one.id: waits.waits_of(one, steps[one.id], threads.get(one.id)) for one in onboardings}


def _row(onboarding: Onboarding, group: str, ours: list[Wait], *, marked: bool) -> Row:
    wait = ours[0] if ours else None
    account, today = onboarding.account, onboarding.account.today
    due = wait.by if wait else onboarding.next_due_on
    who, what = _of_us(wait) if wait else _of_them(onboarding)
    legs = queries.legs_of(onboarding)
    return Row(
        name=account.name,
        url=url_for("desk.account", ref=account.ref, o=onboarding.ref),
        marked=marked,
        segment=str(SEGMENTS[account.segment]),
        who_text=who,
        next_text=what,
        asked_text=next((_asked(one) for one in ours[1:] if one.question), ""),
        due_text=_near(due, today) if group in ("us", "customer") else "",
        since_text=web.short_day(_since(onboarding, group, wait)),
        # Late by the date of the account: that is the one we promised in. The list as a whole is grouped by the
        # reader's (queries.page), so near midnight a row can stand among those that wait on us before it is red.
        late=bool(wait and wait.is_late(today)),
        stage_text=_stage(onboarding, legs),
        legs=legs,
        percent=onboarding.percent,
        plan=_plan(onboarding, legs) if onboarding.state in PLANNED else None,
        day_text=_day(onboarding),
    )


def _plan(onboarding: Onboarding, legs: list[Leg]) -> int:
    """The percent that the plan says for today."""
    windows, shares = {leg.key: leg.window for leg in legs}, {leg.key: leg.share for leg in legs}
    today, holds = onboarding.account.today, onboarding.pauses
    return int(progress.expected(today, windows, holds, shares)) if legs else 0


def _since(onboarding: Onboarding, group: str, wait: Wait | None) -> datetime | None:
    """Since when it is their turn."""
    if group == "draft":
        return None
    return wait.since if wait else onboarding.ball_since


def _of_us(wait: Wait) -> tuple[str, str]:
    """Who of us is to do what."""
    if wait.question is not None:
        return waits.asks(wait), waits.excerpt(wait.question)
    title = wait.step.title if wait.step else ""
    what = _("review “%(title)s”", title=title) if wait.is_review else title
    if wait.who is None:
        return _("Us"), what
    return _("You") if wait.is_viewers else wait.who.called, what


def _asked(wait: Wait) -> str:
    return _("%(asks)s: %(text)s", asks=waits.asks(wait), text=waits.excerpt(wait.question))


def _of_them(onboarding: Onboarding) -> tuple[str, str]:
    """Who of the customer is to do what, or what became of it."""
    if onboarding.state is OnboardingState.CANCELLED:
        return "", _("ended")
    if (step := onboarding.next_step) is not None:
        return step.assignee.called if step.assignee else "", step.title
    return "", _("graduated") if onboarding.graduated else ""


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
