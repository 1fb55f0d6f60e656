"""The staff's list: who needs us first, whose turn it is and since when, its filters and its pages."""

from datetime import date, timedelta

import pytest

from portal import clock, db
from portal.accounts.kinds import TeamRole
from portal.desk import queries
from portal.onboardings.models import Onboarding
from tests import make

LIST = "/staff/accounts"


@pytest.fixture
def more(app, cast):
    """Makes further onboardings of Priya's, by account name, with the stored columns that a test wants."""

    def make_them(*names: str, **columns) -> list[Onboarding]:
        with app.test_request_context():
            made = []
            for name in names:
                road = make.onboarding(make.account(name), {TeamRole.CONSULTANT: cast.priya}, by=cast.priya)
                for column, value in {"state": "active", **columns}.items():
                    setattr(road, column, value)
                made.append(road)
            db.session.commit()
        return made

    return make_them


def names(page) -> list[str]:
    return [row.one("a").text() for row in page.all("th", class_="c-name")]


def test_a_row_says_stage_day_next_step_who_has_the_ball_and_since_when(visitor, cast) -> None:
    page = visitor(cast.priya).get(LIST)
    row = page.one("th", class_="c-name").parent
    assert names(page) == ["Northwind"]
    assert row.one("a")["href"] == f"/staff/accounts/{cast.account.ref}?o={cast.onboarding.ref}"
    said = row.text()
    assert "Welcome" in said
    assert cast.onboarding.next_step.title in said
    assert "since 3 Mar" in said
    assert "from 9 Mar" in said
    assert page.one("tr", class_="group").text().startswith("Customer's turn 1")
    assert row.one("svg", role="img")["aria-label"] == f"{cast.onboarding.percent}%, plan says 1%"


def test_those_that_wait_on_us_come_first_oldest_promise_on_top(visitor, cast, more) -> None:
    more("Late Ltd", ball="us", next_due_on=date(2026, 3, 1))
    more("Soon Ltd", ball="us", next_due_on=date(2026, 3, 20))
    more("Paused Ltd", state="on_hold", ball="nobody")
    more("Done Ltd", state="graduated", graduated_at=clock.now())
    page = visitor(cast.priya).get(LIST)
    assert names(page) == ["Late Ltd", "Soon Ltd", "Northwind", "Paused Ltd", "Done Ltd"]
    assert "2 of 5 accounts need us" in page.one("h1").text()
    first = page.one("tr", class_="first")
    assert first.one("a").text() == "Late Ltd"
    assert "Next for you" in first.text()


def test_a_promise_of_ours_that_has_passed_comes_first_whoever_else_could_move(
    visitor, cast, more, acted, clock
) -> None:
    more("Soon Ltd", ball="us", next_due_on=date(2026, 3, 4))

    def hand_in(now) -> None:
        step = now.onboarding.next_step
        step.needs_review, step.due_on = True, date(2026, 3, 3)
        step.submit(by=now.ana)

    acted(hand_in)
    priya = visitor(cast.priya)
    assert names(priya.get(LIST)) == ["Soon Ltd", "Northwind"]
    assert "Customer's turn: since" in priya.get(f"{LIST}/{cast.account.ref}").text
    clock.forward(days=1)
    priya = visitor(cast.priya)
    page = priya.get(LIST)
    assert names(page) == ["Northwind", "Soon Ltd"]
    first = page.one("tr", class_="first")
    assert "Us: review “" in first.text()
    assert first.one("td", class_="late").text() == "3 Mar"
    assert "Waiting on us: “" in priya.get(f"{LIST}/{cast.account.ref}").text


@pytest.mark.parametrize(
    ("turn", "shown"), [("us", ["Ours"]), ("customer", ["Northwind"]), ("hold", []), ("us' or 1=1", None)]
)
def test_counts_filter_and_a_mangled_filter_is_no_filter(visitor, cast, more, turn, shown) -> None:
    more("Ours", ball="us")
    page = visitor(cast.priya).get(LIST, query_string={"turn": turn, "who": "\x00nobody", "after": "9_9_9"})
    assert names(page) == (["Ours", "Northwind"] if shown is None else shown)


@pytest.mark.parametrize(
    "after", ["", "x", "0_2026-02-31_1", "0_2026-03-01_" + "9" * 40, "-1_2026-03-01_1", "٣_2026-03-01_1"]
)
def test_a_mangled_place_is_the_beginning(visitor, cast, after) -> None:
    assert names(visitor(cast.priya).get(LIST, query_string={"after": after})) == ["Northwind"]


def test_the_search_takes_likes_signs_as_letters(visitor, cast, more) -> None:
    more("100% Sure_Co")
    priya = visitor(cast.priya)
    assert names(priya.get(LIST, query_string={"q": "NORTH"})) == ["Northwind"]
    assert names(priya.get(LIST, query_string={"q": "0% sure_"})) == ["100% Sure_Co"]
    assert names(priya.get(LIST, query_string={"q": "%"})) == ["100% Sure_Co"]
    page = priya.get(LIST, query_string={"q": "nobody like that"})
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
    assert queries.PAGE == 50
    monkeypatch.setattr(queries, "PAGE", 6)
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


def test_the_list_takes_at_most_eight_statements_however_long_it_is(visitor, cast, more, statements) -> None:
    more("Ours", "Yours", ball="us")
    priya = visitor(cast.priya)
    with statements() as few:
        priya.get(LIST)
    more(*[f"Company {n}" for n in range(6)], ball="us")
    with statements() as many:
        priya.get(LIST)
    assert len(many) == len(few) <= 8, "\n".join(many)


def test_nothing_yet_says_why_and_what_to_do(visitor, cast) -> None:
    new = make.staff("Nora Quist", "consultant")
    page = visitor(new).get(LIST)
    assert "No account is yours yet." in page.text
    assert page.one("a", href="/staff/accounts?who=all").text() == "Show everybody's accounts"
