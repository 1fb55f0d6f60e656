"""The filters of the staff's list: what the address may ask for, and that counts say what the filter shows."""

from datetime import timedelta

import pytest

from portal import clock
from portal.accounts.kinds import Segment, TeamRole
from portal.accounts.models import TeamMember
from portal.onboardings.models import Onboarding
from tests import make

LIST = "/staff/accounts"


def names(page) -> list[str]:
    return sorted(row.one("a").text() for row in page.all("th", class_="c-name"))


@pytest.fixture
def sizes(app, cast, more):
    """Accounts of every size and stage, all on Priya's list beside Northwind (mid-market, in Welcome)."""
    (small, large, paused) = more("Small", "Large", "Paused")
    with app.test_request_context():
        for road, segment, stage in (
            (small, Segment.SMB, "training"),
            (large, Segment.ENTERPRISE, "training"),
            (paused, Segment.SMB, "expectations"),
        ):
            now = clock.now()
            row = make.db.session.get_one(Onboarding, road.id)
            row.account.segment, row.current_stage = segment, stage
            if road is paused:
                row.pause("Stocktaking.", now.date() + timedelta(days=9), by=cast.priya)
                row.current_stage = stage
        make.db.session.commit()


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({"stage": "training"}, ["Large", "Small"]),
        ({"segment": "smb"}, ["Paused", "Small"]),
        ({"segment": "smb", "stage": "training"}, ["Small"]),
        ({"segment": "smb", "turn": "hold"}, ["Paused"]),
        ({"q": "a", "segment": "enterprise"}, ["Large"]),
        ({"stage": "graduation"}, []),
    ],
)
def test_filters_go_together(visitor, cast, sizes, asked, shown) -> None:
    page = visitor(cast.priya).get(LIST, query_string=asked)
    assert names(page) == shown
    for name, value in asked.items():
        if name != "q":
            assert page.one("select", name=name).one("option", selected="")["value"] == value


@pytest.mark.parametrize(
    "asked",
    [
        {"stage": "Training"}, {"stage": "training' or 1=1"}, {"segment": "9"}, {"turn": "0"}, {"turn": "over\x00"},
        {"who": "nobody"}, {"who": ""}, {"stage": "\ud800".encode("utf-8", "surrogatepass")},
        {"who": "ana"}, {"page": "2", "unknown": "x"},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_mangled_is_no_filter(visitor, cast, sizes, asked) -> None:
    asked = {"who": cast.ana.ref} if asked == {"who": "ana"} else asked
    assert names(visitor(cast.priya).get(LIST, query_string=asked)) == [
        "Large",
        "Northwind",
        "Paused",
        "Small",
    ]


def test_a_colleagues_accounts_are_those_whose_team_they_are_on(visitor, cast, sizes) -> None:
    priya = visitor(cast.priya)
    page = priya.get(LIST, query_string={"who": cast.tomas.ref})
    assert names(page) == ["Northwind"]
    assert page.one("h1").text() == "Nothing waits on us"
    own = priya.get(LIST, query_string={"who": cast.priya.ref})
    assert own.one("select", name="who").one("option", selected="")["value"] == "mine"
    new = make.staff("Nora Quist", "consultant")
    page = priya.get(LIST, query_string={"who": new.ref})
    assert "Nora has no accounts yet." in page.text
    gone = make.staff("Gil Nunes", "consultant", left_at=clock.now())
    page = priya.get(LIST, query_string={"who": gone.ref})
    offered = [option["value"] for option in page.one("select", name="who").all("option")]
    assert new.ref in offered
    assert gone.ref not in offered


@pytest.mark.parametrize(
    "asked", [{}, {"segment": "smb"}, {"stage": "training", "who": "all"}, {"q": "l"}], ids=str
)
def test_a_count_says_how_many_its_link_shows(visitor, cast, sizes, more, asked) -> None:
    more("Late", ball="us", our_due_on=clock.now().date())
    priya = visitor(cast.priya)
    links = priya.get(LIST, query_string=asked).one("ul", class_="counts").all("a")
    assert len(links) >= 3
    for link in links:
        page = priya.get(link["href"])
        assert len(names(page)) == int(link.one("b").text()), link["href"]
        assert page.one("ul", class_="counts").one("a", aria_current="true").text() == link.text()


def test_who_sold_sees_and_counts_only_what_they_sold_whatever_they_ask_for(visitor, cast, sizes) -> None:
    sam = visitor(cast.sam)
    for asked in ({"who": "all"}, {"who": cast.priya.ref}, {"segment": "smb", "who": "all"}):
        page = sam.get(LIST, query_string=asked)
        assert set(names(page)) <= {"Northwind"}
        for name in ("Large", "Small", "Paused"):
            assert name not in page.text
        (first, *_rest) = page.one("ul", class_="counts").all("a")
        assert int(first.one("b").text()) == len(names(page))


def test_a_customer_finds_no_list(visitor, cast) -> None:
    visitor(cast.ana).get(LIST, status=404)


@pytest.mark.parametrize(
    ("asked", "said", "way"),
    [
        ({"turn": "us"}, "Nothing waits on us.", f"{LIST}?who=mine"),
        ({"turn": "blocked"}, "Nothing is blocked. Good week.", f"{LIST}?who=mine"),
        ({"turn": "draft", "who": "all"}, "No drafts.", f"{LIST}?who=all"),
        ({"turn": "us", "stage": "training"}, "No account fits.", f"{LIST}?who=all"),
        ({"q": "Fabrikam"}, "None of these accounts is called “Fabrikam”.", f"{LIST}?who=all&q=Fabrikam"),
        ({"after": "6_0_99"}, "No account fits.", f"{LIST}?who=all"),
    ],
)
def test_an_empty_list_says_what_that_means(visitor, cast, asked, said, way) -> None:
    page = visitor(cast.priya).get(LIST, query_string=asked)
    empty = page.one("div", class_="empty")
    assert said in empty.text()
    assert empty.one("a")["href"] == way


def test_a_row_says_its_pace_and_has_a_place_to_be_linked_to(visitor, cast, acted) -> None:
    page = visitor(cast.priya).get(LIST)
    row = page.one("tr", id=f"r-{cast.onboarding.ref}")
    pace = row.one("td", class_="c-pace").text()
    assert pace == f"+{cast.onboarding.percent - 1}" or pace in ("0", "−1")
    assert row.one("th").one("span", class_="vh").text() == "Customer's turn"


def test_one_of_the_team_twice_is_counted_once(app, visitor, cast) -> None:
    with app.test_request_context():
        member = TeamMember(
            account_id=cast.account.id,
            onboarding_id=cast.onboarding.id,
            staff_id=cast.priya.id,
            role=TeamRole.CSM,
        )
        make.db.session.query(TeamMember).filter_by(role=TeamRole.CSM).delete()
        make.db.session.add(member)
        make.db.session.commit()
    page = visitor(cast.priya).get(LIST)
    assert names(page) == ["Northwind"]
    assert "1 of 1 shown" in page.text
