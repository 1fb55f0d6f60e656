"""What came of a call: held, missed, held without being booked; changed and taken back on the same day."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.dialects import postgresql

from portal import db
from portal.activity.models import Activity
from portal.calls import queries
from portal.calls.cards import card_of
from portal.calls.models import Call, booked_for
from portal.calls.rules import CallState, Side
from portal.errors import Conflict, Refused
from tests.calls.cast import FRIDAY, MONDAY, NEXT, step_of

OTHER = [{"text": "Send it as XLSX", "who": "Priya Shah", "due": None}]


def verbs() -> list[str]:
    return [row.verb.value for row in db.session.query(Activity).order_by(Activity.id)]


@pytest.fixture
def logged(cast, context, clock):
    """Priya logs a kickoff that took place by telephone."""

    def log(start=FRIDAY, **changes) -> Call:
        values = {
            "kind": "kickoff", "title": "Kickoff", "minutes": 60, "owner": cast.priya, "start": start,
            "people": [cast.ana], "notes": "By telephone", "next_steps": NEXT, "by": cast.priya,
        }  # fmt: skip
        return Call.log(values.pop("step", None) or changes.pop("step"), **{**values, **changes})

    clock.at(FRIDAY + timedelta(hours=2))
    return log


def test_held_needs_notes_or_recording_and_next_steps(book, cast, clock, letters) -> None:
    call = book()
    with pytest.raises(Refused, match="has not begun yet"):
        call.hold(notes="All good", next_steps=NEXT, by=cast.priya)
    clock.at(FRIDAY + timedelta(hours=1))
    with pytest.raises(Refused, match="Write notes"):
        call.hold(notes="", next_steps=NEXT, by=cast.priya)
    with pytest.raises(Refused, match="at least one next step"):
        call.hold(notes="All good", next_steps=[], by=cast.priya)
    assert call.state is CallState.SCHEDULED
    call.hold(notes="All good", next_steps=NEXT, by=cast.priya)
    db.session.commit()
    db.session.expire_all()
    assert (call.state, call.next_steps) == (CallState.HELD, NEXT)
    attended = step_of(cast.onboarding, "attend_call", "kickoff")
    assert (attended.is_done, attended.done_via) == (True, "call")
    with pytest.raises(Refused, match="This call is held"):
        call.no_show(Side.US, by=cast.priya)


def test_a_call_for_help_finishes_no_step(book, cast, clock) -> None:
    call = book(step=None, kind="kickoff")
    clock.at(FRIDAY + timedelta(hours=1))
    call.hold(notes=None, recording_link="https://example.com/film", next_steps=NEXT, by=cast.priya)
    assert not step_of(cast.onboarding, "attend_call", "kickoff").is_done


def test_a_missed_call_says_whose_side(book, cast, clock) -> None:
    call = book()
    clock.at(FRIDAY + timedelta(minutes=20))
    call.no_show(Side.CUSTOMER, by=cast.priya)
    assert (call.state, call.no_show_side) == (CallState.NO_SHOW, Side.CUSTOMER)
    assert "Meet for kickoff" in [one.title for one in queries.bookable(cast.onboarding, cast.ana)]


# --- Held without being booked ------------------------------------------------------------------


def test_a_call_that_took_place_finishes_both_its_steps(logged, cast, letters) -> None:
    book, attend = (step_of(cast.onboarding, kind, "kickoff") for kind in ("book_call", "attend_call"))
    call = logged(step=book)
    assert (call.state, call.notes, call.agreed[0]["due"]) == (
        CallState.HELD, "By telephone", date(2026, 3, 13),
    )  # fmt: skip
    assert [(step.is_done, step.done_via) for step in (book, attend)] == [(True, "call"), (True, "call")]
    assert letters(cast.ana)[-1].subject == "Notes and next steps: Kickoff"
    assert not letters(cast.ana)[-1].attachments
    assert verbs().count("call_held") == 1
    assert "call_booked" not in verbs()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"start": MONDAY}, "still ahead"),
        ({"start": FRIDAY - timedelta(days=400)}, "more than a year ago"),
        ({"people": []}, "at least one person of Northwind"),
        ({"notes": ""}, "Write notes"),
        ({"next_steps": []}, "at least one next step"),
    ],
)
def test_what_cannot_be_logged_changes_nothing(logged, cast, changes, sentence) -> None:
    db.session.commit()
    with pytest.raises(Refused, match=sentence):
        logged(step=step_of(cast.onboarding, "book_call", "kickoff"), **changes)
    db.session.rollback()
    assert db.session.query(Call).count() == 0
    assert not step_of(cast.onboarding, "book_call", "kickoff").is_done


def test_people_of_another_company_were_not_there(logged, cast) -> None:
    with pytest.raises(Refused, match="Choose people of Northwind"):
        logged(step=step_of(cast.onboarding, "book_call", "kickoff"), people=[cast.ana, cast.fay])


def test_nothing_is_logged_beside_a_booked_call_nor_for_a_locked_or_paused_step(logged, book, cast) -> None:
    step = step_of(cast.onboarding, "book_call", "kickoff")
    with pytest.raises(Refused, match="isn't open"):
        logged(step=step_of(cast.onboarding, "attend_call", "kickoff"))
    book(MONDAY)
    with pytest.raises(Refused, match="isn't open"):
        logged(step=step)
    with pytest.raises(Refused, match="a booked call already"):
        logged(step=step_of(cast.onboarding, "attend_call", "kickoff"))
    cast.onboarding.pause("Budget", cast.northwind.today + timedelta(days=9), by=cast.priya)
    with pytest.raises(Refused, match="paused until"):
        logged(step=step_of(cast.onboarding, "attend_call", "integration_scope"))


# --- Changed and taken back ---------------------------------------------------------------------


def test_notes_can_be_changed_on_the_day_they_were_logged(book, cast, clock) -> None:
    call = book()
    clock.at(FRIDAY + timedelta(hours=1))
    call.hold(notes="All good", next_steps=NEXT, by=cast.priya)
    call.rewrite(
        notes="All very good", next_steps=OTHER, recording_link=None, seen=call.log_seal, by=cast.priya
    )
    assert (call.notes, call.next_steps, call.state) == ("All very good", OTHER, CallState.HELD)
    assert verbs()[-1] == "call_noted"
    clock.at(FRIDAY + timedelta(hours=14))  # 23:30 in Chicago, Saturday in Lisbon: Priya's day counts.
    assert call.log_is_open
    clock.at(FRIDAY + timedelta(hours=15))
    assert not call.log_is_open
    for change in (
        lambda: call.rewrite(
            notes="Late", next_steps=NEXT, recording_link=None, seen=call.log_seal, by=cast.priya
        ),
        lambda: call.take_back("Late", by=cast.priya),
    ):
        with pytest.raises(Refused, match="on the day on which it was written"):
            change()
    assert call.notes == "All very good"


def test_notes_that_a_colleague_changed_are_not_overwritten_unseen(book, cast, clock) -> None:
    call = book()
    clock.at(FRIDAY + timedelta(hours=1))
    call.hold(notes="All good", next_steps=NEXT, by=cast.priya)
    seen = call.log_seal
    call.rewrite(notes="All very good", next_steps=OTHER, recording_link=None, seen=seen, by=cast.priya)
    with pytest.raises(Conflict, match="Somebody changed these notes"):
        call.rewrite(notes="Mine", next_steps=NEXT, recording_link=None, seen=seen, by=cast.priya)
    assert (call.notes, call.next_steps) == ("All very good", OTHER)


def test_the_day_of_a_log_ends_at_midnight_on_its_owners_wall(book, cast, clock) -> None:
    call = book()
    cast.priya.time_zone = "America/Los_Angeles"
    clock.at(FRIDAY.replace(hour=1) + timedelta(days=1))  # Friday afternoon there.
    call.hold(notes="All good", next_steps=NEXT, by=cast.priya)
    assert call.log_is_open
    clock.at(FRIDAY.replace(hour=7, minute=59) + timedelta(days=1))
    assert call.log_is_open
    clock.at(FRIDAY.replace(hour=8, minute=1) + timedelta(days=1))
    assert not call.log_is_open


def test_a_log_taken_back_opens_the_step_again(book, cast, clock, letters) -> None:
    call, attended = book(), step_of(cast.onboarding, "attend_call", "kickoff")
    clock.at(FRIDAY + timedelta(hours=1))
    call.hold(notes="All good", next_steps=NEXT, by=cast.priya)
    assert attended.is_done
    call.take_back("That was another customer's call.", by=cast.priya)
    assert (call.state, call.notes, call.next_steps) == (CallState.SCHEDULED, None, [])
    assert (attended.is_done, attended.reopen_reason) == (False, "That was another customer's call.")
    assert call.waits_for_its_log
    assert verbs()[-1] == "call_log_taken_back"
    call.no_show(Side.CUSTOMER, by=cast.priya)
    assert call.state is CallState.NO_SHOW


def test_a_log_is_not_taken_back_once_another_call_is_booked(book, cast, clock) -> None:
    call = book()
    clock.at(FRIDAY + timedelta(hours=1))
    call.hold(notes="All good", next_steps=NEXT, by=cast.priya)
    step_of(cast.onboarding, "attend_call", "kickoff").reopen("Once more", by=cast.priya)
    book(MONDAY, step=step_of(cast.onboarding, "attend_call", "kickoff"))
    with pytest.raises(Refused, match="a booked call already"):
        call.take_back("Wrong", by=cast.priya)


def test_whoever_looks_at_the_hosts_calls_is_alone_with_them(logged, book, cast, clock) -> None:
    """As the one who books is: else one who logs and one who books would both find none."""
    seen: list[str] = []

    def note(told) -> None:
        if told.is_select:
            seen.append(" ".join(str(told.statement.compile(dialect=postgresql.dialect())).split()))

    def is_alone() -> bool:
        lock = next(
            (n for n, one in enumerate(seen) if "JOIN staff" in one and "FOR NO KEY UPDATE" in one), None
        )
        look = next(n for n, one in enumerate(seen) if "FROM call WHERE call.state" in one)
        return lock is not None and lock < look

    event.listen(db.session, "do_orm_execute", note)
    try:
        call = logged(step=step_of(cast.onboarding, "book_call", "kickoff"))
        assert is_alone()
        seen.clear()
        call.take_back("Wrong", by=cast.priya)
        assert is_alone()
    finally:
        event.remove(db.session, "do_orm_execute", note)


# --- Not logged yet -----------------------------------------------------------------------------


def test_a_call_without_a_log_is_still_the_call_of_its_step(book, cast, clock) -> None:
    call = book()
    clock.at(FRIDAY + timedelta(hours=3))
    assert booked_for(step_of(cast.onboarding, "attend_call", "kickoff")) is call
    assert "Meet for kickoff" not in [one.title for one in queries.bookable(cast.onboarding, cast.ana)]
    assert card_of(call, cast.ana)["when"].endswith("notes to follow")
    with pytest.raises(Refused, match="is booked already"):
        book(MONDAY, step=step_of(cast.onboarding, "attend_call", "kickoff"))


# --- What becomes of them when the road stops ---------------------------------------------------


def test_undoing_the_booking_is_refused_in_favour_of_the_call(book, cast) -> None:
    book()
    step = step_of(cast.onboarding, "book_call", "kickoff")
    assert not step.undoable_by(cast.ana)
    with pytest.raises(Refused, match="Move or cancel the call instead"):
        step.undo(by=cast.ana)
    assert step.is_done
