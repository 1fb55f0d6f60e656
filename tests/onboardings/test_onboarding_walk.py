"""Whole random walks down the shipped playbook by the domain's own methods (product.md 2.3, 2.6)."""

import random
from collections.abc import Callable
from datetime import date
from fractions import Fraction

import pytest

from portal.errors import Refused
from portal.onboardings.states import STAGE, STEP, StageState, StepState
from portal.onboardings.steps import Step
from tests.onboardings.road import settle_step

MOVES = 150
FALLS = {"undo", "reopen"}


class Walk:
    """One walk: picks moves by chance, and checks after each one what must hold."""

    def __init__(self, cast, clock, seed: int) -> None:
        self.cast, self.clock, self.chance = cast, clock, random.Random(seed)
        self.road = cast.onboarding
        self.seen = {step.key: step.state for step in self.road.steps}
        self.stages = {stage.key: stage.state for stage in self.road.stages}
        self.before = self.road.progress
        self.moved = 0

    def moves(self, step: Step) -> dict[str, Callable[[], object]]:
        ana, priya, why = self.cast.ana, self.cast.priya, "Because."
        return {
            "complete": lambda: settle_step(step, self.cast),
            "complete_us": lambda: step.complete(by=priya),
            "complete_ana": lambda: step.complete(by=ana) if step.workable_by(ana) else None,
            "start": lambda: step.start(by=ana),
            "save": lambda: step.save({"note": self.chance.random()}, version=step.data_version, by=ana),
            "submit": lambda: step.submit(by=ana),
            "send_back": lambda: step.send_back(why, by=priya),
            "undo": lambda: step.undo(by=priya if step.done_by_id == priya.id else ana),
            "reopen": lambda: step.reopen(why, by=priya),
            "block": lambda: step.block("time", why, "Ana", by=ana),
            "unblock": lambda: step.unblock(by=ana),
            "skip": lambda: step.skip(why, by=priya) if self.chance.random() < 0.3 else None,
            "bring_back": lambda: step.bring_back(why, by=priya),
        }

    def move(self) -> None:
        step = self.chance.choice(self.road.steps)
        name, act = self.chance.choice(list(self.moves(step).items()))
        try:
            act()
        except Refused:
            assert step.state is self.seen[step.key], f"{name} was refused and changed {step.key}"
        else:
            self.moved += step.state is not self.seen[step.key]
        self.check(name)
        if self.chance.random() < 0.2:
            self.clock.forward(minutes=self.chance.choice([1, 11, 600]))

    def check(self, name: str) -> None:
        road = self.road
        for step in road.steps:
            then, now = self.seen[step.key], step.state
            assert now is then or _reached(then, now), f"{name}: {step.key} went from {then} to {now}"
        for stage in road.stages:
            assert stage.state is self.stages[stage.key] or _opened(self.stages[stage.key], stage.state)
            assert 0 <= stage.fraction <= 1
            everything = all(step.is_done for step in stage.items)
            assert (stage.fraction == 1) == everything or not everything
        assert name in FALLS or road.progress >= self.before, f"{name} let the meter fall"
        assert road.percent == min(99, road.progress.__floor__())
        assert (road.items_done, road.items_total) == (
            sum(s.is_done for s in road.steps if s.counts),
            sum(s.counts for s in road.steps),
        )
        self.seen = {step.key: step.state for step in road.steps}
        self.stages = {stage.key: stage.state for stage in road.stages}
        self.before = road.progress

    def home(self) -> None:
        """From wherever chance has led: finish everything, each item raising the exact value."""
        last = next(s for s in self.road.steps if s.spec.records == "graduation")
        for step in self.road.steps:
            if step.is_closed or step is last:
                continue
            before = self.road.progress
            settle_step(step, self.cast)
            assert self.road.progress > before or not step.counts
        last.complete(by=self.cast.ana)


def _reached(then: StepState, now: StepState) -> bool:
    """Whether `now` follows from `then` in one or two rows of the table: a locked step opens and is done at once."""
    return now in STEP[then] or any(now in STEP[between] for between in STEP[then])


def _opened(then: StageState, now: StageState) -> bool:
    after = {then}
    for _row in STAGE:
        after |= {state for one in after for state in STAGE[one]}
    return now in after and now is not StageState.LOCKED


@pytest.mark.parametrize("seed", range(4))
def test_a_random_walk_obeys_the_rules_and_ends_at_100(cast, clock, session, seed) -> None:
    with session.no_autoflush:
        walk = Walk(cast, clock, seed)
        clock.at(clock.now.replace(day=9))
        cast.onboarding.begin()
        walk.check("begin")
        for _ in range(MOVES):
            walk.move()
        assert walk.moved > MOVES / 10, "chance moved hardly anything"
        walk.home()
    assert cast.onboarding.progress == Fraction(100)
    assert (cast.onboarding.percent, cast.onboarding.minutes_left) == (100, 0)
    assert all(step.is_closed for step in cast.onboarding.steps if step.required)
    assert cast.onboarding.graduated_at.date() >= date(2026, 3, 9)
