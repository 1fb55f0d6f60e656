"""Simulated day by day on real rows: an onboarding exactly on plan fires nothing in any programme; one that leaves the
plan reaches a named human in time."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal import db, mail
from portal.accounts.kinds import Segment, Touch
from portal.escalations.models import Escalation, TriggerFiring
from portal.health.models import FactsDay
from portal.notifications.notices import Notice
from portal.onboardings.states import OnboardingState
from tests.escalations.walked import case_of, days, first_day
from tests.health.walking import Walk, walk
from tests.usage.seen import REFERRED, saw

STARTS = {30: date(2026, 3, 12), 45: date(2026, 3, 9), 60: date(2026, 3, 12), 90: date(2026, 3, 9),
          120: date(2026, 3, 12)}  # fmt: skip
SEGMENTS = {
    30: Segment.SMB,
    45: Segment.SMB,
    60: Segment.MID_MARKET,
    90: Segment.MID_MARKET,
    120: Segment.ENTERPRISE,
}


TOLD = select(Notice).where(Notice.kind == "trigger")


@pytest.fixture
def context(app, session) -> Iterator[None]:
    with app.test_request_context():
        mail.configure(app.config["PORTAL"])
        yield


@pytest.mark.parametrize("programme", list(STARTS))
def test_on_plan_nothing_fires_from_the_first_day_to_the_last(context, clock, programme) -> None:
    one = walk(clock, programme=programme, segment=SEGMENTS[programme], start=STARTS[programme], users=12)
    seen = 0
    for day in days(one):
        fired = db.session.scalars(select(TriggerFiring)).all()
        assert [(day, each.key, each.facts) for each in fired] == []
        seen += 1
    assert seen > programme
    assert db.session.scalars(select(Escalation)).all() == []
    assert one.road.state is OnboardingState.GRADUATED


def no_kickoff(clock, programme: int) -> Walk:
    return walk(
        clock,
        programme=programme,
        segment=SEGMENTS[programme],
        start=STARTS[programme],
        leave={"book_kickoff", "kickoff"},
    )


@pytest.mark.parametrize("programme", list(STARTS))
def test_a_kickoff_that_nobody_books_reaches_a_person_in_the_week_after(context, clock, programme) -> None:
    """A case where the portal runs it, else a word to whose road it is. Where nobody comes to a kickoff the stage is
    late as well, so in most programmes that is what is noticed first."""
    one = no_kickoff(clock, programme)
    reached = first_day(
        one, lambda: case_of(one) or db.session.scalars(TOLD).first(), until=date(2026, 3, 31)
    )
    assert reached is not None
    assert reached <= STARTS[programme] + timedelta(days=7)
    case = case_of(one)
    if one.road.account.touch is Touch.LOW:
        assert case is not None
        assert case.owner is not None
        assert {reason.trigger for reason in case.reasons} == {"T14"}
    else:
        assert db.session.scalars(TOLD).one().user_id == one.priya.id


@pytest.mark.parametrize("programme", [90, 120])
def test_from_the_fourth_working_day_the_kickoff_itself_is_the_reason(context, clock, programme) -> None:
    one = no_kickoff(clock, programme)
    day = first_day(one, lambda: "R16:risk" in reasons_now(one), until=date(2026, 3, 31))
    assert day is not None
    assert one.road.account.calendar.working_days_between(STARTS[programme], day) == 4


def test_where_nothing_else_is_late_enough_the_case_names_the_kickoff(context, clock) -> None:
    one = no_kickoff(clock, 120)
    assert first_day(one, lambda: case_of(one), until=date(2026, 3, 31)) == date(2026, 3, 24)
    case = case_of(one)
    assert case is not None
    assert ("R16", "T14") in {(reason.code, reason.trigger) for reason in case.reasons}


def reasons_now(one: Walk) -> list[str]:
    """The reasons of the last evening, each with its level."""
    newest = (
        select(FactsDay).where(FactsDay.onboarding_id == one.road.id).order_by(FactsDay.day.desc()).limit(1)
    )
    return list(db.session.scalars(newest).one().facts["reasons"])


def test_who_goes_quiet_reaches_a_person_on_day_twelve(context, clock) -> None:
    """Low touch: follow-ups on days 3, 7 and 12 of the silence, and a person with the last."""
    quiet_from = date(2026, 3, 18)
    one = walk(clock, programme=45, segment=Segment.SMB, quiet_from=quiet_from)
    day = first_day(one, lambda: case_of(one, "T2"), until=date(2026, 4, 30))
    case = case_of(one, "T2")
    assert case is not None
    silent = next(reason for reason in case.reasons if reason.trigger == "T2").evidence["silent_days"]
    assert 12 <= silent <= 13
    assert case.owner is not None
    assert one.road.account.calendar.working_days_between(quiet_from, day) == 12


@pytest.mark.parametrize("segment", [Segment.MID_MARKET, Segment.ENTERPRISE])
def test_who_goes_quiet_where_no_ladder_runs_is_told_to_the_owner_and_then_a_case(
    context, clock, segment
) -> None:
    one = walk(clock, programme=90, segment=segment, quiet_from=date(2026, 3, 18))
    until = date(2026, 5, 15)
    told = first_day(one, lambda: db.session.scalars(TOLD).first(), until=until)
    assert told is not None
    assert case_of(one) is None
    day = first_day(one, lambda: case_of(one), since=told, until=until)
    assert day is not None
    assert 5 <= one.road.account.calendar.working_days_between(told, day) <= 7


def test_a_champion_who_leaves_reaches_a_person_the_next_working_morning(context, clock) -> None:
    one = walk(clock, programme=45, segment=Segment.MID_MARKET)

    def leaves(day: date) -> None:
        if day == date(2026, 3, 19):
            one.champion_leaves()

    day = first_day(one, lambda: case_of(one), until=date(2026, 3, 26), also=leaves)
    case = case_of(one)
    assert case is not None
    assert day == date(2026, 3, 20)
    assert ("R12", "T15") in {(reason.code, reason.trigger) for reason in case.reasons}


def test_use_that_halves_reaches_a_person_within_the_week(context, clock) -> None:
    """Four people, three times each working day, for a week after go-live; then once. Seven days after the first such
    day somebody has been called in."""
    one = walk(clock, programme=90, segment=Segment.MID_MARKET)
    falls = None

    def use(day: date) -> None:
        nonlocal falls
        live = one.road.went_live_on
        if live is None or not one.road.account.calendar.is_working_day(day):
            return
        if falls is None and day >= live + timedelta(days=7):
            falls = day
        for name in ("ana", "ben", "eva", "rui"):
            saw(one.road.account, REFERRED, day, who=name, count=3 if falls is None else 1)

    day = first_day(one, lambda: case_of(one, "T7"), also=use)
    case = case_of(one, "T7")
    assert falls is not None, "never live"
    assert case is not None, "nobody was called in"
    assert timedelta(days=3) <= day - falls <= timedelta(days=7)
    assert (case.play, case.owner.called) == ("low_adoption", "Priya")
