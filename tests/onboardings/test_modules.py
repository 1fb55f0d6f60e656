"""Whole modules join one road, leave it and come back (product.md 2.1, 2.6)."""

import pytest

from portal.errors import Conflict, Refused
from portal.onboardings.modules import add_module, bring_back, leave_out, offered, seal_of
from portal.onboardings.states import StepState
from portal.road.change_words import changed
from tests.onboardings.road import finish

WHY = "They asked for it."


def test_it_joins_with_its_items_dates_and_people_and_says_why(running) -> None:
    road = running.onboarding
    before, total = road.progress, road.items_total
    spec = next(one for one in offered(road) if one.key == "launch_campaign")
    module = add_module(road, spec, WHY, by=running.priya)
    assert (road.progress, road.items_total) == (before, total + len(spec.steps))
    assert [step.key for step in module.steps] == [step.key for step in spec.steps]
    assert all(step.due_on and step.due_on > running.account.today for step in module.steps)
    assert {step.assignee for step in module.steps} == {running.ana}
    assert (module.included_because, module.added_by, module.added_why) == ("added", "Priya Rao", WHY)
    keys = [step.module.key for step in road.stage_called("training").steps]
    assert keys.index("people_access") < keys.index("launch_campaign") < keys.index("learn_admin")
    (day,) = changed(road)
    assert (day.line, day.whys) == ("3 items added on 9 Mar", [f"“{module.title}” is added. {WHY}"])
    with pytest.raises(Refused, match="on this road already"):
        add_module(road, spec, WHY, by=running.priya)


def test_one_of_a_complete_stage_joins_the_stage_that_grows(running) -> None:
    road = running.onboarding
    finish(road, running, "welcome")
    spec = offered(road)[0].model_copy(update={"stage": "welcome"})
    assert add_module(road, spec, WHY, by=running.priya).stage.key == "expectations"
    assert road.stage_called("welcome").is_complete


def test_it_leaves_and_comes_back(running) -> None:
    road, module = running.onboarding, running.step("crm_connected").module
    before, total = road.progress, road.items_total
    leave_out(module, WHY, seen=seal_of(module), by=running.priya)
    assert {step.state for step in module.steps} == {StepState.SKIPPED}
    assert (road.progress, road.items_total) == (before, total - 2)
    with pytest.raises(Refused, match="is open any more"):
        leave_out(module, WHY, seen=seal_of(module), by=running.priya)
    bring_back(module, WHY, seen=seal_of(module), by=running.priya)
    assert (road.progress, road.items_total) == (before, total)
    with pytest.raises(Refused, match="is left out any more"):
        bring_back(module, WHY, seen=seal_of(module), by=running.priya)
    (day,) = changed(road)
    assert day.line == "2 items added, 2 items left out on 9 Mar"


def test_one_that_somebody_changed_is_looked_at_again(running) -> None:
    module = running.step("crm_connected").module
    seen = seal_of(module)
    running.step("test_loop").skip(WHY, by=running.june)
    with pytest.raises(Conflict, match="changed while you were writing"):
        leave_out(module, WHY, seen=seen, by=running.priya)


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("plan_agreed", "opens the next stage, so its module stays"),
        ("crm_connected", "waits for our review"),
        ("admin_guide", "A stage can't be empty"),
    ],
)
def test_gates_reviews_and_the_last_items_of_a_stage_keep_it(running, key, sentence) -> None:
    step = running.step(key)
    if key == "crm_connected":
        step.state = StepState.SUBMITTED
    for other in step.stage.steps:
        other.required = other.module is step.module
    with pytest.raises(Refused, match=sentence):
        leave_out(step.module, WHY, seen=seal_of(step.module), by=running.priya)
