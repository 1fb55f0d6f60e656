"""Letting a follow-up leave: to whom it goes, when, and the letter itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from flask_babel import force_locale
from sqlalchemy import select

from portal import clock, db
from portal.accounts.models import Person
from portal.auth import letters as sign_in
from portal.mail import Letter
from portal.notifications import letters as notifications
from portal.notifications.models import hours_of, wishes_of
from portal.notifications.rules import Cadence, Digest, Drop, Kind
from portal.nudges import wording
from portal.nudges.rules import Rung
from portal.onboardings.letters import admins
from portal.onboardings.models import Onboarding
from portal.onboardings.paper import language, post
from portal.onboardings.steps import Step

if TYPE_CHECKING:
    from portal.nudges.models import Nudge

LETTER = "nudges.letter"  # The filler that is asked as it leaves.


def reader_of(onboarding: Onboarding) -> Person | None:
    """Who has the next step, else the first of the customer's admins who has come; else the first who was invited."""
    step = onboarding.next_step
    assignee = step.assignee if step else None
    if isinstance(assignee, Person) and assignee.is_reachable and assignee.may_enter and assignee.joined_at:
        return assignee
    leading = [person for person in admins(onboarding) if person.is_reachable]
    return next((person for person in leading if person.joined_at), next(iter(leading), None))


def written(onboarding: Onboarding, reader: Person, step: Step | None, rung: Rung) -> wording.Draft:
    """The text in the reader's language."""
    with force_locale(language(reader)):
        return wording.draft(onboarding, reader, step, rung)


def leaves_at(reader: Person) -> datetime | None:
    """When a follow-up to this reader may leave: one a day across everything, and it gives way to every other letter.
    None when they don't want any; now where it waits for their digest, as they chose."""
    verdict, now = notifications.outlook(reader, Kind.NUDGE), clock.now()
    if isinstance(verdict, Drop):
        return None
    if isinstance(verdict, Digest):
        if wishes_of(reader).cadence in (Cadence.DAILY, Cadence.WEEKLY):
            return now
        midnight = now.astimezone(reader.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        return hours_of(reader).next(midnight + timedelta(days=1), reader.zone)
    return verdict.moment


def leave(nudge: Nudge) -> tuple[bool, int | None]:
    """Give its letter to the outbox, in the reader's language: whether it goes, and the letter's id. Where it waits for
    a digest there is none; what a person wrote never does, because of it only the subject would be left."""
    reader, onboarding = nudge.person, nudge.onboarding
    mark = sign_in.new_mark() if reader.joined_at is None else ""
    text = wording.Draft(nudge.subject, nudge.body)
    write = partial(wording.letter, onboarding, text, nudge.step, nudge.why, mark=mark, ref=nudge.ref)
    whole = nudge.by_id is not None or bool(mark)
    alone = whole and wishes_of(reader).cadence in (Cadence.DAILY, Cadence.WEEKLY)
    verdict = post(
        reader,
        Kind.NUDGE,
        onboarding,
        write,
        about=nudge.about,
        just_asked=alone,
        wait_minutes=notifications.soon(reader) if alone else 0,
        fill=(LETTER, {"nudge": nudge.id, "mark": mark}),
    )
    newest = select(Letter.id).where(Letter.about == nudge.about).order_by(Letter.id.desc()).limit(1)
    return not isinstance(verdict, Drop), db.session.scalar(newest)
