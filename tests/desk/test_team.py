"""The team: who carries how much, who is away and who answers, and handing over one, several or all. T03, T04."""

from datetime import date

import pytest
from sqlalchemy import select

from portal import db
from portal.accounts.kinds import TeamRole
from portal.accounts.models import Staff
from portal.messages.models import Message
from portal.onboardings.models import Onboarding
from portal.onboardings.notes import Note
from tests import make

TEAM = "/staff/team"


@pytest.fixture
def nora(cast) -> Staff:
    """Another consultant, who carries nothing yet."""
    found = make.staff("Nora Lind", "consultant")
    db.session.commit()
    return found


@pytest.fixture
def lena(cast) -> Staff:
    found = make.staff("Lena Voss", "cs_leader")
    db.session.commit()
    return found


def row(page, name: str):
    return next(cell.parent for cell in page.all("th", scope="row") if name in cell.text())


def again(staff: Staff) -> Staff:
    db.session.expire_all()
    return db.session.get_one(Staff, staff.id)


def test_the_table_says_what_each_carries_of_what_they_can(visitor, cast, nora, acted) -> None:
    def full(now) -> None:
        now.priya.capacity = 0

    acted(full)
    page = visitor(cast.june).get(TEAM)
    assert "1 of 0" in row(page, "Priya Rao").text()
    assert "over capacity" in row(page, "Priya Rao").text()
    assert "0 of 20" in row(page, "Nora Lind").text()
    names = [cell.one("a").text() for cell in page.all("th", scope="row")]
    assert names.index("Priya Rao") < names.index("Nora Lind")


def test_one_says_oneself_that_one_is_away_and_who_answers(visitor, cast, nora) -> None:
    to = f"{TEAM}/{cast.priya.ref}"
    priya = visitor(cast.priya)
    priya.get(to)
    page = priya.submit(f"{to}/away", {"until": "2026-03-01", "stand_in": nora.ref}, status=422)
    assert "That day has passed. Choose the last day of the absence." in page.text
    assert page.one("input", id="away-until")["value"] == "2026-03-01"
    priya.submit(f"{to}/away", {"until": "2026-03-10", "stand_in": nora.ref})
    assert "Priya is away until Tue 10 March; Nora answers." in priya.follow().text
    assert again(cast.priya).stand_in_id == nora.id
    page = visitor(nora).get(TEAM)
    assert "away until 10 Mar, Nora stands in" in row(page, "Priya Rao").text()
    priya.get(to)
    priya.submit(f"{to}/back")
    assert "Priya is here again." in priya.follow().text
    assert again(cast.priya).away_until is None


def test_who_stands_in_has_to_be_here(visitor, cast, nora, acted) -> None:
    def both_away(now) -> None:
        nora_now = db.session.get_one(Staff, nora.id)
        nora_now.away_until, nora_now.stand_in_id = date(2026, 3, 20), now.priya.id

    acted(both_away)
    to = f"{TEAM}/{cast.priya.ref}"
    priya = visitor(cast.priya)
    priya.get(to)
    page = priya.submit(f"{to}/away", {"until": "2026-03-10", "stand_in": nora.ref}, status=422)
    assert "Nora is away until 20 March too. Choose someone who is here." in page.text
    page = priya.submit(f"{to}/away", {"until": "2026-03-10", "stand_in": cast.june.ref}, status=422)
    assert "Priya stands in for Nora until 20 March. Name somebody else there first." in page.text


def test_only_oneself_and_whoever_leads_say_that_somebody_is_away(visitor, cast, lena, nora) -> None:
    to = f"{TEAM}/{cast.priya.ref}/away"
    answers = {"until": "2026-03-10", "stand_in": nora.ref}
    june = visitor(cast.june)
    assert "Going away" not in june.get(f"{TEAM}/{cast.priya.ref}").text
    june.post(to, answers, status=403)
    leader = visitor(lena)
    leader.get(f"{TEAM}/{cast.priya.ref}")
    leader.submit(to, answers)
    assert again(cast.priya).is_away


def test_a_hand_over_takes_parts_steps_questions_and_what_must_be_known(visitor, cast, nora, acted) -> None:
    acted(lambda now: Message.write(now.onboarding, "Which bank do we use?", by=now.ana))
    june = visitor(cast.june)
    page = june.get(f"{TEAM}/{cast.priya.ref}")
    assert "Northwind" in row(page, "Northwind").text()
    offered = [option["value"] for option in page.one("select", name="to").all("option")]
    assert nora.ref in offered
    assert cast.priya.ref not in offered
    to = f"{TEAM}/{cast.priya.ref}/hand-over"
    page = june.submit(to, {"pick": [cast.onboarding.ref], "to": nora.ref, "know": " "}, status=422)
    assert "Write what the new owner must know" in page.text
    june.submit(to, {"pick": [cast.onboarding.ref], "to": nora.ref, "know": "Ana prefers calls after lunch."})
    assert "1 account is with Nora now; your note stands on it." in june.follow().text
    db.session.rollback()
    road = db.session.get_one(Onboarding, cast.onboarding.id)
    assert road.on_team(TeamRole.CONSULTANT).id == nora.id
    assert not [s for s in road.steps if s.assignee_id == cast.priya.id and not s.is_closed]
    note = db.session.scalars(select(Note).where(Note.onboarding_id == road.id)).one()
    assert note.body.startswith("Handed over from Priya Rao to Nora Lind.")
    assert "Ana prefers calls after lunch." in note.body
    assert visitor(nora).get("/staff").one("h1").text() == "Northwind is waiting on you."
    assert "calls after lunch" not in visitor(cast.ana).get(f"/o/{road.ref}").text


def test_all_of_them_are_ticked_at_once(visitor, cast, more) -> None:
    more("Company 1", "Company 2")
    priya = visitor(cast.priya)
    ticks = priya.get(f"{TEAM}/{cast.priya.ref}").all("input", name="pick")
    assert len(ticks) == 3
    assert not any("checked" in tick.attrs for tick in ticks)
    all_of_them = priya.page.one("p", class_="views").one("a")["href"]
    assert all("checked" in tick.attrs for tick in priya.get(all_of_them).all("input", name="pick"))


def test_who_is_away_or_cannot_play_the_part_takes_nothing_over(visitor, cast, nora, acted) -> None:
    def away(now) -> None:
        nora_now = db.session.get_one(Staff, nora.id)
        nora_now.away_until, nora_now.stand_in_id = date(2026, 3, 20), now.june.id

    acted(away)
    to = f"{TEAM}/{cast.priya.ref}/hand-over"
    june = visitor(cast.june)
    june.get(f"{TEAM}/{cast.priya.ref}")
    answers = {"pick": [cast.onboarding.ref], "know": "Nothing special."}
    page = june.submit(to, {**answers, "to": nora.ref}, status=422)
    assert "Nora Lind is away until 20 March. Choose someone who is here." in page.text
    page = june.submit(to, {**answers, "to": cast.tomas.ref}, status=422)
    assert "Tomás Lin can't play this part. Choose someone else." in page.text
    assert db.session.get_one(Onboarding, cast.onboarding.id).owner.id == cast.priya.id


def test_customers_and_sellers_find_no_team_here(visitor, cast) -> None:
    visitor(cast.ana).get(TEAM, status=404)
    visitor(cast.ana).get(f"{TEAM}/{cast.priya.ref}", status=404)
    sam = make.staff("Saul Field", "account_executive")
    db.session.commit()
    visitor(sam).get(TEAM, status=403)
    visitor(cast.june).get(f"{TEAM}/nobody", status=404)
