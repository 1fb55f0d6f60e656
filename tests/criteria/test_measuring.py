"""An agreed result is measured; met needs a value and the customer's word, adjusted other words that both agreed."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from portal.criteria.models import SuccessCriterion
from portal.criteria.rules import Achievement, Pace
from portal.criteria.wanted import Way
from portal.errors import Refused
from tests.criteria.conftest import PAID

DAY_0 = date(2026, 3, 9)


@pytest.fixture
def agreed(spoken, paid) -> SuccessCriterion:
    """95 % by 30 April, with 85 % on the way by 6 April."""
    wanted = replace(PAID, checkpoints=[Way(date(2026, 4, 6), Decimal(85), None)])
    paid.suggest(wanted, None, seen=paid.shown.ref, by=spoken.priya)
    paid.agree(seen=paid.shown.ref, by=spoken.ana)
    return paid


def test_nothing_is_measured_before_it_is_agreed(spoken, paid) -> None:
    with pytest.raises(Refused, match="Nothing is agreed here yet"):
        paid.measure(Decimal(80), DAY_0, by=spoken.ana)
    with pytest.raises(Refused, match="Nothing is measured yet"):
        paid.meet(by=spoken.ana)


def test_from_the_first_value_to_the_last(clock, spoken, agreed) -> None:
    assert (agreed.achievement, agreed.pace) == (Achievement.NOT_STARTED, None)
    agreed.measure(Decimal(71), DAY_0, by=spoken.priya)
    assert (agreed.achievement, agreed.pace) == (Achievement.TRACKING, Pace.ON_TRACK)
    clock.forward(days=29)
    assert agreed.pace is Pace.BEHIND, "its checkpoint passed"
    agreed.measure(Decimal(95), DAY_0 + timedelta(days=29), by=spoken.ana)
    assert (agreed.pace, agreed.may_be_met) == (Pace.ON_TRACK, True)
    agreed.meet(by=spoken.ana)
    agreed.meet(by=spoken.ana)
    assert (agreed.achievement, agreed.met_by) == (Achievement.MET, spoken.ana)
    with pytest.raises(Refused, match="is settled"):
        agreed.measure(Decimal(96), DAY_0, by=spoken.ana)
    with pytest.raises(Refused, match="Add another result instead"):
        agreed.suggest(replace(PAID, target=Decimal(99)), None, seen=agreed.shown.ref, by=spoken.ana)


def test_met_is_more_than_a_word(spoken, agreed) -> None:
    agreed.measure(Decimal(94), DAY_0, by=spoken.ana)
    with pytest.raises(Refused, match="The last value is 94"):
        agreed.meet(by=spoken.ana)
    assert agreed.achievement is Achievement.TRACKING


def test_not_met_is_adjusted_by_both_and_with_a_reason(clock, spoken, agreed) -> None:
    agreed.measure(Decimal(80), DAY_0, by=spoken.ana)
    with pytest.raises(Refused, match="isn't over yet"):
        agreed.miss("Not there.", by=spoken.priya)
    clock.forward(days=60)
    agreed.miss("The bank was late.", by=spoken.priya)
    assert agreed.achievement is Achievement.NOT_MET
    later = replace(PAID, target_on=date(2026, 6, 30))
    with pytest.raises(Refused, match="Write why it is to be changed"):
        agreed.suggest(later, None, seen=agreed.shown.ref, by=spoken.priya)
    agreed.suggest(later, "The bank connects in May.", seen=agreed.shown.ref, by=spoken.priya)
    assert agreed.achievement is Achievement.NOT_MET, "until both agree"
    agreed.agree(seen=agreed.shown.ref, by=spoken.rui)
    assert (agreed.achievement, agreed.adjusted_why) == (Achievement.ADJUSTED, "The bank connects in May.")


def test_a_change_agreed_while_tracking_is_judged_anew(spoken, agreed) -> None:
    agreed.measure(Decimal(90), DAY_0, by=spoken.ana)
    agreed.suggest(replace(PAID, target=Decimal(90)), None, seen=agreed.shown.ref, by=spoken.priya)
    assert not agreed.may_be_met
    agreed.agree(seen=agreed.shown.ref, by=spoken.ana)
    assert (agreed.achievement, agreed.may_be_met) == (Achievement.TRACKING, True)


def test_a_value_once(clock, spoken, agreed) -> None:
    for _click in range(2):
        agreed.measure(Decimal(75), DAY_0, by=spoken.ana, note="the log")
    assert [one.value for one in agreed.measurements] == [75]
    clock.forward(seconds=30)
    agreed.measure(Decimal(75), DAY_0, by=spoken.ana, note="the log")
    agreed.measure(Decimal(72), DAY_0 - timedelta(days=3), by=spoken.ana)
    assert [one.value for one in agreed.measurements] == [72, 75, 75], "in the order of their days"
    with pytest.raises(Refused, match="still to come"):
        agreed.measure(Decimal(75), DAY_0 + timedelta(days=1), by=spoken.ana)
    with pytest.raises(Refused, match="more than a year ago"):
        agreed.measure(Decimal(75), DAY_0 - timedelta(days=400), by=spoken.ana)


def test_the_line_to_the_target(clock, spoken, agreed) -> None:
    agreed.measure(Decimal(71), DAY_0, by=spoken.ana)
    assert agreed.expected_on is None
    clock.forward(days=10)
    agreed.measure(Decimal(75), DAY_0 + timedelta(days=10), by=spoken.ana)
    assert (agreed.expected_on, agreed.pace) == (DAY_0 + timedelta(days=60), Pace.BEHIND)
