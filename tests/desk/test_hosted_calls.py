"""A call that one of ours hosts: whose turn it is while it is booked, asked for, over, or none of these."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from portal import db
from portal.calls.asking import ask_for_time
from portal.calls.models import Call
from portal.calls.queries import wanted_for
from portal.calls.rules import CallState
from portal.onboardings import jobs
from portal.onboardings.states import StepState
from tests.desk.test_list_turns import LIST, ours, row_of

TALK = "module_discussion"
WEDNESDAY = datetime(2026, 3, 11, 15, 0, tzinfo=UTC)  # 15:00 in Lisbon, 10:00 in Chicago


@pytest.fixture(autouse=True)
def hosted(acted) -> None:
    """The talk is what comes next, and Priya is to see to it; something else is due to the customer later."""

    def open_it(now) -> None:
        step = now.step(TALK)
        step.state, step.due_on = StepState.READY, date(2026, 3, 2)
        step.assignee, step.assignee_id = now.priya, now.priya.id
        now.onboarding.settle()
        assert now.onboarding.next_step_id == step.id

    acted(open_it)


def book(now) -> Call:
    step = now.step(TALK)
    return wanted_for(step).book(now.onboarding, WEDNESDAY, host=None, people=[now.ana], by=now.priya)


def ask(now) -> None:
    ask_for_time(now.step(TALK), "Talk", 30, by=now.priya)


@pytest.fixture
def days_later(app, clock) -> Callable[[int], None]:
    """Some days later, with what happens by itself as they pass."""

    def pass_by(days: int) -> None:
        clock.forward(days=days)
        with app.test_request_context():
            jobs.pass_turns()

    return pass_by


def turn(page) -> str:
    return page.one("tr", class_="group").text()


def test_a_call_to_be_arranged_waits_on_its_host(visitor, cast) -> None:
    page = visitor(cast.priya).get(LIST)
    assert turn(page).startswith("Waiting on us")
    assert f"You: {cast.step(TALK).title}" in row_of(page).text()
    bar = visitor(cast.priya).get(f"{LIST}/{cast.account.ref}").one("section", class_="next-bar")
    assert "a time for the call, due Mon 2 March" in bar.text()


def test_a_booked_call_moves_no_group_and_the_customers_other_item_is_next(visitor, cast, acted) -> None:
    acted(book)
    page = visitor(cast.priya).get(LIST)
    assert turn(page).startswith("Customer's turn")
    assert cast.step(TALK).title not in row_of(page).text()
    page = visitor(cast.priya).get(f"{LIST}/{cast.account.ref}")
    assert not page.all("section", class_="next-bar")
    page = visitor(cast.priya).get(f"{LIST}/{cast.account.ref}/road")
    row = next(r for r in page.all("tr") if r.all("a") and r.one("a").text() == cast.step(TALK).title)
    assert "booked, Wed 11 Mar 10:00" in row.text()
    assert "now" not in row.get("class", "")


def test_a_call_that_they_were_asked_for_is_theirs_to_choose(visitor, cast, acted) -> None:
    acted(ask)
    page = visitor(cast.priya).get(LIST)
    assert turn(page).startswith("Customer's turn")
    assert visitor(cast.priya).get(LIST).one("h1").text() == "Nothing waits on you"
    assert (
        "their choice of a time, asked on Tue 3 Mar"
        in visitor(cast.priya).get(f"{LIST}/{cast.account.ref}/road").text
    )


def test_a_cancelled_or_missed_call_is_the_hosts_again(visitor, cast, acted, days_later) -> None:
    acted(book)
    acted(lambda now: db.session.query(Call).one().cancel("Ill", by=now.ana))
    assert turn(visitor(cast.priya).get(LIST)).startswith("Waiting on us")
    acted(book)
    acted(lambda now: call().move(datetime(2026, 3, 12, 15, 0, tzinfo=UTC), by=now.priya))
    days_later(10)
    assert turn(visitor(cast.priya).get(LIST)).startswith("Waiting on us"), (
        "it has passed, and nobody logged it"
    )
    acted(lambda now: call().no_show("customer", by=now.priya))
    assert f"You: {cast.step(TALK).title}" in row_of(visitor(cast.priya).get(LIST)).text()


def call() -> Call:
    return db.session.query(Call).filter(Call.state == CallState.SCHEDULED).one()


def test_a_call_that_nobody_logged_is_its_hosts_next_thing(visitor, cast, acted, days_later) -> None:
    acted(book)
    days_later(9)
    page = visitor(cast.priya).get(LIST)
    assert "You: log the call" in row_of(page).text()
    assert page.one("h1").text() == "1 of your 1 accounts needs you"
    page = visitor(cast.priya).get(f"{LIST}/{cast.account.ref}")
    bar = page.one("section", class_="next-bar")
    assert "Next for you Log the call:" in bar.text()
    assert bar.one("a", class_="btn--main").text() == "Log the call"
    assert "on 11 Mar is not logged" in page.one("div", class_="account-head").text()
    bar = visitor(cast.tomas).get(f"{LIST}/{cast.account.ref}").one("section", class_="next-bar")
    assert "Next for Priya Log the call:" in bar.text()
    assert "next-bar--other" in bar.get("class")
    assert bar.one("a", class_="btn--main").text() == "Log the call"
    bar = visitor(cast.sam).get(f"{LIST}/{cast.account.ref}").one("section", class_="next-bar")
    assert not bar.all("a")


def test_a_cancelled_call_is_booked_again_from_its_page_and_a_booked_one_is_opened(
    visitor, cast, acted
) -> None:
    made = acted(book)
    step, priya = cast.step(TALK), visitor(cast.priya)
    where = f"/staff/accounts/{cast.account.ref}/steps/{step.ref}"
    assert priya.get(where).one("a", href=f"{where}/call").text() == "Open the call"
    assert not [a for a in priya.get(f"/staff/calls/{made.ref}").all("a") if a.text() == "Book it again"]
    acted(lambda now: call().cancel("Ill", by=now.ana))
    (again,) = [a for a in priya.get(f"/staff/calls/{made.ref}").all("a") if a.text() == "Book it again"]
    assert again["href"] == f"{where}/call"
    assert priya.get(where).one("a", href=f"{where}/call").text() == "Arrange or log the call"


def test_what_is_ours_says_so_in_the_table(visitor, cast, acted) -> None:
    acted(lambda now: ours(now, date(2026, 3, 5)))
    page = visitor(cast.priya).get(f"{LIST}/{cast.account.ref}/road")
    row = next(row for row in page.all("tr") if "us, promised Thu 5 Mar" in row.text())
    assert "With us" in row.text()


def test_graduation_is_planned_and_forecast_like_first_value(visitor, cast) -> None:
    text = visitor(cast.priya).get(f"{LIST}/{cast.account.ref}").one("dl", class_="facts").text()
    on = cast.onboarding.target_graduation
    assert f"Graduation planned {on.day} {on:%b} · forecast" in text
