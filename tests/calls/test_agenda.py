"""The agenda writes itself from the road and the last call, until staff write it; both sides see it."""

from datetime import date, timedelta

import pytest

from portal import db
from portal.activity.models import Activity, Verb
from portal.calls.models import Call
from portal.errors import Conflict, Refused
from portal.messages.models import Message
from tests.calls.cast import FRIDAY, MONDAY, in_app, send, step_of


@pytest.fixture
def call(book, cast, clock) -> Call:
    """The kickoff was held on Friday; on Monday they meet again."""
    kickoff = book()
    clock.at(FRIDAY + timedelta(hours=1))
    steps = [
        {"text": "Send the CSV", "who": "Ana Moreira", "due": "2026-03-13", "on_road": True},
        {"text": "Think about names", "who": "Ben Ortiz", "due": None},
    ]
    kickoff.hold(notes="All good", next_steps=steps, by=cast.priya)
    made = book(MONDAY, step=None, kind="walk_through", title="Help", minutes=30, agenda=["Your questions"])
    db.session.commit()
    return made


def test_what_the_last_call_left_open_follows_what_the_playbook_says(call, cast) -> None:
    assert call.points[:3] == [
        "Your questions",
        "From “Kickoff”: Send the CSV (Ana Moreira)",
        "From “Kickoff”: Think about names (Ben Ortiz)",
    ]
    cast.onboarding.steps[-1].onboarding.step_called("own_1").complete(by=cast.ana)
    assert "From “Kickoff”: Send the CSV (Ana Moreira)" not in call.points


def test_what_is_in_the_way_late_or_due_soon_stands_there(call, cast, clock) -> None:
    theirs = [s for s in cast.onboarding.steps if s.is_customers and s.visible and s.state.value == "ready"]
    blocked, late = [s for s in theirs if not s.spec.call and s.key != "own_1"][:2]
    blocked.block("access_missing", "IT opens the port", "Ben", by=cast.ana)
    late.due_on = date(2026, 3, 5)
    points = call.points
    assert f"In the way of “{blocked.title}”: IT opens the port" in points
    assert f"“{late.title}” was due on 5 Mar" in points
    assert points.index(f"In the way of “{blocked.title}”: IT opens the port") < points.index(
        f"“{late.title}” was due on 5 Mar"
    )


def test_a_question_stands_there_until_it_is_answered(call, cast) -> None:
    step = step_of(cast.onboarding, "book_call", "kickoff")
    Message.write(cast.onboarding, "Can we meet at your place?", by=cast.ben, step=step)
    Message.write(cast.onboarding, "And when?", by=cast.ana)
    assert call.points[3:5] == [
        f"Ben's question of 6 Mar about “{step.title}”",
        "Ana's question of 6 Mar",
    ]
    Message.write(cast.onboarding, "On Monday, @Ben.", by=cast.priya)
    assert not any("question" in point for point in call.points[1:])


def test_what_somebody_wrote_stands_until_it_is_emptied(call, cast, clock) -> None:
    call.plan(["Only this"], seen="", by=cast.priya)
    assert call.points == ["Only this"]
    assert db.session.query(Activity).order_by(Activity.id.desc()).first().verb is Verb.CALL_PLANNED
    with pytest.raises(Conflict, match="Only this"):
        call.plan(["Mine"], seen="", by=cast.june)
    assert call.points == ["Only this"]
    call.plan([], seen=call.agenda_seal, by=cast.priya)
    assert len(call.points) > 2
    clock.at(MONDAY + timedelta(hours=2))
    with pytest.raises(Refused, match="until the call is over"):
        call.plan(["Late"], seen="", by=cast.priya)


def test_a_held_call_keeps_the_agenda_it_had(call, cast, clock) -> None:
    clock.at(MONDAY)
    had = call.points
    call.hold(notes="x", next_steps=[{"text": "y", "who": "Priya Shah", "due": None}], by=cast.priya)
    assert call.points == had


# --- On the pages -------------------------------------------------------------------------------


@pytest.fixture
def path(app, cast, clock) -> str:
    with in_app(app):
        onboarding = db.session.get(type(cast.onboarding), cast.onboarding.id)
        ana = db.session.get(type(cast.ana), cast.ana.id)
        call = Call.book(
            onboarding, kind="kickoff", title="Kickoff", minutes=60, agenda=["People"], owner=onboarding.owner,
            start=MONDAY, by=ana, people=[ana], step=step_of(onboarding, "book_call", "kickoff"),
        )  # fmt: skip
        db.session.commit()
        return f"/staff/calls/{call.ref}"


def test_priya_writes_it_and_ana_reads_it(cast, enter, path) -> None:
    priya = enter(cast.priya)
    page = priya.get(path)
    assert "it writes itself until you do" in page.text
    priya.submit("/agenda", {"points": "- Who does what\n\n Dates "})
    assert [li.text() for li in priya.follow().all("li") if li.text() in ("Who does what", "Dates")] == [
        "Who does what",
        "Dates",
    ]
    ana = enter(cast.ana)
    assert "Who does what" in ana.get(path.replace("/staff", f"/o/{cast.onboarding.ref}")).text
    ana.get(path, 404)
    enter(cast.fay).get(path.replace("/staff", f"/o/{cast.onboarding.ref}"), 404)


def test_two_who_write_at_once_see_both(cast, enter, path) -> None:
    priya, june = enter(cast.priya), enter(cast.june)
    priya.get(path)
    june.get(path)
    priya.submit("/agenda", {"points": "Priya's"})
    page = june.submit("/agenda", {"points": "June's"}, 409)
    assert "It is now: Priya's." in page.text
    assert page.one("textarea", name="points").text() == "June's"
    june.submit("/agenda", {"points": "June's"})
    assert "June's" in june.follow().text


def test_an_agenda_nobody_could_read_is_refused_and_kept(cast, enter, path) -> None:
    priya = enter(cast.priya)
    priya.get(path)
    page = priya.submit("/agenda", {"points": "\n".join("abcdefghijklm")}, 422)
    assert "Keep it to 12 points" in page.text
    send(priya, priya.token(), f"{path}/agenda", {"points": "x" * 301, "seen": ""}, 422)
