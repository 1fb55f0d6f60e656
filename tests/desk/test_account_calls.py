"""Calls on the staff's page of an onboarding, how long things are open, and the meter in words for staff."""

from datetime import UTC, datetime, timedelta

import pytest

from portal import db
from portal.calls.models import Call
from portal.onboardings.stages import Stage
from portal.onboardings.steps import Step

FRIDAY = datetime(2026, 3, 6, 15, 0, tzinfo=UTC)
NEXT = [{"text": "Send the list", "who": "Ana", "due": None}]


@pytest.fixture
def at(cast):
    """The address of something on Northwind's page: `at("/road")`."""
    return lambda what="": f"/staff/accounts/{cast.account.ref}{what}?o={cast.onboarding.ref}"


def step_of(now, kind: str) -> Step:
    return next(
        step
        for step in now.onboarding.steps
        if step.kind == kind and step.spec.call and step.spec.call.kind == "kickoff"
    )


def booked(now) -> Call:
    """The kickoff on Friday with Priya: 09:00 where she is."""
    return Call.book(
        now.onboarding,
        kind="kickoff",
        title="Kickoff",
        minutes=60,
        agenda=[],
        owner=now.priya,
        start=FRIDAY,
        by=now.ana,
        people=[now.ana],
        step=step_of(now, "book_call"),
    )


def row_of(page, title: str):
    return next(row for row in page.all("tr") if row.all("a") and row.one("a").text() == title)


def test_a_booked_call_stands_in_the_row_of_the_step_that_waits_for_it(visitor, cast, at, acted) -> None:
    call = acted(booked)
    priya = visitor(cast.priya)
    attend, book = step_of(cast, "attend_call"), step_of(cast, "book_call")
    assert row_of(priya.get(at("/road")), attend.title).text().endswith("booked, Fri 6 Mar 09:00")
    page = priya.get(at(f"/steps/{book.ref}"))
    (link,) = [a for a in page.all("a") if a["href"] == f"/staff/calls/{call.ref}"]
    assert link.text() == "Kickoff"


def test_a_booked_call_is_not_offered_to_be_arranged(visitor, cast, at, acted) -> None:
    priya, attend = visitor(cast.priya), step_of(cast, "attend_call")

    def offered() -> bool:
        ways = [a["href"] for a in priya.get(at("/calls")).one("main").all("a")]
        return any(attend.ref in way for way in ways)

    assert offered()
    acted(booked)
    assert not offered()


def test_what_is_done_with_its_call_is_not_ticked_off(visitor, cast, at) -> None:
    priya, book = visitor(cast.priya), step_of(cast, "book_call")
    priya.get(at(f"/steps/{book.ref}"))
    page = priya.post(at(f"/steps/{book.ref}/complete"), status=422)
    assert "Arrange the call, or log it." in page.one("div", id="problems").text()
    db.session.expire_all()
    assert not db.session.get_one(Step, book.id).is_done


def test_a_call_that_nobody_logged_waits_on_us_and_says_so(visitor, cast, at, acted, clock) -> None:
    call = acted(booked)
    priya = visitor(cast.priya)
    assert "Log the call" not in priya.get(at()).text
    clock.forward(days=4)
    priya = visitor(cast.priya)
    page = priya.get(at())
    bar = page.one("section", class_="next-bar")
    assert "Next for you Log the call: Kickoff" in bar.text()
    assert "Fri 6 Mar 09:00, with you" in bar.text()
    assert bar.one("a")["href"] == f"/staff/calls/{call.ref}"
    assert "not logged" in page.one("div", class_="aside").text()
    assert "the log of the call, Fri 6 Mar 09:00" in priya.get(at("/road")).text


def test_who_logs_a_call_did_not_hold_it(visitor, cast, at, acted, clock) -> None:
    acted(booked)
    clock.forward(days=6)
    acted(lambda now: _log(now, by=now.june))
    priya = visitor(cast.priya)
    attend = step_of(cast, "attend_call")
    assert "held by Priya, logged by June" in row_of(priya.get(at("/road")), attend.title).text()
    assert "held by Priya, logged by June" in priya.get(at(f"/steps/{attend.ref}")).text
    history = priya.get(at("/history")).text
    assert "“Kickoff” took place on 6 Mar" in history
    assert f"“{attend.title}” is done with its call" in history
    assert f"June Park finished “{attend.title}”" not in history


def _log(now, *, by) -> None:
    attend = step_of(now, "attend_call")
    if attend.state == "locked":
        attend.state = "ready"
    call = db.session.query(Call).one()
    call.hold(notes="We met", next_steps=NEXT, by=by)


def test_what_nobody_has_begun_is_open_for_nothing_until_it_is_due(visitor, cast, at, acted, clock) -> None:
    step = next(s for s in cast.onboarding.steps if s.kind == "watch" and s.state == "ready")

    def due_in(days: int) -> None:
        acted(lambda now: setattr(now.step(step.key), "due_on", now.account.today + timedelta(days=days)))

    def open_for() -> str:
        return row_of(visitor(cast.priya).get(at("/road")), step.title).all("td", class_="r")[1].text()

    due_in(9)
    clock.forward(days=3)
    assert open_for() == ""
    due_in(0)
    assert open_for() == "3 days"
    due_in(9)
    acted(lambda now: now.step(step.key).start(by=now.ana))
    clock.forward(days=1)
    assert open_for() == "1 day"


def test_the_meter_speaks_to_staff_and_not_to_the_customer(visitor, cast, at, acted, clock) -> None:
    words = visitor(cast.priya).get(at()).one("div", class_="account-road").text()
    assert "opens after Welcome" in words
    assert "your" not in words.lower()
    clock.forward(days=40)

    def active(now) -> Stage:
        now.onboarding.state = "active"
        return next(stage for stage in now.onboarding.stages if stage.key == "welcome")

    late = acted(active)
    words = visitor(cast.priya).get(at()).one("div", class_="account-road").text()
    assert f"planned {late.planned_end.day} March" in words
    assert "we can move it" not in words
    locked = next(s for s in cast.onboarding.steps if s.state == "locked" and s.stage.key == "expectations")
    assert "opens after Welcome" in row_of(visitor(cast.priya).get(at("/road")), locked.title).text()


def test_a_hold_says_where_its_reason_stands(visitor, cast, at) -> None:
    priya = visitor(cast.priya)
    priya.get(at())
    priya.submit(at("/hold"), {"reason": "A freeze", "review_on": "2026-04-01"})
    assert "On hold. It stands on their home with the reason and the date." in priya.follow().text


def test_left_out_has_one_wording(visitor, cast, at, acted) -> None:
    step = next(s for s in cast.onboarding.steps if s.kind == "watch" and s.state == "ready")
    acted(lambda now: now.step(step.key).skip("They know it", by=now.priya))
    assert (
        f"Priya Rao left “{step.title}” out: “They know it”" in visitor(cast.priya).get(at("/history")).text
    )
    home = visitor(cast.ana).get(f"/o/{cast.onboarding.ref}").text
    assert f"“{step.title}” is left out. They know it" in home
