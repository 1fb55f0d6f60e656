"""The staff's list as the ball goes back and forth: since when, what is the reader's own, what is blocked or held."""

from datetime import UTC, date, datetime

import pytest

from portal import clock as now_by
from portal import db
from portal.accounts.models import Product
from portal.onboardings.models import Onboarding
from portal.onboardings.states import StepState
from tests import make
from tests.desk.conftest import handed_in

LIST = "/staff/accounts"
REVIEWED = "readiness_kit"


def row_of(page, name: str = "Northwind"):
    return next(cell.parent for cell in page.all("th", class_="c-name") if cell.one("a").text() == name)


def also(row) -> list[str]:
    return [line.text() for line in row.all("small", class_="also")]


def ours(now, on: date, who: str | None = "priya"):
    """A step of ours, open and promised for this day."""
    step = next(one for one in now.onboarding.steps if one.owner_side == "us" and one.required)
    step.state, step.due_on, step.assignee = StepState.READY, on, getattr(now, who) if who else None
    step.assignee_id = step.assignee.id if step.assignee else None
    now.onboarding.settle()
    return step


# --- Since when ---------------------------------------------------------------------------------


@pytest.mark.parametrize("decided", ["accepted", "returned"])
def test_a_decision_on_a_review_passes_the_ball_anew(visitor, cast, acted, clock, decided) -> None:
    key = acted(lambda now: handed_in(now).key)
    clock.forward(days=6)

    def decide(now) -> None:
        step = now.step(key)
        step.complete(by=now.priya) if decided == "accepted" else step.send_back(
            "One is missing.", by=now.priya
        )

    acted(decide)
    page = visitor(cast.priya).get(LIST)
    assert "since 9 Mar" in row_of(page).text()
    assert "since 9 Mar" in visitor(cast.priya).get(f"{LIST}/{cast.account.ref}").text


def test_what_we_finish_passes_the_ball_only_if_it_brings_them_something_new(
    visitor, cast, acted, clock
) -> None:
    title = acted(lambda now: ours(now, date(2026, 3, 30)).title)
    clock.forward(days=2)
    acted(lambda now: next(s for s in now.onboarding.steps if s.title == title).complete(by=now.priya))
    assert "since 3 Mar" in row_of(visitor(cast.priya).get(LIST)).text(), "their own item was next all along"
    acted(lambda now: now.onboarding.next_step.complete(by=now.priya))
    assert "since 5 Mar" in row_of(visitor(cast.priya).get(LIST)).text()


def test_what_they_finish_themselves_leaves_their_turn_as_long_as_it_was(visitor, cast, acted, clock) -> None:
    clock.forward(days=2)
    acted(lambda now: now.onboarding.next_step.complete(by=now.ana))
    assert "since 3 Mar" in row_of(visitor(cast.priya).get(LIST)).text()


def test_since_is_a_day_of_the_account_whoever_reads(visitor, cast, acted, clock) -> None:
    """Half an hour past midnight in Lisbon it is the evening before in Chicago."""
    clock.at(datetime(2026, 3, 10, 0, 30, tzinfo=UTC))
    key = acted(lambda now: handed_in(now).key)
    acted(lambda now: now.step(key).send_back("One is missing.", by=now.priya))
    for reader in (cast.priya, cast.tomas):
        assert "since 10 Mar" in row_of(visitor(reader).get(LIST)).text()
        assert "since 10 Mar" in visitor(reader).get(f"{LIST}/{cast.account.ref}").text


# --- What the reader owes -----------------------------------------------------------------------


def test_the_readers_own_is_said_behind_a_colleagues_older_promise(visitor, cast, acted) -> None:
    """Priya's review is due on the 5th; Tomás promised something for the 2nd."""
    title = acted(lambda now: ours(now, date(2026, 3, 2), "tomas").title)
    review = acted(lambda now: handed_in(now).title)
    row = visitor(cast.priya).get(LIST).one("tr", class_="first")
    assert f"Tomás: {title}" in row.text()
    assert also(row) == [f"You: review “{review}”, Thu 5 Mar"]
    row = visitor(cast.tomas).get(LIST).one("tr", class_="first")
    assert f"You: {title}" in row.text()
    assert also(row) == []


def test_the_mark_stands_on_the_readers_oldest(visitor, cast, acted, more) -> None:
    """An account of a colleague's oldest promise stands higher, but the reader owes something earlier elsewhere."""
    for name, theirs, mine in (("Alpha", 2, 20), ("Beta", 4, 9)):
        (road,) = more(name, ball="us", our_due_on=date(2026, 3, theirs))
        acted(lambda now, road=road, theirs=theirs, mine=mine: two(road.id, theirs, mine, now))
    page = visitor(cast.priya).get(LIST)
    assert page.one("tr", class_="first").one("th").one("a").text() == "Beta"


def two(road_id: int, theirs: int, mine: int, now) -> None:
    road = db.session.get_one(Onboarding, road_id)
    first, second, *_rest = (step for step in road.steps if step.required)
    for step, who, day in ((first, now.tomas, theirs), (second, now.priya, mine)):
        step.state, step.owner_side, step.ours_since = StepState.READY, "us", now_by.now()
        step.assignee, step.due_on = who, date(2026, 3, day)


def test_a_review_under_the_customers_turn_says_who_of_us_has_it(visitor, cast, acted) -> None:
    def hand_in(now) -> str:
        title = handed_in(now).title
        now.onboarding.next_step.due_on = date(2026, 3, 4)
        now.onboarding.settle()
        return title

    title = acted(hand_in)
    page = visitor(cast.priya).get(LIST)
    assert page.one("tr", class_="group").text().startswith("Customer's turn 1")
    assert also(row_of(page)) == [f"You: review “{title}”, Thu 5 Mar"]
    assert page.one("tr", class_="first") is not None
    page = visitor(cast.tomas).get(LIST)
    assert also(row_of(page)) == [f"Priya: review “{title}”, Thu 5 Mar"]
    assert not page.all("tr", class_="first")


# --- Blocked, held, over ------------------------------------------------------------------------


def block_all(now) -> str:
    while step := now.onboarding.next_step:
        step.block("access", "IT has to open the port.", "Ben", by=now.ana)
        db.session.flush()
    for step in now.onboarding.steps:
        if step.with_us and step.required:
            step.complete(by=now.priya)
    blocked = [step for step in now.onboarding.steps if step.state is StepState.BLOCKED and step.required]
    first = min(blocked, key=lambda step: (step.due_on, step.position))
    first.due_on = date(2026, 3, 2)
    return first.title


def test_what_is_blocked_says_so_with_its_day(visitor, cast, acted, clock) -> None:
    title = acted(block_all)
    clock.forward(days=3)
    page = visitor(cast.priya).get(LIST)
    group, row = page.one("tr", class_="group"), row_of(page)
    assert group.text().startswith("Blocked 1")
    assert not group.all("span", class_="is-ok")
    assert f"Blocked: {title}" in row.text()
    assert row.one("td", class_="c-due").text() == "2 Mar"
    assert "since 3 Mar" in row.text()
    assert also(row) == ["Missing access: IT has to open the port. (Ben)"]
    assert "Nobody's turn" not in page.one("table", class_="accounts").text()
    page = visitor(cast.priya).get(f"{LIST}/{cast.account.ref}")
    assert f"Blocked: “{title}” since 3 Mar" in page.one("div", class_="account-head").text()


def test_nobodys_turn_stays_what_it_was_where_nothing_is_blocked(visitor, cast, more) -> None:
    more("Nobody Ltd", ball="nobody")
    page = visitor(cast.priya).get(LIST, query_string={"turn": "nobody"})
    assert row_of(page, "Nobody Ltd")
    assert page.one("tr", class_="group").one("span", class_="is-ok")
    assert not visitor(cast.priya).get(LIST, query_string={"turn": "blocked"}).all("th", class_="c-name")


def test_a_pause_says_until_when_and_why_and_no_plan_runs_meanwhile(visitor, cast, acted, clock) -> None:
    clock.forward(days=8)
    acted(lambda now: now.onboarding.pause("The data team is away.", date(2026, 4, 8), by=now.priya))
    row = row_of(visitor(cast.priya).get(LIST))
    assert row.one("td", class_="c-next").text() == "until 8 April: The data team is away."
    assert "plan says" not in row.one("svg", role="img")["aria-label"]
    assert row.one("td", class_="c-day").text() == ""


def test_a_pause_of_a_minute_leaves_since_as_it_was_and_one_of_days_begins_anew(
    visitor, cast, acted, clock
) -> None:
    clock.forward(days=2)
    acted(lambda now: now.onboarding.pause("By mistake.", date(2026, 4, 8), by=now.priya))
    assert "since 5 Mar" in row_of(visitor(cast.priya).get(LIST)).text(), "on hold since"
    acted(lambda now: now.onboarding.resume(by=now.priya))
    assert "since 3 Mar" in row_of(visitor(cast.priya).get(LIST)).text()
    acted(lambda now: now.onboarding.pause("Away.", date(2026, 4, 8), by=now.priya))
    clock.forward(days=7)
    acted(lambda now: now.onboarding.resume(by=now.priya))
    assert "since 12 Mar" in row_of(visitor(cast.priya).get(LIST)).text()


def test_what_ended_in_the_same_second_is_reached_once_whatever_the_page_ends_on(
    visitor, cast, more, monkeypatch
) -> None:
    from portal.desk import list_queries

    monkeypatch.setattr(list_queries, "PAGE", 2)
    ended = datetime(2026, 2, 1, tzinfo=UTC)
    past = ["First", "Second", "Third", "Fourth", "Fifth"]
    more(*past, state="graduated", graduated_at=ended, ball="nobody", ball_since=ended)
    priya, seen, address = visitor(cast.priya), [], f"{LIST}?turn=over"
    while address:
        page = priya.get(address)
        seen += [cell.one("a").text() for cell in page.all("th", class_="c-name")]
        address = next((link["href"] for link in page.all("a", rel="next")), "")
    assert seen == past


def test_what_is_over_stands_newest_first_and_says_the_year(visitor, cast, more, monkeypatch) -> None:
    from portal.desk import list_queries

    for name, ended in (
        ("Old Ltd", datetime(2025, 11, 3, 9, tzinfo=UTC)),
        ("New Ltd", datetime(2026, 2, 3, 9, tzinfo=UTC)),
        ("Older Ltd", datetime(2024, 11, 3, 9, tzinfo=UTC)),
    ):
        more(name, state="graduated", graduated_at=ended, ball="nobody", ball_since=ended)
    over = {"turn": "over"}
    page = visitor(cast.priya).get(LIST, query_string=over)
    shown = [cell.one("a").text() for cell in page.all("th", class_="c-name")]
    assert shown == ["New Ltd", "Old Ltd", "Older Ltd"]
    assert [cell.text() for cell in page.all("td", class_="c-since")] == [
        "since 3 Feb", "since 3 Nov 2025", "since 3 Nov 2024"
    ]  # fmt: skip
    monkeypatch.setattr(list_queries, "PAGE", 2)
    first = visitor(cast.priya).get(LIST, query_string=over)
    second = visitor(cast.priya).get(first.one("a", rel="next")["href"])
    assert [cell.one("a").text() for cell in second.all("th", class_="c-name")] == ["Older Ltd"]


def test_what_was_ended_counts_from_the_day_it_ended(visitor, cast, acted, clock) -> None:
    clock.forward(days=9)
    acted(lambda now: now.onboarding.cancel("They went elsewhere", by=now.priya))
    assert "since 12 Mar" in row_of(visitor(cast.priya).get(LIST)).text()


# --- The headline -------------------------------------------------------------------------------


def test_the_headline_counts_running_ones_that_need_the_reader(visitor, cast, acted, more) -> None:
    more("Paused Ltd", state="on_hold", ball="nobody")
    more("Draft Ltd", state="draft")
    more("Done Ltd", state="graduated", graduated_at=now_by.now())
    more("Quiet Ltd", ball="nobody")
    acted(handed_in)
    assert visitor(cast.priya).get(LIST).one("h1").text() == "1 of your 2 accounts needs you"
    assert visitor(cast.tomas).get(LIST).one("h1").text() == "Nothing waits on you"
    leader = make.staff("Lena Ruiz", "cs_leader")
    assert visitor(leader).get(LIST).one("h1").text() == "1 of 2 accounts needs us"


def test_the_headline_counts_what_stands_on_later_pages_as_well(
    visitor, cast, acted, more, monkeypatch
) -> None:
    from portal.desk import list_queries

    monkeypatch.setattr(list_queries, "PAGE", 1)
    for road in more("Alpha", "Beta", "Gamma", ball="us", our_due_on=date(2026, 3, 9)):
        acted(lambda now, road=road: two(road.id, 5, 9, now))
    assert visitor(cast.priya).get(LIST).one("h1").text() == "3 of your 4 accounts need you"


def test_two_roads_of_one_account_say_what_tells_them_apart(app, visitor, cast, acted, more) -> None:
    def second(now) -> None:
        product = Product(key="rewards", name="Rewards")
        db.session.add(product)
        first = now.onboarding
        book = make.playbook("second")
        road = make.creation.create(
            now.account, book, product=product, programme=90, start_date=make.DAY_0,
            team={member.role: member.staff for member in first.team}, by=now.sam,
        )  # fmt: skip
        road.state = "active"

    more("Alone Ltd")
    acted(second)
    page = visitor(cast.priya).get(LIST)
    said = {cell.one("small").text() for cell in page.all("th", class_="c-name") if cell.all("small")}
    assert said == {"Partner Programme, 45 days", "Rewards, 90 days"}
    assert not row_of(page, "Alone Ltd").one("th").all("small")
