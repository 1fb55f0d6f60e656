"""What is finished on My day itself: another day for a promise, the log of a call, and what is refused there."""

from datetime import date, timedelta

import pytest

from portal import db
from portal.activity.models import Activity, Verb
from portal.calls.models import Call
from portal.calls.rules import CallState
from portal.messages.models import Message
from portal.onboardings.steps import Step
from tests.desk.conftest import handed_in
from tests.desk.test_list_turns import ours

DAY = "/staff"
HELD = {"notes": "All good", "text_1": "Send the CSV", "due_1": "2026-03-13"}


def opened(page) -> list[str]:
    """What stands open to be finished in place."""
    return [one.all("summary")[0].text().split(",")[0] for one in page.all("details", class_="here", open="")]


def said(page) -> str:
    return page.one("div", class_="problems").text()


@pytest.fixture
def promise(acted) -> Step:
    """Something of ours that Northwind sees, promised for Wednesday 4 March; today is Tuesday."""
    return acted(lambda now: ours(now, date(2026, 3, 4)))


@pytest.fixture
def kickoff(acted, clock) -> str:
    """The ref of a call that began an hour ago and that nobody has logged."""
    start = clock.now.replace(hour=15, minute=30) + timedelta(days=3)

    def book(now) -> str:
        return Call.book(
            now.onboarding, kind="help", title="Help", minutes=30, agenda=[], start=start, owner=now.priya,
            by=now.ana, people=[now.ana],
        ).ref  # fmt: skip

    ref = acted(book)
    clock.at(start + timedelta(hours=1))
    return ref


# --- Another day --------------------------------------------------------------------------------


def changed_dates() -> list[str]:
    rows = db.session.query(Activity).filter(Activity.verb == Verb.STEP_CHANGED)
    return [one.data["after"]["due_on"] for one in rows]


def test_a_promise_gets_a_new_date_with_a_reason_that_the_customer_reads(visitor, cast, promise) -> None:
    priya = visitor(cast.priya)
    priya.get(DAY)
    priya.submit(
        f"/steps/{promise.ref}/new-date?o={cast.onboarding.ref}&back=today",
        {"due_on": "2026-03-12", "reason": "The sandbox is moved on Monday."},
    )
    page = priya.follow()
    assert f"“{promise.title}” is due Thu 12 Mar now. They see the new date with your reason." in page.text
    assert page.one("section", class_="next-bar").text().count("Thu 12 Mar") == 1
    db.session.expire_all()
    step = db.session.get_one(Step, promise.id)
    assert (step.due_on, step.due_by_hand) == (date(2026, 3, 12), True)
    assert changed_dates() == ["2026-03-12"]
    home = visitor(cast.ana).get(f"/o/{cast.onboarding.ref}")
    assert "The sandbox is moved on Monday." in home.text


@pytest.mark.parametrize(
    ("sent", "why", "kept"),
    [
        ({"due_on": "2026-03-02", "reason": "Because"}, "That day has passed", "2026-03-02"),
        ({"due_on": "2026-03-12", "reason": " "}, "Write why", "2026-03-12"),
        ({"due_on": "soon", "reason": "Because"}, "Enter a date like", "soon"),
        ({"due_on": "", "reason": "Because"}, "Choose the new date", ""),
        ({"due_on": "2099-01-01", "reason": "Because"}, "within the next two years", "2099-01-01"),
        ({"due_on": "2026-03-04", "reason": "Because"}, "Nothing is different", "2026-03-04"),
    ],
)
def test_a_date_that_cannot_be_is_said_on_my_day_with_what_was_typed(
    visitor, cast, promise, sent, why, kept
) -> None:
    priya = visitor(cast.priya)
    priya.get(DAY)
    page = priya.submit(f"/steps/{promise.ref}/new-date?o={cast.onboarding.ref}&back=today", sent, 422)
    assert page.one("h1").text() == "Northwind is waiting on you."
    assert why in said(page)
    assert opened(page) == ["New date"]
    assert page.one("input", name="due_on")["value"] == kept
    assert page.one("textarea", name="reason").text() == sent["reason"].strip()
    db.session.expire_all()
    assert db.session.get_one(Step, promise.id).due_on == date(2026, 3, 4)
    assert changed_dates() == []


def test_a_date_that_a_colleague_gave_meanwhile_is_said_and_can_be_given_anew(
    visitor, cast, acted, promise
) -> None:
    to = f"/steps/{promise.ref}/new-date?o={cast.onboarding.ref}&back=today"
    priya, june = visitor(cast.priya), visitor(cast.june)
    fields = {name.get("name"): name.get("value") for name in priya.get(DAY).form(to).all("input")}
    june.get(DAY)
    june.post(f"/staff/accounts/{cast.account.ref}{to}", {**fields, "csrf_token": june.token(),
              "due_on": "2026-03-10", "reason": "Tomás is away."})  # fmt: skip
    page = priya.submit(to, {"due_on": "2026-03-12", "reason": "We wait for the key."}, 409)
    assert "Somebody changed" in said(page)
    assert "Tue 10 Mar" in page.one("section", class_="next-bar").text()
    db.session.expire_all()
    assert db.session.get_one(Step, promise.id).due_on == date(2026, 3, 10)
    priya.submit(to)
    db.session.expire_all()
    assert db.session.get_one(Step, promise.id).due_on == date(2026, 3, 12)


def test_what_only_we_see_says_that_only_we_read_why(visitor, cast, acted, promise) -> None:
    def hide(now) -> None:
        step = db.session.get_one(Step, promise.id)
        step.visible = step.required = False

    acted(hide)
    priya = visitor(cast.priya)
    page = priya.get(DAY)
    assert "Why? Only your team reads it." in page.text
    priya.submit(
        "new-date?o=" + cast.onboarding.ref + "&back=today",
        {"due_on": "2026-03-12", "reason": "Our own delay."},
    )
    assert priya.follow().text.count("They see the new date") == 0
    assert "Our own delay." not in visitor(cast.ana).get(f"/o/{cast.onboarding.ref}").text


def test_what_an_agreement_waits_for_takes_the_day_that_they_know_along(visitor, cast, acted) -> None:
    def give(now) -> tuple[int, int]:
        agreement = next(one for one in now.onboarding.steps if one.waits_for)
        written = agreement.waits_for
        for one in (agreement, written):
            one.state, one.due_on = "ready", date(2026, 3, 6)
        written.assignee, written.assignee_id = now.priya, now.priya.id
        now.onboarding.settle()
        return agreement.id, written.id

    ids = acted(give)
    priya = visitor(cast.priya)
    page = priya.get(DAY)
    assert "Why? The customer reads it." in page.text
    to = next(form["action"] for form in page.all("form") if "new-date" in form["action"])
    priya.submit(to, {"due_on": "2026-03-12", "reason": "We wait for finance."})
    assert "They see the new date with your reason." in priya.follow().text
    db.session.expire_all()
    assert {db.session.get_one(Step, one).due_on for one in ids} == {date(2026, 3, 12)}
    assert "We wait for finance." in visitor(cast.ana).get(f"/o/{cast.onboarding.ref}").text


def test_who_moves_the_day_of_what_another_lets_them_agree_to_is_told_that_they_read_why(
    visitor, cast, acted
) -> None:
    """June writes it down, the agreement is Priya's; the customer reads June's reason all the same."""

    def give(now) -> None:
        agreement = next(one for one in now.onboarding.steps if one.waits_for)
        written = agreement.waits_for
        for one in (agreement, written):
            one.state, one.due_on = "ready", date(2026, 3, 6)
        written.assignee, written.assignee_id = now.june, now.june.id
        now.onboarding.settle()

    acted(give)
    june = visitor(cast.june)
    page = june.get(DAY)
    to = next(form["action"] for form in page.all("form") if "new-date" in form["action"])
    assert "Only your team reads it." not in page.text
    assert "Why? The customer reads it." in page.text
    june.submit(to, {"due_on": "2026-03-12", "reason": "We wait for finance."})
    assert "We wait for finance." in visitor(cast.ana).get(f"/o/{cast.onboarding.ref}").text


def test_what_they_handed_in_keeps_its_day_and_a_specialist_moves_what_is_technical(
    visitor, cast, acted
) -> None:
    acted(handed_in)
    assert [f for f in visitor(cast.priya).get(DAY).all("form") if "new-date" in f["action"]] == []

    def give(now) -> tuple[str, str]:
        plain = next(s for s in now.onboarding.steps if s.owner_side == "us" and not s.module.is_technical)
        deep = next(s for s in now.onboarding.steps if s.owner_side == "us" and s.module.is_technical)
        for one in (plain, deep):
            one.state, one.assignee, one.assignee_id = "ready", now.tomas, now.tomas.id
            one.due_on, one.required, one.ours_since = date(2026, 3, 6), False, one.ours_since
        now.onboarding.settle()
        return plain.ref, deep.ref

    plain, deep = acted(give)
    tomas = visitor(cast.tomas)
    offered = [f["action"] for f in tomas.get(DAY).all("form") if "new-date" in f["action"]]
    assert [deep in to for to in offered] == [True]
    there = offered[0].replace(deep, plain)
    tomas.post(there, {"due_on": "2026-03-12", "reason": "Because"}, 403)


# --- The log of a call --------------------------------------------------------------------------


def test_a_call_is_logged_on_my_day(visitor, cast, kickoff) -> None:
    priya = visitor(cast.priya)
    priya.get(DAY)
    priya.submit(f"/staff/day/calls/{kickoff}/held", {**HELD, "who_1": cast.ana.ref})
    page = priya.follow()
    assert "Logged. Everybody who joined gets the notes and next steps." in page.text
    assert page.all("form", action=f"/staff/day/calls/{kickoff}/held") == []
    db.session.expire_all()
    call = db.session.query(Call).one()
    assert (call.state, call.notes) == (CallState.HELD, "All good")
    assert call.next_steps[0]["step"]


def test_one_press_says_who_did_not_come(visitor, cast, kickoff) -> None:
    priya = visitor(cast.priya)
    priya.get(DAY)
    priya.submit(f"/staff/day/calls/{kickoff}/no-show", {"side": "customer"})
    assert "Logged as missed: “Help”, Northwind." in priya.follow().text
    db.session.expire_all()
    assert db.session.query(Call).one().state is CallState.NO_SHOW


def test_a_log_that_lacks_something_stands_open_on_my_day_with_what_was_typed(visitor, cast, kickoff) -> None:
    priya = visitor(cast.priya)
    priya.get(DAY)
    page = priya.submit(f"/staff/day/calls/{kickoff}/held", {"text_1": "Send the CSV"}, 422)
    assert "Write notes" in said(page)
    assert "Choose who does it" in said(page)
    assert opened(page) == ["Log it"]
    assert page.one("input", name="text_1")["value"] == "Send the CSV"
    assert [option.text() for option in page.one("select", name="who_1").all("option")][1] == "Priya Rao"
    db.session.expire_all()
    assert db.session.query(Call).one().state is CallState.SCHEDULED


def test_what_a_colleague_logged_meanwhile_keeps_the_words_of_who_comes_second(
    visitor, cast, acted, kickoff
) -> None:
    priya = visitor(cast.priya)
    priya.get(DAY)
    acted(lambda now: db.session.query(Call).one().no_show("customer", by=now.june))
    page = priya.submit(f"/staff/day/calls/{kickoff}/held", {**HELD, "who_1": cast.ana.ref}, 422)
    assert "You wrote: “All good”" in page.text
    assert "You wrote: “Send the CSV”" in page.text
    db.session.expire_all()
    assert db.session.query(Call).one().state is CallState.NO_SHOW


def test_more_calls_than_fit_are_logged_on_their_own_pages(
    visitor, cast, acted, kickoff, monkeypatch
) -> None:
    monkeypatch.setattr("portal.desk.day.LOGGED_HERE", 0)
    page = visitor(cast.priya).get(DAY)
    assert page.all("form", action=f"/staff/day/calls/{kickoff}/held") == []
    assert (
        page.one("section", class_="next-bar").all("a")[-1].get("href").startswith(f"/staff/calls/{kickoff}")
    )


# --- What was there before ----------------------------------------------------------------------


def test_what_is_sent_back_without_a_word_stands_open_on_my_day(visitor, cast, acted) -> None:
    step = acted(handed_in)
    priya = visitor(cast.priya)
    priya.get(DAY)
    page = priya.submit(f"/steps/{step.ref}/return?o={cast.onboarding.ref}&back=today", {"reason": " "}, 422)
    assert "Write what should change" in said(page)
    assert page.one("h1").text() == "Northwind is waiting on you."
    assert opened(page) == ["Review"]


def test_an_answer_without_a_word_stands_open_on_my_day(visitor, cast, acted) -> None:
    acted(lambda now: Message.write(now.onboarding, "Which bank do we use?", by=now.ana))
    priya = visitor(cast.priya)
    priya.get(DAY)
    to = f"/messages?o={cast.onboarding.ref}&back=today"
    page = priya.submit(to, {"body": "x" * 5000}, 422)
    assert "under 4,000 characters" in said(page)
    assert opened(page) == ["Answer"]
    assert len(page.one("textarea", name="body").text()) == 5000


def test_what_a_colleague_accepted_meanwhile_is_said_with_what_was_written(visitor, cast, acted) -> None:
    step = acted(handed_in)
    priya = visitor(cast.priya)
    priya.get(DAY)
    acted(lambda now: now.step(step.key).complete(by=now.june))
    to = f"/steps/{step.ref}/return?o={cast.onboarding.ref}&back=today"
    page = priya.submit(to, {"reason": "One is missing."}, 422)
    assert page.one("h1").text() == "Nothing waits on you."
    assert "You wrote: “One is missing.”" in page.text
