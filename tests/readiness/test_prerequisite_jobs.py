"""Both sponsors are asked once for what has been late and blocking for long enough, and never during a pause."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from portal import db
from portal.activity.models import Activity, Verb
from portal.mail import Letter
from portal.onboardings.models import Onboarding
from portal.readiness.prerequisite_jobs import ask_sponsors
from portal.readiness.prerequisite_rules import Status
from portal.readiness.prerequisites import Prerequisite
from portal.schedule import TIMETABLE

ENOUGH = datetime(2026, 3, 18, 12, tzinfo=UTC)  # Five working days after the hours were due.


@pytest.fixture
def hours(app, cast, clock):
    """The ref of the hours, on a road that runs."""
    with app.test_request_context():
        clock.at(datetime(2026, 3, 10, 12, tzinfo=UTC))
        road = db.session.get_one(Onboarding, cast.onboarding.id)
        road.begin()
        rows = select(Prerequisite).where(Prerequisite.onboarding_id == road.id, Prerequisite.key == "hours")
        one = db.session.scalars(rows).one()
        one.in_the_way = "Their manager is away."
        db.session.commit()
        return one.id


def sent(one_id: int) -> list[str]:
    rows = select(Letter).where(Letter.about == f"prerequisite:{one_id}:sponsors").order_by(Letter.id)
    return [letter.address for letter in db.session.scalars(rows)]


def run(app) -> None:
    with app.test_request_context():
        ask_sponsors()


def test_it_runs_every_day() -> None:
    assert any(entry.function is ask_sponsors and entry.every.days == 1 for entry in TIMETABLE)


def test_both_sponsors_are_asked_once_however_often_it_runs(app, cast, clock, hours) -> None:
    clock.at(datetime(2026, 3, 17, 12, tzinfo=UTC))
    run(app)
    assert sent(hours) == []  # Four working days.
    clock.at(ENOUGH)
    run(app)
    run(app)
    clock.forward(days=2)
    run(app)
    assert sent(hours) == [cast.rui.email, cast.sam.email]
    asked = select(func.count()).where(Activity.verb == Verb.SPONSORS_ASKED)
    assert db.session.scalar(asked) == 1
    both = select(Letter).where(Letter.about == f"prerequisite:{hours}:sponsors").order_by(Letter.address)
    theirs, ours = db.session.scalars(both)
    text = " ".join(theirs.text.split())
    assert "5 working days ago" in text
    assert "Ana Moreira has it in hand." in text
    assert "Their manager is away." in text
    assert "We have written to Rui Tavares as well." in " ".join(ours.text.split())


@pytest.mark.parametrize("how", ["ready", "left out", "without", "paused", "blocks nothing"])
def test_nobody_is_asked_for_what_is_settled_or_paused(app, cast, clock, hours, how) -> None:
    with app.test_request_context():
        one, priya = (
            db.session.get_one(Prerequisite, hours),
            db.session.get_one(type(cast.priya), cast.priya.id),
        )
        if how == "ready":
            one.say(Status.READY, by=priya)
        elif how == "left out":
            one.leave_out("Not needed.", by=priya)
        elif how == "without":
            one.go_without("They agreed.", by=priya)
        elif how == "paused":
            one.hold("Away.", date(2026, 3, 30), by=priya)
        else:
            one.blocking = False
        db.session.commit()
    clock.at(ENOUGH)
    run(app)
    assert sent(hours) == []
