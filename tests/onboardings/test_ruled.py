"""What rules do to a road, and what they leave alone because somebody did it by hand (product.md 2.6, 2.7)."""

import pytest

from portal.onboardings import ruled
from portal.onboardings.creation import assign_by_role
from portal.onboardings.modules import add_module, bring_back, leave_out, offered
from portal.onboardings.states import StepState
from portal.playbooks.models import publish
from portal.playbooks.reader import read_checked
from portal.road.change_words import changed
from tests.make import northwind
from tests.onboardings.road import finish
from tests.onboardings.test_waves import first, second
from tests.playbooks.ready import READY

WHY = "you said so"


@pytest.fixture
def ready(app, session):
    """Northwind on the small road with a kit, opened to them."""
    with app.app_context():
        yield northwind(book=publish(read_checked(READY)), programme=90)


def spec(road, key):
    return road.playbook_version.module(key)


def standing(road, key: str) -> list[tuple[str, str]]:
    return [(step.key, step.state.value) for part in ruled.parts_of(road, key) for step in part.steps]


def test_a_module_that_an_answer_asks_for_joins_and_the_meter_stands_still(ready) -> None:
    road = ready.onboarding
    before, percent, total = road.progress, road.percent, road.items_total
    (step,) = ruled.include(road, spec(road, "cleaning"), WHY)
    road.settle()
    assert (road.progress, road.percent, road.items_total) == (before, percent, total + 1)
    assert (step.state, step.assignee, step.due_on) == (StepState.LOCKED, ready.ana, step.first_due_on)
    module = step.module
    assert (module.included_because, module.added_by, module.added_why) == ("rule", None, WHY)
    (day,) = changed(road)
    assert day.whys == ["“Module cleaning” is added, because you said so."]
    assert day.line == "1 item added on 3 Mar"


def test_what_is_left_out_comes_back_and_says_why(ready) -> None:
    road = ready.onboarding
    before, total = road.progress, road.items_total
    (step,) = ruled.exclude(road, "signing_on", WHY)
    road.settle()
    assert (step.state, step.why_left_out) == (StepState.SKIPPED, "Because you said so.")
    assert (road.progress, road.items_total) == (before, total - 1)
    assert ruled.exclude(road, "signing_on", WHY) == []
    assert ruled.include(road, spec(road, "signing_on"), "it is back") == [step]
    road.settle()
    assert (step.state, step.skip_rule, road.progress) == (StepState.LOCKED, None, before)
    (day,) = changed(road)
    assert day.whys[-1] == "“Module signing_on” is back, because it is back."


@pytest.mark.parametrize("work", ["done", "in_progress", "data", "call"])
def test_what_somebody_works_on_stays(ready, work) -> None:
    road, step = ready.onboarding, ready.step("sign_on")
    if work == "data":
        step.data = {"said": "yes"}
    elif work == "call":
        step.call_on = road.account.today
    else:
        step.state = StepState(work)
    assert ruled.exclude(road, "signing_on", WHY) == []


def test_gates_and_the_last_items_of_a_stage_stay(ready) -> None:
    road = ready.onboarding
    assert ruled.exclude(road, "finish", WHY) == []
    assert ruled.exclude(road, "ready", WHY) == []
    for key in ("importing", "signing_on"):
        assert ruled.exclude(road, key, WHY)
    assert ruled.exclude(road, "learn", WHY) == []


def test_what_people_left_out_no_rule_brings_back(ready) -> None:
    road, step = ready.onboarding, ready.step("sign_on")
    step.skip("They have no use for it.", by=ready.priya)
    assert ruled.include(road, spec(road, "signing_on"), WHY) == []
    assert step.state is StepState.SKIPPED


def test_what_somebody_did_by_hand_is_marked(ready) -> None:
    road, step = ready.onboarding, ready.step("sign_on")
    assert not ruled.is_decided(step.module)
    leave_out(step.module, "Later.", seen=step.module.seal, by=ready.priya)
    assert ruled.is_decided(step.module)
    other = ready.step("import_list")
    ruled.exclude(road, "importing", WHY)
    other.bring_back("They need it.", by=ready.priya)
    assert ruled.is_decided(other.module)
    bring_back(step.module, "Now.", seen=step.module.seal, by=ready.priya)
    assert ruled.is_decided(step.module)
    campaign = next(one for one in offered(road) if one.key == "campaign")
    assert ruled.is_decided(add_module(road, campaign, "Asked.", by=ready.priya))


def test_a_module_goes_deeper_and_back(ready) -> None:
    road = ready.onboarding
    before, total = road.progress, road.items_total
    ruled.deepen(road, spec(road, "importing"), "deep", WHY)
    road.settle()
    assert standing(road, "importing") == [("import_list", "locked"), ("compare_lists", "locked")]
    step = ready.step("compare_lists")
    assert (road.progress, road.items_total, step.assignee) == (before, total + 1, ready.ana)
    assert step.due_on
    assert [one.key for one in road.stage_called("training").steps][:2] == ["import_list", "compare_lists"]
    ruled.deepen(road, spec(road, "importing"), "standard", "your answers changed")
    road.settle()
    assert (road.progress, road.items_total) == (before, total)
    assert standing(road, "importing") == [("import_list", "locked"), ("compare_lists", "skipped")]
    ruled.deepen(road, spec(road, "importing"), "deep", WHY)
    assert standing(road, "importing")[1] == ("compare_lists", "locked")
    (day,) = changed(road)
    assert day.whys == [
        "“Module importing” goes deeper, because you said so.",
        "“Module importing” is shorter, because your answers changed.",
        "“Module importing” goes deeper, because you said so.",
    ]


def test_a_module_that_is_left_out_stays_so_however_deep(ready) -> None:
    road = ready.onboarding
    ruled.deepen(road, spec(road, "importing"), "deep", WHY)
    ruled.exclude(road, "importing", WHY)
    ruled.deepen(road, spec(road, "importing"), "standard", WHY)
    assert {state for _key, state in standing(road, "importing")} == {"skipped"}
    ruled.include(road, spec(road, "importing"), WHY)
    assert standing(road, "importing") == [("import_list", "locked"), ("compare_lists", "skipped")]


def test_put_first_it_stands_first_and_falls_due_with_the_first(ready) -> None:
    road, step = ready.onboarding, ready.step("sign_on")
    ready.step("import_list").due_on = first = step.due_on.replace(day=1)
    was = step.due_on
    ruled.put_first(road, "signing_on", WHY)
    assert [one.key for one in road.stage_called("training").steps] == ["sign_on", "import_list", "consult"]
    assert [one.position for one in road.steps] == list(range(len(road.steps)))
    assert first <= step.due_on < was
    assert step.first_due_on == was
    ruled.put_back(road, spec(road, "signing_on"), WHY)
    assert [one.key for one in road.stage_called("training").steps] == ["import_list", "sign_on", "consult"]
    assert step.due_on == was


def test_a_day_that_somebody_chose_stays(ready) -> None:
    road, step = ready.onboarding, ready.step("sign_on")
    ready.step("import_list").due_on = step.due_on.replace(day=1)
    step.due_by_hand, was = True, step.due_on
    ruled.put_first(road, "signing_on", WHY)
    assert step.due_on == was


def test_a_role_gets_the_items_that_nobody_was_handed(ready) -> None:
    road, step, other = ready.onboarding, ready.step("sign_on"), ready.step("import_list")
    other.hand_to(ready.ana, by=ready.ana)
    other.hand_to(ready.ben, by=ready.priya)
    ruled.assign(road, "signing_on", "it_contact", WHY)
    ruled.assign(road, "importing", "sponsor", WHY)
    assert (step.assignee, other.assignee) == (ready.ben, ready.ben)
    ruled.assign(road, "signing_on", None, WHY)
    assert step.assignee == ready.ana


def test_a_role_that_nobody_plays_yet_is_given_it_on_arrival(ready) -> None:
    road, step = ready.onboarding, ready.step("sign_on")
    ready.ben.stakeholder_roles = []
    ruled.assign(road, "signing_on", "it_contact", WHY)
    assert step.assignee is None
    ready.ben.stakeholder_roles = ["it_contact"]
    assign_by_role(road)
    assert step.assignee == ready.ben


def test_one_of_a_complete_stage_joins_the_stage_that_grows_and_what_is_complete_stays_so(
    ready, clock
) -> None:
    road = ready.onboarding
    clock.forward(days=6)
    road.begin()
    ruled.exclude(road, "signing_on", WHY)
    finish(road, ready, "welcome", "expectations", "training")
    assert road.stage_called("training").is_complete
    (step,) = ruled.include(road, spec(road, "cleaning"), WHY)
    assert step.stage.key == "graduation"
    assert ruled.include(road, spec(road, "signing_on"), WHY) == []
    ruled.deepen(road, spec(road, "importing"), "deep", WHY)
    assert ready.onboarding.step_called("compare_lists") is None


def test_each_wave_has_what_a_rule_brings_and_leaves_out(app, session, clock) -> None:
    text = READY
    for key in ("cleaning", "importing", "signing_on", "finish"):
        text = text.replace(f"- key: {key}\n  stage:", f"- key: {key}\n  wave_able: true\n  stage:")
    with app.app_context():
        ready = northwind(book=publish(read_checked(text)), programme=90)
        clock.forward(days=6)
        ready.onboarding.begin()
        first(ready)
        second(ready)
        road = ready.onboarding
        before, total = road.progress, road.items_total
        assert len(ruled.exclude(road, "signing_on", WHY)) == 2
        assert len(ruled.include(road, spec(road, "cleaning"), WHY)) == 1
        ruled.deepen(road, spec(road, "importing"), "deep", WHY)
        road.settle()
        assert standing(road, "cleaning") == [("clean", "locked"), ("clean@2", "locked")]
        assert [key for key, _state in standing(road, "importing")] == [
            "import_list",
            "compare_lists",
            "import_list@2",
            "compare_lists@2",
        ]
        assert ready.step("compare_lists@2").title == "Do compare_lists · Finance"
        assert (road.progress, road.items_total) == (before, total - 2 + 2 + 2)
        ruled.put_first(road, "cleaning", WHY)
        assert [one.key for one in road.stage_called("training").steps][:2] == ["clean", "clean@2"]
