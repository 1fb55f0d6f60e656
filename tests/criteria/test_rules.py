"""Both axes of a result, by their tables written here once more, and the line to the target."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from portal.criteria.choosing import is_vague, suggestions_for
from portal.criteria.rules import (
    OPEN,
    Achievement,
    Agreement,
    Direction,
    Flaw,
    Pace,
    Side,
    Talk,
    flaw_of,
    flaw_of_points,
    forecast,
    forecast_on,
    pace_of,
    reached,
    result_may,
    share,
    wording_may,
)

WORDING = {
    "draft": "proposed withdrawn",
    "proposed": "changes_requested agreed superseded withdrawn",
    "changes_requested": "proposed superseded withdrawn",
    "agreed": "superseded withdrawn",
    "superseded": "",
    "withdrawn": "",
}
ACHIEVED = {
    "not_started": "tracking",
    "tracking": "met not_met",
    "not_met": "adjusted",
    "met": "",
    "adjusted": "",
}
DAY_0 = date(2026, 3, 9)


@dataclass(frozen=True)
class Line:
    direction: Direction
    baseline: Decimal
    target: Decimal
    target_on: date = DAY_0 + timedelta(days=40)


@dataclass(frozen=True)
class At:
    on: date
    value: Decimal | None


UP = Line(Direction.UP, Decimal(71), Decimal(98))
DOWN = Line(Direction.DOWN, Decimal(14), Decimal(2))


def day(n: int, value: str | None = None) -> At:
    return At(DAY_0 + timedelta(days=n), None if value is None else Decimal(value))


@pytest.mark.parametrize(("now", "then"), list(product(Agreement, repeat=2)))
def test_a_wording_moves_only_as_the_table_says(now: Agreement, then: Agreement) -> None:
    assert wording_may(now, then) == (then in WORDING[now].split())


@pytest.mark.parametrize(("now", "then"), list(product(Achievement, repeat=2)))
def test_a_result_moves_only_as_the_table_says(now: Achievement, then: Achievement) -> None:
    assert result_may(now, then) == (then in ACHIEVED[now].split())


class Talking(RuleBasedStateMachine):
    """Two sides, any of them at any time: who may do what follows from who wrote the current wording alone."""

    def __init__(self) -> None:
        super().__init__()
        self.talk = Talk(Agreement.PROPOSED, Side.US, in_force=False)
        self.agreed_by: list[Side] = []

    @rule(side=st.sampled_from(Side))
    def agree(self, side: Side) -> None:
        if self.talk.may_agree(side):
            assert self.talk.open is Agreement.PROPOSED
            assert self.talk.writer is side.other, "nobody agrees with themselves"
            self.talk = Talk(None, None, in_force=True)

    @rule(side=st.sampled_from(Side))
    def word(self, side: Side) -> None:
        if self.talk.may_word():
            self.talk = replace(self.talk, open=Agreement.PROPOSED, writer=side)
            assert self.talk.turn is side.other

    @rule(side=st.sampled_from(Side))
    def ask(self, side: Side) -> None:
        if self.talk.may_ask(side):
            self.talk = replace(self.talk, open=Agreement.CHANGES_REQUESTED)
            assert self.talk.turn is side.other, "its writer answers"

    @rule(side=st.sampled_from(Side))
    def keep(self, side: Side) -> None:
        if self.talk.may_keep(side):
            assert self.talk.writer is side
            self.talk = replace(self.talk, open=Agreement.PROPOSED)

    @precondition(lambda self: not self.talk.over)
    @rule(side=st.sampled_from(Side))
    def withdraw(self, side: Side) -> None:
        before = self.talk
        if before.may_withdraw(side):
            if before.open is None:
                assert side is Side.CUSTOMER
            gone = before.open is None or not before.in_force
            self.talk = Talk(None, None, before.in_force and not gone, over=gone)

    @invariant()
    def one_side_can_answer(self) -> None:
        able = {side for side in Side if self.talk.may_agree(side) or self.talk.may_keep(side)}
        assert able == ({self.talk.turn} if self.talk.turn else set())
        assert (self.talk.open in OPEN) is (self.talk.turn is not None)
        assert not (self.talk.over and self.talk.may_word())


TestTalking = Talking.TestCase


@pytest.mark.parametrize(
    ("terms", "flaw"),
    [
        (UP, None),
        (DOWN, None),
        (replace(UP, target=Decimal(71)), Flaw.SAME),
        (replace(UP, target=Decimal("70.9")), Flaw.GOES_DOWN),
        (replace(DOWN, target=Decimal(15)), Flaw.GOES_UP),
        (Line(Direction.BY_DATE, Decimal(0), Decimal(1)), None),
    ],
)
def test_numbers_that_contradict_themselves(terms: Line, flaw: Flaw | None) -> None:
    assert flaw_of(terms) is flaw


@pytest.mark.parametrize(
    ("points", "flaw"),
    [
        ([day(10, "8"), day(20, "4")], None),
        ([day(40, "8")], (Flaw.LATE, 0)),
        ([day(10, "1")], (Flaw.BEYOND, 0)),
        ([day(10, "14")], (Flaw.BEYOND, 0)),
        ([day(10, "8"), day(20, "9")], (Flaw.BACKWARDS, 1)),
        ([day(20, "8"), day(20, "4")], (Flaw.BACKWARDS, 1)),
        ([day(10, None), day(20, "4")], None),
    ],
)
def test_checkpoints_lie_between(points: list[At], flaw: tuple[Flaw, int] | None) -> None:
    assert flaw_of_points(DOWN, points) == flaw


def test_how_far_it_is() -> None:
    assert [share(DOWN, Decimal(n)) for n in (20, 14, 8, 2, 0)] == [0, 0, 50, 100, 100]
    assert [reached(DOWN, Decimal(n)) for n in (3, 2, 1)] == [False, True, True]
    assert [reached(UP, Decimal(n)) for n in (97, 98, 99)] == [False, True, True]


def test_a_forecast_needs_two_days() -> None:
    assert forecast(DOWN, []) is forecast(DOWN, [day(1, "12")]) is None
    assert forecast(DOWN, [day(1, "12"), day(1, "11")]) is None, "two values of one day are one"
    assert forecast(DOWN, [day(10, "11"), day(20, "9")]) == Decimal(5)
    assert forecast_on(DOWN, [day(10, "11"), day(20, "9")]) == DAY_0 + timedelta(days=55)
    assert forecast_on(DOWN, [day(10, "9"), day(20, "11")]) is None, "it moves away"
    assert forecast_on(DOWN, [day(10, "9"), day(20, "9")]) is None
    assert forecast_on(DOWN, [day(10, "9"), day(20, "8.9999")]) is None, "decades away"


@pytest.mark.parametrize(
    ("readings", "today", "pace"),
    [
        ([], 5, None),
        ([day(1, "14")], 5, Pace.ON_TRACK),
        ([day(1, "14")], 21, Pace.BEHIND),
        ([day(1, "8")], 21, Pace.ON_TRACK),
        ([day(1, "3")], 41, Pace.BEHIND),
        ([day(1, "2")], 41, Pace.ON_TRACK),
        ([day(1, "14"), day(11, "12")], 12, Pace.BEHIND),
        ([day(1, "14"), day(11, "10")], 12, Pace.ON_TRACK),
    ],
)
def test_on_track_or_behind(readings: list[At], today: int, pace: Pace | None) -> None:
    assert pace_of(DOWN, [day(20, "8")], readings, DAY_0 + timedelta(days=today)) is pace


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(-50, 50)), max_size=6), st.integers(0, 80))
def test_whatever_is_measured_has_a_pace(found: list[tuple[int, int]], today: int) -> None:
    readings = [day(on, str(value)) for on, value in found]
    pace = pace_of(UP, [day(20, "80")], readings, DAY_0 + timedelta(days=today))
    assert (pace is None) is (not readings)
    expected = forecast_on(UP, readings)
    assert expected is None or isinstance(expected, date)


@dataclass(frozen=True)
class Offered:
    statement: str
    words: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()


def test_three_suggestions_from_their_own_words() -> None:
    offered = [
        Offered("Growth"),
        Offered("Ours", segments=("enterprise",)),
        Offered("Hours", ("hours", "late")),
        Offered("Size", segments=("smb",)),
        Offered("Paid", ("late", "losing")),
        Offered("Plain"),
    ]
    said = "Stop losing partners because we pay them LATE."
    names = [one.statement for one in suggestions_for(offered, said, "smb")]
    assert names == ["Paid", "Hours", "Size"]
    assert [one.statement for one in suggestions_for(offered, said, "smb", ["paid"])] == [
        "Hours",
        "Size",
        "Growth",
    ]
    assert [one.statement for one in suggestions_for(offered, "We translate.", "smb")] == [
        "Size",
        "Growth",
        "Hours",
    ]


@pytest.mark.parametrize(
    ("statement", "direction", "seen_in", "vague"),
    [
        ("Payouts", Direction.UP, "the log", True),
        ("Partners paid on time", Direction.UP, None, True),
        ("Better partner work", Direction.BY_DATE, "the log", True),
        ("Better partner work", Direction.UP, "the log", False),
        ("First run done by your own team", Direction.BY_DATE, "your account", False),
    ],
)
def test_what_somebody_else_could_hardly_check(
    statement: str, direction: Direction, seen_in: str | None, vague: bool
) -> None:
    assert is_vague(statement, direction, seen_in) is vague
