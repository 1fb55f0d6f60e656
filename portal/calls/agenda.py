"""The agenda of a call writes itself until somebody writes it: what the playbook says, what the last call left open,
what they weren't sure of, what the customer asked, and where they are stuck or late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from sqlalchemy import select

from portal import db, web
from portal.accounts.models import User
from portal.activity.models import Activity, Verb
from portal.calls.rules import CallState
from portal.onboardings.models import Onboarding
from portal.onboardings.states import CUSTOMERS_TURN, StepState
from portal.onboardings.steps import Step

if TYPE_CHECKING:
    from portal.calls.models import Call

MOST = 12  # Points; more is no agenda.
SOON = timedelta(days=7)


def points_of(call: Call) -> list[str]:
    """What the call is about: as it is stored once somebody wrote it or the call is over, else as of now."""
    if call.agenda_set_at is not None or call.state is not CallState.SCHEDULED:
        return call.agenda
    last = _last_held(call)
    agreed = last.agreed if last else []
    named = {one["item"].id for one in agreed if one["item"]}
    found = [
        *call.agenda,
        *(_left_over(last, one["text"], one["who"]) for one in agreed if not _is_closed(one["item"])),
        *(one["text"] for one in call.onboarding.topics or [] if one["call"] == call.kind),
        *_questions(call.onboarding),
        *_steps(call, named),
    ]
    return list(dict.fromkeys(found))[:MOST]


def _is_closed(step: Step | None) -> bool:
    return step is not None and step.is_closed


def _last_held(call: Call) -> Call | None:
    held = select(type(call)).where(
        type(call).onboarding_id == call.onboarding_id, type(call).state == CallState.HELD
    )
    return db.session.scalar(held.order_by(type(call).start.desc()).limit(1))


def _left_over(last: Call | None, text: str, who: str) -> str:
    assert last is not None
    return _("From “%(title)s”: %(text)s (%(who)s)", title=last.title, text=text, who=who)


def _steps(call: Call, named: set[int]) -> Iterator[str]:
    """Of the customer's steps those that something blocks, that are late, and that are due soon after the call."""
    about = {call.step_id, *(step.id for step in call.partners)} | named
    today = call.onboarding.account.today
    until = call.start.astimezone(call.onboarding.account.zone).date() + SOON
    theirs = [s for s in call.onboarding.steps if s.visible and s.is_customers and s.id not in about]
    yield from (_blocked(step) for step in theirs if step.state is StepState.BLOCKED)
    open_now = [step for step in theirs if step.state in CUSTOMERS_TURN and not step.spec.call]
    yield from (_late(step, step.due_on) for step in open_now if step.due_on and step.due_on < today)
    yield from (_due(step, step.due_on) for step in open_now if step.due_on and today <= step.due_on <= until)


def _blocked(step: Step) -> str:
    return _("In the way of “%(title)s”: %(what)s", title=step.title, what=step.blocked_detail or "")


def _late(step: Step, due: date) -> str:
    return _("“%(title)s” was due on %(date)s", title=step.title, date=web.short_day(due))


def _due(step: Step, due: date) -> str:
    return _("“%(title)s” is due on %(date)s", title=step.title, date=web.short_day(due))


def _questions(onboarding: Onboarding) -> list[str]:
    """What the customer wrote since one of ours last did: by whom, when and about which step."""
    if onboarding.answer_due_on is None:
        return []
    # One message is one question; those before the last word of ours have their answer.
    rows = (
        select(Activity, User)
        .join(User, User.id == Activity.actor_id)
        .where(
            Activity.onboarding_id == onboarding.id,
            Activity.verb.in_((Verb.MESSAGE_WRITTEN, Verb.ANSWER_NOT_NEEDED)),
        )
        .order_by(Activity.id.desc())
        .limit(MOST)
    )
    asked: list[str] = []
    for activity, user in db.session.execute(rows):
        if user.is_staff:
            break
        asked.append(_question(activity, user))
    return asked[::-1]


def _question(activity: Activity, user: User) -> str:
    facts = {"who": user.called, "date": web.short_day(activity.at)}
    about = (activity.personal or {}).get("what")
    if about:
        return _("%(who)s's question of %(date)s about “%(title)s”", title=about, **facts)
    return _("%(who)s's question of %(date)s", **facts)


def lines_of(text: str) -> list[str]:
    """The points that somebody wrote, one on each line."""
    return [point for line in text.splitlines() if (point := line.strip().removeprefix("-").strip())]
