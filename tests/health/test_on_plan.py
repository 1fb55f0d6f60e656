"""An onboarding exactly on plan is never at risk or stalled, in any programme and by any segment's thresholds; and who
leaves the plan is noticed in time. Walked day by day on real rows, judged each morning and each evening."""

from datetime import date, timedelta

import pytest

from portal.accounts.kinds import Segment, StakeholderRole
from portal.health.rules import RISK, WATCH, assess
from portal.health.thresholds import SHIPPED
from portal.onboardings.standings import Health, Quiet
from portal.onboardings.states import OnboardingState
from tests.health.walking import Walk, walk

PROGRAMMES = (30, 45, 60, 90, 120)
# A Monday, and a Thursday, so that weekends cut the stages elsewhere.
STARTS = {
    30: date(2026, 3, 12),
    45: date(2026, 3, 9),
    60: date(2026, 3, 12),
    90: date(2026, 3, 9),
    120: date(2026, 3, 12),
}


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_on_plan_it_is_on_track_from_the_first_day_to_the_last(context, clock, programme):
    one = walk(clock, programme=programme, segment=Segment.ENTERPRISE, start=STARTS[programme], users=12)
    judged = 0
    for at, facts in one.go():
        for segment, limits in SHIPPED.items():
            found = assess(facts, limits)
            judged += 1
            alarming = [reason.key for reason in found.reasons if not reason.is_ours_to_book]
            assert alarming == [], (at, segment)
            assert found.label in (Health.ON_TRACK, Health.WAITING_ON_US), (at, segment)
    assert judged > programme * 3
    assert (facts.week_people, facts.active_percent) == (12, 60 if programme >= 90 else None)
    assert one.road.state is OnboardingState.GRADUATED


@pytest.mark.parametrize("segment", list(Segment))
@pytest.mark.parametrize("programme", [30, 90])
def test_gone_quiet_it_is_stalled_after_so_many_working_days(context, clock, programme, segment):
    """No sooner, and no later than so many days after the first day that they let pass."""
    quiet_from = date(2026, 3, 18)
    one, limits = walk(clock, programme=programme, segment=segment, quiet_from=quiet_from), SHIPPED[segment]
    first = _first(
        one, limits, lambda found: found.label is Health.STALLED, until=quiet_from + timedelta(days=40)
    )
    assert first is not None
    day, found, facts = first
    calendar = one.road.account.calendar
    missed = min(step.due_on for step in one.road.steps if step.with_them and step.counts)
    assert facts.silent_days >= limits.stalled_after
    latest = calendar.add_working_days(max(missed, quiet_from), limits.stalled_after)
    assert day <= latest, (day, latest)
    assert found.quiet is Quiet.GHOSTING
    assert found.evidence["limit"] == limits.stalled_after


def test_looking_in_without_doing_anything_is_engaged_and_not_ghosting(context, clock):
    one = walk(clock, programme=45, segment=Segment.SMB, quiet_from=date(2026, 3, 18))
    for _at, facts in one.go(until=date(2026, 3, 31)):
        found = assess(facts, SHIPPED[Segment.SMB])
        one.be_seen()
    assert (found.label, found.quiet) == (Health.STALLED, Quiet.ENGAGED)


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_a_kickoff_that_nobody_books_is_a_risk_more_than_three_working_days_after_the_start(
    context, clock, programme
):
    one = walk(clock, programme=programme, segment=Segment.SMB, leave={"book_kickoff", "kickoff"})
    limits, seen = SHIPPED[Segment.SMB], {}
    for at, facts in one.go(until=date(2026, 3, 18)):
        for reason in assess(facts, limits).reasons:
            if reason.code == "R16":
                seen.setdefault(reason.level, at.date())
    assert seen == {WATCH: date(2026, 3, 9), RISK: date(2026, 3, 13)}


def test_a_champion_who_leaves_is_a_risk_until_there_is_another(context, clock):
    one, limits = walk(clock, programme=45, segment=Segment.MID_MARKET), SHIPPED[Segment.MID_MARKET]
    labels = {}
    for at, facts in one.go(until=date(2026, 3, 24)):
        labels[at.date()] = assess(facts, limits).label
        if at.date() == date(2026, 3, 18) and one.ana.called == "Ana":
            one.champion_leaves()
        if at.date() == date(2026, 3, 20):
            one.ana.stakeholder_roles = [StakeholderRole.CHAMPION]
    assert [day.day for day, label in labels.items() if label is Health.AT_RISK] == [18, 19]


def _first(one: Walk, limits, wanted, *, until: date):
    for at, facts in one.go(until=until):
        found = assess(facts, limits)
        if wanted(found):
            return at.date(), found, facts
    return None
