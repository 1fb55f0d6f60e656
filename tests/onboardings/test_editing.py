"""A step changed on one road: what it may be, what it does to the meter, who is told (product.md 2.1, 2.6)."""

from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from portal.activity.models import Activity, Verb
from portal.errors import Conflict, Refused
from portal.onboardings.editing import Place
from portal.onboardings.modules import add_module, bring_back, leave_out, offered
from portal.onboardings.restarting import restart
from portal.onboardings.scope import NewStep, add_step
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step
from portal.road.change_words import changed
from tests.infra.databases import rolled_back
from tests.infra.still import Clock
from tests.make import northwind
from tests.onboardings.road import finish, settle_step

WHY = "Their IT needs longer."


def change(step: Step, cast, *, place: Place | None = None, seen: str = "", assignee=None, **wanted) -> None:
    """What the form does that showed the step as it is."""
    terms = replace(step.terms, **wanted)
    if place:
        terms = replace(terms, module=place.module.key)
    who = assignee or step.assignee
    terms = replace(terms, assignee_id=who.id if who else None)
    step.change(terms, WHY, seen=seen or step.terms.seal, assignee=who, place=place, by=cast.priya)


def test_a_day_set_by_hand_stays_when_its_stage_opens(running) -> None:
    step = running.step("sandbox_access")
    change(step, running, due_on=date(2026, 4, 1), minutes=45)
    finish(running.onboarding, running, "welcome", "expectations")
    assert running.onboarding.stage_called("training").is_open
    assert (step.due_on, step.minutes) == (date(2026, 4, 1), 45)
    (day,) = changed(running.onboarding)
    assert day.whys == [f"“{step.title}” is planned for Wed 1 April now. {WHY}"]


def test_what_changed_is_remembered_before_and_after(running, session) -> None:
    step = running.step("api_keys")
    was = step.due_on
    change(step, running, weight=5, due_on=date(2026, 4, 1), required=False)
    row = session.query(Activity).filter_by(verb=Verb.STEP_CHANGED).one()
    assert row.data["before"] == {"due_on": was.isoformat(), "weight": 1, "required": True}
    assert row.data["after"] | {"state": ""} == {
        "due_on": "2026-04-01", "weight": 5, "required": False, "state": ""
    }  # fmt: skip
    assert row.personal["why"] == WHY


def test_somebody_else_gets_it_and_a_letter(running) -> None:
    step = running.step("payout_choice")
    change(step, running, assignee=running.ben)
    assert step.assignee is running.ben
    with pytest.raises(Refused, match="who works on this onboarding"):
        change(step, running, assignee=running.rui)


@pytest.mark.parametrize(
    ("key", "wanted", "sentence"),
    [
        ("readiness_kit", {"required": False}, "opens the next stage, so it stays required"),
        ("readiness_kit", {"visible": False}, "opens the next stage, so it stays required"),
        ("prerequisites", {"visible": False}, "an item of theirs stays visible"),
        ("prerequisites", {"due_on": date(2026, 3, 1)}, "That day has passed"),
        ("prerequisites", {}, "Nothing is different"),
        ("account_created", {"minutes": 7}, "is finished, so nothing about it can change"),
    ],
)
def test_what_a_step_cannot_be_is_said_and_nothing_changes(running, key, wanted, sentence) -> None:
    step = running.step(key)
    was = step.terms
    with pytest.raises(Refused, match=sentence):
        change(step, running, **wanted)
    assert step.terms == was


def test_the_last_item_of_a_stage_stays_needed_and_there(running) -> None:
    road, stage = running.onboarding, running.onboarding.stage_called("welcome")
    last = running.step("road_preview")
    for step in stage.steps:
        if step is not last:
            step.is_gate, step.required = False, False
    target = Place(running.step("prerequisites").module)
    for wanted in ({"required": False}, {"place": target}):
        with pytest.raises(Refused, match="only item of its stage"):
            change(last, running, **wanted)
    assert road.stage_called("welcome").items == [last]


def test_two_who_change_the_same_step_are_both_shown(running) -> None:
    step = running.step("api_keys")
    seen = step.terms.seal
    change(step, running, minutes=50)
    with pytest.raises(Conflict, match="while you were writing") as refusal:
        change(step, running, seen=seen, weight=5)
    assert (refusal.value.theirs.minutes, refusal.value.yours.weight) == (50, 5)
    assert (step.minutes, step.weight) == (50, 1), "theirs is kept"
    change(step, running, weight=5)
    assert (step.minutes, step.weight) == (50, 5)


# --- Moved ----------------------------------------------------------------------------------------


def test_it_moves_within_its_module_and_keeps_the_order_whole(running) -> None:
    road, step = running.onboarding, running.step("import_check")
    before = road.progress
    change(step, running, place=Place(step.module))
    assert step.module.steps[0] is step
    change(step, running, place=Place(step.module, running.step("signup_page")))
    assert step.module.steps[-1] is step
    assert [one.position for one in road.steps] == list(range(len(road.steps)))
    assert road.progress == before


def test_in_another_stage_both_meters_stand_and_what_was_open_stays_open(running) -> None:
    road, step = running.onboarding, running.step("set_preferences")
    change(step, running, required=True)
    before, total = road.progress, road.items_total
    change(step, running, place=Place(running.step("admin_guide").module))
    assert (step.stage.key, step.state) == ("training", StepState.READY)
    assert (road.progress, road.items_total) == (before, total)
    assert changed(road)[0].whys[-1] == f"“{step.title}” is in Training now. {WHY}"
    step.complete(by=running.ana)
    assert road.progress > before


def test_what_comes_into_an_open_stage_is_open(running) -> None:
    step = running.step("payout_choice")
    assert step.state is StepState.LOCKED
    change(step, running, place=Place(running.step("purchase_reason").module))
    assert step.state is StepState.READY


def test_nothing_moves_into_a_complete_stage_and_gates_stay(running) -> None:
    road = running.onboarding
    finish(road, running, "welcome")
    done = Place(running.step("road_preview").module)
    with pytest.raises(Refused, match=r"Welcome is complete, so nothing can be put there\."):
        change(running.step("prerequisites"), running, place=done)
    with pytest.raises(Refused, match="so it stays in its own"):
        change(running.step("plan_agreed"), running, place=Place(running.step("admin_guide").module))
    assert road.stage_called("welcome").is_complete


def test_what_is_optional_in_a_complete_stage_cannot_become_needed_there(running) -> None:
    finish(running.onboarding, running, "welcome")
    step = running.onboarding.stage_called("welcome").steps[-1]
    step.state, step.required = StepState.READY, False
    with pytest.raises(Refused, match="nothing required can be added there"):
        change(step, running, required=True)


# --- Who may --------------------------------------------------------------------------------------


def test_a_specialist_edits_technical_modules_and_the_others_all(cast) -> None:
    technical, other = cast.step("crm_connected").module, cast.step("admin_guide").module
    assert [m.editable_by(cast.tomas) for m in (technical, other)] == [True, False]
    for who in (cast.priya, cast.june):
        assert all(m.editable_by(who) for m in (technical, other))
    for who in (cast.sam, cast.ana):
        assert not any(m.editable_by(who) for m in (technical, other))


# --- By chance ------------------------------------------------------------------------------------

TRIED: Counter[str] = Counter()


class Editor:
    """Somebody who edits and finishes whatever chance points at."""

    def __init__(self, cast, pick: int) -> None:
        self.cast, self.road, self.pick = cast, cast.onboarding, pick
        modules = [module for stage in self.road.stages for module in stage.modules]
        self.module = modules[pick // 7 % len(modules)]
        self.step = self.road.steps[pick % len(self.road.steps)]

    def finish(self) -> None:
        todo = [one for one in self.road.stage.steps if not one.is_closed]
        if todo:
            settle_step(todo[self.pick % len(todo)], self.cast)

    def add(self) -> None:
        weight = (1, 2, 3, 5)[self.pick % 4]
        add_step(self.road, NewStep("One more", WHY, weight=weight), by=self.cast.priya, behind=self.step)

    def move(self) -> None:
        steps = [one for one in self.module.steps if one is not self.step]
        change(self.step, self.cast, place=Place(self.module, steps[0] if steps and self.pick % 3 else None))

    def reweigh(self) -> None:
        change(self.step, self.cast, weight=(1, 2, 3, 5)[self.pick % 4])

    def optional(self) -> None:
        change(self.step, self.cast, required=not self.step.required)

    def skip(self) -> None:
        self.step.skip(WHY, by=self.cast.priya)

    def back(self) -> None:
        out = [one for one in self.road.steps if one.state is StepState.SKIPPED] or [self.step]
        out[self.pick % len(out)].bring_back(WHY, by=self.cast.priya)

    def grow(self) -> None:
        for spec in offered(self.road)[:1]:
            add_module(self.road, spec, WHY, by=self.cast.priya)

    def leave(self) -> None:
        leave_out(self.module, WHY, seen=self.module.seal, by=self.cast.priya)

    def return_(self) -> None:
        out = [one.module for one in self.road.steps if one.state is StepState.SKIPPED] or [self.module]
        bring_back(out[0], WHY, seen=out[0].seal, by=self.cast.priya)


MOVES = (
    *["finish"] * 3,
    "add",
    *["move"] * 2,
    "reweigh",
    "optional",
    "skip",
    "back",
    "grow",
    "leave",
    "return_",
)


def walk(app, engine, history: list[tuple[str, int]]) -> None:
    with ExitStack() as open_:
        open_.enter_context(rolled_back(engine))
        open_.enter_context(app.app_context())
        clock, cast = Clock(open_), northwind()
        road, before = cast.onboarding, Fraction(0)
        clock.forward(days=6)
        road.begin()
        for move, pick in history:
            with suppress(Refused):
                getattr(Editor(cast, pick), move)()
                TRIED[move] += 1
            assert road.progress >= before, f"fell by {move}"
            assert all(stage.items for stage in road.stages)
            assert [one.position for one in road.steps] == list(range(len(road.steps)))
            before = road.progress
        for step in list(road.steps):  # Graduating ends whatever is left, so it comes last.
            if not step.is_closed and step.spec.records != "graduation":
                settle_step(step, cast)
        settle_step(cast.step("confirm_graduation"), cast)
        assert (road.progress, road.percent) == (100, 100)


def test_whatever_is_edited_the_meter_never_falls_and_ends_at_the_whole(shared_app, database, databases):
    @given(st.lists(st.tuples(st.sampled_from(MOVES), st.integers(0, 9_999)), min_size=20, max_size=30))
    @settings(
        max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    def any_history(history: list[tuple[str, int]]) -> None:
        walk(shared_app, databases.engine(database), history)

    any_history()
    assert set(TRIED) == set(MOVES), "every move was made by somebody"


def test_no_day_lies_before_the_first_of_welcome(app, session) -> None:
    with app.app_context():
        cast = northwind(prepared=False)
        road = cast.onboarding
        restart(road, road.start_date + timedelta(days=14), by=cast.priya)
        begins = road.stages[0].planned_start
        eve, step = begins - timedelta(days=1), cast.step("road_preview")
        assert eve > road.account.today
        for attempt in (
            lambda: change(step, cast, due_on=eve),
            lambda: add_step(road, NewStep("One more", WHY, due_on=eve), by=cast.priya),
        ):
            with pytest.raises(Refused, match="Welcome begins then") as refusal:
                attempt()
            assert refusal.value.field == "due_on"
        change(step, cast, due_on=begins)
        assert step.due_on == begins
