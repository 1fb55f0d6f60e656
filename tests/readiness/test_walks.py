"""Random walks over a real road: whatever is answered, sent, contested and decided, in whichever order."""

from contextlib import ExitStack
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from portal.errors import Refused
from portal.onboardings.models import Onboarding
from portal.onboardings.states import CUSTOMERS_TURN, StepState
from portal.playbooks.models import publish
from portal.playbooks.reader import read_checked
from portal.readiness.branching import UNKNOWN
from portal.readiness.models import ReadinessSubmission
from portal.readiness.states import SubmissionState, may_become
from tests import make
from tests.infra.databases import rolled_back
from tests.infra.still import Clock
from tests.playbooks.ready import READY

PLAIN = {"problem": "Late payouts", "users": 4, "data": "In a CRM", "quality": "Clean", "sso": "yes"}
ANSWERS = {
    "users": [4, 60],
    "data": ["Spreadsheets", "In a CRM", "We start fresh", UNKNOWN],
    "quality": ["Clean", "Some gaps", UNKNOWN],
    "sso": ["yes", "no", UNKNOWN],
    "regions": [["Europe"], ["America"], None],
}
ONE = st.sampled_from([(key, value) for key, values in ANSWERS.items() for value in values])
MOVES = (
    "send",
    "send",
    "return",
    "confirm",
    "contest",
    "contest",
    "take",
    "decide",
    "decide",
    "work",
    "days",
)


def answer(kit: ReadinessSubmission, key: str, value: Any, by: Any) -> None:
    seen = kit.by_question[key].version if key in kit.by_question else 0
    more = {"crm_name": "Hub"} if value == "In a CRM" else {}
    kit.answer(key, None if value is UNKNOWN else value, more, value is UNKNOWN, by=by, seen=seen)


def shape(road: Onboarding) -> list[tuple]:
    """Every item that is on it, in its order, as far as answers decide about it."""
    return [
        (step.module.key, step.key, step.state.value, step.assignee_id)
        for stage in road.stages
        for step in stage.steps
        if step.kind not in ("kit", "prerequisites") and step.state is not StepState.SKIPPED
    ]


def stands(kit: ReadinessSubmission) -> set[tuple]:
    """What the road has by the answers; what our team was told once stays told."""
    return {one.key for one in kit.effects if one.is_on and one.kind != "signal"}


class Rolled(RuleBasedStateMachine):
    """A walk whose rows are taken back at its end."""

    def __init__(self, app: Any, engine: Any, seen: list[tuple]) -> None:
        """`seen` takes what was compared, before and after, or one way and the other."""
        super().__init__()
        self.app, self.engine, self.open, self.seen = app, engine, ExitStack(), seen

    def enter(self) -> make.Cast:
        self.open.enter_context(rolled_back(self.engine))
        self.open.enter_context(self.app.test_request_context())
        self.clock = Clock(self.open)
        self.clock.at(datetime(2026, 3, 9, 9, tzinfo=UTC))
        return make.northwind(book=publish(read_checked(READY)), programme=90)

    def teardown(self) -> None:
        self.open.close()


class Walk(Rolled):
    """Anyone tries anything with one kit."""

    @initialize(open_already=st.booleans())
    def begin(self, open_already: bool) -> None:
        self.cast = self.enter()
        self.road = self.cast.onboarding
        if open_already:
            self.road.stage_called("training").unlock()
        self.kit = ReadinessSubmission.begin(self.road)
        for key, value in PLAIN.items():
            answer(self.kit, key, value, self.cast.ana)
        self.was: Fraction = self.road.progress

    @rule(one=ONE)
    def answers(self, one: tuple[str, Any]) -> None:
        state, before = self.kit.state, stands(self.kit)
        try:
            answer(self.kit, *one, self.cast.ana)
        except Refused:
            assert stands(self.kit) == before
        assert self.kit.state is state
        if state is SubmissionState.CONFIRMED:
            assert stands(self.kit) == before, "it only proposes"

    @rule(move=st.sampled_from(MOVES), n=st.integers(0, 30), yes=st.booleans())
    def act(self, move: str, n: int, yes: bool) -> None:
        state, settled = self.kit.state, self.kit.is_confirmed
        on = {one.key: one.is_on for one in self.kit.effects}
        try:
            self.do(move, n, yes)
        except Refused:
            assert self.kit.state is state
            assert {one.key: one.is_on for one in self.kit.effects} == on
            return
        assert self.kit.state is state or may_become(state, self.kit.state)
        if move in ("contest", "take") and settled:
            now = {one.key: one.is_on for one in self.kit.effects}
            assert now == on, "once it is confirmed only our consultant changes the road"

    def do(self, move: str, n: int, yes: bool) -> None:
        kit, ana, priya = self.kit, self.cast.ana, self.cast.priya
        effect = kit.effects[n % len(kit.effects)] if kit.effects else None
        if move == "send":
            kit.submit(by=ana)
        elif move == "return":
            kit.send_back("Which one?", by=priya)
        elif move == "confirm":
            kit.confirm(by=priya)
        elif move == "days":
            self.clock.forward(days=1)
        elif move == "work":
            steps = [
                one for one in self.road.steps if one.stage.key == "training" and one.state in CUSTOMERS_TURN
            ]
            if steps:
                steps[n % len(steps)].start(by=ana)
        elif effect and move == "contest":
            effect.contest("Not so.", by=ana)
        elif effect and move == "take":
            effect.take(by=ana)
        elif effect and move == "decide":
            effect.decide(holds=yes, why="", by=priya)

    @invariant()
    def the_percent_never_falls(self) -> None:
        if hasattr(self, "was"):
            self.seen.append((self.was, self.road.progress))
            assert self.was <= self.road.progress <= 100
            self.was = self.road.progress

    @invariant()
    def every_stage_keeps_an_item_and_every_change_a_reason(self) -> None:
        if not hasattr(self, "kit"):
            return
        assert all(stage.items for stage in self.road.stages)
        keys = [one.key for one in self.kit.effects]
        assert len(keys) == len(set(keys))
        for one in self.kit.effects:
            assert one.because or one.unsure


class Orders(Rolled):
    """The same answers in another order, some of them after the kit was sent, and changed on the way."""

    @rule(
        last=st.fixed_dictionaries({key: st.sampled_from(values) for key, values in ANSWERS.items()}),
        order=st.permutations(list(ANSWERS)),
        detours=st.lists(ONE, max_size=4),
        sent_after=st.integers(0, 9),
    )
    def both(self, last: dict, order: list, detours: list, sent_after: int) -> None:
        straight = self.went([*last.items()], len(last))
        other = self.went([*detours, *((key, last[key]) for key in order), *last.items()], sent_after)
        self.seen.append((straight, other))
        assert other == straight

    def went(self, answers: list[tuple[str, Any]], sent_after: int) -> tuple:
        cast = self.enter()
        kit = ReadinessSubmission.begin(cast.onboarding)
        for key, value in PLAIN.items():
            answer(kit, key, value, cast.ana)
        for n, (key, value) in enumerate(answers):
            if n == sent_after:
                kit.submit(by=cast.ana)
            if key in kit.asked.keys:
                answer(kit, key, value, cast.ana)
        if kit.state is not SubmissionState.SUBMITTED:
            kit.submit(by=cast.ana)
        found = stands(kit), [row[:3] for row in shape(cast.onboarding)], cast.onboarding.topics
        self.open.close()
        return found


WALK = settings(
    max_examples=12,
    stateful_step_count=25,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_whatever_is_tried_the_percent_never_falls(shared_app, databases) -> None:
    engine, seen = databases.engine("sqlite"), []
    run_state_machine_as_test(lambda: Walk(shared_app, engine, seen), settings=WALK)
    assert len(seen) > WALK.max_examples, "nothing was tried"
    assert all(before <= after for before, after in seen)


def test_a_road_is_the_same_whatever_the_order_of_answering(shared_app, databases) -> None:
    engine, seen = databases.engine("sqlite"), []
    run_state_machine_as_test(
        lambda: Orders(shared_app, engine, seen), settings=settings(WALK, stateful_step_count=2)
    )
    assert len(seen) >= WALK.max_examples, "nothing was tried"
    assert all(straight == other for straight, other in seen)
    assert all(stood for (stood, *_rest), _other in seen), "answers that decide nothing are no test"
