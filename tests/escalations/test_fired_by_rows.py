"""Triggers that fire on what is in the rows, with nothing in between: facts of the evening, a look, and the morning."""

from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import select

from portal import db, mail
from portal.accounts.models import Person, Staff
from portal.calls.models import Call
from portal.calls.rules import Side
from portal.escalations.models import Escalation
from portal.notifications.notices import Notice
from portal.onboardings.fact_days import note_day
from portal.onboardings.models import Onboarding
from portal.readiness.prerequisites import wanted_of
from tests.escalations.days import MONDAY, at, evening, firings, morning
from tests.plans import making
from tests.usage.seen import REFERRED, saw


@pytest.fixture
def road(app, team, clock) -> Onboarding:
    """Northwind on its first day, low touch."""
    mail.configure(app.config["PORTAL"])
    at(clock, MONDAY, 9)
    team.onboarding.begin()
    db.session.commit()
    return team.onboarding


def again(road: Onboarding) -> Onboarding:
    return db.session.get_one(Onboarding, road.id)


def entered(key: str) -> list[date]:
    return [one.entered_on for one in firings(key)]


def reasons(trigger: str) -> list[tuple[str, int]]:
    """What the case says because of this trigger, and how high it stands."""
    case = db.session.scalars(select(Escalation)).first()
    found = case.reasons if case else []
    return [(one.code, case.level) for one in found if one.trigger == trigger]


def test_nobody_signed_in(team, clock) -> None:
    """T1. Invited on Tuesday 3 March: it is so after three days, and a person is asked after seven."""
    for day in (5, 6):
        evening(clock, date(2026, 3, day))
    assert entered("T1") == [date(2026, 3, 6)]
    morning(clock, MONDAY)
    assert reasons("T1") == []
    evening(clock, date(2026, 3, 10))
    morning(clock, date(2026, 3, 11))
    assert reasons("T1") == [("never_came", 1)]


def test_who_signed_in_is_not_written_to(team, clock) -> None:
    """T1 asks for everybody: one who came is enough."""
    team.ben.joined_at = clock.now
    evening(clock, date(2026, 3, 10))
    assert entered("T1") == []


def test_few_of_the_seats_a_month_after_go_live(team, road, clock) -> None:
    """T6. Three of ten, on two evenings."""
    live = date(2026, 4, 1)
    road.account.licensed_seats = 10
    for fact in ("go_live", "first_value"):
        note_day(road, fact, live)
    for who in ("ana", "ben", "eva"):
        saw(road.account, REFERRED, live, who=who)
        saw(road.account, REFERRED, date(2026, 4, 28), who=who)
    for day in (date(2026, 4, 29), date(2026, 4, 30), date(2026, 5, 1)):
        evening(clock, day)
    assert entered("T6") == []
    evening(clock, date(2026, 5, 2))
    assert entered("T6") == [date(2026, 5, 2)]
    morning(clock, date(2026, 5, 4))
    assert reasons("T6") == [("R7", 1)]


def test_first_value_that_will_be_late(team, road, clock) -> None:
    """T9. Due on Monday 13 April, and nothing is done: three working days before it, and higher five days after."""
    for day in (7, 8):
        evening(clock, date(2026, 4, day))
    assert entered("T9") == [date(2026, 4, 8)]
    morning(clock, date(2026, 4, 9))
    assert reasons("T9") == [("R8", 1)]
    evening(clock, date(2026, 4, 17))
    morning(clock, date(2026, 4, 20))
    assert reasons("T9") == [("R8", 1)]
    evening(clock, date(2026, 4, 20))
    morning(clock, date(2026, 4, 21))
    assert reasons("T9") == [("R8", 2)]


def test_two_missed_calls(team, road, clock) -> None:
    """T12. The account executive is told as well."""
    for day in (11, 12):
        at(clock, date(2026, 3, day - 1), 10)
        ana, priya = db.session.get_one(Person, team.ana.id), db.session.get_one(Staff, team.priya.id)
        call = Call.book(
            again(road), kind="kickoff", title="Kickoff", minutes=60, agenda=[], owner=priya,
            start=datetime.combine(date(2026, 3, day), time(15, 30), UTC), by=ana, people=[ana],
        )  # fmt: skip
        at(clock, date(2026, 3, day), 17)
        call.no_show(Side.CUSTOMER, by=priya)
        evening(clock, date(2026, 3, day))
    assert entered("T12") == [date(2026, 3, 12)]
    morning(clock, date(2026, 3, 13))
    assert reasons("T12") == [("R6", 1)]
    told = select(Notice.user_id).where(Notice.kind == "trigger")
    assert team.sam.id in db.session.scalars(told).all()


def test_something_that_blocks_is_late(app, session, clock) -> None:
    """T10. Five working days, and the sponsors after ten."""
    with app.test_request_context():
        mail.configure(app.config["PORTAL"])
        made = making.road(clock, on=making.signing_book(), agreed=False)
        road = made.onboarding
        hours = next(one for one in wanted_of(road) if one.key == "hours")
        late = {n: road.account.calendar.add_working_days(hours.due_on, n) for n in (4, 5, 6, 9, 10, 11)}
        for n in (4, 5):
            evening(clock, late[n])
        assert entered("T10") == [late[5]]
        morning(clock, late[6])
        assert reasons("T10") == [("R10", 1)]
        evening(clock, late[9])
        morning(clock, late[10])
        assert reasons("T10") == [("R10", 1)]
        evening(clock, late[10])
        morning(clock, late[11])
        assert reasons("T10") == [("R10", 3)]
