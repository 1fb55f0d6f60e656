"""The pages of triggers: read back in words, numbers changed with sense, what it matches, what came of it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal import clock, db
from portal.accounts.kinds import Segment, TeamRole
from portal.activity.models import Activity, Verb
from portal.escalations.models import Escalation, EscalationState, TriggerFiring
from portal.health.models import FactsDay
from portal.onboardings.models import Onboarding
from portal.playbooks.models import TriggerSetting
from portal.playbooks.triggers import standard
from tests import make

LIST, T6 = "/staff/triggers", "/staff/triggers/T6"
LOW = {"state": "active", "active_percent": 31, "live_days": 40}


@pytest.fixture
def nora(visitor, cast) -> Any:
    """A CS leader's browser."""
    return visitor(cast.nora)


def facts(road: Onboarding, *evenings: dict[str, Any]) -> None:
    """The facts of the last evenings, the latest first."""
    for n, one in enumerate(evenings):
        day = clock.today() - timedelta(days=n + 1)
        db.session.add(FactsDay(account_id=road.account_id, onboarding_id=road.id, day=day, facts=one))
    db.session.commit()


def fired(road: Onboarding, days_ago: int, **case: Any) -> None:
    """It fired so many days ago, and opened a case of its own that stands so."""
    at = clock.now() - timedelta(days=days_ago)
    opened = None
    if case:
        opened = Escalation(
            account_id=road.account_id, onboarding_id=road.id, play="low_adoption", opened_at=at, **case
        )
        db.session.add(opened)
        db.session.flush()
    db.session.add(
        TriggerFiring(
            account_id=road.account_id, onboarding_id=road.id, key="T6", entered_on=at.date(), fired_at=at,
            cleared_on=at.date(), facts={}, done=[0], escalation_id=opened.id if opened else None,
        )
    )  # fmt: skip
    db.session.commit()


def said(page) -> str:
    return page.one("p", **{"class": "trigger-said"}).text()


# --- Reading ------------------------------------------------------------------------------------


def test_the_list_says_in_words_what_each_is_and_what_it_did(visitor, cast, nora) -> None:
    over = {"state": EscalationState.RESOLVED, "resolved_at": clock.now()}
    fired(cast.onboarding, 10, **over, trigger_right=True)
    fired(cast.onboarding, 20, **over, trigger_right=False)
    fired(cast.onboarding, 30)
    fired(cast.onboarding, 91, **over, trigger_right=True)
    row = next(cell.parent for cell in nora.get(LIST).all("th", scope="row") if "Low adoption" in cell.text())
    assert "fired: 3" in row.text()
    assert "judged right: 1 of 2" in row.text()
    assert "T6" not in row.text()
    assert "Triggers" in visitor(cast.priya).get(LIST).text
    visitor(cast.ana).get(LIST, 404)
    visitor(cast.sam).get(LIST, 403)


def test_one_is_read_back_as_a_sentence(nora) -> None:
    assert said(nora.get(T6)) == (
        "If fewer than 40% of their seats were used in the last 30 days and they went live 30 days ago or earlier,"
        " 2 evenings in a row: a case opens at level 1, with the play “Low adoption”. It is over when 45% of their"
        " seats or more were used in the last 30 days."
    )
    assert said(nora.get(f"{LIST}/T2")).startswith(
        "If it is their turn, somebody has signed in, and they have moved nothing for 3 working days (low touch): the"
        " first follow-up is planned. When they have moved nothing for 7 working days, the second follow-up is planned."
    )
    assert said(nora.get(f"{LIST}/T13")).startswith(
        "As soon as one of us records frustration or one of us records a surprise: a case opens"
    )
    nora.get(f"{LIST}/T99", 404)


@pytest.mark.parametrize("key", ["T1", "T2", "T4", "T6", "T7", "T9", "T10", "T12", "T13", "T14", "T15"])
def test_each_page_has_one_box_for_each_number(nora, key) -> None:
    page = nora.get(f"{LIST}/{key}")
    spec = next(spec for spec in standard().triggers if spec.key == key)
    boxes = [box["name"] for box in page.form(f"/{key}/save").all("input", type="text")]
    assert sorted(boxes) == sorted(spec.numbers)


def test_who_may_not_change_it_reads_its_numbers(visitor, cast) -> None:
    priya = visitor(cast.priya)
    page = priya.get(T6)
    assert "fewer than 40% of their seats" in page.one("dl", **{"class": "trigger-rows"}).text()
    assert not page.all("input", type="text")
    assert "CS leaders change the numbers" in page.text
    for way in ("save", "try", "reset", "enable", "disable"):
        priya.get(T6)
        priya.post(f"{T6}/{way}", status=403)


def test_it_names_the_onboardings_that_it_would_match_today(nora, cast) -> None:
    fabrikam = make.account("Fabrikam", segment=Segment.SMB)
    other = make.onboarding(fabrikam, {TeamRole.CONSULTANT: cast.priya}, book=make.playbook("second"))
    for road in (cast.onboarding, other):
        db.session.get_one(Onboarding, road.id).state = "active"
    facts(cast.onboarding, LOW, LOW)
    facts(other, {**LOW, "active_percent": 12}, LOW)
    page = nora.get(T6)
    assert "Would match 2 today" in page.text
    rows = page.one("ul", **{"class": "match"}).all("li")
    assert [row.text() for row in rows] == ["Fabrikam 12%", "Northwind 31%"]
    assert rows[0].one("a")["href"].endswith(f"?o={other.ref}")


@pytest.mark.parametrize(
    "evenings",
    [
        [LOW],  # One evening of the two.
        [LOW, {**LOW, "active_percent": 50}],
        [{**LOW, "state": "on_hold"}, LOW],
        [{**LOW, "live_days": 29}, LOW],
        [{**LOW, "active_percent": None}, LOW],
    ],
)
def test_what_is_not_so_is_not_matched(nora, cast, evenings) -> None:
    db.session.get_one(Onboarding, cast.onboarding.id).state = "active"
    facts(cast.onboarding, *evenings)
    assert "Would match nobody today" in nora.get(T6).text


def test_the_last_times_stand_there_with_what_came_of_them(nora, cast) -> None:
    over = {"resolved_at": clock.now(), "trigger_right": False, "cause": "They use the API only"}
    fired(cast.onboarding, 2, state=EscalationState.DISMISSED, **over)
    fired(cast.onboarding, 5)
    page = nora.get(T6)
    assert "fired 2 times" in page.text
    assert "0 of 1 that were judged were right" in page.text
    first, second = page.one("table", **{"class": "fired-table"}).all("tr")[1:]
    assert first.text() == "Northwind 1 Mar A false alarm: They use the API only"
    assert first.all("a")[1]["href"].startswith("/staff/escalations/")
    assert second.text() == "Northwind 26 Feb Over on 26 Feb"


# --- Numbers ------------------------------------------------------------------------------------


def test_a_number_is_changed_for_everybody_and_remembered(nora, cast) -> None:
    nora.get(T6)
    nora.submit("/T6/save", {"share": "30"})
    page = nora.follow()
    assert "fewer than 30% of their seats" in said(page)
    assert "Nora Quist, Tue 3 March. It is on." in page.text
    assert db.session.scalars(select(TriggerSetting.values)).one() == {"share": 30}
    row = db.session.scalars(select(Activity).where(Activity.verb == Verb.TRIGGER_CHANGED)).one()
    assert (row.data["before"], row.data["after"]) == ({"key": "T6"}, {"key": "T6", "share": 30})
    nora.submit("/T6/save", {"share": "30"})  # Nothing new is nothing to remember.
    assert db.session.query(Activity).filter_by(verb=Verb.TRIGGER_CHANGED).count() == 1
    nora.get(T6)
    nora.submit("/T6/reset")
    assert "fewer than 40% of their seats" in said(nora.follow())


@pytest.mark.parametrize(
    ("numbers", "field", "sentence"),
    [
        ({"share": "0"}, "share", "This could never be true"),
        ({"share": "101"}, "share", "This would always be true"),
        ({"live_for": "0"}, "live_for", "This would always be true"),
        ({"share": "45"}, "share", ""),  # Just below and just above: no gap, and yet no overlap.
        ({"share": "50"}, "clear_share", "at 45 it would fire and clear at once"),
        ({"share": "a few"}, "share", "Enter a whole number"),
        ({"share": ""}, "share", "Enter a whole number"),
        ({"for_days": "0"}, "for_days", "Enter a number between 1 and 14"),
        ({"again_after": "999"}, "again_after", "Enter a number between 0 and 365"),
    ],
)
def test_a_number_that_makes_no_sense_is_said_before_it_is_saved(nora, numbers, field, sentence) -> None:
    nora.get(T6)
    page = nora.submit("/T6/save", numbers, status=422 if sentence else 303)
    if not sentence:
        return
    name, typed = next(iter(numbers.items()))
    assert page.one("input", id=name)["value"] == typed
    assert sentence in page.one("span", id=f"{field}-error").text()
    assert page.one("div", id="problems").one("a")["href"] == f"#{field}"
    assert db.session.query(TriggerSetting).count() == 0


def test_other_numbers_are_tried_without_saving_them(nora, cast) -> None:
    db.session.get_one(Onboarding, cast.onboarding.id).state = "active"
    facts(cast.onboarding, {**LOW, "active_percent": 50}, {**LOW, "active_percent": 50})
    nora.get(T6)
    tried = {"share": "60", "live_for": "30", "for_days": "2", "again_after": "14", "clear_share": "65"}
    page = nora.post(f"{T6}/try", tried, status=200)
    assert "changed but not saved" in page.text
    assert "Would match 1 today" in page.text
    assert page.one("input", id="share")["value"] == "60"
    assert "fewer than 60% of their seats" in said(page)
    assert db.session.query(TriggerSetting).count() == 0


def test_a_field_that_it_does_not_have_is_refused(nora) -> None:
    page = nora.get(T6)
    sent = {box["name"]: box["value"] for box in page.form("/T6/save").all("input", type="text")}
    refused = nora.post(f"{T6}/save", {**sent, "fire_at": "1"}, status=422)
    assert "no field called fire_at" in refused.text


# --- The switch ---------------------------------------------------------------------------------


def test_it_is_switched_off_and_on_and_who_did_it_stands_there(nora, cast) -> None:
    nora.get(T6)
    nora.submit("/T6/disable")
    page = nora.follow()
    assert "Nora Quist, Tue 3 March. It is off." in page.text
    assert "T6, off" in page.text
    nora.submit("/T6/enable")
    assert "T6, on" in nora.follow().text
    nora.submit("/T6/disable")
    nora.post(f"{T6}/disable")
    verbs = db.session.scalars(
        select(Activity.verb).where(Activity.subject_type == "trigger_setting").order_by(Activity.id)
    )
    assert list(verbs) == [
        Verb.TRIGGER_SWITCHED_OFF, Verb.TRIGGER_SWITCHED_ON, Verb.TRIGGER_SWITCHED_OFF
    ]  # fmt: skip
