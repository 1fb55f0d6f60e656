"""One case for one onboarding: who is asked, what is added, who takes it, and what the clock does."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from portal import db
from portal.accounts.kinds import Segment, TeamRole, Touch
from portal.accounts.models import Staff
from portal.errors import Refused
from portal.escalations import cases, closing, jobs, routing, working
from portal.escalations.cases import Why
from portal.escalations.models import Escalation, EscalationState, TriggerFiring
from portal.notifications.notices import Notice
from portal.onboardings.models import Onboarding
from tests import make
from tests.escalations.conftest import ASKED, QUIET

MISSED = Why("R6", {"no_shows": 2}, "T12")


def lines_for(user):
    rows = select(Notice.line).where(Notice.user_id == user.id, Notice.read_at.is_(None)).order_by(Notice.id)
    return list(db.session.scalars(rows))


def run(clock, moment=None):
    """Let the timetable's job run, at `moment` where one is given."""
    if moment:
        clock.at(moment)
    db.session.commit()
    jobs.pass_clocks()
    db.session.expire_all()


def the_case():
    return db.session.scalars(select(Escalation)).one()


# --- Opening --------------------------------------------------------------------------------------


def test_a_second_trigger_adds_its_reason_and_opens_nothing(team, case):
    again = cases.open_case(team.onboarding, [QUIET, MISSED])
    db.session.flush()
    assert again is case
    assert [one.code for one in case.reasons] == ["R1", "R6"]
    assert db.session.scalar(select(func.count()).select_from(Escalation)) == 1


def test_a_higher_level_lifts_the_case_that_is_open(team, case):
    cases.open_case(team.onboarding, [MISSED], level=2)
    assert (case.level, case.owner) == (2, team.lena)


def test_low_touch_goes_to_the_csm_else_to_the_consultant_and_what_is_technical_to_its_specialist(team):
    road = team.onboarding
    assert routing.ask(road, 1, codes=["R1"]).who is team.june
    assert routing.ask(road, 1, codes=["R14"]).who is team.tomas
    team.account.touch_override = Touch.MID
    assert routing.ask(road, 1, codes=["R1"]).who is team.priya
    assert routing.ask(road, 1, codes=["R1"], role=TeamRole.CSM).who is team.june


def test_who_is_away_has_a_stand_in_whose_hours_count_and_the_page_says_why(team, clock):
    team.june.away_until, team.june.stand_in = date(2026, 3, 6), team.lena
    case = cases.open_case(team.onboarding, [QUIET])
    assert (case.owner, case.instead_of) == (team.lena, team.june)
    # Tuesday 10:00 in Berlin, and eight hours of hers: an hour is left for Wednesday.
    assert case.acknowledge_by == datetime(2026, 3, 4, 9, 0, tzinfo=UTC)


def test_an_absent_stand_in_leaves_it_to_the_lead_and_nobody_above_to_a_leader(team):
    team.june.away_until = date(2026, 3, 6)
    assert routing.ask(team.onboarding, 1, codes=["R1"]).who is team.lena
    assert routing.ask(team.onboarding, 2, codes=["R1"], before=team.lena).who is team.nora
    assert routing.ask(team.onboarding, 3, codes=["R1"], before=team.lena).who is team.nora


def nobody_plays_csm(road):
    db.session.delete(next(one for one in road.team if one.role is TeamRole.CSM))
    db.session.flush()
    db.session.refresh(road, ["team"])


def carries(staff, *numbers, by):
    """So many cases are theirs, each of an onboarding of its own, named by its number."""
    for n in numbers:
        account = make.account(f"{staff.name} {n}")
        road = make.onboarding(account, {TeamRole.CONSULTANT: by, TeamRole.CSM: staff}, by=by)
        road.account.touch_override = Touch.LOW
        assert cases.open_case(road, [QUIET]).owner is staff
    db.session.flush()


def test_a_part_that_nobody_plays_goes_to_the_region_however_much_they_carry(team):
    nobody_plays_csm(team.onboarding)
    team.account.region, team.mira.regions = "emea", ["emea"]
    carries(team.mira, 1, 2, by=team.priya)
    found = routing.ask(team.onboarding, 1, codes=["R1"])
    assert (found.who, found.because) == (team.mira, routing.Because.POOL)


def test_of_those_of_the_region_whoever_carries_least_for_what_they_can_is_asked(team):
    """June has two of thirty, Lena one of five, Mira two of twenty."""
    nobody_plays_csm(team.onboarding)
    for staff, capacity, numbers in ((team.june, 30, (1, 2)), (team.lena, 5, (1,)), (team.mira, 20, (1, 2))):
        carries(staff, *numbers, by=team.priya)
        staff.capacity = capacity
    assert routing.ask(team.onboarding, 1, codes=["R1"]).who is team.june
    carries(team.june, 3, 4, by=team.priya)
    assert routing.ask(team.onboarding, 1, codes=["R1"]).who is team.mira
    team.lena.capacity = 20
    assert routing.ask(team.onboarding, 1, codes=["R1"]).who is team.lena


def test_what_was_resolved_two_weeks_ago_is_the_same_case_until_then(team, case, clock):
    cases.take(case, by=team.june)
    closing.resolve(case, "Holidays", "A call", True, by=team.june)
    clock.forward(days=13, hours=23)
    assert cases.open_case(team.onboarding, [QUIET]) is case
    assert (case.state, case.reopened) == (EscalationState.OPEN, 1)
    cases.take(case, by=team.june)
    closing.resolve(case, "Holidays", "A call", True, by=team.june)
    clock.forward(days=14)
    assert cases.open_case(team.onboarding, [QUIET]) is not case


def test_what_was_resolved_two_weeks_ago_is_opened_by_nobody_again(team, case, clock):
    cases.take(case, by=team.june)
    closing.resolve(case, "Holidays", "A call", True, by=team.june)
    clock.forward(days=14)
    with pytest.raises(Refused, match="resolved more than 14 days ago"):
        closing.reopen(case, by=team.june)
    clock.forward(minutes=-1)
    closing.reopen(case, by=team.june)
    assert case.state is EscalationState.OPEN


# --- Taking ---------------------------------------------------------------------------------------


def test_of_two_who_take_it_the_second_is_told_who_was_quicker(team, case):
    cases.take(case, by=team.june)
    with pytest.raises(Refused, match="June took it at"):
        cases.take(case, by=team.mira)
    assert case.owner is team.june


def test_whoever_was_asked_hears_that_somebody_else_took_it(team, case):
    db.session.flush()
    assert lines_for(team.june) == ["Northwind needs you: Too long in this stage"]
    cases.take(case, by=team.mira)
    db.session.flush()
    assert lines_for(team.june) == ["Mira took Northwind"]


def test_given_to_somebody_it_asks_them_and_not_who_is_away(team, case):
    team.mira.away_until = date(2026, 3, 20)
    with pytest.raises(Refused, match="Mira Sato is away until 20 March"):
        cases.give(case, team.mira, by=team.june)
    cases.give(case, team.lena, by=team.june)
    assert (case.owner, case.state) == (team.lena, EscalationState.OPEN)


# --- The clock ------------------------------------------------------------------------------------


def test_nobody_takes_it_so_the_next_level_hears_once(team, case, clock):
    until = case.acknowledge_by
    run(clock, until - timedelta(minutes=1))
    assert the_case().level == 1
    run(clock, until)
    run(clock)
    found = the_case()
    assert (found.level, found.owner_id, found.state) == (2, team.lena.id, EscalationState.OPEN)
    assert lines_for(team.lena) == ["Northwind needs you: Too long in this stage"]
    assert lines_for(team.sam) == ["Northwind is at level 2 now, with Lena"]


def test_taken_and_nothing_done_it_goes_on_too_and_work_keeps_it(team, case, clock):
    cases.take(case, by=team.june)
    first = case.act_by
    clock.at(first - timedelta(hours=1))
    working.note(case, "Called, no answer", by=team.june)
    assert case.state is EscalationState.WORKING
    assert case.act_by > first
    run(clock, first)
    assert the_case().level == 1
    run(clock, the_case().act_by)
    assert the_case().level == 2


def test_at_the_highest_level_the_last_one_is_told_once(team, clock):
    case = cases.open_case(team.onboarding, [QUIET], level=3)
    run(clock, case.acknowledge_by + timedelta(minutes=1))
    told = the_case().chased_at
    run(clock, the_case().acknowledge_by + timedelta(minutes=30))
    assert the_case().chased_at == told
    assert (the_case().level, the_case().owner_id) == (3, team.nora.id)


def test_while_it_waits_the_clock_stands_still_and_it_comes_back_that_morning(team, case, clock):
    cases.take(case, by=team.june)
    working.wait(case, date(2026, 3, 12), "Ana is travelling", by=team.june)
    kept = case.act_left
    assert case.act_by is None
    run(clock, datetime(2026, 3, 12, 6, 30, tzinfo=UTC))  # Half past one in Chicago.
    found = the_case()
    assert (found.state, found.wait_until) == (EscalationState.WORKING, None)
    assert kept == 2 * 8 * 3600
    assert found.act_by == datetime(2026, 3, 13, 22, 0, tzinfo=UTC)


def test_on_hold_the_clock_stands_still_and_goes_on_with_what_it_had(team, case, clock):
    team.onboarding.pause("Their audit", date(2026, 3, 20), by=team.priya)
    run(clock)
    run(clock, datetime(2026, 3, 12, 15, 0, tzinfo=UTC))
    assert (the_case().level, the_case().acknowledge_by, the_case().acknowledge_left) == (1, None, 8 * 3600)
    db.session.get_one(Onboarding, team.onboarding.id).resume(by=db.session.get_one(Staff, team.priya.id))
    run(clock)
    assert the_case().acknowledge_by == datetime(2026, 3, 13, 15, 0, tzinfo=UTC)


def test_an_owner_who_goes_away_hands_it_to_the_stand_in(team, case, clock):
    cases.take(case, by=team.june)
    team.june.away_until, team.june.stand_in_id = date(2026, 3, 10), team.mira.id
    run(clock)
    found = the_case()
    assert (found.owner_id, found.instead_of_id, found.state) == (
        team.mira.id, team.june.id, EscalationState.OPEN,
    )  # fmt: skip


# --- Ending ---------------------------------------------------------------------------------------


def test_cleared_for_two_days_it_resolves_itself_unless_somebody_has_it(team, case, clock):
    cases.clear(team.onboarding, {"T14"}, date(2026, 3, 3))
    run(clock, datetime(2026, 3, 4, 12, 0, tzinfo=UTC))
    assert the_case().resolved_at is None, "a day is not two"
    the_case().acknowledge_by = datetime(2026, 4, 1, tzinfo=UTC)
    run(clock, datetime(2026, 3, 5, 12, 0, tzinfo=UTC))
    assert the_case().state is EscalationState.RESOLVED


def lasts(team, case, key):
    """This trigger has led to the case and still sees why."""
    made = TriggerFiring(
        account_id=case.account_id, onboarding=team.onboarding, key=key, entered_on=date(2026, 3, 2),
        fired_at=case.opened_at, facts={}, escalation=case,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


@pytest.mark.parametrize(("still", "clear_since"), [(True, None), (False, date(2026, 3, 6))])
def test_opened_again_it_is_about_what_holds_then_and_clears_with_that(team, case, clock, still, clear_since):
    """June settled both reasons on Tuesday; on Thursday one of them is back."""
    cases.open_case(team.onboarding, [MISSED])
    firing = lasts(team, case, "T12")
    cases.take(case, by=team.june)
    closing.resolve(case, "Holidays", "A call", True, by=team.june)
    clock.forward(days=2)
    firing.cleared_on = None if still else date(2026, 3, 4)
    stage = {**QUIET.evidence, "stage_age_days": 11}
    assert cases.open_case(team.onboarding, [Why("R1", stage, "T14")]) is case
    assert {one.code: one.evidence for one in case.reasons}["R1"] == stage
    cases.clear(team.onboarding, {"T14"}, date(2026, 3, 6))
    assert case.clear_since == clear_since


def test_what_a_person_opens_again_never_clears_by_itself(team, case, clock):
    cases.open_case(team.onboarding, [MISSED])
    cases.clear(team.onboarding, {"T12"}, date(2026, 3, 3))
    cases.take(case, by=team.june)
    closing.resolve(case, "Holidays", "A call", True, by=team.june)
    closing.reopen(case, by=team.june)
    cases.clear(team.onboarding, {"T14"}, date(2026, 3, 5))
    assert case.clear_since is None


def test_taken_it_stays_open_however_long_it_is_clear(team, case, clock):
    cases.take(case, by=team.june)
    cases.clear(team.onboarding, {"T14"}, date(2026, 3, 3))
    run(clock, datetime(2026, 3, 5, 12, 0, tzinfo=UTC))
    assert the_case().resolved_at is None


def test_what_a_person_asked_for_never_clears_by_itself(team, clock):
    case = cases.open_case(team.onboarding, [QUIET, ASKED], by=team.priya)
    cases.clear(team.onboarding, {"T14"}, date(2026, 3, 3))
    assert case.clear_since is None


def test_the_end_of_the_onboarding_ends_the_case(team, case, clock):
    team.onboarding.cancel("They were bought", by=team.priya)
    run(clock)
    assert (the_case().state, the_case().cause) == (EscalationState.RESOLVED, "The onboarding is over.")


def test_what_was_resolved_stays_so_once_the_onboarding_is_over(team, case):
    cases.take(case, by=team.june)
    closing.resolve(case, "Holidays", "A call", True, by=team.june)
    team.onboarding.cancel("They were bought", by=team.priya)
    with pytest.raises(Refused, match="The onboarding is over"):
        closing.reopen(case, by=team.june)
    assert case.state is EscalationState.RESOLVED


def test_enterprise_has_four_hours_to_say_so(team):
    team.account.segment = Segment.ENTERPRISE
    case = cases.open_case(team.onboarding, [QUIET])
    assert case.acknowledge_by == datetime(2026, 3, 3, 19, 0, tzinfo=UTC)  # 09:00 to 13:00 in Chicago.
