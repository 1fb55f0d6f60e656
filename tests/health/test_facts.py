"""Facts from rows, each with the reason that it leads to: what people did is done as they do it, and what the day then
says is asked of the database."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from portal import clock as clocks
from portal import db
from portal.accounts.kinds import StakeholderRole
from portal.calls.models import Call
from portal.calls.rules import Side
from portal.onboardings import progress
from portal.onboardings.fact_days import note_day
from portal.onboardings.visits import Visit
from portal.readiness.prerequisite_rules import Status
from portal.readiness.prerequisites import wanted_of
from portal.usage.rules import TICKET
from tests.calls.cast import NEXT
from tests.health.telling import MONDAY, days_of, known, on, said, since
from tests.plans import making
from tests.usage.seen import saw

# --- The plan -----------------------------------------------------------------------------------


def test_more_than_ten_points_behind_is_more_than_ten(cast, clock) -> None:
    """R2. By the 13th Welcome's ten points and half of the 25 of Expectations are planned; two and a half are done."""
    road = cast.onboarding
    assert days_of(clock, road, [date(2026, 3, 13), date(2026, 3, 14)], "pace", "R2") == {
        13: (-20, ["watch"]), 14: (-25, ["risk"]),
    }  # fmt: skip
    on(clock, date(2026, 3, 11))
    cast.step("road_preview").complete(by=cast.ana)
    exact = progress.pace(road.progress, road.account.today, road.plan, (), road.shares)
    assert -11 < exact < -10
    assert (known(road).pace, said(road, "R2")) == (-11, ["watch"])


def test_milestones_are_late_from_the_day_after_theirs(cast, clock) -> None:
    """R3. The kickoff is due on the 9th; a second one, the plan, on the 16th."""
    days = since(date(2026, 3, 9), 5)
    found = days_of(clock, cast.onboarding, days, "milestone_late_days", "R3")
    assert found == {
        9: (0, []), 10: (1, ["watch"]), 11: (2, ["watch"]), 12: (3, ["watch"]), 13: (4, ["risk"]),
    }  # fmt: skip
    assert known(cast.onboarding).details["milestone"] == "Kickoff held"
    on(clock, date(2026, 3, 17))
    assert known(cast.onboarding).milestones_late == 2


def test_first_value_is_late_by_its_forecast_and_then_by_its_day(cast, clock) -> None:
    """R8. It is due on 13 April."""
    road = cast.onboarding
    assert days_of(clock, road, since(date(2026, 3, 10), 2), "first_value_late_by", "R8") == {
        10: (3, []), 11: (4, ["watch"]),
    }  # fmt: skip
    assert days_of(clock, road, since(date(2026, 4, 13), 2), "first_value_due_in", "R8") == {
        13: (0, ["watch"]), 14: (-1, ["risk"]),
    }  # fmt: skip
    note_day(road, "first_value", date(2026, 4, 14))
    assert (known(road).first_value_seen, said(road, "R8")) == (True, [])


def test_training_without_a_signed_plan(planned, clock) -> None:
    """R15. Opened early on Tuesday 10 March."""
    road = planned.onboarding
    road.stage_called("training").open_early("They want to begin.", by=planned.priya)
    assert days_of(clock, road, [date(2026, 3, 17), date(2026, 3, 18)], "unsigned_training_days", "R15") == {
        17: (5, []), 18: (6, ["risk"]),
    }  # fmt: skip
    road.signed_version = 1
    assert (known(road).unsigned_training_days, said(road, "R15")) == (None, [])


# --- Calls --------------------------------------------------------------------------------------


def booked(cast, clock, day: date) -> Call:
    """The kickoff on that day, and now is when it is over."""
    on(clock, day - timedelta(days=1))
    call = Call.book(
        cast.onboarding, kind="kickoff", title="Kickoff", minutes=60, agenda=[], owner=cast.priya,
        start=datetime.combine(day, time(15, 30), UTC), by=cast.ana, people=[cast.ana, cast.rui],
    )  # fmt: skip
    on(clock, day, 17)
    return call


def test_missed_calls_count_until_one_of_their_kind_is_held(cast, clock) -> None:
    """R6. A call that we missed is none of theirs."""
    road, seen = cast.onboarding, []
    for day, side in ((11, Side.US), (12, Side.CUSTOMER), (17, Side.CUSTOMER)):
        booked(cast, clock, date(2026, 3, day)).no_show(side, by=cast.priya)
        seen.append((known(road).no_shows, said(road, "R6")))
    booked(cast, clock, date(2026, 3, 19)).hold(notes="All here", next_steps=NEXT, by=cast.priya)
    seen.append((known(road).no_shows, said(road, "R6")))
    assert seen == [(0, []), (1, ["watch"]), (2, ["risk"]), (0, [])]


def test_a_call_of_the_minimum_that_nobody_books_is_missing_late_in_its_stage(cast, clock) -> None:
    """R6, for the consultant. The kickoff belongs to Welcome, whose last days have come."""
    road = cast.onboarding
    assert (known(road).calls_missing, known(road).details["missing_calls"]) == (1, ["kickoff"])
    booked(cast, clock, date(2026, 3, 11))
    assert (known(road).calls_missing, known(road).details["missing_calls"]) == (0, [])


def test_tickets_since_day_0(cast, clock) -> None:
    """R9."""
    road, seen = cast.onboarding, []
    saw(cast.account, TICKET, date(2026, 3, 8), count=9)
    for count in (3, 1, 1, 1):
        saw(cast.account, TICKET, MONDAY, count=count)
        seen.append((known(road).tickets, said(road, "R9")))
    assert seen == [(3, []), (4, ["watch"]), (5, ["watch"]), (6, ["risk"])]


# --- What was promised --------------------------------------------------------------------------


def test_what_they_must_have_ready_is_late(planned, clock) -> None:
    """R10. The hours block: more than five working days are a risk."""
    road = planned.onboarding
    hours = next(one for one in wanted_of(road) if one.key == "hours")
    for one in wanted_of(road):
        if one is not hours:
            one.say(Status.READY, by=planned.ana)
    late = [road.account.calendar.add_working_days(hours.due_on, n) for n in (0, 1, 5, 6)]
    found = days_of(clock, road, late, "gap_days", "R10")
    assert list(found.values()) == [(0, []), (1, ["watch"]), (5, ["watch"]), (6, ["risk"])]
    hours.say(Status.READY, by=planned.ana)
    assert (known(road).gap_days, said(road, "R10")) == (0, [])


def test_a_checkpoint_that_passes_without_its_value(planned, clock) -> None:
    """R11. 90 % were to be seen by 20 April."""
    (paid,) = making.agree(planned, making.PAID)
    paid.measure(Decimal(71), date(2026, 3, 10), by=planned.ana)
    days = [date(2026, 4, 20), date(2026, 4, 21)]
    assert days_of(clock, planned.onboarding, days, "criterion_missed", "R11") == {
        20: (0, []), 21: (1, ["watch"]),
    }  # fmt: skip
    paid.measure(Decimal(91), date(2026, 4, 21), by=planned.ana)
    assert (known(planned.onboarding).criterion_missed, said(planned.onboarding, "R11")) == (0, [])


def test_a_must_have_that_its_last_days_miss(planned, clock) -> None:
    """R11. Eight hours were to be seen by 2 April on the way from 14 to 2."""
    (hours,) = making.agree(planned, making.HOURS)
    hours.measure(Decimal(14), date(2026, 3, 10), by=planned.ana)
    on(clock, date(2026, 4, 3))
    hours.measure(Decimal(13), date(2026, 4, 3), by=planned.ana)
    facts = known(planned.onboarding)
    assert (facts.criterion_forecast_misses, said(planned.onboarding, "R11")) == (1, ["risk"])
    assert facts.details["criterion"] == "Hours spent on each payout run"


# --- People -------------------------------------------------------------------------------------


def test_a_champion_who_is_not_seen_for_two_weeks(cast, clock) -> None:
    """R12. Whoever looks in is seen."""
    road = cast.onboarding
    cast.ana.stakeholder_roles = [StakeholderRole.CHAMPION]
    cast.ana.joined_at = clocks.now()
    days = [date(2026, 3, 22), date(2026, 3, 23)]
    assert days_of(clock, road, days, "champion_silent_days", "R12") == {22: (13, []), 23: (14, ["watch"])}
    db.session.add(
        Visit(account_id=road.account_id, onboarding_id=road.id, person_id=cast.ana.id, page="home",
              day=date(2026, 3, 20))
    )  # fmt: skip
    assert (known(road).champion_silent_days, said(road, "R12")) == (3, [])


def test_a_sponsor_who_does_not_come_to_the_kickoff(cast, clock) -> None:
    """R12."""
    road = cast.onboarding
    assert known(road).sponsor_missing == ""
    booked(cast, clock, date(2026, 3, 11))
    assert (known(road).sponsor_missing, said(road, "R12")) == ("kickoff", ["watch"])
    cast.rui.joined_at = clocks.now()
    assert (known(road).sponsor_missing, said(road, "R12")) == ("", [])


def test_a_sponsor_whose_signature_the_plan_waits_for(planned) -> None:
    """R12."""
    making.agree(planned)
    making.sent(planned, sponsors=True)
    assert (known(planned.onboarding).sponsor_missing, said(planned.onboarding, "R12")) == (
        "signing",
        ["risk"],
    )
    planned.rui.joined_at = clocks.now()
    assert (known(planned.onboarding).sponsor_missing, said(planned.onboarding, "R12")) == ("", [])
