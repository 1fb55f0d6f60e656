"""Holding and assigning several onboardings of the list at once: each is done, or named with what stood in the way."""

from datetime import date

import pytest
from sqlalchemy import select

from portal import db
from portal.accounts.kinds import TeamRole
from portal.accounts.models import TeamMember
from portal.activity.models import Activity, Verb
from portal.messages.models import Message, Thread
from portal.onboardings.holds import Hold
from portal.onboardings.models import Onboarding
from portal.onboardings.turns import Turn
from tests import make

LIST = "/staff/accounts"
HOLD, ASSIGN = f"{LIST}/bulk/hold", f"{LIST}/bulk/assign"
NO_PAUSE = {"reason": "", "review_on": ""}
PAUSE = {"reason": "Stocktaking everywhere.", "review_on": "2026-04-01"}


def states() -> dict[str, str]:
    rows = select(Onboarding).order_by(Onboarding.id)
    return {one.account.name: one.state.value for one in db.session.scalars(rows)}


def held(verb: Verb) -> int:
    return len(db.session.scalars(select(Activity.id).where(Activity.verb == verb)).all())


def test_selecting_is_a_link_and_without_it_no_box_is_there(visitor, cast, more) -> None:
    more("Alpha")
    priya = visitor(cast.priya)
    page = priya.get(LIST)
    assert not page.all("input", type="checkbox")
    (link,) = [link for link in page.all("a") if link.text() == "Select"]
    page = priya.get(link["href"])
    boxes = page.all("input", type="checkbox")
    assert sorted(box["aria-label"] for box in boxes) == ["Alpha", "Northwind"]
    assert not [box for box in boxes if "checked" in box.attrs]
    page = priya.get(LIST, query_string={"select": "all"})
    assert all("checked" in box.attrs for box in page.all("input", type="checkbox"))
    assert "Select" not in visitor(cast.tomas).get(LIST).text, "a specialist holds and assigns nothing"


def test_all_are_put_on_hold_and_a_second_click_changes_nothing(visitor, cast, more) -> None:
    roads = [cast.onboarding, *more("Alpha", "Beta")]
    priya = visitor(cast.priya)
    priya.get(LIST, query_string={"select": "1"})
    sent = {"pick": [road.ref for road in roads[:2]], **PAUSE, "role": "csm", "staff": ""}
    for _click in range(2):
        back = priya.post(f"{HOLD}?who=mine", sent)
        assert back.location == f"{LIST}?who=mine"
        assert "2 accounts are on hold." in priya.get(back.location).text
    assert states() == {"Northwind": "on_hold", "Alpha": "on_hold", "Beta": "active"}
    assert held(Verb.HELD) == len(db.session.scalars(select(Hold.id)).all()) == 2
    assert db.session.scalars(select(Onboarding.turn).order_by(Onboarding.id)).all()[:2] == [Turn.HOLD] * 2


def test_what_is_refused_is_named_with_its_reason_and_stays_ticked_and_the_rest_is_done(
    visitor, cast, more
) -> None:
    (ended,) = more("Ended", state="graduated")
    (paused,) = more("Paused")
    (fine,) = more("Fine")
    with_reason = {**PAUSE, "reason": "Another reason."}
    priya = visitor(cast.priya)
    priya.get(LIST, query_string={"select": "1"})
    priya.post(HOLD, {"pick": [paused.ref], **with_reason})
    page = priya.post(HOLD, {"pick": [road.ref for road in (ended, paused, fine)], **PAUSE}, status=200)
    told = page.one("div", class_="problems").all("li")
    assert [line.one("b").text() for line in told] == ["Ended", "Paused"]
    assert "can't be done while this onboarding is graduated" in told[0].text()
    assert "on hold already, until 1 April" in told[1].text()
    assert "1 account is on hold." in page.text
    assert states() == {
        "Northwind": "preparing",
        "Ended": "graduated",
        "Paused": "on_hold",
        "Fine": "on_hold",
    }
    kept = {box["aria-label"] for box in page.all("input", type="checkbox") if "checked" in box.attrs}
    assert kept == {"Ended", "Paused", "Fine"}
    assert page.one("textarea", name="reason").text() == PAUSE["reason"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"pick": []}, "Tick at least one account"),
        ({"reason": ""}, "Write why, in words the customer reads"),
        ({"review_on": "soon"}, "Enter a date like 2026-03-31"),
        ({"colour": "red"}, "This form has no field called colour."),
    ],
)
def test_a_form_that_is_wrong_changes_nothing_and_keeps_what_was_typed(visitor, cast, changes, said) -> None:
    priya = visitor(cast.priya)
    priya.get(LIST, query_string={"select": "1"})
    page = priya.post(HOLD, {"pick": [cast.onboarding.ref], **PAUSE, **changes}, status=422)
    assert said in page.one("div", id="problems").text()
    assert page.one("textarea", name="reason").text() == {**PAUSE, **changes}["reason"]
    assert states() == {"Northwind": "preparing"}


def test_a_review_day_that_is_past_is_refused_for_each(visitor, cast) -> None:
    priya = visitor(cast.priya)
    priya.get(LIST, query_string={"select": "1"})
    page = priya.post(HOLD, {"pick": [cast.onboarding.ref], **PAUSE, "review_on": "2026-03-03"}, status=422)
    assert "Northwind: Choose a review date after today." in page.one("div", class_="problems").text()
    assert states() == {"Northwind": "preparing"}


def players(road: Onboarding) -> dict[str, str]:
    rows = select(TeamMember).where(TeamMember.onboarding_id == road.id)
    return {member.role.value: member.staff.called for member in db.session.scalars(rows)}


def test_a_part_goes_over_with_its_open_steps_and_questions(visitor, cast, more, acted) -> None:
    nora = make.staff("Nora Quist", "consultant")
    (alpha,) = more("Alpha")
    acted(lambda now: Message.write(now.onboarding, "When can we start?", by=now.ana))
    priya = visitor(cast.priya)
    priya.get(LIST, query_string={"select": "1"})
    sent = {
        "pick": [cast.onboarding.ref, alpha.ref],
        "role": "consultant",
        "staff": nora.ref,
        "reason": "",
        "review_on": "",
    }
    for _click in range(2):
        page = priya.get(priya.post(ASSIGN, sent).location)
        assert "2 accounts are with Nora Quist." in page.text
    db.session.expire_all()
    assert players(cast.onboarding) == {
        "consultant": "Nora", "integration_specialist": "Tomás", "csm": "June", "account_executive": "Sam"
    }  # fmt: skip
    assert players(alpha) == {"consultant": "Nora"}
    road = db.session.get_one(Onboarding, cast.onboarding.id)
    theirs = [step for step in road.steps if step.spec.assignee == TeamRole.CONSULTANT]
    assert {step.assignee.called for step in theirs if not step.is_closed} == {"Nora"}
    assert Thread.of(road).asked.called == "Nora"
    assert held(Verb.TEAM_ASSIGNED) == 2


def test_a_part_that_nobody_had_is_filled(visitor, cast, more) -> None:
    (alpha,) = more("Alpha")
    priya = visitor(cast.priya)
    priya.get(LIST, query_string={"select": "1"})
    priya.post(ASSIGN, {"pick": [alpha.ref], "role": "csm", "staff": cast.june.ref})
    assert players(alpha) == {"consultant": "Priya", "csm": "June"}


def test_who_is_away_or_cannot_play_the_part_is_refused_by_name(app, visitor, cast) -> None:
    with app.test_request_context():
        june = db.session.get_one(type(cast.june), cast.june.id)
        june.away_until = date(2026, 3, 20)
        db.session.commit()
    priya = visitor(cast.priya)
    priya.get(LIST, query_string={"select": "1"})
    for role, staff, said in (
        ("csm", cast.tomas, "Tomás Lin can't play this part. Choose someone else."),
        ("integration_specialist", cast.june, "June Park can't play this part."),
    ):
        page = priya.post(
            ASSIGN, {"pick": [cast.onboarding.ref], "role": role, "staff": staff.ref}, status=422
        )
        assert said in page.one("div", class_="problems").text()
    other = make.staff("Ola Berg", "csm", away_until=date(2026, 3, 20))
    db.session.commit()
    page = priya.post(ASSIGN, {"pick": [cast.onboarding.ref], "role": "csm", "staff": other.ref}, status=422)
    assert "Northwind: Ola Berg is away until 20 March. Choose someone who is here." in page.text
    assert players(cast.onboarding)["csm"] == "June"


@pytest.mark.parametrize("staff", ["", "nobody", "ana"])
def test_somebody_who_is_not_ours_is_no_choice(visitor, cast, staff) -> None:
    ref = cast.ana.ref if staff == "ana" else staff
    priya = visitor(cast.priya)
    priya.get(LIST, query_string={"select": "1"})
    page = priya.post(ASSIGN, {"pick": [cast.onboarding.ref], "role": "csm", "staff": ref}, status=422)
    assert page.one("div", id="problems")
    assert players(cast.onboarding)["csm"] == "June"


def test_what_one_does_not_see_or_may_not_do_is_not_done(visitor, cast, more) -> None:
    (alpha,) = more("Alpha")
    priya = visitor(cast.priya)
    priya.get(LIST, query_string={"select": "1"})
    page = priya.post(HOLD, {"pick": [alpha.ref, "zzzzzzzzzzzz"], **PAUSE}, status=200)
    assert "It can't be found any more." in page.one("div", class_="problems").text()
    for person, status in ((cast.tomas, 403), (cast.sam, 403), (cast.ana, 404)):
        someone = visitor(person)
        someone.get("/preferences")
        someone.post(HOLD, {"pick": [cast.onboarding.ref], **PAUSE}, status=status)
        someone.get("/preferences")
        someone.post(
            ASSIGN, {"pick": [cast.onboarding.ref], "role": "csm", "staff": cast.june.ref}, status=status
        )
    assert states() == {"Northwind": "preparing", "Alpha": "on_hold"}
