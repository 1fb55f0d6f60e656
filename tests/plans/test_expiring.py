"""Days pass: who is reminded, when, once; and when nobody can sign any more."""

import pytest
from sqlalchemy import select

from portal import db
from portal.mail import Letter
from portal.notifications.models import DigestItem
from portal.notifications.rules import Kind
from portal.plans import expiring
from portal.plans.models import PlanVersion
from portal.plans.rules import PlanState
from tests.plans import making
from tests.plans.browsing import kept
from tests.plans.signed import sign


@pytest.fixture
def pass_days(app, clock):
    """The worker's timetable on each of the days that pass, twice as if there were two workers."""

    def passed(days: int) -> None:
        db.session.commit()
        for _day in range(days):
            clock.forward(days=1)
            with app.app_context():
                for _worker in range(2):
                    expiring.expire()
                    expiring.remind()

    return passed


def told(kind: Kind) -> list[int]:
    """Whom a letter of this kind was written to, by letter or as a line of a digest."""
    db.session.expire_all()
    letters = select(Letter.user_id).where(Letter.kind == kind)
    lines = select(DigestItem.user_id).where(DigestItem.kind == kind)
    return sorted([*db.session.scalars(letters), *db.session.scalars(lines)])


def test_it_asks_after_three_working_days_and_one_before_the_end(people, sent, pass_days):
    version = sent()  # Tuesday 10 March; open until 24 March.
    pass_days(2)
    assert told(Kind.PLAN_REMINDER) == []
    pass_days(1)
    assert told(Kind.PLAN_REMINDER) == [people.ana.id]
    pass_days(9)
    assert told(Kind.PLAN_REMINDER) == [people.ana.id]
    pass_days(1)  # Monday 23 March.
    assert told(Kind.PLAN_REMINDER) == [people.ana.id] * 2
    pass_days(1)
    assert kept(version).state is PlanState.SENT
    pass_days(3)
    assert kept(version).state is PlanState.EXPIRED
    assert told(Kind.PLAN_EXPIRED) == [people.ana.id, people.priya.id]
    assert told(Kind.PLAN_REMINDER) == [people.ana.id] * 2


def test_ours_is_asked_once_it_is_our_turn_and_it_never_runs_out(people, sent, pass_days):
    version = sent(people.ana)
    pass_days(3)
    assert told(Kind.PLAN_REMINDER) == [people.priya.id]
    pass_days(30)
    assert told(Kind.PLAN_REMINDER) == [people.priya.id]
    assert told(Kind.PLAN_EXPIRED) == []
    assert kept(version).state is PlanState.PARTLY_SIGNED


def test_who_has_signed_is_asked_no_more(app, people, pass_days):
    with app.test_request_context():
        made = making.anew(people)
        sign(making.sent(made, sponsors=True), made.ana)
        db.session.commit()
    pass_days(3)
    assert told(Kind.PLAN_REMINDER) == [people.rui.id]


def test_nothing_is_asked_while_the_road_is_paused(app, people, sent, pass_days):
    version = sent()
    with app.test_request_context():
        made = making.anew(people)
        made.onboarding.pause("Holidays", version.expires_on, by=made.priya)
        db.session.commit()
    pass_days(20)
    assert told(Kind.PLAN_REMINDER) == told(Kind.PLAN_EXPIRED) == []
    assert db.session.scalars(select(PlanVersion)).one().state is PlanState.SENT
