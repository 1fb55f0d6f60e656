"""What has been tried with a customer before somebody was called in, and since: letters, messages, calls."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal import clock, db, mail, web
from portal.accounts.models import Staff
from portal.calls.models import Call
from portal.calls.rules import CallState
from portal.messages.models import Message
from portal.notifications.rules import REMINDERS, Kind
from portal.nudges import queries as nudges
from portal.onboardings.models import Onboarding

SINCE = timedelta(days=60)
MOST = 8
CAME = {
    CallState.HELD: _l("held"),
    CallState.NO_SHOW: _l("nobody came"),
    CallState.CANCELLED: _l("cancelled"),
}


@dataclass(frozen=True)
class Tried:
    """One thing, latest first: when, what it was, what it said and what came of it."""

    at: datetime
    what: str
    said: str
    came: str

    @property
    def day(self) -> str:
        return web.day(self.at, "EEEdMMM")


def of(road: Onboarding) -> list[Tried]:
    """The last of all that; five statements."""
    since = clock.now() - SINCE
    letters = [Tried(one.at, one.title, one.nudge.subject, one.result) for one in nudges.tried(road)]
    found = [*_calls(road, since), *_messages(road, since), *_letters(road, since), *letters]
    return sorted(found, key=lambda one: one.at, reverse=True)[:MOST]


def _calls(road: Onboarding, since: datetime) -> list[Tried]:
    here, past = Call.onboarding_id == road.id, Call.start.between(since, clock.now())
    rows = select(Call).where(here, past, Call.state.in_(CAME))
    return [Tried(one.start, _("Call"), one.title, str(CAME[one.state])) for one in db.session.scalars(rows)]


def _messages(road: Onboarding, since: datetime) -> list[Tried]:
    rows = select(Message).where(Message.onboarding_id == road.id, Message.created_at >= since)
    rows = rows.options(joinedload(Message.author)).order_by(Message.id)
    every = list(db.session.scalars(rows))
    answered = [one.created_at for one in every if not isinstance(one.author, Staff)]
    return [
        Tried(
            one.created_at,
            _("Message from %(name)s", name=one.author.called),
            " ".join(one.body.split())[:90],
            _("answered") if any(at > one.created_at for at in answered) else _("no answer"),
        )
        for one in every
        if isinstance(one.author, Staff)
    ]


def _letters(road: Onboarding, since: datetime) -> list[Tried]:
    """Reminders that left, each once however many got it."""
    people = [one.id for one in road.account.people]
    rows = select(mail.Letter).where(
        mail.Letter.account_id == road.account_id,
        mail.Letter.user_id.in_(people),
        mail.Letter.kind.in_([kind.value for kind in REMINDERS - {Kind.NUDGE}]),
        mail.Letter.sent_at >= since,
    )
    found: dict[str, mail.Letter] = {}
    for one in db.session.scalars(rows.order_by(mail.Letter.id)):
        found.setdefault(f"{one.about}{one.subject}", one)
    return [
        Tried(one.sent_at, _("Reminder"), one.subject, _("sent"))
        for one in found.values()
        if one.sent_at is not None
    ]
