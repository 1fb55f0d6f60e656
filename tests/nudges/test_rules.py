"""Which rung is due, and what stops the ladder."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.nudges.rules import LADDER, REACH, Days, Rung, Silence, Stop, due, goes_on, stopped

DAYS = Days()
days_or_never = st.none() | st.integers(0, 40)
silences = st.builds(
    Silence,
    low_touch=st.booleans(),
    theirs=st.booleans(),
    active=st.booleans(),
    came=st.booleans(),
    invited=days_or_never,
    silent=days_or_never,
    life=days_or_never,
    stalled_after=st.sampled_from([5, 7, 10]),
    call_soon=st.booleans(),
    replied=st.booleans(),
    climbed=st.frozensets(st.sampled_from(LADDER)),
)
LADDERS = st.builds(
    Days,
    invite=st.none() | st.integers(1, 10),
    silent=st.just(())
    | st.lists(st.integers(1, 30), min_size=3, max_size=3, unique=True).map(sorted).map(tuple),
)


def silent(days, **more):
    return Silence(silent=days, life=days, **more)


@pytest.mark.parametrize(
    ("days", "rung"),
    [
        (0, None), (2, None), (3, Rung.DAY_3), (6, Rung.DAY_3), (7, Rung.DAY_7), (11, Rung.DAY_7), (12, Rung.DAY_12),
        (12 + REACH - 1, Rung.DAY_12), (12 + REACH, None), (40, None),
    ],
)  # fmt: skip
def test_each_day_of_a_silence_has_its_rung(days, rung):
    assert due(silent(days), DAYS) is rung


def test_each_rung_is_climbed_once():
    assert due(silent(4, climbed={Rung.DAY_3}), DAYS) is None
    assert due(silent(7, climbed={Rung.DAY_3}), DAYS) is Rung.DAY_7


@pytest.mark.parametrize(
    ("days", "rung"), [(2, None), (3, Rung.INVITE_3), (7, Rung.DAY_7), (12, Rung.DAY_12)]
)
def test_whoever_never_came_gets_a_new_invitation_first(days, rung):
    assert due(Silence(came=False, invited=days, silent=days), DAYS) is rung


def test_before_the_first_day_only_the_invitation_is_repeated():
    asleep = Silence(came=False, active=False, invited=4, silent=4)
    assert due(asleep, DAYS) is Rung.INVITE_3
    assert due(replace(asleep, invited=9, silent=9), DAYS) is None
    assert due(silent(8, active=False), DAYS) is None


def test_nobody_is_reminded_while_nothing_of_theirs_is_due():
    assert due(Silence(silent=None, life=20), DAYS) is None


def test_nobody_who_was_not_invited_is_reminded():
    assert due(Silence(came=False, invited=None, silent=20), DAYS) is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"low_touch": False}, Stop.NOT_THEIRS),
        ({"theirs": False}, Stop.NOT_THEIRS),
        ({"call_soon": True}, Stop.CALL),
        ({"replied": True}, Stop.REPLIED),
        ({"life": 1}, Stop.CAME),
    ],
)
def test_what_stops_the_ladder(change, why):
    quiet = replace(silent(7), **change)
    assert stopped(quiet) is why
    assert due(quiet, DAYS) is None
    assert goes_on(Rung.DAY_7, quiet, DAYS) is why


def test_a_rung_that_waited_too_long_gives_way_to_the_next():
    assert goes_on(Rung.DAY_3, silent(6), DAYS) is None
    assert goes_on(Rung.DAY_3, silent(7), DAYS) is Stop.NEXT_RUNG
    assert goes_on(Rung.DAY_12, silent(30), DAYS) is Stop.MOVED


def test_what_is_switched_off_is_never_due():
    assert due(silent(7), Days(silent=())) is None
    assert due(Silence(came=False, invited=5, silent=5), Days(invite=None)) is None
    assert due(Silence(came=False, invited=5, silent=5), Days(silent=())) is Rung.INVITE_3


@given(silences, LADDERS)
def test_no_reminder_while_they_show_any_sign_of_life(quiet, days):
    """Whoever came within the days that make a stall, after their last move, is never reminded."""
    rung = due(quiet, days)
    if quiet.life is not None and quiet.life < (quiet.silent or 0) and quiet.life < quiet.stalled_after:
        assert rung is None
    if rung is not None:
        assert quiet.low_touch
        assert quiet.theirs
        assert not quiet.call_soon
        assert not quiet.replied
        assert rung not in quiet.climbed


@given(silences, st.integers(1, 60))
def test_a_silence_however_long_has_four_letters_at_most(quiet, length):
    """Day by day, each rung that is due is climbed: never the same twice, always upwards."""
    sent = []
    for day in range(length):
        today = replace(quiet, silent=day, invited=day, life=None, climbed=frozenset(sent))
        if (rung := due(today, DAYS)) is not None:
            sent.append(rung)
    assert sent == sorted(set(sent), key=LADDER.index)
    assert len(sent) <= 3


@given(silences, LADDERS)
def test_what_is_due_goes_on_and_nothing_else_does(quiet, days):
    rung = due(quiet, days)
    assert {one for one in LADDER if goes_on(one, quiet, days) is None} == ({rung} if rung else set())
