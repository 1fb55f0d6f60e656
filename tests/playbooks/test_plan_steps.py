"""The steps that write a plan and sign it: what a playbook says of them, and what is wrong with one."""

import pytest
import yaml

from portal.playbooks.reader import read_checked, shipped
from portal.playbooks.source import PlaybookError
from tests.playbooks.planned import STEPS, planned
from tests.playbooks.ready import READY


def problems(text):
    with pytest.raises(PlaybookError) as found:
        read_checked(text, "test.yaml")
    return " | ".join(problem.message for problem in found.value.problems)


def test_a_plan_and_its_signatures_weigh_most():
    steps = {step.key: step for module in read_checked(planned()).modules for step in module.steps}
    assert [steps[key].effective_weight for key in ("plan", "sign_plan")] == [5, 5]
    assert steps["sign_plan"].sign.countersign_for == ("smb",)
    assert steps["sign_plan"].sign.sponsors_for == ("enterprise",)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"plan": {"owner_side": "customer"}}, "the plan is ours to write; write owner_side: us"),
        ({"sign_plan": {"owner_side": "us"}}, "a step of kind sign is the customer's"),
        ({"sign_plan": {"sign": None}}, "a step of kind sign needs “sign”"),
        ({"sign_plan": {"sign": {"countersign_for": ["everybody"]}}}, "“everybody” is not known here"),
        ({"sign_plan": {"review": True}}, "both sides act on its page, so there is no review"),
        ({"plan": {"sign": {}}}, "a step of kind plan has no “sign”"),
        ({"plan": {"programmes": [30]}}, "the step “plan” is left out in the 90-day programme for smb"),
    ],
)
def test_what_is_wrong_with_one_is_said(changes, says):
    assert says in problems(planned(**changes))


@pytest.mark.parametrize("kind", ["plan", "sign"])
def test_one_of_each_is_enough(kind):
    data = yaml.safe_load(planned())
    steps = next(module["steps"] for module in data["modules"] if module["key"] == "ready")
    steps.append(next(step for step in STEPS if step["kind"] == kind) | {"key": "again"})
    assert f"there is a step of kind {kind} already" in problems(yaml.safe_dump(data))


def test_nothing_is_signed_before_it_is_written():
    data = yaml.safe_load(READY)
    module = next(module for module in data["modules"] if module["key"] == "ready")
    module["steps"] += reversed(STEPS)
    assert "put a step of kind plan before this one" in problems(yaml.safe_dump(data))
    module["steps"] = [step for step in module["steps"] if step["kind"] != "plan"]
    assert "put a step of kind plan before this one" in problems(yaml.safe_dump(data))


def test_the_shipped_road_signs_its_plan():
    """Product 2.4: small customers are countersigned at once, in large ones the sponsors sign too."""
    document = next(read_checked(path) for path in shipped() if path.stem == "partner-programme")
    steps = {step.key: step for module in document.modules for step in module.steps}
    assert (steps["plan"].kind, steps["plan"].owner_side) == ("plan", "us")
    assert (steps["sign_plan"].sign.countersign_for, steps["sign_plan"].sign.sponsors_for) == (
        ("smb",),
        ("enterprise",),
    )
    assert document.stages.training.opens_when == "when your plan is signed"
    assert next(one for one in document.milestones if one.key == "plan_signed").steps == ("sign_plan",)
