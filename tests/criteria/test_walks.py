"""Random walks by the model's own methods: whatever is tried, both axes move only as product.md 2.3 says."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import event

from portal.criteria.models import SuccessCriterion
from portal.criteria.rules import Side
from portal.criteria.wordings import CriterionWording
from portal.errors import Refused
from tests.criteria.conftest import PAID, northwind
from tests.criteria.test_rules import ACHIEVED, WORDING
from tests.infra.databases import rolled_back
from tests.infra.still import Clock

MOVES = ("suggest", "ask", "keep", "agree", "agree", "withdraw", "measure", "meet", "fail", "wait")


class Walk(RuleBasedStateMachine):
    """Anyone of either side tries anything on one result."""

    def __init__(self, app: Any, engine: Any) -> None:
        super().__init__()
        self.app, self.engine, self.open = app, engine, ExitStack()

    @initialize(ours=st.booleans(), missed=st.booleans())
    def begin(self, ours: bool, missed: bool) -> None:
        self.open.enter_context(rolled_back(self.engine))
        self.open.enter_context(self.app.test_request_context())
        self.clock = Clock(self.open)
        self.clock.at(datetime(2026, 3, 9, 9, tzinfo=UTC))
        self.cast = northwind()
        self.seen: list[tuple[str, str, str]] = []
        self._listen()
        by = self.cast.priya if ours else self.cast.ana
        self.one = SuccessCriterion.add(self.cast.onboarding, PAID, None, by=by)
        if missed:  # Few walks get so far by themselves.
            self.one.agree(seen=self.one.shown.ref, by=self.cast.ana if ours else self.cast.priya)
            self.one.measure(Decimal(80), self.cast.account.today, by=by)
            self.clock.forward(days=60)
            self.one.miss("The bank was late.", by=by)

    def _listen(self) -> None:
        def note(row: Any, value: Any, old: Any, _how: Any) -> None:
            if isinstance(old, str) and old != value:
                self.seen.append((row.__tablename__, str(old), str(value)))

        for column in (CriterionWording.state, SuccessCriterion.achievement):
            event.listen(column, "set", note, active_history=True)
            self.open.callback(event.remove, column, "set", note)

    def teardown(self) -> None:
        self.open.close()

    @rule(move=st.sampled_from(MOVES), ours=st.booleans(), n=st.integers(72, 100))
    def act(self, move: str, ours: bool, n: int) -> None:
        if move == "wait":
            self.clock.forward(days=n - 71)
            return
        by = self.cast.priya if ours else self.cast.ana
        talk, in_force, was = self.one.talk, self.one.in_force, self.one.achievement
        written_by = self.one.open.by_id if self.one.open else None
        try:
            self.do(move, by, n)
        except Refused:
            assert (self.one.talk, self.one.in_force, self.one.achievement) == (talk, in_force, was)
            return
        if move == "agree" and self.one.in_force is not in_force:
            assert (written_by == self.cast.priya.id) is not ours, (
                "only the side that did not write it agrees"
            )
        if self.one.achievement != was and self.one.achievement == "adjusted":
            assert (move, bool(self.one.adjusted_why)) == ("agree", True)
        if move == "suggest" and in_force is not None:
            assert self.one.in_force is in_force, "the old words stand until the new ones are agreed"

    def do(self, move: str, by: Any, n: int) -> None:
        one, seen, today = self.one, self.one.shown.ref, self.cast.account.today
        if move == "suggest":
            by_day = max(one.shown.target_on, today) if n % 2 else today
            one.suggest(
                replace(PAID, target=Decimal(n), target_on=by_day), "x" if n % 3 else None, seen=seen, by=by
            )
        elif move == "ask":
            same = replace(PAID, target=one.shown.target, target_on=one.shown.target_on)
            one.suggest(same, "Why?", seen=seen, by=by)
        elif move == "keep":
            one.keep(None, seen=seen, by=by)
        elif move == "agree":
            one.agree(seen=seen, by=by)
        elif move == "withdraw" and n > 97:
            one.withdraw("x", seen=seen, by=by)
        elif move == "measure":
            one.measure(Decimal(n), today, by=by)
        elif move == "meet":
            one.meet(by=self.cast.ana)
        elif move == "fail":
            one.miss("x", by=by)

    @invariant()
    def only_what_the_tables_say(self) -> None:
        for table, was, now in getattr(self, "seen", []):
            allowed = WORDING if table == "criterion_wording" else ACHIEVED
            assert now in allowed[was].split(), f"{table}: {was} became {now}"

    @invariant()
    def what_a_state_means_is_true(self) -> None:
        if not hasattr(self, "one"):
            return
        states = [str(word.state) for word in self.one.wordings]
        assert states.count("agreed") <= 1
        assert sum(word.is_open for word in self.one.wordings) <= 1
        if self.one.achievement != "not_started":
            assert self.one.measurements
        if self.one.achievement == "met":
            assert self.one.met_by is not None
        assert self.one.is_withdrawn or states.count("agreed") or self.one.open is not None
        step = self.cast.step("criteria")
        assert not (step.waiting and self.one.talk.turn is not Side.US and not step.is_closed)


def test_whatever_is_tried_both_axes_hold(shared_app, databases) -> None:
    engine = databases.engine("sqlite")
    run_state_machine_as_test(
        lambda: Walk(shared_app, engine),
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
