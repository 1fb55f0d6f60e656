"""Whole modules join one road, leave it and come back (product.md 2.1, 2.6)."""

from datetime import UTC, datetime, timedelta

import pytest

from portal import db
from portal.errors import Conflict, Refused
from portal.onboardings import letters
from portal.onboardings.modules import add_module, bring_back, leave_out, offered
from portal.onboardings.restarting import restart
from portal.onboardings.states import StepState
from portal.road.change_words import changed
from tests.make import DAY_0
from tests.onboardings.road import finish
from tests.onboardings.test_creation import created
from tests.playbooks.small import broken

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
    leave_out(module, WHY, seen=module.seal, by=running.priya)
    assert {step.state for step in module.steps} == {StepState.SKIPPED}
    assert (road.progress, road.items_total) == (before, total - 2)
    with pytest.raises(Refused, match="is open any more"):
        leave_out(module, WHY, seen=module.seal, by=running.priya)
    bring_back(module, WHY, seen=module.seal, by=running.priya)
    assert (road.progress, road.items_total) == (before, total)
    with pytest.raises(Refused, match="is left out any more"):
        bring_back(module, WHY, seen=module.seal, by=running.priya)
    (day,) = changed(road)
    assert day.line == "2 items added, 2 items left out on 9 Mar"


def test_one_that_somebody_changed_is_looked_at_again(running) -> None:
    module = running.step("crm_connected").module
    seen = module.seal
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
        leave_out(step.module, WHY, seen=step.module.seal, by=running.priya)


# --- Milestones ---------------------------------------------------------------------------------

TALKED = "- {key: talked, title: Talked, steps: [extra_one, extra_two]}"


def with_offer():
    """A road whose playbook offers a module of two items, both of the milestone between the start and the end."""
    extra = """
  - key: extra
    stage: training
    include: offered
    title: Extra
    outcome: More.
    why: For more.
    audience: admin
    owner_role: consultant
    steps:""" + "".join(
        f"""
      - key: extra_{n}
        title: Read {n}
        kind: read
        owner_side: customer
        assignee: admin
        due: stage {share} %
        minutes: 5
        why: To know.
        done_when: Read.
        button: I have read it
        read: {{body: The page.}}"""
        for n, share in (("one", 50), ("two", 90))
    )
    text = broken("segments: [smb]", "segments: [mid_market]")
    text = broken("\nmilestones:\n", f"{extra}\nmilestones:\n  - {{key: begun, title: Begun, steps: [hello]}}\n"
                  f"  {TALKED}\n", text)  # fmt: skip
    return created(text)


def stands(road) -> list[tuple[str, int]]:
    return [(one.key, one.position) for one in road.checkpoints]


def add(road):
    (spec,) = offered(road)
    return add_module(road, spec, WHY, by=road.owner)


def test_a_module_that_joins_later_brings_its_milestone_in_its_place(app, session) -> None:
    with app.app_context():
        road = with_offer()
        assert stands(road) == [("begun", 0), ("finished", 1)]
        add(road)
        assert stands(road) == [("begun", 0), ("talked", 1), ("finished", 2)]
        talked = road.milestones[1]
        assert (talked.title, talked.step_keys) == ("Talked", ["extra_one", "extra_two"])
        assert talked.due_on == talked.original_due_on == road.step_called("extra_two").due_on
        assert [road.step_called(key).milestone_place for key in ("hello", "extra_one", "done")] == [0, 1, 2]
        db.session.flush()
        db.session.expire_all()
        assert stands(road) == [("begun", 0), ("talked", 1), ("finished", 2)]
        restart(road, DAY_0 + timedelta(days=7), by=None)
        moved = road.step_called("extra_two").due_on
        assert (talked.due_on, talked.original_due_on) == (moved, moved)


def test_one_of_which_all_is_left_out_goes_and_comes_back_with_its_first_promise(app, session, clock) -> None:
    with app.app_context():
        road = with_offer()
        module = add(road)
        road.prepare(by=None)
        clock.forward(days=6)
        road.begin()
        talked = next(one for one in road.milestones if one.key == "talked")
        promised = talked.due_on
        leave_out(module, WHY, seen=module.seal, by=road.owner)
        assert [key for key, _place in stands(road)] == ["begun", "finished"]
        assert b"Talked" not in letters.calendar_file(road).content
        clock.at(datetime(promised.year, promised.month, promised.day, 12, tzinfo=UTC) + timedelta(days=14))
        bring_back(module, WHY, seen=module.seal, by=road.owner)
        assert [key for key, _place in stands(road)] == ["begun", "talked", "finished"]
        assert talked.due_on >= road.account.today > promised
        assert talked.original_due_on == promised
        module.steps[0].skip(WHY, by=road.owner)
        assert talked in road.checkpoints, "its other item is on the road"


def test_what_is_reached_stays_when_the_rest_of_it_is_left_out(app, session, clock) -> None:
    with app.app_context():
        road = with_offer()
        module = add(road)
        road.prepare(by=None)
        clock.forward(days=6)
        road.begin()
        talked = next(one for one in road.milestones if one.key == "talked")
        talked.reached_on = road.account.today
        for step in module.steps:
            step.state = StepState.SKIPPED
        assert talked in road.checkpoints
