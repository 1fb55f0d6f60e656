"""What staff do about what is to be ready: a late one that blocks proposes a pause to a person, who decides."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from portal import db
from portal.mail import Letter
from portal.onboardings.jobs import begin_due
from portal.onboardings.models import Onboarding
from portal.onboardings.states import OnboardingState
from portal.readiness.prerequisite_rules import Status
from portal.readiness.prerequisites import Prerequisite
from tests import make
from tests.desk.conftest import statements  # noqa: F401

THURSDAY = datetime(2026, 3, 12, 12, tzinfo=UTC)  # The hours were due the day before.


def the(cast, key: str = "hours") -> Prerequisite:
    """The row, read anew."""
    db.session.expire_all()
    rows = select(Prerequisite).where(Prerequisite.onboarding_id == cast.onboarding.id)
    return db.session.scalars(rows.where(Prerequisite.key == key)).one()


def desk(cast) -> str:
    return f"/staff/accounts/{cast.account.ref}/prerequisites?o={cast.onboarding.ref}"


def account(cast) -> str:
    return f"/staff/accounts/{cast.account.ref}?o={cast.onboarding.ref}"


@pytest.fixture
def late(app, cast, clock):
    """Day 0 is over and the hours are late."""
    clock.at(THURSDAY)
    with app.test_request_context():
        db.session.get_one(Onboarding, cast.onboarding.id).begin()
        db.session.commit()
    return cast


def test_nothing_is_proposed_before_its_date_nor_for_what_blocks_nothing(visitor, cast) -> None:
    page = visitor(cast.priya).get(account(cast))
    assert "Readiness gap" not in page.text
    assert "Readiness gap" not in visitor(cast.priya).get("/staff").text


def test_a_gap_is_proposed_on_the_account_and_on_the_day_and_pauses_nothing_by_itself(visitor, late) -> None:
    words = "“The hours are released”, blocking, 1 working day late. Enough is: Whoever grants them"
    for page in (visitor(late.priya).get(account(late)), visitor(late.priya).get("/staff")):
        assert "Readiness gap: pause for it?" in page.text
        assert f"{words} has agreed." in page.text
    assert "Readiness gap" not in visitor(late.june).get("/staff").text  # She doesn't own it.
    begin_due()
    assert db.session.get_one(Onboarding, late.onboarding.id).state is OnboardingState.ACTIVE


def test_one_press_pauses_it_and_they_read_what_ends_it(visitor, late) -> None:
    priya, one = visitor(late.priya), the(late)
    page = priya.get(account(late))
    form = page.form(f"{one.ref}/hold?o={late.onboarding.ref}&back=overview")
    assert form.one("textarea", name="reason").text().startswith("Starting without “The hours are released”")
    assert form.one("input", name="review_on")["value"] == "2026-03-19"
    priya.submit(form["action"])
    page = priya.follow()
    assert "On hold. They get a letter" in page.text
    road = db.session.get_one(Onboarding, late.onboarding.id)
    assert road.state is OnboardingState.ON_HOLD
    assert the(late).hold_id == road.hold.id
    (letter,) = db.session.scalars(select(Letter).where(Letter.about == f"prerequisite:{one.id}:hold")).all()
    assert letter.address == late.ana.email
    assert "What ends the pause: Whoever grants them has agreed." in " ".join(letter.text.split())
    assert "Readiness gap" not in page.text


def test_a_pause_into_the_past_is_refused_with_what_was_typed(visitor, late) -> None:
    priya, one = visitor(late.priya), the(late)
    page = priya.get("/staff")
    action = page.form(f"{one.ref}/hold?o={late.onboarding.ref}&back=today")["action"]
    page = priya.submit(action, {"reason": "Their data team is away.", "review_on": "2026-03-12"}, status=422)
    assert "Choose a review date after today." in page.one("div", id="problems").text()
    assert page.form(f"{one.ref}/hold?o={late.onboarding.ref}&back=today").one("textarea").text() == (
        "Their data team is away."
    )
    assert db.session.get_one(Onboarding, late.onboarding.id).hold is None
    priya.submit(action, {"reason": "Their data team is away.", "review_on": "2026-03-20"})
    assert priya.page.location == "/staff"


def test_ready_during_the_pause_asks_a_person_to_resume(visitor, late) -> None:
    priya, ana, one = visitor(late.priya), visitor(late.ana), the(late)
    priya.get(account(late))
    priya.submit(f"{one.ref}/hold?o={late.onboarding.ref}&back=overview")
    here = f"/o/{late.onboarding.ref}/prerequisites"
    ana.get(here)
    ana.post(f"{here}/{one.ref}", {"status": "ready", "seen": the(late).seal})
    page = priya.get("/staff")
    assert "They are ready: resume?" in page.text
    assert "Ana says “The hours are released” is ready. Paused until 19 March for it." in page.text
    assert (
        db.session.get_one(Onboarding, late.onboarding.id).hold is not None
    )  # Nobody resumes it but a person.
    priya.submit(
        page.form("back=today")["action"]
        if len(page.all("form")) == 1
        else f"resume?o={late.onboarding.ref}&back=today"
    )
    assert priya.page.location == "/staff"
    assert db.session.get_one(Onboarding, late.onboarding.id).state is OnboardingState.ACTIVE
    assert "They are ready" not in priya.follow().text


def test_to_go_on_without_takes_a_reason_that_is_remembered_among_us(visitor, late) -> None:
    priya, one = visitor(late.priya), the(late)
    priya.get(account(late))
    action = f"{one.ref}/without?o={late.onboarding.ref}&back=overview"
    page = priya.submit(action, {"reason": " "}, status=422)
    assert "Write why; whoever asks later reads it" in page.one("div", id="problems").text()
    priya.submit(action, {"reason": "Their manager agreed on the phone."})
    assert "Readiness gap" not in priya.follow().text
    assert "Their manager agreed on the phone." in priya.get(desk(late)).text
    page = visitor(late.ana).get(f"/o/{late.onboarding.ref}/prerequisites")
    assert "We begin without it" in page.text
    assert "agreed on the phone" not in page.text
    assert the(late).without_by_id == late.priya.id


def test_a_second_decision_about_the_same_gap_is_refused(visitor, late) -> None:
    priya, june, one = visitor(late.priya), visitor(late.june), the(late)
    priya.get(account(late))
    june.get(account(late))
    priya.submit(f"{one.ref}/hold?o={late.onboarding.ref}&back=overview")
    page = june.submit(f"{one.ref}/hold?o={late.onboarding.ref}&back=overview", status=422)
    assert "on hold already" in page.text


def test_staff_change_leave_out_bring_back_and_add(visitor, cast) -> None:
    priya, one = visitor(cast.priya), the(cast)
    priya.get(desk(cast))
    at = f"o={cast.onboarding.ref}"
    priya.submit(f"{one.ref}/change?{at}", {"due_on": "2026-03-20", "person": cast.ben.ref})
    changed = the(cast)
    assert (changed.due_on, changed.assignee_id) == (date(2026, 3, 20), cast.ben.id)
    page = priya.get(desk(cast))
    page = priya.submit(f"{one.ref}/change?{at}", {"due_on": "2026-03-01"}, status=422)
    assert "That day has passed" in page.text
    priya.get(desk(cast))
    priya.submit(f"{one.ref}/leave-out?{at}", {"reason": "We have it already."})
    page = priya.follow()
    assert "We have it already." in page.text
    assert (
        "The hours are released" not in visitor(cast.ana).get(f"/o/{cast.onboarding.ref}/prerequisites").text
    )
    priya.submit(f"{one.ref}/bring-back?{at}")
    page = priya.follow()
    own = {"title": "Your logo", "enough": "A vector file.", "guidance": "", "due_on": "2026-03-13"}
    page = priya.submit(f"add?{at}", {**own, "title": ""}, status=422)
    assert "Write what you need" in page.one("div", id="problems").text()
    assert page.form(f"add?{at}").one("input", name="enough")["value"] == "A vector file."
    priya.submit(f"add?{at}", own)
    assert "Your logo" in visitor(cast.ana).get(f"/o/{cast.onboarding.ref}/prerequisites").text


def test_two_who_change_it_meet(visitor, cast) -> None:
    priya, june, one = visitor(cast.priya), visitor(cast.june), the(cast)
    priya.get(desk(cast))
    june.get(desk(cast))
    at = f"{one.ref}/change?o={cast.onboarding.ref}"
    priya.submit(at, {"due_on": "2026-03-20"})
    june.submit(at, {"due_on": "2026-03-25"}, status=409)
    assert the(cast).due_on == date(2026, 3, 20)
    june.submit(at, {"due_on": "2026-03-25"})
    assert the(cast).due_on == date(2026, 3, 25)


def test_staff_say_it_for_them_and_it_says_who_said_so(visitor, cast) -> None:
    priya, one = visitor(cast.priya), the(cast)
    priya.get(desk(cast))
    priya.submit(f"prerequisites/{one.ref}?o={cast.onboarding.ref}")
    assert (the(cast).status, the(cast).said_by_id) == (Status.READY, cast.priya.id)
    assert "Ready, Priya, 3 Mar" in visitor(cast.ana).get(f"/o/{cast.onboarding.ref}/prerequisites").text


def test_sales_reads_and_decides_nothing_and_another_account_s_address_is_none(app, visitor, late) -> None:
    sam = visitor(late.sam)
    page = sam.get(desk(late))
    assert "The hours are released" in page.text
    assert not page.one("main").all("form")
    sam.post(
        f"/staff/accounts/{late.account.ref}/prerequisites/{the(late).ref}/hold?o={late.onboarding.ref}",
        status=403,
    )
    with app.test_request_context():
        other = make.account("Fabrikam").ref
        db.session.commit()
    visitor(late.priya).get(f"/staff/accounts/{other}/prerequisites?o={late.onboarding.ref}", status=404)
    visitor(late.ana).get(desk(late), status=404)


def test_the_pages_keep_to_twelve_statements(visitor, late, statements) -> None:  # noqa: F811
    priya = visitor(late.priya)
    for address in (account(late), "/staff", desk(late)):
        priya.get(address)
        with statements() as seen:
            priya.get(address)
        assert len(seen) <= 12, (address, len(seen), "\n\n".join(seen))


def test_the_day_of_whoever_stands_in_shows_it_too(app, visitor, late) -> None:
    with app.test_request_context():
        priya = db.session.get_one(type(late.priya), late.priya.id)
        priya.away_until, priya.stand_in_id = date(2026, 3, 31), late.june.id
        db.session.commit()
    assert "Readiness gap" in visitor(late.june).get("/staff").text


def test_what_is_decided_on_the_readiness_tab_stays_there(visitor, late) -> None:
    priya = visitor(late.priya)
    page = priya.get(account(late).replace("?", "/readiness?"))
    action = next(f["action"] for f in page.all("form") if f"{the(late).ref}/without" in f["action"])
    priya.submit(action, {"reason": "We start with half of them."})
    page = priya.follow()
    assert "Readiness kit They haven't sent it yet." in page.text
    assert "We go on without it: We start with half of them." in page.text
