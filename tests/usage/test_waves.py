"""With waves, what somebody did counts for their own department."""

from datetime import date, timedelta

import pytest

from portal.onboardings import wave_dates
from portal.onboardings.rollout import WaveTerms, add_wave
from portal.usage import reacting
from portal.usage.meaning import measure
from tests.usage.seen import PAID, SET_UP, SIGNED_IN, saw

TODAY = date(2026, 3, 3)


@pytest.fixture
def waves(seeing, watched):
    """Sales with Ana, Finance with Ben; nobody has gone live."""
    ana, ben = (next(p for p in watched.account.people if p.called == name) for name in ("Ana", "Ben"))
    by = watched.owner
    one = add_wave(watched, WaveTerms("Sales", (ana,), *wave_dates.usual(watched)), "They sell first.", by=by)
    starts, live = wave_dates.usual(watched)
    two = add_wave(watched, WaveTerms("Finance", (ben,), starts, live), "They train in May.", by=by)
    return one, two


def test_first_value_is_dated_for_the_wave_of_whoever_had_it(seeing, watched, waves) -> None:
    sales, finance = waves
    saw(seeing.account, PAID, TODAY, person=seeing.ben)
    reacting.react(seeing.account.id)
    assert (sales.first_value_on, finance.first_value_on) == (None, TODAY)
    assert watched.first_value_on == TODAY
    assert watched.step_called("first_value@2").done_via == "usage"
    assert not watched.step_called("first_value").is_done


def test_what_nobody_of_a_wave_did_is_the_first_live_ones(seeing, watched, waves) -> None:
    sales, finance = waves
    finance.went_live_on = TODAY - timedelta(days=1)
    saw(seeing.account, PAID, TODAY)
    saw(seeing.account, PAID, TODAY, who="somebody else")
    reacting.react(seeing.account.id)
    assert (sales.first_value_on, finance.first_value_on) == (None, TODAY)


def test_a_later_wave_may_be_the_earlier_one_to_have_it(seeing, watched, waves) -> None:
    sales, finance = waves
    saw(seeing.account, PAID, TODAY, person=seeing.ana)
    reacting.react(seeing.account.id)
    saw(seeing.account, PAID, TODAY - timedelta(days=1), person=seeing.ben)
    reacting.react(seeing.account.id)
    assert sales.first_value_on == TODAY
    assert finance.first_value_on == watched.first_value_on == TODAY - timedelta(days=1)


def test_half_of_a_waves_people_are_half_of_its_own(seeing, watched, waves) -> None:
    for action in (SIGNED_IN, SET_UP):
        saw(seeing.account, action, TODAY, person=seeing.ben)
    reacting.react(seeing.account.id)
    assert watched.step_called("people_activated@2").is_done
    assert not watched.step_called("people_activated").is_done
    assert measure(watched.step_called("people_activated")).have == 0
