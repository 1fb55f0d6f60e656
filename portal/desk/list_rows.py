"""The lines of the staff's list of onboardings, in groups by who has to move."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal import web
from portal.accounts.words import SEGMENTS
from portal.desk import list_queries, queries, standing, waits
from portal.desk.waits import Wait
from portal.messages.models import Thread
from portal.onboardings import progress
from portal.onboardings.models import Onboarding
from portal.onboardings.states import RUNNING, OnboardingState
from portal.onboardings.steps import Step
from portal.onboardings.turns import Turn
from portal.onboardings.words import STAGE_TITLES

# Shape (components/icons.html), word, and how the group is sorted.
LOOKS = {
    Turn.US: ("with_us", _l("Waiting on us"), _l("oldest promise first")),
    Turn.CUSTOMER: ("todo", _l("Customer's turn"), _l("next date first")),
    Turn.BLOCKED: ("blocked", _l("Blocked"), _l("oldest date first")),
    Turn.NOBODY: ("on_track", _l("Nobody's turn"), _l("everything that can be done now is done")),
    Turn.DRAFT: ("in_progress", _l("Drafts"), _l("the customer sees nothing yet")),
    Turn.HOLD: ("on_hold", _l("On hold"), _l("next review first")),
    Turn.OVER: ("done", _l("Over"), _l("newest first")),
}


Unfinished = Mapping[int, tuple[list[Wait], Step | None]]


@dataclass(frozen=True)
class Row:
    """One onboarding in the list (components/staff.html, account_table). `marked` is the reader's own next thing;
    `apart` is what tells it from another onboarding of its account, and `also` are lines of what waits behind the
    first thing."""

    ref: str
    name: str
    apart: str
    url: str
    marked: bool
    segment: str
    who_text: str
    next_text: str
    also: list[str]
    due_on: date | None
    due_text: str
    since_on: date | None
    since_text: str
    late: bool
    stage_text: str
    legs: list[dict[str, Any]]
    percent: int
    plan: int | None
    day_text: str
    pace_text: str
    health: standing.Line | None


@dataclass(frozen=True)
class Group:
    """The rows of one page that have the same turn; `count` is how many there are on all pages."""

    kind: str
    word: str
    rule: str
    count: int
    rows: list[Row]


def groups_of(
    page: list_queries.Page, counts: Mapping[Turn, int], *, mine: bool, mark: bool
) -> tuple[list[Group], int | None]:
    """The page's rows in their groups, and how many onboardings, on all pages, wait for the reader themselves; None
    unless the list is `mine`, the reader's own. Three statements, whatever their number.

    With `mine` and `mark`, the row with the reader's own oldest wait is marked, of those that wait on us if it can be.
    """
    unfinished = _unfinished(page.every, page.threads)
    ours = {key: found for key, (found, _blocked) in unfinished.items()}
    own = _next_own(page.rows, ours) if mine and mark else None
    made: dict[Turn, list[Row]] = {}
    for onboarding in page.rows:
        made.setdefault(onboarding.turn, []).append(
            _row(onboarding, unfinished, page, marked=onboarding.id == own)
        )
    groups = [
        Group(LOOKS[turn][0], str(LOOKS[turn][1]), str(LOOKS[turn][2]), counts.get(turn, 0), rows)
        for turn, rows in made.items()
    ]
    return groups, sum(_own(ours[one.id]) is not None for one in page.owing) if mine else None


def rows_of(page: list_queries.Page) -> list[Row]:
    """The page's rows one after the other, nothing of them marked. Three statements, whatever their number."""
    unfinished = _unfinished(page.rows, page.threads)
    return [_row(onboarding, unfinished, page, marked=False) for onboarding in page.rows]


def _unfinished(onboardings: list[Onboarding], threads: Mapping[int, Thread]) -> Unfinished:
    """For each of these what waits on us, what we promised first on top, and what is in the customer's way."""
    if not onboardings:
        return {}
    queries.load_teams(onboardings)
    steps, calls = queries.unfinished_of(onboardings), queries.calls_to_see_to(onboardings)
    return {
        one.id: (
            waits.waits_of(one, steps[one.id], threads.get(one.id), calls[one.id]),
            waits.in_the_way(steps[one.id]),
        )
        for one in onboardings
    }


def _own(ours: Iterable[Wait]) -> Wait | None:
    """The first of these that the reader has in hand."""
    return next((wait for wait in ours if wait.is_viewers), None)


def _next_own(rows: Iterable[Onboarding], ours: Mapping[int, list[Wait]]) -> int | None:
    """The id of the row that holds what the reader is to do next."""
    found = [(one.turn, one.id, wait) for one in rows if (wait := _own(ours.get(one.id, [])))]
    first = min(found, key=lambda each: (each[0] is not Turn.US, each[2].by or date.max), default=None)
    return first[1] if first else None


def _row(onboarding: Onboarding, unfinished: Unfinished, page: list_queries.Page, *, marked: bool) -> Row:
    ours, in_the_way = unfinished.get(onboarding.id, ([], None))
    blocked = in_the_way if onboarding.turn is Turn.BLOCKED else None
    wait = ours[0] if ours and onboarding.turn is Turn.US else None
    account, today = onboarding.account, onboarding.account.today
    who, what = _of_us(wait) if wait else _of_them(onboarding, blocked)
    legs = onboarding.meter["stages"]
    due, since = _due(onboarding, wait, blocked), _since(onboarding, wait, blocked)
    plan = planned_percent(onboarding) if onboarding.state in RUNNING else None
    return Row(
        ref=onboarding.ref,
        name=account.name,
        apart=_apart(onboarding) if onboarding.id in page.twins else "",
        url=url_for("desk.account", ref=account.ref, o=onboarding.ref),
        marked=marked,
        segment=str(SEGMENTS[account.segment]),
        who_text=who,
        next_text=what,
        also=[waits.obstacle(blocked)] if blocked else _also(ours, wait),
        due_on=due,
        due_text=_("today") if due == today else web.short_day(due),
        since_on=since,
        since_text=waits.day_text(since, account),
        # Late by the date of the account, which is the one we promised in, at this moment: a row is red from its
        # midnight on, whenever the job that moves it up comes by.
        late=bool(wait and wait.is_late(today)),
        stage_text=_stage(onboarding, legs),
        legs=legs,
        percent=onboarding.percent,
        plan=plan,
        day_text=_day(onboarding),
        pace_text=_pace(onboarding.percent, plan),
        health=standing.line_of(onboarding),
    )


def _apart(onboarding: Onboarding) -> str:
    return _("%(product)s, %(days)s days", product=onboarding.product.name, days=onboarding.programme)


def _also(ours: list[Wait], shown: Wait | None) -> list[str]:
    """What waits on us behind what is `shown`: the reader's own, the customer's question and, where nothing of ours
    is shown, the first."""
    rest = [wait for wait in ours if wait is not shown]
    own = None if shown and shown.is_viewers else _own(rest)
    question = next((wait for wait in rest if wait.question), None)
    first = rest[0] if rest and shown is None and own is None else None
    return [_line(wait) for wait in ours if wait in (own, question, first)]


def _line(wait: Wait) -> str:
    if wait.question is not None:
        return _("%(asks)s: %(text)s", asks=waits.asks(wait), text=waits.excerpt(wait.question))
    who, what = _of_us(wait)
    if wait.by is None:
        return _("%(who)s: %(what)s", who=who, what=what)
    return _("%(who)s: %(what)s, %(date)s", who=who, what=what, date=web.day(wait.by, "EEEdMMM"))


def _due(onboarding: Onboarding, wait: Wait | None, blocked: Step | None) -> date | None:
    if blocked is not None:
        return blocked.due_on
    if wait is not None:
        return wait.by
    return onboarding.next_due_on if onboarding.turn in (Turn.US, Turn.CUSTOMER) else None


def _since(onboarding: Onboarding, wait: Wait | None, blocked: Step | None) -> date | None:
    """Since when it is their turn or on hold, by the account's days; of what is over, when it ended."""
    if wait is None and (hold := onboarding.hold):
        return hold.began_on
    since = onboarding.ball_since
    if onboarding.turn is Turn.OVER:
        since = onboarding.graduated_at or since
    if blocked is not None:
        since = blocked.blocked_at
    elif wait is not None:
        since = wait.since
    there = since.astimezone(onboarding.account.zone).date() if since else None
    return None if onboarding.turn is Turn.DRAFT else there


def planned_percent(onboarding: Onboarding) -> int:
    """The percent that the plan says for today."""
    today, plan = onboarding.account.today, onboarding.stored_plan
    return int(progress.expected(today, plan, onboarding.pauses, onboarding.stored_shares))


def _pace(percent: int, plan: int | None) -> str:
    """Points ahead of the plan, or behind it."""
    if plan is None:
        return ""
    points = percent - plan
    return f"+{points}" if points > 0 else f"−{-points}" if points else "0"


def _of_us(wait: Wait) -> tuple[str, str]:
    """Who of us is to do what."""
    if wait.question is not None:
        return waits.asks(wait), waits.excerpt(wait.question)
    title = wait.step.title if wait.step else ""
    what = _("review “%(title)s”", title=title) if wait.is_review else title
    if wait.call is not None:
        log, move = _("log the call “%(title)s”"), _("find another time for “%(title)s”")
        what = (move if wait.is_to_move else log) % {"title": wait.call.title}
    if wait.who is None:
        return _("Us"), what
    return _("You") if wait.is_viewers else wait.who.called, what


def _of_them(onboarding: Onboarding, blocked: Step | None) -> tuple[str, str]:
    """Who of the customer is to do what, what is in the way, or what became of it."""
    if blocked is not None:
        return _("Blocked"), blocked.title
    if hold := onboarding.hold:
        until = web.day(hold.review_on, "dMMMM")
        return "", _("until %(date)s: %(why)s", date=until, why=hold.reason)
    if onboarding.state is OnboardingState.CANCELLED:
        return "", _("ended")
    if (step := onboarding.next_step) is not None:
        return step.assignee.called if step.assignee else "", step.title
    return "", _("graduated") if onboarding.graduated else ""


def _stage(onboarding: Onboarding, legs: list[dict[str, Any]]) -> str:
    title = STAGE_TITLES[onboarding.current_stage]
    leg = next((leg for leg in legs if leg["key"] == onboarding.current_stage), None)
    if leg is None or not leg["total"]:
        return str(title)
    said = _("%(stage)s %(done)s of %(total)s", stage=title, done=leg["done"], total=leg["total"])
    if onboarding.current_stage != "training" or "wave" not in onboarding.meter:
        return said
    n, waves = onboarding.meter["wave"]
    return _("%(said)s, wave %(n)s of %(waves)s", said=said, n=n, waves=waves)


def _day(onboarding: Onboarding) -> str:
    if onboarding.state not in RUNNING | {OnboardingState.DRAFT}:
        return ""
    if onboarding.day < 0:
        return _("from %(date)s", date=web.short_day(onboarding.start_date))
    return f"{onboarding.day} / {onboarding.programme}"
