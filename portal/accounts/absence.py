"""Who of us is away until when, and who stands in for them."""

from datetime import date, timedelta

from flask_babel import gettext as _
from sqlalchemy import select

from portal import clock, db, web
from portal.accounts.models import Staff, User
from portal.activity.models import Audience, Verb, record
from portal.errors import Refused

LONGEST = timedelta(days=366)


def go_away(person: Staff, until: date, stand_in: Staff, *, by: User) -> None:
    """`person` is away up to and including `until`, and `stand_in` answers for them. Raises Refused for a day that has
    passed or is more than a year ahead, and for who can't stand in."""
    today = clock.today(str(person.zone))
    if until < today:
        raise Refused(_("That day has passed. Choose the last day of the absence."), field="until")
    if until - today > LONGEST:
        raise Refused(_("That is more than a year ahead. Choose the last day of the absence."), field="until")
    if stand_in.id == person.id or not stand_in.is_active:
        raise Refused(_("Choose a colleague who works here."), field="stand_in")
    if stand_in.is_away:
        last = web.day(stand_in.away_until, "dMMMM")
        raise Refused(
            _(
                "%(name)s is away until %(date)s too. Choose someone who is here.",
                name=stand_in.called,
                date=last,
            ),
            field="stand_in",
        )
    if (other := _covered_by(person)) is not None:
        last = web.day(other.away_until, "dMMMM")
        raise Refused(
            _(
                "%(name)s stands in for %(other)s until %(date)s. Name somebody else there first.",
                name=person.called,
                other=other.called,
                date=last,
            )
        )
    person.away_until, person.stand_in_id = until, stand_in.id
    _say(person, by)


def come_back(person: Staff, *, by: User) -> None:
    """`person` is here again. Raises Refused for who isn't away."""
    if not person.is_away:
        raise Refused(_("%(name)s is here already.", name=person.called))
    person.away_until = person.stand_in_id = None
    _say(person, by)


def _covered_by(person: Staff) -> Staff | None:
    """Whoever is away and relies on this person."""
    rows = select(Staff).where(Staff.stand_in_id == person.id, Staff.left_at.is_(None)).order_by(Staff.id)
    return next((one for one in db.session.scalars(rows) if one.is_away), None)


def _say(person: Staff, by: User) -> None:
    db.session.flush()
    until = person.away_until.isoformat() if person.away_until else None
    record(person, Verb.STAFF_AWAY, by=by, audience=Audience.STAFF, after={"until": until})
