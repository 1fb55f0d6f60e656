"""Who of us is away until when, and who stands in for them. The desk and the commands ask the same rules, each in its
own words."""

from datetime import date, timedelta
from enum import Enum, auto

from flask_babel import gettext as _
from sqlalchemy import select

from portal import clock, db, web
from portal.accounts.models import Staff, User
from portal.activity.models import Audience, Verb, record
from portal.errors import Refused

LONGEST = timedelta(days=366)


class Obstacle(Enum):
    """Why a day can't be the last of an absence, or somebody not stand in."""

    PASSED = auto()
    TOO_FAR = auto()
    ONESELF = auto()
    GONE = auto()
    AWAY_TOO = auto()


def obstacle_of_day(until: date, today: date) -> Obstacle | None:
    """What is wrong with this last day of an absence; `today` is the day where they are."""
    if until < today:
        return Obstacle.PASSED
    return Obstacle.TOO_FAR if until - today > LONGEST else None


def obstacle_of_stand_in(person: Staff, stand_in: Staff) -> Obstacle | None:
    """Why this colleague can't stand in for `person`."""
    if stand_in.id == person.id:
        return Obstacle.ONESELF
    if not stand_in.is_active:
        return Obstacle.GONE
    return Obstacle.AWAY_TOO if stand_in.is_away else None


def covered_by(person: Staff) -> list[Staff]:
    """Colleagues who are away and whose stand-in this person is: while there are any, this one has to be here."""
    away = select(Staff).where(
        Staff.stand_in_id == person.id, Staff.away_until.is_not(None), Staff.left_at.is_(None)
    )
    return [one for one in db.session.scalars(away.order_by(Staff.id)) if one.is_away]


def keep(person: Staff, *, by: User | None) -> None:
    """Put on record how this absence stands now."""
    db.session.flush()
    until = person.away_until.isoformat() if person.away_until else None
    record(person, Verb.STAFF_AWAY, by=by, audience=Audience.STAFF, after={"until": until})


# --- At the desk --------------------------------------------------------------------------------


def go_away(person: Staff, until: date, stand_in: Staff, *, by: User) -> None:
    """`person` is away up to and including `until`, and `stand_in` answers for them. Raises Refused for a day that has
    passed or is more than a year ahead, and for who can't stand in."""
    _one_at_a_time(person, stand_in)
    if wrong := obstacle_of_day(until, clock.today(str(person.zone))):
        raise Refused(_said_of_day(wrong), field="until")
    if wrong := obstacle_of_stand_in(person, stand_in):
        raise Refused(_said_of_stand_in(wrong, stand_in), field="stand_in")
    if waiting := covered_by(person):
        last = web.day(waiting[0].away_until, "dMMMM")
        raise Refused(
            _(
                "%(name)s stands in for %(other)s until %(date)s. Name somebody else there first.",
                name=person.called,
                other=waiting[0].called,
                date=last,
            )
        )
    if (person.away_until, person.stand_in_id) == (until, stand_in.id):
        return
    person.away_until, person.stand_in_id = until, stand_in.id
    keep(person, by=by)


def come_back(person: Staff, *, by: User) -> None:
    """`person` is here again. Raises Refused for who isn't away."""
    _one_at_a_time(person)
    if not person.is_away:
        raise Refused(_("%(name)s is here already.", name=person.called))
    person.away_until = person.stand_in_id = None
    keep(person, by=by)


def _one_at_a_time(*people: Staff) -> None:
    """Until this transaction ends nobody else says of these people when they are away or whom they stand in for; what
    was read of them is read again."""
    rows = select(Staff).where(Staff.id.in_([one.id for one in people])).order_by(Staff.id)
    rows = rows.with_for_update(of=Staff, key_share=True).execution_options(populate_existing=True)
    db.session.scalars(rows).all()


def _said_of_day(wrong: Obstacle) -> str:
    if wrong is Obstacle.PASSED:
        return _("That day has passed. Choose the last day of the absence.")
    return _("That is more than a year ahead. Choose the last day of the absence.")


def _said_of_stand_in(wrong: Obstacle, stand_in: Staff) -> str:
    if wrong is not Obstacle.AWAY_TOO:
        return _("Choose a colleague who works here.")
    last = web.day(stand_in.away_until, "dMMMM")
    return _(
        "%(name)s is away until %(date)s too. Choose someone who is here.", name=stand_in.called, date=last
    )
