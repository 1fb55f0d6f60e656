"""My day: what waits for the reader in all their onboardings, in the order in which it is looked for, and their calls.

The reader's is what they have in hand, and what a colleague has whom they stand in for today.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from flask import url_for
from flask_babel import format_datetime, ngettext
from flask_babel import gettext as _

from portal import calendars, clock, uploads, web
from portal.access import viewer
from portal.accounts.absence import covered_by
from portal.accounts.models import Account, Staff
from portal.activity.models import Activity
from portal.activity.sentences import sentence
from portal.calls.models import Call
from portal.calls.rules import CallState
from portal.desk import day_queries, lines, waits
from portal.desk.day_called import called_of, lines_of
from portal.desk.day_entries import Entry, Tried, entry_of
from portal.desk.day_groups import Group, groups_of, later_of, next_of
from portal.desk.day_handoffs import Handed, Row, handed
from portal.desk.day_plans import news_of, rows_of, worded
from portal.desk.day_queries import Sold
from portal.desk.nav import to
from portal.desk.waits import Wait
from portal.messages.queries import waiting
from portal.onboardings.links import links_of
from portal.onboardings.models import Onboarding
from portal.onboardings.staggered import may_start
from portal.onboardings.states import OnboardingState
from portal.onboardings.steps import Step
from portal.onboardings.words import minutes as span
from portal.readiness.prerequisite_desk import Gap

AHEAD = timedelta(days=7)
COMING, LATELY = 6, 6
LOGGED_HERE = (
    10  # Calls with the form to log them; further ones are logged on their own pages, or once these are.
)


@dataclass(frozen=True)
class Day:
    """Everything on the page. `waiting` are the customers who wait for the reader, `needing` those of running cases;
    `first` is next and stands in no group; `later` are the groups that come last."""

    moment: str
    headline: str
    waiting: list[str]
    needing: list[str]
    sum: str
    entries: list[Entry]
    first: Entry | None
    groups: list[Group]
    later: list[Group]
    gaps: list[Gap]
    drafts: list[dict[str, str]]
    handoffs: Handed
    plans: list[Row]
    calls: list[dict[str, Any]]
    lately: list[dict[str, Any]]
    since: str
    coming: list[tuple[str, str, str]]


def day_of(reader: Staff, tried: Tried | None = None) -> Day:
    """The reader's day, with the form of it that was just refused. Its number of statements does not grow with their
    onboardings or with what waits."""
    whose, today = [reader, *covered_by(reader)], web.local_today()
    owing = day_queries.owing_of(whose)
    week = _midnight(today, reader), _midnight(today + AHEAD, reader)
    calls, to_see_to = day_queries.calls_of(whose, owing, *week)
    found = [(one, wait) for one, wait in _waits(owing, whose, to_see_to) if wait.is_viewers]
    mine = sorted(_joined(found), key=_oldest_first)
    todays = [call for call in calls if call.start.astimezone(reader.zone).date() == today]
    files = uploads.documents_of([wait.step.id for _one, wait in mine if wait.step and wait.is_review])
    logs = [wait.call for _one, wait in mine if wait.call and wait.open_to_viewer and not wait.is_to_move]
    logs = logs[:LOGGED_HERE]
    day_queries.load_people([call.onboarding for call in logs])
    sold, gaps, versions = day_queries.sold_to(whose)
    news = news_of(versions)
    entries = [
        worded(entry_of(one, wait, files, tried, logs_here=wait.call in logs), news) for one, wait in mine
    ]
    since = _last_evening(reader, today)
    handoffs, plans = handed(sold, whose), rows_of(news, entries)
    cases, last, more = lines_of(called_of(whose))
    first = next_of(entries, cases, last)
    whole, needing = [*entries, *cases, *last], [one.account for one in cases if one.is_urgent]
    waiting = list(dict.fromkeys(one.account.name for one, wait in mine if wait.is_waited_for))
    return Day(
        moment=_moment(reader),
        headline=_headline(waiting, needing, bool(whole or handoffs or gaps or plans)),
        waiting=waiting,
        needing=needing,
        sum=_sum(len(whole) + len(handoffs) + len(gaps) + len(plans), todays),
        entries=whole,
        first=first,
        groups=groups_of([one for one in (*entries, *cases) if one is not first]),
        later=later_of([one for one in last if one is not first], more),
        gaps=gaps,
        drafts=[_draft(one) for one in sold if _may_open(one)],
        handoffs=handoffs,
        plans=plans,
        calls=[_call(call) for call in todays],
        lately=[_lately(one) for one in day_queries.customers_did(whose, since, LATELY)],
        since=f"{web.day(since, 'EEEdMMM')}, {web.clock_time(since)}",
        coming=_coming(mine, calls, today),
    )


def _joined(found: list[tuple[Onboarding, Wait]]) -> list[tuple[Onboarding, Wait]]:
    """What the customer can't agree to yet is done by writing it down: one thing, with the day that they know."""
    ours = {(one.id, wait.step.key) for one, wait in found if wait.step is not None}
    agreements = {
        (one.id, key): wait
        for one, wait in found
        if wait.step is not None
        and wait.step.waiting
        and (key := links_of(one).shows.get(wait.step.key))
        and (one.id, key) in ours
    }
    kept = []
    for one, wait in found:
        if wait in agreements.values():
            continue
        if wait.step is not None and (known := agreements.get((one.id, wait.step.key))):
            by = min(filter(None, (wait.by, known.by)), default=None)
            wait = replace(wait, by=by, promised=True, lets_agree=known.step)
        kept.append((one, wait))
    return kept


def _oldest_first(each: tuple[Onboarding, Wait]) -> tuple[bool, date]:
    """What the customer waits for stands before what only we know of, of either the oldest day first."""
    wait = each[1]
    return not wait.is_waited_for, wait.by or date.max


def _waits(
    owing: list[Onboarding], whose: list[Staff], to_see_to: list[Call]
) -> Iterator[tuple[Onboarding, Wait]]:
    """What waits on us in each of these onboardings, and the optional steps that the reader has in hand."""
    threads, besides = waiting(one.id for one in owing), []
    steps: dict[int, list[Step]] = {one.id: [] for one in owing}
    for step in day_queries.steps_of(owing, whose):
        if step.required:
            steps[step.onboarding_id].append(step)
        else:
            besides.append((step.onboarding, Wait(whose[0], step.due_on, step.ours_since, step=step)))
    for one in owing:
        calls = [call for call in to_see_to if call.onboarding_id == one.id]
        for wait in waits.waits_of(one, steps[one.id], threads.get(one.id), calls):
            yield one, wait
    yield from besides


# --- What is said above -------------------------------------------------------------------------


def _moment(reader: Staff) -> str:
    """“Tuesday 10 March, 09:20 in Chicago”."""
    now = clock.now().astimezone(reader.zone)
    clock_text = format_datetime(now, "HH:mm", rebase=False)
    where = {"date": web.day(now, "EEEEdMMMM"), "time": clock_text, "place": web.city(str(reader.zone))}
    return _("%(date)s, %(time)s in %(place)s", **where)


def _headline(names: list[str], needing: list[str], is_anything: bool) -> str:
    """How many customers wait for the reader, and who the longest; where none does, who needs a person."""
    if not names and needing:
        return ngettext(
            "%(name)s needs you.",
            "%(num)s customers need you, %(name)s first.",
            len(needing),
            name=needing[0],
        )
    if not names:
        return _("Nobody is waiting on you.") if is_anything else _("Nothing waits on you.")
    if len(names) == 1:
        return _("%(name)s is waiting on you.", name=names[0])
    return ngettext(
        "%(num)s customer is waiting on you, %(name)s the longest.",
        "%(num)s customers are waiting on you, %(name)s the longest.",
        len(names),
        name=names[0],
    )


def _sum(count: int, calls: list[Call]) -> str:
    """“13 things to do, 3 calls today.”"""
    things = ngettext("%(num)s thing to do", "%(num)s things to do", count)
    if not calls:
        return _("%(things)s, no calls today.", things=things)
    around = ngettext("%(num)s call today", "%(num)s calls today", len(calls))
    return _("%(things)s, %(calls)s.", things=things, calls=around)


# --- The entries --------------------------------------------------------------------------------


def _may_open(one: Sold) -> bool:
    """Whether it is a draft to be opened by now: nothing holds it, its Welcome has begun, and it isn't to be accepted
    first."""
    draft = one.onboarding
    if draft.state is not OnboardingState.DRAFT or (one.handoff and one.handoff.state == "submitted"):
        return False
    return may_start(draft) and draft.stored_plan["welcome"].starts <= draft.account.today


def _draft(one: Sold) -> dict[str, str]:
    draft = one.onboarding
    day = web.day(draft.start_date, "EEEdMMM")
    return {
        "account": draft.account.name,
        "url": to(draft),
        "text": _("%(product)s, %(days)s days", product=draft.product.name, days=draft.programme),
        "when": _("starts %(date)s", date=day),
    }


# --- Beside them --------------------------------------------------------------------------------


def _call(call: Call) -> dict[str, Any]:
    """One call of today, on both walls."""
    guest = call.guest
    there = format_datetime(call.start.astimezone(guest.zone), "HH:mm", rebase=False)
    coming = sum(not user.is_staff for user in call.people)
    return {
        "time": web.clock_time(call.start),
        "iso": call.start.isoformat(),
        "title": _("%(title)s, %(account)s", title=call.title, account=call.onboarding.account.name),
        "where": _(
            "%(minutes)s. %(time)s in %(place)s",
            minutes=span(call.minutes),
            time=there,
            place=web.city(str(guest.zone)),
        ),
        "who": ngettext("%(num)s person of theirs", "%(num)s people of theirs", coming),
        "word": _("Notes") if call.state is CallState.HELD else _("Agenda and log"),
        "url": url_for("calls.desk", ref=call.ref),
        "join": call.join_link if call.is_joinable else "",
        "is_over": call.end <= clock.now(),
    }


def _lately(one: tuple[Activity, Account, str]) -> dict[str, Any]:
    activity, account, oid = one
    return {
        "account": account.name,
        "url": url_for("desk.account", ref=account.ref, o=oid),
        "text": sentence(activity),
    }


def _coming(
    mine: list[tuple[Onboarding, Wait]], calls: list[Call], today: date
) -> list[tuple[str, str, str]]:
    """The next days: what is due and which calls there are, each with its day, its sentence and the way there."""
    dated: list[tuple[date, str, str]] = [
        (wait.by, f"{one.account.name}, {wait.step.title}", lines.address(one, wait.step))
        for one, wait in mine
        if wait.step is not None and wait.by is not None and today < wait.by < today + AHEAD
    ]
    for call in calls:
        on = _local(call.start).date()
        if on > today:
            url = url_for("calls.desk", ref=call.ref)
            dated.append((on, f"{call.onboarding.account.name}, {call.title}", url))
    return [(web.day(on, "EEEd"), text, url) for on, text, url in sorted(dated)[:COMING]]


def _local(moment: datetime) -> datetime:
    return moment.astimezone(viewer().zone)


def _midnight(day: date, reader: Staff) -> datetime:
    return calendars.at(day, datetime.min.time(), reader.zone)


def _last_evening(reader: Staff, today: date) -> datetime:
    """When the reader's last working day before today ended."""
    eve = reader.calendar.previous_working_day(today - timedelta(days=1))
    return calendars.at(eve, reader.work_end, reader.zone)
