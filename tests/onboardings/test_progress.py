"""The meter's rule (product 2.6), walked by chance: no history may make it lie."""

import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.onboardings import progress
from portal.playbooks.kinds import DEFAULT_WEIGHTS

HISTORIES = 20_000
SHARES = {"welcome": 10, "expectations": 25, "training": 45, "graduation": 20}
OPERATIONS = (
    "finish",
    "finish",
    "finish",
    "undo",
    "add",
    "remove",
    "skip",
    "bring_back",
    "reweigh",
    "reopen",
)


class Walk:
    """One stage whose steps are finished and changed; after each operation the properties are checked."""

    def __init__(self, weights: list[int]) -> None:
        self.steps = [{"weight": weight, "state": "todo", "gain": Fraction(0)} for weight in weights]
        self.progress = progress.start(sum(weights))
        self.restores: tuple[dict, Fraction] | None = None
        self.value = self.fraction

    def having(self, *states: str) -> list[dict]:
        return [step for step in self.steps if step["state"] in states]

    @property
    def done(self) -> int:
        return sum(step["weight"] for step in self.having("done"))

    @property
    def total(self) -> int:
        return sum(step["weight"] for step in self.having("done", "todo"))

    @property
    def fraction(self) -> Fraction:
        return progress.fraction(self.progress, self.done)

    @property
    def complete(self) -> bool:
        return not self.having("todo")

    def act(self, operation: str, pick: int) -> bool:
        """Do it if there is something to do it to, and check what must hold; True when the meter may fall."""
        before, was_complete = self.value, self.complete
        restores, self.restores = self.restores, None
        may_fall = getattr(self, operation)(pick, before, restores) is True
        after = self.value = self.fraction
        assert 0 <= after <= 1
        assert (after == 1) == self.complete, "whole when, and only when, everything is done"
        assert may_fall or after >= before, f"fell by {operation}"
        if operation in ("add", "reweigh", "bring_back") and not was_complete:
            assert after == before, "a change of scope moved the meter"
        return may_fall

    def rescope(self, done_before: int) -> None:
        self.progress = progress.after_scope_change(self.progress, done_before, self.done, self.total)

    def finish(self, pick: int, before: Fraction, _restores: object) -> None:
        if todo := self.having("todo"):
            step, done = todo[pick % len(todo)], self.done
            step["state"] = "done"
            step["gain"] = progress.gain(self.progress, done, self.done)
            self.restores = step, before
            assert step["gain"] > 0, "a finished item must raise the exact value"
            assert self.fraction == before + step["gain"]

    def undo(self, pick: int, before: Fraction, restores: tuple[dict, Fraction] | None) -> bool:
        if not (done_steps := self.having("done")):
            return False
        step, done = done_steps[pick % len(done_steps)], self.done
        if restores and pick % 2:
            step = restores[0]
        step["state"] = "todo"
        self.progress = progress.after_undo(self.progress, step["gain"], done, self.done, self.total)
        assert before - self.fraction <= step["gain"]
        if restores and restores[0] is step:
            assert self.fraction == restores[1], "an undo must restore when nothing came between"
        return True

    def add(self, pick: int, _before: Fraction, _restores: object) -> None:
        if not self.complete:
            done = self.done
            self.steps.append({"weight": (1, 2, 3, 5)[pick % 4], "state": "todo", "gain": Fraction(0)})
            self.rescope(done)

    def remove(self, pick: int, _before: Fraction, _restores: object) -> None:
        if len(self.having("todo", "done")) > 1:
            step, done = self.having("todo", "done")[pick % len(self.having("todo", "done"))], self.done
            self.steps = [other for other in self.steps if other is not step]
            self.rescope(done)

    def skip(self, pick: int, _before: Fraction, _restores: object) -> None:
        if (todo := self.having("todo")) and len(self.having("todo", "done")) > 1:
            done = self.done
            todo[pick % len(todo)]["state"] = "skipped"
            self.rescope(done)

    def bring_back(self, pick: int, _before: Fraction, _restores: object) -> None:
        if (skipped := self.having("skipped")) and not self.complete:
            done = self.done
            skipped[pick % len(skipped)]["state"] = "todo"
            self.rescope(done)

    def reweigh(self, pick: int, _before: Fraction, _restores: object) -> None:
        if counted := self.having("todo", "done"):
            done = self.done
            counted[pick % len(counted)]["weight"] = (1, 2, 3, 5)[pick // 7 % 4]
            self.rescope(done)

    def reopen(self, pick: int, before: Fraction, _restores: object) -> bool:
        if not (done_steps := self.having("done")):
            return False
        step, done, was_complete = done_steps[pick % len(done_steps)], self.done, self.complete
        step["state"] = "todo"
        if not was_complete:
            self.rescope(done)
            assert self.fraction == before, "reopening in a stage that is not complete keeps the meter"
            return False
        self.progress = progress.after_reopening_complete(step["weight"], self.total, self.done)
        assert self.fraction == 1 - Fraction(step["weight"], self.total)
        return True

    def finish_all(self) -> None:
        while self.having("todo"):
            self.act("finish", 0)


def random_stage(chance: random.Random) -> Walk:
    return Walk([chance.choice((1, 2, 3, 5)) for _ in range(chance.randint(1, 6))])


def whole(walks: dict[str, Walk]) -> Fraction:
    return progress.overall({stage: walk.value for stage, walk in walks.items()}, SHARES)


def test_twenty_thousand_random_histories_of_one_stage() -> None:
    chance = random.Random(26)
    for _ in range(HISTORIES):
        walk = random_stage(chance)
        for _ in range(chance.randint(3, 14)):
            walk.act(chance.choice(OPERATIONS), chance.randrange(10_000))
        walk.finish_all()
        assert walk.value == 1


def test_random_histories_of_a_whole_onboarding_end_at_exactly_100() -> None:
    chance = random.Random(62)
    for _ in range(HISTORIES // 4):
        walks = {stage: random_stage(chance) for stage in SHARES}
        after = Fraction(0)
        for _ in range(chance.randint(3, 14)):
            before, operation = after, chance.choice(OPERATIONS)
            walk = walks[chance.choice(list(walks))]
            had_todo = bool(walk.having("todo"))
            may_fall = walk.act(operation, chance.randrange(10_000))
            after = whole(walks)
            assert may_fall or after >= before
            assert after > before or not (operation == "finish" and had_todo)
            assert 0 <= after <= 100
            assert progress.shown(after, graduated=False) <= 99
        for walk in walks.values():
            walk.finish_all()
        assert whole(walks) == 100
        assert progress.shown(whole(walks), graduated=False) == 99
        assert progress.shown(whole(walks), graduated=True) == 100


@given(
    st.lists(st.sampled_from((1, 2, 3, 5)), min_size=1, max_size=8),
    st.lists(st.tuples(st.sampled_from(OPERATIONS), st.integers(0, 9_999)), max_size=25),
)
@settings(max_examples=300, deadline=None)
def test_any_history_keeps_the_properties(weights: list[int], history: list[tuple[str, int]]) -> None:
    walk = Walk(weights)
    for operation, pick in history:
        walk.act(operation, pick)
    walk.finish_all()
    assert walk.fraction == 1


def test_finishing_part_of_a_stage_moves_it_by_weight() -> None:
    stage = progress.start(8)
    assert progress.fraction(stage, 0) == 0
    assert progress.fraction(stage, 3) == Fraction(3, 8)
    assert progress.gain(stage, 3, 5) == Fraction(1, 4)


def test_added_steps_share_what_is_left() -> None:
    stage = progress.after_scope_change(progress.start(4), done_before=2, done_after=2, total_after=10)
    assert progress.fraction(stage, 2) == Fraction(1, 2)
    assert progress.fraction(stage, 6) == Fraction(3, 4)
    assert progress.fraction(stage, 10) == 1


def test_removing_all_that_is_left_completes_the_stage() -> None:
    stage = progress.after_scope_change(progress.start(6), done_before=2, done_after=2, total_after=2)
    assert progress.fraction(stage, 2) == 1


def test_an_undo_after_a_change_of_scope_is_never_below_nothing() -> None:
    step_gain = progress.gain(progress.start(3), 0, 2)
    assert step_gain == Fraction(2, 3)
    reopened = progress.after_reopening_complete(weight=9, total=12, done_after=3)
    undone = progress.after_undo(reopened, step_gain, done_before=3, done_after=1, total=12)
    assert progress.fraction(undone, 1) == 0
    assert progress.fraction(undone, 12) == 1


def test_two_steps_undone_in_the_order_they_were_finished_leave_what_was_there() -> None:
    stage = progress.start(10)
    first, second = progress.gain(stage, 4, 5), progress.gain(stage, 5, 8)
    stage = progress.after_undo(stage, first, done_before=8, done_after=7, total=10)
    stage = progress.after_undo(stage, second, done_before=7, done_after=4, total=10)
    assert progress.fraction(stage, 4) == Fraction(4, 10)


def test_reopening_in_a_complete_stage_takes_its_weight_back() -> None:
    stage = progress.after_reopening_complete(weight=2, total=8, done_after=6)
    assert progress.fraction(stage, 6) == Fraction(3, 4)
    assert progress.fraction(stage, 8) == 1


def test_the_whole_is_the_sum_of_the_shares_and_adding_training_never_eats_into_welcome() -> None:
    fractions = {
        "welcome": Fraction(1),
        "expectations": Fraction(1, 2),
        "training": Fraction(0),
        "graduation": Fraction(0),
    }
    assert progress.overall(fractions, SHARES) == Fraction(45, 2)
    assert progress.shown(progress.overall(fractions, SHARES), graduated=False) == 22


def test_two_of_six_welcome_items_done_for_you_open_at_two_or_three_percent() -> None:
    welcome = progress.fraction(progress.start(8), 2)
    rest = dict.fromkeys(("expectations", "training", "graduation"), Fraction(0))
    whole_road = progress.overall({"welcome": welcome, **rest}, SHARES)
    assert progress.shown(whole_road, graduated=False) in (2, 3)


@pytest.mark.parametrize(
    ("points", "before", "after"),
    [
        (Fraction(0), 0, 100),
        (Fraction(2999, 100), 29, 100),
        (Fraction(999, 10), 99, 100),
        (Fraction(100), 99, 100),
    ],
)
def test_the_meter_rounds_down_and_keeps_100_for_graduation(
    points: Fraction, before: int, after: int
) -> None:
    assert progress.shown(points, graduated=False) == before
    assert progress.shown(points, graduated=True) == after


def test_weights_are_those_of_the_rule() -> None:
    by_weight = {
        weight: {kind for kind, w in DEFAULT_WEIGHTS.items() if w == weight} for weight in (1, 2, 3, 5)
    }
    assert by_weight[1] == {"read", "watch", "confirm", "checklist", "usage"}
    assert by_weight[2] == {
        "form", "choose_path", "invite", "approve", "book_call", "prerequisites", "scope", "resources",
    }  # fmt: skip
    assert by_weight[3] == {"attend_call", "upload", "kit", "criteria"}
    assert by_weight[5] == {"plan", "sign"}
    assert len(DEFAULT_WEIGHTS) == 19
