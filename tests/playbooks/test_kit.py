"""A kit that can't be asked, or a rule that decides nothing, is refused with what would be right."""

from copy import deepcopy

import pytest
import yaml

from portal.playbooks.kit import Condition, Effect
from portal.playbooks.reader import read_checked
from portal.playbooks.source import PlaybookError, parse
from tests.playbooks.ready import READY

DATA = parse(READY, "ready").data


def at(data, path):
    """The part that `path` leads to: names, numbers, or the `key` of an entry."""
    for name in path.split("."):
        if isinstance(data, dict):
            data = data[name]
        elif name.isdigit():
            data = data[int(name)]
        else:
            data = next(entry for entry in data if entry["key"] == name)
    return data


def changed(path, **values):
    """The playbook with other values in one place; None takes one out."""
    data = deepcopy(DATA)
    part = at(data, path)
    for name, value in values.items():
        part.pop(name, None)
        if value is not None:
            part[name] = value
    return yaml.safe_dump(data, sort_keys=False)


def problems(text):
    with pytest.raises(PlaybookError) as caught:
        read_checked(text)
    return str(caught.value)


def test_a_whole_kit_may_be_published():
    kit = read_checked(READY).kit
    assert [question.key for question in kit.questions][:2] == ["problem", "users"]
    assert {effect.kind for rule in kit.rules for effect in rule.then} == {
        "include", "exclude", "offer", "depth", "put_first", "assign", "prerequisite", "agenda", "compliance",
        "wave", "signal",
    }  # fmt: skip


FIRST = "kit.rules.sheets.then.0"
WHEN = "kit.rules.{}.when.0"


@pytest.mark.parametrize(
    ("path", "values", "says"),
    [
        (FIRST, {"include": "cleanup"}, "there is no module “cleanup”; there are: meet, ready"),
        (FIRST, {"include": "learn"}, "“learn” is on every road already"),
        (FIRST, {"include": None, "exclude": "ready"}, "“ready” holds the gate “kit”"),
        (FIRST, {"offer": "campaign"}, "an effect does one thing"),
        (FIRST, {"include": None, "depth": "deep"}, "depth needs “module” beside it"),
        (FIRST, {"include": None, "depth": "deep", "module": "learn"}, "“learn” is as deep as it is"),
        (FIRST, {"text": "Why"}, "include takes no “text”"),
        (FIRST, {"include": None, "prerequisite": "hours"}, "“hours” is asked of everybody already"),
        (FIRST, {"include": None, "prerequisite": "gold"}, "there is no prerequisite “gold”"),
        (FIRST, {"include": None, "compliance": "sox"}, "there is no pack “sox”"),
        ("kit.rules.gaps.then.1", {"call": "value_review"}, "no step of this playbook is a value_review"),
        ("kit.rules.europe.then.0", {"compliance": None, "agenda": "Law"}, "no rule includes or offers “privacy”"),
        (WHEN.format("gaps"), {"question": "purity"}, "there is no question “purity”"),
        (WHEN.format("fresh"), {"is": "We start"}, "“We start” is no answer there. Write one of: Spreadsheets"),
        (WHEN.format("many"), {"question": "sso"}, "“sso” is not a number"),
        (WHEN.format("unsure"), {"question": "users"}, "nobody can be unsure of “users”"),
        (WHEN.format("unsure"), {"question": "rows"}, "nobody can be unsure of “rows”"),
        (WHEN.format("europe"), {"includes": None, "is": "Europe"}, "“regions” has no fixed single answer"),
        (WHEN.format("fresh"), {"is": None, "includes": "We start fresh"}, "“data” has one answer; write is"),
        (WHEN.format("unsure"), {"unknown": None}, "a condition compares in one way"),
        ("kit.questions.problem", {"key": "check"}, "“check” is the name of a page"),
        ("kit.questions.problem", {"key": "submit"}, "“submit” is the name of a page"),
        ("kit.questions.data.more.0", {"key": "users"}, "“users” is used twice"),
        ("kit.questions.busy", {"section": "money"}, "there is no section “money”"),
        ("kit.questions.busy", {"section": "goal"}, "questions of one section stand together"),
        ("kit.questions.quality.show_when", {"field": "sso"}, "“sso” is not a question before this one"),
        ("kit.prerequisites.sample", {"file": "gone.csv"}, "there is no file “gone.csv”"),
        ("kit.prerequisites.sample", {"due": "after(kit)+1"}, "a prerequisite is due by a stage or the start"),
        ("modules.ready.steps.kit", {"review": False}, "the kit is confirmed by a person; write review: true"),
        ("modules.ready.steps.kit", {"kind": "scope"}, "a step of kind scope needs “scope”"),
        ("modules.ready.steps.scope", {"owner_side": "us"}, "a step of kind scope is the customer's"),
        ("modules.ready.steps.scope", {"kind": "kit"}, "a step of kind kit has no “scope”; it needs nothing beside it"),
        ("modules.ready.steps.scope.scope.items.chains", {"why": None}, "a no needs its reason"),
        ("modules.ready.steps.criteria.criteria.suggestions.0", {"target": 14}, "the target is the baseline"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(path, values, says):
    assert says in problems(changed(path, **values))


def test_a_step_of_the_kit_needs_a_kit():
    without = {name: part for name, part in DATA.items() if name != "kit"}
    assert "there is no kit; add “kit:” to the playbook" in problems(yaml.safe_dump(without, sort_keys=False))


def test_a_stage_never_loses_its_last_item():
    data = yaml.safe_load(changed("modules.meet.steps.hello", gate=None))
    data["kit"]["rules"][0]["then"][0] = {"exclude": "meet"}
    assert "without “meet” a stage would be empty" in problems(yaml.safe_dump(data, sort_keys=False))


def test_what_an_effect_and_a_condition_name():
    effect = Effect(depth="deep", module="importing")
    assert (effect.kind, effect.value) == ("depth", "deep")
    assert Condition.model_validate({"question": "data", "is": "A"}).values == ("A",)
    assert Condition.model_validate({"question": "data", "includes": ["A", "B"]}).values == ("A", "B")
