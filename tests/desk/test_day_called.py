"""Who needs a person, on My day: cases by their clocks, follow-ups to approve, who has stalled; each done in place."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from portal import clock as now_by
from portal import db
from portal.accounts.kinds import Segment, Touch
from portal.escalations import cases, closing, working
from portal.escalations.cases import Why
from portal.escalations.models import Escalation, EscalationState
from portal.health import thresholds
from portal.mail import Letter
from portal.messages.models import Message
from portal.nudges import ladder
from portal.nudges.models import Nudge, NudgeState
from portal.nudges.rules import Rung
from portal.nudges.wording import Draft
from portal.onboardings.standings import Health, Quiet
from tests import make
from tests.desk.test_list_turns import ours
from tests.desk.test_today import groups
from tests.nudges.conftest import go_quiet

DAY = "/staff"
LATE = Why("R3", {"milestones_late": 2}, "T14")
TEXT = Draft(
    "Two items left in Welcome", "You told us that late payouts cost you partners.\n\nNext: one item."
)


def low(now) -> None:
    """Northwind runs by itself, so June is whose matter it is when it goes quiet."""
    now.account.touch_override = Touch.LOW


def called_in(now) -> str:
    return cases.open_case(now.onboarding, [LATE]).ref


def planned(now, *, needs_approval: bool = True) -> None:
    low(now)
    at = now_by.now() + timedelta(hours=4)
    since = now_by.now() - timedelta(days=5)
    Nudge.plan(
        now.onboarding,
        Rung.DAY_3,
        since,
        now.ana,
        now.onboarding.next_step,
        TEXT,
        at,
        needs_approval=needs_approval,
    )


def stalled(now, quiet: Quiet = Quiet.GHOSTING) -> None:
    low(now)
    now.onboarding.begin()
    now.onboarding.health, now.onboarding.quiet = Health.STALLED, quiet
    now.onboarding.health_evidence, now.onboarding.health_reasons = {"silent": 8, "limit": 5}, []
    now.onboarding.health_since = now_by.now()


def row(page, word: str):
    """The only row of a group."""
    tables = page.all("table", class_="day-table")
    return next(one for one in tables if one.one("caption").text() == word).one("tbody").one("tr").text()


def state(model):
    db.session.expire_all()
    return db.session.scalars(select(model)).one().state


# --- Cases --------------------------------------------------------------------------------------


def test_a_case_is_taken_here_and_the_day_comes_back(visitor, cast, acted) -> None:
    ref = acted(called_in)
    priya = visitor(cast.priya)
    page = priya.get(DAY)
    assert page.one("h1").text() == "Northwind needs you."
    bar = page.one("section", class_="next-bar").text()
    assert "Milestones late" in bar
    assert "2 milestones late" in bar
    priya.submit(f"/staff/escalations/{ref}/ack?back=today")
    page = priya.follow()
    assert "You are on it. Do something by" in page.text
    assert (
        page.one("section", class_="next-bar").one("a", class_="btn")["href"] == f"/staff/escalations/{ref}"
    )
    assert state(Escalation) is EscalationState.ACKNOWLEDGED


def test_of_two_who_take_it_the_second_is_told_who_has_it(visitor, cast, acted) -> None:
    ref = acted(called_in)
    priya = visitor(cast.priya)
    priya.get(DAY)
    acted(lambda now: cases.take(db.session.scalars(select(Escalation)).one(), by=now.june))
    priya.submit(f"/staff/escalations/{ref}/ack?back=today")
    page = priya.follow()
    assert "June took it at" in page.text
    assert page.one("h1").text() == "Nothing waits on you."


@pytest.mark.parametrize(("hours", "first"), [(1, "Which bank do we use?"), (30, "Milestones late")])
def test_a_clock_that_has_run_out_goes_before_what_is_waited_for_later(
    visitor, cast, acted, clock, hours, first
) -> None:
    """Priya's eight hours are over the day after; the answer is due on Friday."""
    acted(called_in)
    acted(lambda now: Message.write(now.onboarding, "Which bank do we use?", by=now.ana))
    acted(lambda now: setattr(now.onboarding, "answer_due_on", date(2026, 3, 6)))
    clock.at(datetime(2026, 3, 3, 16, tzinfo=UTC) + timedelta(hours=hours))
    page = visitor(cast.priya).get(DAY)
    assert page.one("section", class_="next-bar").one("h2").text() == first
    assert len(page.all("section", class_="next-bar")) == 1


def test_an_older_promise_goes_before_a_clock_that_ran_out_today(visitor, cast, acted, clock) -> None:
    acted(called_in)
    title = acted(lambda now: ours(now, date(2026, 3, 2)).title)
    clock.at(datetime(2026, 3, 4, 22, tzinfo=UTC))
    page = visitor(cast.priya).get(DAY)
    assert page.one("section", class_="next-bar").one("h2").text() == title
    assert "over" in row(page, "Escalations")


def test_what_waits_for_the_customer_stands_there_and_is_never_next(visitor, cast, acted) -> None:
    def wait(now) -> None:
        called_in(now)
        case = db.session.scalars(select(Escalation)).one()
        cases.take(case, by=now.priya)
        working.wait(case, date(2026, 3, 10), "She is at a fair", by=now.priya)

    acted(wait)
    page = visitor(cast.priya).get(DAY)
    assert page.one("h1").text() == "Nobody is waiting on you."
    assert page.all("section", class_="next-bar") == []
    said = row(page, "Escalations")
    assert "waits on the customer" in said
    assert "Tue 10 Mar" in said


def test_a_settled_case_and_a_colleagues_stand_nowhere(visitor, cast, acted) -> None:
    acted(called_in)
    assert groups(visitor(cast.tomas).get(DAY)) == {}
    acted(lambda now: closing.dismiss(db.session.scalars(select(Escalation)).one(), "Nothing", by=now.priya))
    assert visitor(cast.priya).get(DAY).one("h1").text() == "Nothing waits on you."


# --- Follow-ups ---------------------------------------------------------------------------------


def test_a_follow_up_is_read_and_sent_here(visitor, cast, acted, clock, app) -> None:
    """Ana has been silent for three working days, and it still holds when June sends it."""
    acted(lambda now: go_quiet(now, clock))
    acted(lambda now: thresholds.change(Segment.SMB, {"nudges_need_approval": True}, by=now.priya))
    clock.at(datetime(2026, 3, 19, 9, 30, tzinfo=UTC))
    with app.app_context():
        ladder.plan_due()
    june = visitor(cast.june)
    page = june.get(DAY)
    text = page.one("section", class_="next-bar").text()
    assert "4 items left in Welcome" in text
    assert "Stop losing partners because we pay them late." in text
    june.submit("/send?back=today")
    page = june.follow()
    assert page.one("h1").text() == "Nothing waits on you."
    assert state(Nudge) is NudgeState.SENT
    letter = db.session.scalars(select(Letter).where(Letter.kind == "nudge")).one()
    assert (letter.subject, letter.user_id) == ("4 items left in Welcome", cast.ana.id)


def test_a_follow_up_is_left_out_here(visitor, cast, acted) -> None:
    acted(planned)
    june = visitor(cast.june)
    june.get(DAY)
    june.submit("/skip?back=today")
    assert "Ana doesn't get it." in june.follow().text
    assert state(Nudge) is NudgeState.SKIPPED


def test_follow_ups_are_one_persons(visitor, cast, acted) -> None:
    acted(planned)
    assert groups(visitor(cast.priya).get(DAY)) == {}
    acted(lambda now: setattr(now.account, "touch_override", Touch.MID))
    assert "Two items left" in visitor(cast.priya).get(DAY).one("section", class_="next-bar").text()
    assert visitor(cast.june).get(DAY).one("h1").text() == "Nothing waits on you."


# --- Stalled ------------------------------------------------------------------------------------


def test_who_has_stalled_is_offered_with_the_way_to_write(visitor, cast, acted) -> None:
    acted(stalled)
    acted(lambda now: Message.write(now.onboarding, "Which bank?", by=now.ana))
    acted(lambda now: setattr(now.onboarding, "health", Health.STALLED))
    june = visitor(cast.june)
    page = june.get(DAY)
    bar = page.one("section", class_="next-bar").text()
    assert "no sign of life" in bar
    assert "8 days" in bar
    link = page.one("section", class_="next-bar").one("a", class_="btn")["href"]
    assert link == f"/staff/accounts/{cast.account.ref}/follow-up?o={cast.onboarding.ref}"
    assert june.get(link).one("input", name="subject")["value"]


def test_who_comes_and_does_not_get_on_is_asked_what_is_in_the_way(visitor, cast, acted) -> None:
    acted(lambda now: stalled(now, Quiet.ENGAGED))
    bar = visitor(cast.june).get(DAY).one("section", class_="next-bar")
    assert "signs in, finishes nothing" in bar.text()
    assert bar.one("a", class_="btn")["href"].endswith("&ask=1")


def test_a_follow_up_that_leaves_by_itself_is_said(visitor, cast, acted) -> None:
    acted(lambda now: (stalled(now), planned(now, needs_approval=False)))
    bar = visitor(cast.june).get(DAY).one("section", class_="next-bar")
    assert "a follow-up leaves Tue 3 Mar" in bar.text()
    assert bar.one("a", class_="btn")["href"].startswith("/staff/nudges/")


def test_whoever_has_the_case_has_the_customer(visitor, cast, acted) -> None:
    acted(lambda now: (stalled(now), cases.open_case(now.onboarding, [LATE], role=None)))
    assert set(groups(visitor(cast.june).get(DAY))) == set()
    assert "Milestones late" in visitor(cast.june).get(DAY).one("section", class_="next-bar").text()


def test_the_ninth_stalled_customer_is_a_click_away(visitor, cast, more) -> None:
    evidence = {"silent": 8, "limit": 5}
    names = [f"Company {n}" for n in range(10)]
    more(*names, health=Health.STALLED, quiet=Quiet.GHOSTING, health_evidence=evidence, ball="customer")
    page = visitor(cast.priya).get(DAY)
    assert len(groups(page)["Stalled"]) == 7, "one of eight is next"
    assert page.one("a", href="/staff/accounts?health=stalled").text() == "2 more have stalled"


def test_a_lead_sees_the_case_of_a_road_that_they_are_not_on(visitor, cast, acted) -> None:
    def lift(now) -> None:
        lena = make.staff("Lena Voss", "cs_leader")
        called_in(now)
        cases.raise_level(db.session.scalars(select(Escalation)).one(), by=now.priya, why="Too large for me")
        assert db.session.scalars(select(Escalation)).one().owner is lena

    acted(lift)
    lena = db.session.scalars(select(Escalation)).one().owner
    bar = visitor(lena).get(DAY).one("section", class_="next-bar").text()
    assert "level 2" in bar
