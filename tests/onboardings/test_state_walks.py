"""Random walks by the domain's own methods: whatever is tried, a state changes only as product.md 2.3 says."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import event

from portal.errors import Refused
from portal.onboardings.models import Onboarding
from portal.onboardings.stages import Stage
from tests.infra.databases import rolled_back
from tests.infra.still import Clock
from tests.make import northwind
from tests.onboardings.road import settle_step
from tests.onboardings.test_states import ONBOARDING_TABLE, STAGE_TABLE

FINISHING = (
    "settle",
    "complete",
    "undo",
    "reopen",
    "skip",
    "bring_back",
    "submit",
    "send_back",
    "start",
    "block",
)


class Walk(RuleBasedStateMachine):
    """Anyone tries anything on Northwind's road, one whole move at a time."""

    def __init__(self, app: Any, engine: Any) -> None:
        super().__init__()
        self.app, self.engine, self.open = app, engine, ExitStack()

    @initialize(days=st.integers(0, 1))
    def begin(self, days: int) -> None:
        self.open.enter_context(rolled_back(self.engine))
        self.open.enter_context(self.app.app_context())
        self.clock = Clock(self.open)
        self.cast = northwind(prepared=False)
        self.road = self.cast.onboarding
        self.held_from = ""
        self.seen: list[tuple[str, str, str]] = []
        self.open.enter_context(noted(self.seen))
        if days:  # Half of the walks begin where most of a road's life is.
            self.prepare()
            self.day_0()

    def teardown(self) -> None:
        self.open.close()

    # --- The onboarding -------------------------------------------------------------------------

    def become(self, state: str, move: Callable[[], object]) -> None:
        """Try to get to `state`: refused exactly when the table leaves it out, and then nothing has changed."""
        was = self.road.state.value
        allowed = state in ONBOARDING_TABLE[was].split()
        try:
            move()
        except Refused:
            assert not allowed, f"{was} may become {state}"
            assert self.road.state == was
        else:
            assert allowed, f"{was} may not become {state}"
            assert self.road.state == state
            self.held_from = was if state == "on_hold" else self.held_from

    # One rule each for the road and for its steps, since hypothesis likes to leave whole rules out of a walk.
    @rule(move=st.sampled_from(("prepare", "day_0", "pause", "resume", "end", "wait")), n=st.integers(1, 20))
    def on_the_road(self, move: str, n: int) -> None:
        if move == "pause":
            until = self.cast.account.today + timedelta(days=n)
            self.become("on_hold", lambda: self.road.pause("Away.", until, by=self.cast.priya))
        elif move == "end" and n > 18:
            self.become("cancelled", lambda: self.road.cancel("Sold.", by=self.cast.priya))
        elif move == "end" and n == 18:
            self.become("graduated", self.road.graduate)
        elif move == "wait":
            self.clock.forward(days=n // 2, minutes=1)
        elif move != "end":
            getattr(self, move)()

    def prepare(self) -> None:
        self.become("preparing", lambda: self.road.prepare(by=self.cast.priya))

    def day_0(self) -> None:
        self.become("active", self.road.begin)

    def resume(self) -> None:
        held = self.road.state == "on_hold"
        try:
            self.road.resume(by=self.cast.priya)
        except Refused:
            assert not held
        else:
            assert (held, self.road.state) == (True, self.held_from)

    # --- Its stages, moved by their steps -------------------------------------------------------

    @rule(
        verb=st.sampled_from((*FINISHING, "finish", "finish", "take_back", "take_back")),
        place=st.integers(0, 42),
    )
    def on_its_steps(self, verb: str, place: int) -> None:
        if verb == "finish":
            self.finish(self.road.stage)
            return
        step = self.road.steps[place]
        if verb == "take_back":
            mine = [one for one in self.road.steps if one.required and one.undoable_by(self.cast.priya)]
            step, verb = (mine[place % len(mine)], "reopen") if mine else (step, "undo")
        was = (step.state, *(stage.state for stage in self.road.stages))
        try:
            self.act(step, verb)
        except Refused:
            assert (step.state, *(stage.state for stage in self.road.stages)) == was

    def act(self, step: Any, verb: str) -> None:
        ana, priya = self.cast.ana, self.cast.priya
        if verb == "settle":
            settle_step(step, self.cast)
        elif verb in ("reopen", "skip", "bring_back", "send_back"):
            getattr(step, verb)("Because.", by=priya)
        elif verb == "undo" and step.was_accepted:
            step.undo(by=priya)
            assert (step.state, step.submitted_by_id) == ("submitted", ana.id)
        elif verb == "block":
            step.block("time", "Because.", "Ana", by=ana)
        else:
            getattr(step, verb)(by=ana)

    def finish(self, stage: Stage) -> None:
        for step in stage.steps:
            if step.required and not step.is_closed and self.road.is_running:
                try:
                    settle_step(step, self.cast)
                except Refused:
                    return

    # --- What must hold -------------------------------------------------------------------------

    @invariant()
    def only_what_the_tables_say(self) -> None:
        for table, was, now in self.seen:
            if table == "stage":
                assert now == STAGE_TABLE[was], f"a stage went from {was} to {now}"
            elif was == "on_hold":
                assert now in (self.held_from, "cancelled")
            else:
                assert now in ONBOARDING_TABLE[was].split(), f"an onboarding went from {was} to {now}"
        self.seen.clear()

    @invariant()
    def what_a_state_means_is_true(self) -> None:
        for stage in self.road.stages:
            assert (stage.opened_at is None) == (stage.state == "locked")
            assert (stage.completed_at is None) == (stage.state != "complete")
            if stage.state == "complete" and self.road.is_running:
                assert all(step.is_closed for step in stage.steps if step.required)
        assert self.road.graduated == (self.road.state in ("graduated", "handed_over", "closed"))
        assert (self.road.hold is None) == (self.road.state != "on_hold")
        if self.road.state == "draft":
            assert all(stage.state == "locked" for stage in self.road.stages)


@contextmanager
def noted(seen: list[tuple[str, str, str]]) -> Iterator[None]:
    """Every single change of a state goes into `seen`, those too that one move makes one after the other."""

    def note(row: Any, value: Any, old: Any, _how: Any) -> None:
        if old != value and isinstance(old, str):
            seen.append((row.__tablename__, str(old), str(value)))

    columns = (Onboarding.state, Stage.state)
    for column in columns:
        event.listen(column, "set", note, active_history=True)
    try:
        yield
    finally:
        for column in columns:
            event.remove(column, "set", note)


def test_whatever_is_tried_the_tables_of_onboarding_and_stage_hold(shared_app, databases) -> None:
    engine = databases.engine("sqlite")
    run_state_machine_as_test(
        lambda: Walk(shared_app, engine),
        settings=settings(
            max_examples=30,
            stateful_step_count=40,
            deadline=None,
            phases=[Phase.generate],  # Making a failing walk shorter would take longer than reading it.
            suppress_health_check=list(HealthCheck),
        ),
    )
