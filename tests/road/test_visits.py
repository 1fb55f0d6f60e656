"""Which pages customers look at: once for each page, person and day, after the answer; staff leave nothing."""

from datetime import date

import pytest
from sqlalchemy import select

from portal import db
from portal.onboardings import visits
from portal.onboardings.visits import Noted, Visit
from tests import make


@pytest.fixture
def fresh(app, monkeypatch):
    """What another process starts with: it knows of nothing that was noted."""

    def forget() -> Noted:
        noted = Noted()
        monkeypatch.setitem(app.extensions, "visits", noted)
        return noted

    forget()
    return forget


@pytest.fixture
def cast(app, fresh):
    with app.app_context():
        made = make.northwind()
        db.session.commit()
    return made


def noted() -> list[tuple[str, date]]:
    return [(one.page, one.day) for one in db.session.scalars(select(Visit).order_by(Visit.id))]


def test_a_page_is_noted_once_for_each_person_and_day(visitor, cast, clock):
    ana, road = visitor(cast.ana), f"/o/{cast.onboarding.ref}"
    step = cast.step("purchase_reason").ref
    for _again in range(2):
        for page in ("", "/stages/welcome", f"/steps/{step}"):
            ana.get(f"{road}{page}")
    first = date(2026, 3, 3)
    assert noted() == [("home", first), ("stages", first), (f"step:{step}", first)]
    clock.forward(days=1)
    ana.get(road)
    visitor(cast.ben).get(road)
    assert noted()[3:] == [("home", date(2026, 3, 4))] * 2
    row = db.session.scalars(select(Visit)).first()
    assert (row.person_id, row.account_id) == (cast.ana.id, cast.account.id)


def test_another_process_that_notes_the_same_changes_nothing(visitor, cast, fresh):
    ana = visitor(cast.ana)
    ana.get(f"/o/{cast.onboarding.ref}")
    fresh()
    ana.get(f"/o/{cast.onboarding.ref}")
    assert len(noted()) == 1


def test_what_this_process_has_noted_is_not_written_again(visitor, cast, monkeypatch):
    ana, written = visitor(cast.ana), []
    monkeypatch.setattr(visits, "note", written.append)
    for _again in range(3):
        ana.get(f"/o/{cast.onboarding.ref}")
    assert [one.page for one in written] == ["home"]


def test_what_is_remembered_stays_small(visitor, cast, fresh, monkeypatch, clock):
    monkeypatch.setattr(visits, "REMEMBERED", 2)
    ana, kept = visitor(cast.ana), fresh()
    for _day in range(4):
        ana.get(f"/o/{cast.onboarding.ref}")
        clock.forward(days=1)
    assert len(kept) == 2


def test_a_refused_page_and_a_strangers_road_are_no_visit(visitor, cast):
    ana = visitor(cast.ana)
    ana.get("/o/nothing", status=404)
    ana.get(f"/o/{cast.onboarding.ref}/steps/nothing", status=404)
    assert noted() == []


def test_staff_who_see_as_the_customer_leave_nothing(visitor, cast):
    priya, o = visitor(cast.priya), f"?o={cast.onboarding.ref}"
    priya.get(f"/staff/accounts/{cast.account.ref}{o}")
    priya.post(f"/staff/accounts/{cast.account.ref}/as-customer{o}", {"person": cast.ana.ref})
    priya.get(f"/o/{cast.onboarding.ref}")
    assert noted() == []
