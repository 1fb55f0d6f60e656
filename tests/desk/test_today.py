"""My day: what waits for the reader across their onboardings, finished in place; their calls; what customers did."""

from datetime import date, timedelta

from portal import clock as now_by
from portal import db
from portal.accounts.kinds import TeamRole
from portal.calls.models import Call, CallAttendee
from portal.escalations import cases
from portal.escalations.cases import Why
from portal.messages.models import Message
from portal.nudges.models import Nudge
from portal.nudges.rules import Rung
from portal.nudges.wording import Draft
from portal.onboardings.models import Onboarding
from portal.onboardings.standings import Health, Quiet
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step
from tests import make
from tests.desk.conftest import handed_in
from tests.desk.test_list import busy
from tests.desk.test_list_turns import ours

DAY = "/staff"


def groups(page) -> dict[str, list[str]]:
    """The titles of each group's entries, by the group's name."""
    return {
        table.one("caption").text(): [link.text() for link in table.all("a", class_="plain")]
        for table in page.all("table", class_="day-table")
    }


def asks(text: str):
    return lambda now: Message.write(now.onboarding, text, by=now.ana)


def test_who_has_nothing_to_do_reads_what_will_stand_here(visitor, cast) -> None:
    page = visitor(cast.june).get(DAY)
    assert page.one("h1").text() == "Nothing waits on you."
    assert "it stands here first" in page.text
    assert groups(page) == {}
    assert "None. A day to finish things." in page.text


def test_a_draft_stands_in_the_day_of_its_own_team_alone(app, visitor, cast) -> None:
    with app.test_request_context():
        nora = make.staff("Nora Lind", "consultant")
        make.onboarding(make.account("Fabrikam"), {TeamRole.CONSULTANT: nora}, by=nora)
        db.session.commit()
    assert "Fabrikam" in visitor(nora).get(DAY).one("main").text()
    assert "Fabrikam" not in visitor(cast.priya).get(DAY).one("main").text()


def test_the_oldest_promise_is_next_and_the_rest_stands_in_groups(visitor, cast, acted, clock) -> None:
    acted(asks("Which bank do we use?"))
    step = acted(handed_in)
    acted(lambda now: ours(now, date(2026, 3, 4)).id)
    clock.forward(days=6)
    page = visitor(cast.priya).get(DAY)
    assert page.one("h1").text() == "Northwind is waiting on you."
    bar = page.one("section", class_="next-bar")
    assert "days late" in bar.text()
    shown = groups(page)
    assert shown["Reviews"] == [step.title]
    said = bar.text() + " ".join(shown.get("Unanswered messages", []))
    assert "Which bank do we use?" in said


def test_a_review_is_read_and_accepted_here_and_the_day_comes_back(visitor, cast, acted) -> None:
    step = acted(handed_in)
    priya = visitor(cast.priya)
    priya.get(DAY)
    priya.submit(
        f"/staff/accounts/{cast.account.ref}/steps/{step.ref}/complete?o={cast.onboarding.ref}&back=today"
    )
    page = priya.follow()
    assert page.one("h1").text() == "Nothing waits on you."
    assert f"Accepted: “{step.title}”." in page.text
    db.session.expire_all()
    assert db.session.get_one(Step, step.id).state is StepState.DONE


def test_what_is_sent_back_without_a_word_keeps_the_review(visitor, cast, acted) -> None:
    step = acted(handed_in)
    priya = visitor(cast.priya)
    priya.get(DAY)
    to = f"/staff/accounts/{cast.account.ref}/steps/{step.ref}/return?o={cast.onboarding.ref}&back=today"
    page = priya.post(to, {"reason": " "}, status=422)
    assert "Write what should change" in page.text
    db.session.expire_all()
    assert db.session.get_one(Step, step.id).state is StepState.SUBMITTED


def test_a_question_is_answered_here(visitor, cast, acted) -> None:
    acted(asks("Which bank do we use?"))
    priya = visitor(cast.priya)
    priya.get(DAY)
    to = f"/staff/accounts/{cast.account.ref}/messages?o={cast.onboarding.ref}&back=today"
    priya.submit(to, {"body": "The one in the contract."})
    assert priya.follow().one("h1").text() == "Nothing waits on you."


def test_one_press_finishes_what_asks_for_nothing(visitor, cast, acted) -> None:
    def confirm(now) -> int:
        step = next(s for s in now.onboarding.steps if s.kind == "read")
        step.owner_side, step.state, step.assignee = "us", StepState.READY, now.priya
        step.assignee_id = now.priya.id
        now.onboarding.settle()
        return step.id

    step_id = acted(confirm)
    step = db.session.get_one(Step, step_id)
    priya = visitor(cast.priya)
    priya.get(DAY)
    priya.submit(
        f"/staff/accounts/{cast.account.ref}/steps/{step.ref}/complete?o={cast.onboarding.ref}&back=today"
    )
    db.session.expire_all()
    assert db.session.get_one(Step, step_id).is_done


def test_a_stand_in_sees_the_day_of_whoever_is_away(visitor, cast, acted) -> None:
    acted(asks("Which bank do we use?"))
    nora = make.staff("Nora Lind", "consultant")
    db.session.commit()
    assert visitor(nora).get(DAY).one("h1").text() == "Nothing waits on you."

    def leave(now) -> None:
        now.priya.away_until, now.priya.stand_in_id = now_by.today() + timedelta(days=3), nora.id

    acted(leave)
    page = visitor(nora).get(DAY)
    assert page.one("h1").text() == "Northwind is waiting on you."


def test_what_customers_did_since_the_last_evening_stands_beside(visitor, cast, acted, clock) -> None:
    title = acted(handed_in).title
    page = visitor(cast.priya).get(DAY)
    assert f"sent “{title}” for review" in page.all("dl", class_="since")[0].text()
    clock.forward(days=2)
    assert "No customer of yours has moved anything." in visitor(cast.priya).get(DAY).text


def test_a_customer_and_a_rival_find_no_such_page(visitor, cast) -> None:
    make.account("Fabrikam")
    for person in (cast.ana, cast.ben):
        visitor(person).get(DAY, status=404)


def everything(road_id: int) -> None:
    """On one road all that My day can show: a question, reviews with files, our own steps, calls, and what is left."""
    busy(road_id)
    road = db.session.get_one(Onboarding, road_id)
    priya, eve = road.owner, road.account.people[-1]
    for n, step in enumerate([one for one in road.steps if not one.is_closed][1:7]):
        step.assignee, step.assignee_id, step.ours_since = priya, priya.id, now_by.now()
        if n < 2:
            step.state, step.submitted_at, step.submitted_by_id = "submitted", now_by.now(), eve.id
            step.data = {"answer": "All of it"}
        else:
            step.state, step.owner_side, step.required, step.visible = "ready", "us", n > 3, n != 2
    for hours in (-4, 3):
        start = now_by.now() + timedelta(hours=hours, minutes=road_id)
        call = Call(account_id=road.account_id, onboarding_id=road.id, kind="help", title="Help", owner=priya,
                    start=start, minutes=30)  # fmt: skip
        call.attendees = [CallAttendee(account_id=road.account_id, user=user) for user in (priya, eve)]
        db.session.add(call)
    call_somebody_in(road)


def call_somebody_in(road: Onboarding) -> None:
    """A case with two reasons, a follow-up to approve, or a silence: one after the other."""
    if road.id % 3 == 0:
        cases.open_case(
            road, [Why("R3", {"milestones_late": 2}, "T14"), Why("R1", {"stage_age_days": 9}, "T14")]
        )
    elif road.id % 3 == 1:
        eve, now = road.account.people[-1], now_by.now()
        Nudge.plan(road, Rung.DAY_3, now, eve, road.next_step, Draft("Two", "Text"), now, needs_approval=True)
    else:
        road.health, road.quiet, road.health_evidence = Health.STALLED, Quiet.ENGAGED, {"silent": 9}


def test_the_day_takes_twelve_statements_at_most_however_much_waits(
    visitor, cast, more, acted, statements
) -> None:
    drafts = ["Draft 1", "Draft 2"]
    more(*drafts, state="draft")
    priya, counts = visitor(cast.priya), []
    for names in (["Company 0"], [f"Company {n}" for n in range(1, 40)]):
        for road in more(*names, ball="us"):
            acted(lambda now, road=road: everything(road.id))
        with statements() as seen:
            page = priya.get(DAY)
        counts.append(len(seen))
        assert counts[-1] <= 12, "\n\n".join(seen)
    assert counts[0] == counts[1]
    assert page.one("h1").text().startswith("40 customers")
    assert list(groups(page)) == [
        "Waiting on us",
        "Unanswered messages",
        "Escalations",
        "My steps",
        "Calls to log",
        "Reviews",
        "Follow-ups to approve",
        "Stalled",
        "Drafts to open",
    ]
    assert sum(map(len, groups(page).values())) >= 40 * 6
