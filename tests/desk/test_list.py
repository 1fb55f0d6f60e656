"""The staff's list: who needs us first, whose turn it is and since when, its filters and its pages."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from portal import clock, db
from portal.desk import list_queries, queries
from portal.messages.models import Message
from portal.onboardings.holds import Hold
from portal.onboardings.models import Onboarding
from portal.onboardings.states import StepState
from tests import make
from tests.desk.conftest import handed_in

LIST = "/staff/accounts"


def names(page) -> list[str]:
    return [row.one("a").text() for row in page.all("th", class_="c-name")]


def test_a_row_says_stage_day_next_step_who_has_the_ball_and_since_when(visitor, cast) -> None:
    page = visitor(cast.priya).get(LIST)
    assert page.one("title").text() == "Accounts · Partnerly"
    row = page.one("th", class_="c-name").parent
    assert names(page) == ["Northwind"]
    assert row.one("th").one("a")["href"] == f"/staff/accounts/{cast.account.ref}?o={cast.onboarding.ref}"
    said = row.text()
    assert "Welcome" in said
    assert cast.onboarding.next_step.title in said
    assert "since 3 Mar" in said
    assert "from 9 Mar" in said
    assert page.one("tr", class_="group").text().startswith("Customer's turn 1")
    assert row.one("svg", role="img")["aria-label"] == f"{cast.onboarding.percent}%, plan says 1%"


def test_those_that_wait_on_us_come_first_oldest_promise_on_top(visitor, cast, more) -> None:
    more("Late Ltd", ball="us", our_due_on=date(2026, 3, 1))
    more("Soon Ltd", ball="us", our_due_on=date(2026, 3, 20))
    more("Theirs Ltd", our_due_on=date(2026, 3, 12), next_due_on=date(2026, 3, 11))
    more("Ours Ltd", our_due_on=date(2026, 3, 11), next_due_on=date(2026, 3, 11))
    more("Broken Ltd", our_due_on=date(2026, 3, 2), next_due_on=date(2026, 3, 1))
    more("Paused Ltd", state="on_hold", ball="nobody")
    more("Done Ltd", state="graduated", graduated_at=clock.now())
    page = visitor(cast.priya).get(LIST)
    assert names(page)[:4] == ["Late Ltd", "Broken Ltd", "Ours Ltd", "Soon Ltd"]
    assert sorted(names(page)[4:6]) == ["Northwind", "Theirs Ltd"]
    assert names(page)[6:] == ["Paused Ltd", "Done Ltd"]
    everybodys = visitor(cast.priya).get(LIST, query_string={"who": "all"})
    assert everybodys.one("h1").text() == "4 of 6 accounts need us", "of those that can move"
    assert page.all("tr", class_="group")[0].text().startswith("Waiting on us 4")


def test_a_review_is_red_by_our_own_clock_and_not_by_the_customers_date(visitor, cast, acted, clock) -> None:
    def hand_in(now) -> None:
        now.onboarding.next_step.due_on = date(2026, 3, 1)
        handed_in(now)

    acted(hand_in)
    page = visitor(cast.priya).get(LIST)
    row = page.one("th", class_="c-name").parent
    assert page.all("tr", class_="group")[0].text().startswith("Waiting on us 1")
    assert row.one("td", class_="c-due").text() == "5 Mar"
    assert "since 3 Mar" in row.text()
    assert not row.all("td", class_="late")
    clock.forward(days=3)
    row = visitor(cast.priya).get(LIST).one("th", class_="c-name").parent
    assert row.one("td", class_="late").text() == "5 Mar"


def test_the_mark_is_the_readers_own_and_a_colleagues_is_named(visitor, cast, acted) -> None:
    title = acted(lambda now: handed_in(now).title)
    first = visitor(cast.priya).get(LIST).one("tr", class_="first")
    assert "Next for you: Northwind" in first.text()
    assert f"You: review “{title}”" in first.text()
    page = visitor(cast.tomas).get(LIST)
    assert not page.all("tr", class_="first")
    assert "Next for you" not in page.text
    assert f"Priya: review “{title}”" in page.text


def test_a_step_that_our_own_people_hold_is_not_the_customers_turn(visitor, cast, acted) -> None:
    """A call for both sides whose host is one of us."""

    def host(now) -> str:
        step = now.onboarding.next_step
        step.hand_to(now.tomas, by=now.priya)
        return step.title

    title = acted(host)
    page = visitor(cast.priya).get(LIST)
    assert page.one("tr", class_="group").text().startswith("Waiting on us 1")
    assert f"Tomás: {title}" in page.text
    assert not page.all("tr", class_="first")
    assert "Waiting on us" in visitor(cast.priya).get(f"{LIST}/{cast.account.ref}").text
    assert visitor(cast.tomas).get(LIST).all("tr", class_="first")


# --- A question of the customer's ---------------------------------------------------------------


def ask(text: str, by: str = "ana"):
    return lambda now: Message.write(now.onboarding, text, by=getattr(now, by))


def test_a_question_waits_on_us_until_it_is_answered(visitor, cast, acted, clock) -> None:
    acted(ask("When can\nwe start?"))
    clock.forward(days=2)
    page = visitor(cast.priya).get(LIST)
    row = page.one("tr", class_="first")
    assert page.one("tr", class_="group").text().startswith("Waiting on us 1")
    assert "Ana asks you: When can we start?" in row.text()
    assert "since 3 Mar" in row.text()
    assert row.one("td", class_="late").text() == "3 Mar"
    page = visitor(cast.tomas).get(LIST)
    assert "Ana asks Priya: When can we start?" in page.text
    assert not page.all("tr", class_="first")
    acted(ask("On Monday.", by="priya"))
    page = visitor(cast.priya).get(LIST)
    assert page.one("tr", class_="group").text().startswith("Customer's turn 1")
    assert "asks" not in page.one("table", class_="accounts").text()


@pytest.mark.parametrize("state", ["on_hold", "graduated", "cancelled"])
def test_a_question_waits_whatever_became_of_the_onboarding(visitor, cast, acted, state) -> None:
    def ended(now) -> None:
        Message.write(now.onboarding, "Where do I find the plan?", by=now.ana)
        now.onboarding.state = state

    acted(ended)
    page = visitor(cast.priya).get(LIST, query_string={"turn": "us"})
    assert names(page) == ["Northwind"]
    assert "Ana asks you: Where do I find the plan?" in page.text


def test_a_question_behind_an_older_promise_is_said_as_well(visitor, cast, acted) -> None:
    def both(now) -> str:
        step = next(step for step in now.onboarding.steps if step.owner_side == "us" and step.required)
        step.state, step.due_on, step.ours_since = StepState.READY, date(2026, 3, 2), clock.now()
        now.onboarding.our_due_on = date(2026, 3, 2)
        Message.write(now.onboarding, "Is it there yet?", by=now.ana)
        return step.title

    title = acted(both)
    row = visitor(cast.priya).get(LIST).one("th", class_="c-name").parent
    assert title in row.text()
    assert row.one("td", class_="late").text() == "2 Mar"
    assert row.one("small", class_="also").text() == "Ana asks you: Is it there yet?"


@pytest.mark.parametrize(("moment", "late"), [("2026-03-05 23:30", False), ("2026-03-06 00:30", True)])
def test_a_row_is_late_by_the_date_of_its_account(visitor, cast, acted, clock, moment, late) -> None:
    """Promised for the 5th in Lisbon, which has UTC in winter; in Chicago it is the 5th all along."""
    acted(handed_in)
    clock.at(datetime.fromisoformat(moment).replace(tzinfo=UTC))
    row = visitor(cast.priya).get(LIST).one("th", class_="c-name").parent
    assert bool(row.all("td", class_="late")) is late
    page = visitor(cast.priya).get(f"{LIST}/{cast.account.ref}")
    assert ("was due 5 Mar" in page.text) is late


def test_the_page_of_an_account_says_the_same_as_the_list(visitor, cast, more) -> None:
    more("Late Ltd", ball="us", our_due_on=date(2026, 3, 1))
    more("Theirs Ltd", our_due_on=date(2026, 3, 12), next_due_on=date(2026, 3, 11))
    more("Ours Ltd", our_due_on=date(2026, 3, 11), next_due_on=date(2026, 3, 11))
    more("Nobody Ltd", ball="nobody")
    priya = visitor(cast.priya)
    for turn, word in (
        ("us", "Waiting on us:"),
        ("customer", "Customer's turn:"),
        ("nobody", "Nobody's turn:"),
    ):
        rows = priya.get(LIST, query_string={"turn": turn}).all("th", class_="c-name")
        assert rows, turn
        for row in rows:
            assert word in priya.get(row.one("a")["href"]).text


def test_what_was_ended_has_nothing_next(visitor, cast, acted) -> None:
    acted(lambda now: now.onboarding.cancel("They went elsewhere", by=now.priya))
    page = visitor(cast.priya).get(LIST)
    assert page.one("td", class_="c-next").text() == "ended"


@pytest.mark.parametrize(
    ("turn", "shown"), [("us", ["Ours"]), ("customer", ["Northwind"]), ("hold", []), ("us' or 1=1", None)]
)
def test_counts_filter_and_a_mangled_filter_is_no_filter(visitor, cast, more, turn, shown) -> None:
    more("Ours", ball="us")
    page = visitor(cast.priya).get(LIST, query_string={"turn": turn, "who": "\x00nobody", "after": "9_9_9_"})
    assert names(page) == (["Ours", "Northwind"] if shown is None else shown)


@pytest.mark.parametrize(
    "after",
    ["", "x", "0_1", "0_x_1", "0_1_" + "9" * 40, "0_9999999999999999999_1", "-1_1_1", "7_1_1", "٣_1_1"],
)
def test_a_mangled_place_is_the_beginning(visitor, cast, after) -> None:
    assert names(visitor(cast.priya).get(LIST, query_string={"after": after})) == ["Northwind"]


def test_the_search_takes_likes_signs_as_letters(visitor, cast, more) -> None:
    more("100% Sure_Co")
    priya = visitor(cast.priya)
    assert names(priya.get(LIST, query_string={"q": "NORTH"})) == ["Northwind"]
    assert names(priya.get(LIST, query_string={"q": "0% sure_"})) == ["100% Sure_Co"]
    assert names(priya.get(LIST, query_string={"q": "%"})) == ["100% Sure_Co"]
    page = priya.get(LIST, query_string={"q": "nobody like that", "who": "all"})
    assert "No account fits." in page.text
    assert page.one("input", name="q")["value"] == "nobody like that"


def test_mine_is_a_filter_and_who_sold_sees_only_what_they_sold(app, visitor, cast, more) -> None:
    more("Elsewhere")
    assert names(visitor(cast.june).get(LIST)) == ["Northwind"]
    assert sorted(names(visitor(cast.june).get(f"{LIST}?who=all"))) == ["Elsewhere", "Northwind"]
    assert names(visitor(cast.sam).get(f"{LIST}?who=all")) == ["Northwind"]
    leader = make.staff("Lena Ruiz", "cs_leader")
    assert sorted(names(visitor(leader).get(LIST))) == ["Elsewhere", "Northwind"]


def test_a_page_has_an_end_and_every_account_is_reached_once(visitor, cast, more, monkeypatch) -> None:
    assert list_queries.PAGE == 50
    monkeypatch.setattr(list_queries, "PAGE", 6)
    for n in range(9):
        more(
            f"Company {n:02}",
            next_due_on=date(2026, 3, 10) + timedelta(days=n // 4),
            ball="us" if n % 3 else "nobody",
        )
    priya = visitor(cast.priya)
    page = priya.get(LIST)
    assert "6 of 10 shown" in page.text
    seen = names(page)
    page = priya.get(page.one("a", rel="next")["href"])
    assert not page.all("a", rel="next")
    seen += names(page)
    assert len(seen) == len(set(seen)) == 10


def test_the_list_takes_at_most_eight_statements_however_long_it_is(
    visitor, cast, more, acted, statements
) -> None:
    more("Ours", "Yours", ball="us")
    acted(handed_in)
    acted(ask("When can we start?"))
    priya = visitor(cast.priya)
    with statements() as few:
        priya.get(LIST)
    for road in more(*[f"Company {n}" for n in range(6)], ball="us"):
        acted(lambda now, road=road: busy(road.id))
    with statements() as many:
        priya.get(LIST)
    assert len(many) == len(few) <= 8, "\n".join(many)


def test_no_statement_of_a_full_page_walks_a_table(visitor, cast, session) -> None:
    """SQLite decides without knowing how large the tables are, so its plan for ten rows is its plan for a million."""
    if session.get_bind().dialect.name != "sqlite":
        return
    asked: list[tuple[str, object]] = []

    def note(_connection, _cursor, statement, values, *_rest) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, values))

    priya = visitor(cast.priya)
    full = [Onboarding(id=n, state="active") for n in range(list_queries.PAGE + 1)]
    event.listen(Engine, "before_cursor_execute", note)
    try:
        for path in (LIST, f"{LIST}?who=all&after=0_1_1", f"{LIST}?who=all&stage=training"):
            priya.get(path)
        for read in (queries.load_teams, queries.unfinished_of, queries.calls_to_see_to):
            read(full)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    walked = {
        step[3]
        for statement, values in asked
        for step in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        if re.match(
            r"SCAN (onboarding|account|team_member|step|hold|thread|message)\b(?!.*COVERING)", step[3]
        )
    }
    assert len(asked) > 15
    assert not walked


def busy(road_id: int) -> None:
    """A question, something of ours and a pause behind them."""
    road = db.session.get_one(Onboarding, road_id)
    person = make.person(road.account, "Eve Lund")
    Message.write(road, "How long will it take?", by=person)
    step = next(step for step in road.steps if step.required)
    step.state, step.owner_side, step.ours_since = StepState.READY, "us", clock.now()
    step.assignee = None
    db.session.add(
        Hold(
            account_id=road.account_id,
            onboarding_id=road.id,
            reason="Holidays",
            began_on=date(2026, 2, 2),
            review_on=date(2026, 2, 9),
            ended_on=date(2026, 2, 9),
            by_id=person.id,
            state_before="active",
        )
    )


def test_nothing_yet_says_why_and_what_to_do(visitor, cast) -> None:
    new = make.staff("Nora Quist", "consultant")
    page = visitor(new).get(LIST)
    assert "No account is yours yet." in page.text
    assert page.one("a", href="/staff/accounts?who=all").text() == "Show everybody's accounts"
