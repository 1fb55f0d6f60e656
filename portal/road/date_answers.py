"""“Is the date still right?”: what each answer would mean, giving one, and what was answered."""

from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from portal import db, web
from portal.accounts.models import User, provider
from portal.activity.models import Activity, Verb, record
from portal.messages.models import Message
from portal.onboardings.meter import expected_on
from portal.onboardings.models import Onboarding
from portal.onboardings.words import minutes
from portal.road.forms import DateChoiceForm

VERBS = {"keep": Verb.DATE_KEPT, "move": Verb.DATE_ASKED, "early": Verb.EARLY_ASKED}


@dataclass(frozen=True)
class Ways:
    """The three answers, with what the first two would mean, and the form of them."""

    target: date
    keeping: str
    moving: str
    form: DateChoiceForm


def ways_of(onboarding: Onboarding, sent: DateChoiceForm | None = None) -> Ways:
    """What can be said about the date now. Where today's pace leads somewhere later, both answers say so.

    `sent` is the form as it was refused.
    """
    target, expected = onboarding.target_graduation, expected_on(onboarding, onboarding.target_graduation)
    needs = _(
        "Needs about %(time)s from you by %(date)s.",
        time=minutes(onboarding.minutes_left),
        date=web.day(target),
    )
    pace, later = "", web.day(expected, "dMMMM")
    if expected > target:
        pace = _("At today's pace it would be about %(date)s.", date=later)
    answers = _("%(name)s answers with a new plan.", name=_owner(onboarding))
    form = sent or DateChoiceForm(formdata=None, until=expected if expected > target else None)
    return Ways(target, f"{needs} {pace}".strip(), f"{pace} {answers}".strip(), form)


def answer(onboarding: Onboarding, choice: str, until: date | None, *, by: User) -> None:
    """Remember the answer; one that asks for something is a message to the team as well."""
    asked = {
        "move": _(
            "Can we move %(date)s to %(later)s?",
            date=web.day(onboarding.target_graduation),
            later=web.day(until),
        ),
        "early": _("We're ready earlier than planned. Can we go on?"),
    }
    day = (until or onboarding.target_graduation).isoformat()
    record(onboarding, VERBS[choice], by=by, onboarding=onboarding, after={"date": day})
    if choice in asked:
        Message.write(onboarding, asked[choice], by=by)


def last_answer(onboarding: Onboarding, since: date) -> Activity | None:
    """What was answered last, if that was on this day of the account or later, and nobody of theirs has moved since."""
    rows = select(Activity).where(Activity.onboarding_id == onboarding.id, Activity.verb.in_(VERBS.values()))
    found = db.session.scalar(rows.order_by(Activity.id.desc()).limit(1))
    moved, zone = onboarding.customer_moved_at, onboarding.account.zone
    if found is None or found.at.astimezone(zone).date() < since or (moved and found.at < moved):
        return None
    return found


def said(onboarding: Onboarding, answered: Activity, reader: User) -> str:
    """“You asked on 30 Nov for 11 December. Priya answers by Tue 1 December.”"""
    who = _("You") if answered.actor_id == reader.id else (answered.personal or {}).get("who") or _("Someone")
    day = date.fromisoformat(((answered.data or {}).get("after") or {})["date"])
    known = {"who": who, "on": web.short_day(answered.at), "date": web.day(day, "dMMMM")}
    match answered.verb:
        case Verb.DATE_KEPT:
            return _("%(who)s kept %(date)s on %(on)s.", **known)
        case Verb.DATE_ASKED:
            first = _("%(who)s asked on %(on)s for %(date)s instead.", **known)
        case _other:
            first = _("%(who)s said on %(on)s that you are ready early.", **known)
    if onboarding.answer_due_on is None:
        return first
    by = web.day(onboarding.answer_due_on)
    return f"{first} " + _("%(name)s answers by %(date)s.", name=_owner(onboarding), date=by)


def _owner(onboarding: Onboarding) -> str:
    return onboarding.owner.acting.called if onboarding.owner else provider().name
