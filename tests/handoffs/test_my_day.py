"""The hand-offs on My day: to accept for whoever owns the road, to complete for whoever sold it."""

from datetime import date, timedelta

import pytest

from portal import clock as now_by
from portal import db
from portal.accounts.kinds import TeamRole
from portal.accounts.models import Staff
from portal.handoffs.models import Handoff
from portal.handoffs.rules import REQUIRED
from portal.onboardings.models import Onboarding
from portal.onboardings.restarting import restart
from tests import make
from tests.handoffs.conftest import WORDS, the

ACCEPT, COMPLETE = "Hand-offs to accept", "Hand-offs to complete"


def tables(page) -> dict[str, str]:
    """The words of each table of the day, by its name."""
    return {table.one("caption").text(): table.one("tbody").text() for table in page.all("table")}


def test_the_owner_reads_accepts_and_has_it_off_the_day(visitor, cast, submitted) -> None:
    priya = visitor(cast.priya)
    page = priya.get("/staff")
    assert page.one("h1").text() == "Nobody is waiting on you."
    assert "1 thing to do" in page.text
    assert tables(page)[ACCEPT].startswith("Northwind written by Sam Tue 3 Mar Read it")
    assert "Drafts to open" not in tables(page)
    assert submitted in [link["href"] for link in page.all("a")]
    priya.get(submitted)
    priya.submit(f"{submitted}/accept")
    page = priya.get("/staff")
    assert page.one("h1").text() == "Nothing waits on you."
    assert ACCEPT not in tables(page)
    assert "Northwind" in tables(page)["Drafts to open"]


def test_only_whoever_owns_it_or_stands_in_has_it_to_accept(visitor, cast, submitted) -> None:
    for who in (cast.sam, cast.june, cast.tomas):
        assert ACCEPT not in tables(visitor(who).get("/staff"))
    priya, june = db.session.get_one(Staff, cast.priya.id), db.session.get_one(Staff, cast.june.id)
    priya.away_until, priya.stand_in = now_by.today() + timedelta(days=2), june
    assert "Northwind" in tables(visitor(cast.june).get("/staff"))[ACCEPT]
    visitor(cast.ana).get("/staff", status=404)


def test_what_came_back_stands_on_the_day_of_whoever_wrote_it(visitor, cast, begun, submitted) -> None:
    assert COMPLETE not in tables(begun.get("/staff"))
    priya = visitor(cast.priya)
    priya.get(submitted)
    priya.submit(f"{submitted}/return", {"reason": "Who signs?"})
    assert "Northwind Priya needs: Who signs?" in tables(begun.get("/staff"))[COMPLETE]
    assert ACCEPT not in tables(priya.get("/staff"))


@pytest.mark.parametrize(("start", "shown"), [(date(2026, 3, 9), True), (date(2026, 3, 31), False)])
def test_a_draft_that_begins_soon_asks_sales_for_its_hand_off(visitor, cast, start, shown) -> None:
    """Welcome begins a week before its start date; a week before that it stands here."""
    road = db.session.get_one(Onboarding, cast.onboarding.id)
    if start != road.start_date:
        restart(road, start, by=road.owner)
    sam = visitor(cast.sam)
    page = sam.get("/staff")
    assert (COMPLETE in tables(page)) == shown
    assert COMPLETE not in tables(visitor(cast.june).get("/staff"))
    if not shown:
        return
    assert "Northwind not begun starts Mon 9 Mar Write the hand-off" in tables(page)[COMPLETE]
    sam.submit(f"/handoff?o={cast.onboarding.ref}")
    here = f"/staff/handoffs/{the(cast).ref}"
    sam.get(here)
    sam.submit(here, {"reason": WORDS["reason"], "go": "keep"})
    assert "Northwind 14 % complete" in tables(sam.get("/staff"))[COMPLETE]


def test_the_day_takes_as_many_statements_however_many_there_are(app, visitor, cast, submitted, statements):
    priya, sam, counts = visitor(cast.priya), visitor(cast.sam), []
    for n in range(3):
        for who in (priya, sam):
            with statements() as seen:
                page = who.get("/staff")
            counts.append(len(seen))
            assert counts[-1] <= 12, "\n\n".join(seen)
        with app.test_request_context():
            _another(n, cast)
    assert counts[2:4] == counts[4:]
    assert tables(priya.get("/staff"))[ACCEPT].count("written by Sam") == 4
    assert page


def _another(n: int, cast) -> None:
    team = {TeamRole.CONSULTANT: cast.priya, TeamRole.ACCOUNT_EXECUTIVE: cast.sam}
    team = {role: db.session.get_one(Staff, one.id) for role, one in team.items()}
    sam = team[TeamRole.ACCOUNT_EXECUTIVE]
    for name in (f"Sold {n}", f"Returned {n}", f"Unwritten {n}"):
        road = make.onboarding(make.account(name), team, by=sam)
        if name.startswith("Unwritten"):
            continue
        handoff = Handoff.begin(road, by=sam)
        handoff.save(dict.fromkeys(REQUIRED, "Said"), seen=handoff.seal, by=sam)
        handoff.submit(by=sam)
        if name.startswith("Returned"):
            handoff.give_back("Who signs?", by=team[TeamRole.CONSULTANT])
    db.session.commit()
