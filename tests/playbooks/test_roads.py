"""Which road one onboarding gets: modules by programme and segment, days, due rules, weights."""

import pytest

from portal.playbooks.due import Due, parse_due
from portal.playbooks.reader import read
from portal.playbooks.rules import DEFAULT_BUDGETS, budgets_for, milestones_for, steps_for
from tests.playbooks.small import SMALL, broken


def keys(road):
    return [step.key for module in road for step in module.steps]


def test_a_road_has_the_steps_of_its_programme():
    document = read(SMALL)
    assert keys(steps_for(document, 30, "smb")) == ["hello", "questions", "yes", "page", "done"]
    assert keys(steps_for(document, 90, "smb")) == ["hello", "questions", "yes", "page", "more", "done"]
    assert len(document.modules[2].steps) == 2, "the document itself is left alone"


def test_a_module_can_belong_to_a_segment_and_goes_when_it_has_no_step():
    document = read(broken("    stage: training\n", "    stage: training\n    segments: [enterprise]\n"))
    assert [module.key for module in steps_for(document, 90, "smb")] == ["meet", "agree", "finish"]
    assert [module.key for module in steps_for(document, 90, "enterprise")] == [
        "meet",
        "agree",
        "learn",
        "finish",
    ]


def test_an_offered_module_is_on_no_road_from_the_start():
    document = read(broken("    stage: training\n", "    stage: training\n    include: offered\n"))
    assert "page" not in keys(steps_for(document, 90, "smb"))
    assert "done" in keys(steps_for(document, 90, "smb"))


def test_stages_come_in_their_order_whatever_the_file_says():
    text = broken("stage: welcome\n    title: Meet", "stage: graduation\n    title: Meet")
    text = broken("stage: graduation\n    title: Finish", "stage: welcome\n    title: Finish", text)
    assert keys(steps_for(read(text), 30, "smb")) == ["done", "questions", "yes", "page", "hello"]


def test_milestones_keep_the_steps_of_the_road():
    text = broken("steps: [done]}", "steps: [page, more]}\n  - {key: extra, title: Extra, steps: [more]}")
    document = read(text)
    short = milestones_for(document, keys(steps_for(document, 30, "smb")))
    assert [(milestone.key, milestone.steps) for milestone in short] == [("finished", ("page",))]
    long = milestones_for(document, keys(steps_for(document, 90, "smb")))
    assert [milestone.steps for milestone in long] == [("page", "more"), ("more",)]


def test_the_budgets_of_product_md_add_up():
    for programme, days in DEFAULT_BUDGETS.items():
        assert days.expectations + days.training + days.graduation == programme


def test_a_playbook_may_set_its_own_budgets():
    document = read(SMALL)
    assert budgets_for(document, 30) == DEFAULT_BUDGETS[30]
    own = budgets_for(document, 90)
    assert (own.welcome, own.expectations, own.training, own.graduation) == ((-7, 2), 10, 40, 40)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("stage 40 %", Due("stage", 40)),
        ("stage 100%", Due("stage", 100)),
        ("start", Due("start", 0)),
        ("start+0", Due("start", 0)),
        ("start-5", Due("start", -5)),
        ("stage_open+3", Due("stage_open", 3)),
        ("after(kickoff)+1", Due("after", 1, "kickoff")),
    ],
)
def test_due_rules(text, due):
    assert parse_due(text) == due


@pytest.mark.parametrize(
    "text", ["", "40 %", "stage 101 %", "start +1", "after(kickoff)-1", "after()+1", "start+1000"]
)
def test_what_is_no_due_rule(text):
    with pytest.raises(ValueError, match="is not a due rule"):
        parse_due(text)


def test_a_step_weighs_what_its_kind_weighs_unless_it_says_otherwise():
    assert read(SMALL).modules[1].steps[0].effective_weight == 2
    heavier = read(broken("due: after(hello)+1", "weight: 5\n        due: after(hello)+1"))
    assert heavier.modules[1].steps[0].effective_weight == 5
