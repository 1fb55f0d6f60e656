"""One of ours takes over: one letter says what, the calls go along with their invitations, and one that can't stands
in the new one's day until it has another time. T03, T04."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from portal import db
from portal.accounts.models import Staff
from portal.activity.models import Activity, Verb
from portal.calls.models import Call
from portal.mail import Letter
from portal.onboardings.states import StepState
from tests import make
from tests.calls.conftest import calendar_in

TEAM, LIST = "/staff/team", "/staff/accounts"
THURSDAY = datetime(2026, 3, 12, 15, 0, tzinfo=UTC)  # 15:00 in Lisbon, 10:00 in Chicago
HOUR = timedelta(hours=1)


@pytest.fixture
def nora(cast) -> Staff:
    found = make.staff("Nora Lind", "consultant")
    db.session.commit()
    return found


def step_about(road, kind: str):
    return next(step for step in road.steps if step.spec.call and step.spec.call.kind == kind)


@pytest.fixture
def booked(acted):
    """Ana's kickoff with Priya, or another call: `booked(owner=nora, start=…)`; its letters have left."""

    def book(
        start: datetime = THURSDAY, *, owner: Staff | None = None, kind: str = "kickoff", road=None
    ) -> Call:
        def act(now) -> Call:
            onboarding = db.session.get_one(type(road), road.id) if road is not None else now.onboarding
            guest = next(p for p in onboarding.account.people if p.is_admin)
            step = step_about(onboarding, kind) if road is None else None
            if step is not None:
                step.state = StepState.READY
            call = Call.book(
                onboarding, kind=kind, title="Kickoff", minutes=60, agenda=["Goals"],
                owner=db.session.get_one(Staff, owner.id) if owner else now.priya,
                start=start, by=guest, people=[guest], step=step,
            )  # fmt: skip
            for letter in db.session.scalars(select(Letter).where(Letter.kind == "call")):
                letter.sent_at = letter.sent_at or call.created_at
            return call

        return acted(act)

    return book


@pytest.fixture
def elsewhere(app, cast, more):
    """Another customer's road, with an admin."""
    (road,) = more("Alpha")
    with app.test_request_context():
        account = db.session.get_one(type(road), road.id).account
        make.person(account, "Ada Berg")
        db.session.commit()
    return road


def hand_over(browser, cast, to: Staff, **more):
    browser.get(f"{TEAM}/{cast.priya.ref}")
    answers = {"pick": [cast.onboarding.ref], "to": to.ref, "know": "Ana prefers calls after lunch."}
    browser.submit(f"{TEAM}/{cast.priya.ref}/hand-over", {**answers, **more})
    return browser.follow()


def again(call: Call) -> Call:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Call, call.id)


def letters(to, kind: str) -> list[Letter]:
    rows = select(Letter).where(
        Letter.user_id == to.id, Letter.kind == kind, Letter.dropped_at.is_(None), Letter.sent_at.is_(None)
    )
    return list(db.session.scalars(rows.order_by(Letter.id)))


def told(*verbs: Verb) -> int:
    return len(db.session.scalars(select(Activity.id).where(Activity.verb.in_(verbs))).all())


# --- The letter ---------------------------------------------------------------------------------


def test_the_new_owner_gets_one_letter_at_once(visitor, cast, nora, more) -> None:
    (alpha,) = more("Alpha")
    hand_over(visitor(cast.june), cast, nora, pick=[cast.onboarding.ref, alpha.ref])
    (letter,) = letters(nora, "step_assigned")
    assert letter.subject == "2 accounts are yours now"
    assert letter.not_before is None, "it leaves at once"
    for said in (
        "June handed you 2 accounts.", "> Ana prefers calls after lunch.", "Northwind, Partner Programme",
        "Alpha, Partner Programme", f"/staff/accounts/{cast.account.ref}?o={cast.onboarding.ref}", "/staff\n",
    ):  # fmt: skip
        assert said in letter.text
    assert letter.reply_to == cast.june.email
    assert "Calls that need another time" not in letter.text


def test_assigning_from_the_list_writes_once_and_a_second_click_not_again(visitor, cast, nora) -> None:
    priya = visitor(cast.priya)
    sent = {
        "pick": [cast.onboarding.ref],
        "role": "consultant",
        "staff": nora.ref,
        "reason": "",
        "review_on": "",
    }
    for _click in range(2):
        priya.get(LIST, query_string={"select": "1"})
        priya.post(f"{LIST}/bulk/assign", sent)
    (letter,) = letters(nora, "step_assigned")
    assert letter.subject == "Northwind is yours now"
    assert "Northwind, Partner Programme" in letter.text
    assert "Consultant" in letter.text or "consultant" in letter.text


def test_nobody_is_written_to_about_what_they_took_themselves(visitor, cast, nora) -> None:
    hand_over(visitor(nora), cast, nora)
    assert letters(nora, "step_assigned") == []


def test_what_is_refused_is_in_no_letter(visitor, cast, nora, more) -> None:
    (ended,) = more("Ended", state="graduated")
    priya = visitor(cast.priya)
    priya.get(LIST, query_string={"select": "1"})
    sent = {"pick": [ended.ref], "role": "consultant", "staff": nora.ref, "reason": "", "review_on": ""}
    priya.post(f"{LIST}/bulk/assign", sent, status=422)
    assert letters(nora, "step_assigned") == []


# --- The calls ----------------------------------------------------------------------------------


def test_a_call_goes_along_and_every_calendar_follows(visitor, cast, nora, booked) -> None:
    call = booked()
    page = hand_over(visitor(cast.june), cast, nora)
    assert "another time" not in page.text
    now = again(call)
    assert (now.owner_id, now.next_host_id, now.sequence, now.uid) == (nora.id, None, 1, call.uid)
    assert {user.id for user in now.people} == {nora.id, cast.ana.id}
    for user in (cast.ana, nora):
        (letter,) = letters(user, "call")
        file = calendar_in(letter)
        (event,) = file.events
        assert (file["method"], str(event["uid"]), event["sequence"]) == ("REQUEST", call.uid, 1)
        assert str(event["organizer"]) == f"mailto:{nora.email}"
        assert {str(one) for one in event["attendee"]} == {f"mailto:{cast.ana.email}", f"mailto:{nora.email}"}
    assert "“Kickoff” is with Nora now: Thu 12 Mar, 15:00 your time (10:00 Nora's)." in flat(
        letters(cast.ana, "call")
    )
    assert "You hold “Kickoff” with Northwind" in flat(letters(nora, "call"))
    assert told(Verb.CALL_PASSED_ON) == 1
    assert told(Verb.CALL_NEEDS_TIME) == 0


def flat(found: list[Letter]) -> str:
    return " ".join(" ".join(letter.text.split()) for letter in found)


def test_who_held_it_hears_that_it_leaves_their_calendar(visitor, cast, nora, booked) -> None:
    call = booked()
    hand_over(visitor(cast.june), cast, nora)
    (letter,) = letters(cast.priya, "call")
    assert "Nora holds “Kickoff” from now on" in flat([letter])
    file = calendar_in(letter)
    (event,) = file.events
    assert (file["method"], str(event["uid"]), event["sequence"]) == ("CANCEL", call.uid, 1)
    assert str(event["attendee"]) == f"mailto:{cast.priya.email}"
    assert "status" not in event, "the call itself takes place"


def test_where_the_new_one_is_not_free_the_call_waits_for_another_time(
    visitor, cast, nora, booked, elsewhere
) -> None:
    call = booked()
    booked(owner=nora, road=elsewhere, kind="check_in")
    page = hand_over(visitor(cast.june), cast, nora)
    said = "1 call needs another time, for Nora isn't free then: Kickoff, Northwind, Thu 12 Mar, "
    assert said in page.text
    now = again(call)
    assert (now.owner_id, now.next_host_id, now.sequence) == (cast.priya.id, nora.id, 0)
    assert letters(cast.ana, "call") == [], "nothing has changed for them yet"
    (letter,) = letters(nora, "step_assigned")
    assert "Calls that need another time" in letter.text
    assert f"/staff/calls/{call.ref}" in letter.text
    assert told(Verb.CALL_NEEDS_TIME) == 1
    browser = visitor(nora)
    day = browser.get("/staff")
    assert "Kickoff" in day.text
    assert "Priya is down for it" in day.text
    link = next(a for a in day.all("a") if a.text().startswith("Find a time"))
    page = browser.get(link["href"])
    assert "Nora takes this call over from Priya and isn't free then." in page.text
    assert "needs another time" in browser.get("/staff/calls?week=2026-03-09").text
    assert "needs another time" in browser.get(f"{LIST}/{cast.account.ref}").text
    ana = visitor(cast.ana).get(f"/o/{cast.onboarding.ref}/calls/{call.ref}")
    assert "Nora takes this call over and can't make this time." in ana.text


def test_once_it_is_moved_the_new_one_holds_it_and_all_hear_of_it(
    visitor, cast, nora, booked, elsewhere
) -> None:
    call = booked()
    booked(owner=nora, road=elsewhere, kind="check_in")
    hand_over(visitor(cast.june), cast, nora)
    browser = visitor(nora)
    to = f"/staff/calls/{call.ref}"
    page = browser.get(to)
    values = [one["value"] for one in page.one("select", id="start").all("option")]
    assert "2026-03-12T15:00Z" not in values, "Nora has a call then"
    page = browser.submit(f"{to}/move", {"start": "2026-03-12T15:30Z"}, status=422)
    assert "Nora has a call then. Free that day: " in page.text
    browser.get(f"{to}?back=today")
    browser.submit(f"{to}/move?back=today", {"start": "2026-03-12T16:00Z"})
    assert browser.page.location == "/staff"
    now = again(call)
    assert (now.owner_id, now.next_host_id, now.sequence) == (nora.id, None, 1)
    (letter,) = letters(cast.ana, "call")
    assert "It is with Nora now." in letter.text
    (event,) = calendar_in(letter).events
    assert (str(event["uid"]), event["sequence"]) == (call.uid, 1)
    assert calendar_in(letters(cast.priya, "call")[-1])["method"] == "CANCEL"
    assert "needs another time" not in browser.get(to).text
    assert "Find a time" not in browser.get("/staff").text


def test_a_day_off_of_the_new_one_is_no_time_either(visitor, cast, nora, booked, app) -> None:
    call = booked(datetime(2026, 3, 6, 15, 0, tzinfo=UTC))
    with app.test_request_context():
        db.session.get_one(Staff, nora.id).time_zone = "Pacific/Auckland"
        db.session.commit()
    assert "1 call needs another time" in hand_over(visitor(cast.june), cast, nora).text
    assert again(call).next_host_id == nora.id
    page = visitor(nora).get(f"/staff/calls/{call.ref}")
    why = "Ana's working day and Nora's don't overlap. Nobody stands in for Nora; somebody else has to take the call."
    assert why in page.text
    assert not page.all("select", id="start")
    page = visitor(cast.ana).get(f"/o/{cast.onboarding.ref}/calls/{call.ref}")
    assert (
        "Nora takes this call over and can't make this time. We write to you with another one." in page.text
    )


def test_handed_back_it_is_as_it_was(visitor, cast, nora, booked, elsewhere) -> None:
    call = booked()
    booked(owner=nora, road=elsewhere, kind="check_in")
    june = visitor(cast.june)
    hand_over(june, cast, nora)
    june.get(f"{TEAM}/{nora.ref}")
    answers = {"pick": [cast.onboarding.ref], "to": cast.priya.ref, "know": "Back again."}
    june.submit(f"{TEAM}/{nora.ref}/hand-over", answers)
    now = again(call)
    assert (now.owner_id, now.next_host_id, now.sequence) == (cast.priya.id, None, 0)


def test_only_the_part_that_changes_hands_takes_its_calls(visitor, cast, booked) -> None:
    kickoff, scope = booked(), booked(THURSDAY + HOUR, owner=cast.tomas, kind="integration_scope")
    anna = make.staff("Anna Roy", "integration_specialist", time_zone="Europe/Lisbon")
    db.session.commit()
    priya = visitor(cast.priya)
    priya.get(LIST, query_string={"select": "1"})
    sent = {"pick": [cast.onboarding.ref], "role": "integration_specialist", "staff": anna.ref}
    priya.post(f"{LIST}/bulk/assign", {**sent, "reason": "", "review_on": ""})
    assert (again(kickoff).owner_id, again(scope).owner_id) == (cast.priya.id, anna.id)


def test_who_keeps_another_part_keeps_its_calls(visitor, cast, booked, acted) -> None:
    def both(now) -> None:
        next(one for one in now.onboarding.team if one.role == "csm").staff = now.priya

    acted(both)
    call = booked()
    priya = visitor(cast.priya)
    priya.get(LIST, query_string={"select": "1"})
    sent = {
        "pick": [cast.onboarding.ref],
        "role": "csm",
        "staff": cast.june.ref,
        "reason": "",
        "review_on": "",
    }
    priya.post(f"{LIST}/bulk/assign", sent)
    assert (again(call).owner_id, again(call).next_host_id) == (cast.priya.id, None)


def test_what_a_stand_in_was_to_hold_goes_along_too(visitor, cast, nora, booked, acted) -> None:
    def away(now) -> None:
        now.priya.away_until, now.priya.stand_in_id = date(2026, 3, 13), now.june.id

    acted(away)
    call = booked(owner=cast.june)
    hand_over(visitor(cast.june), cast, nora)
    assert again(call).owner_id == nora.id
    assert calendar_in(letters(cast.june, "call")[-1])["method"] == "CANCEL"


def test_one_that_has_begun_is_the_new_ones_to_log(visitor, cast, nora, booked, clock) -> None:
    call = booked()
    clock.at(THURSDAY + HOUR)
    page = hand_over(visitor(cast.june), cast, nora)
    assert "another time" not in page.text
    now = again(call)
    assert (now.owner_id, now.next_host_id, now.sequence) == (cast.priya.id, nora.id, 0)
    assert letters(cast.ana, "call") == []
    day = visitor(nora).get("/staff")
    assert "Log it" in day.text
    assert "Find a time" not in day.text


def test_what_cannot_change_hands_keeps_its_calls(visitor, cast, booked) -> None:
    call = booked()
    june = visitor(cast.june)
    june.get(f"{TEAM}/{cast.priya.ref}")
    answers = {"pick": [cast.onboarding.ref], "to": cast.tomas.ref, "know": "Nothing."}
    june.submit(f"{TEAM}/{cast.priya.ref}/hand-over", answers, status=422)
    assert again(call).owner_id == cast.priya.id
    assert letters(cast.tomas, "step_assigned") == letters(cast.ana, "call") == []


def test_a_days_statements_do_not_grow_with_calls_to_move(
    visitor, cast, nora, booked, elsewhere, statements
) -> None:
    booked()
    booked(owner=nora, road=elsewhere, kind="check_in")
    hand_over(visitor(cast.june), cast, nora)
    browser = visitor(nora)
    browser.get("/staff")
    with statements() as one:
        browser.get("/staff")
    booked(THURSDAY + HOUR, owner=cast.priya, kind="module_discussion")
    db.session.execute(
        Call.__table__.update().where(Call.owner_id == cast.priya.id).values(next_host_id=nora.id)
    )
    db.session.commit()
    with statements() as two:
        page = browser.get("/staff")
    assert page.text.count("Priya is down for it") == 2
    assert len(two) == len(one)
