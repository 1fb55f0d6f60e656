"""The playbook that comes with the portal can be walked in every programme, and says something on every step."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
import yaml

from portal.playbooks.contents import FILES, STATIC
from portal.playbooks.document import PROGRAMMES, SEGMENTS, STAGE_KEYS, PlaybookDocument
from portal.playbooks.kinds import DEFAULT_WEIGHTS
from portal.playbooks.reader import read_checked, shipped
from portal.playbooks.rules import milestones_for, steps_for

ITEMS = {
    "smb": {30: (6, 7, 14, 5), 45: (6, 8, 19, 5), 60: (6, 8, 17, 5), 90: (6, 8, 19, 5), 120: (6, 9, 22, 6)},
    "mid_market": {
        30: (6, 7, 14, 6),
        45: (6, 9, 20, 8),
        60: (6, 9, 18, 8),
        90: (6, 9, 20, 8),
        120: (6, 10, 23, 9),
    },
    "enterprise": {
        30: (6, 7, 15, 6),
        45: (6, 9, 21, 8),
        60: (6, 9, 19, 8),
        90: (6, 10, 21, 8),
        120: (6, 11, 24, 9),
    },
}


@pytest.fixture(scope="module")
def document() -> PlaybookDocument:
    return next(read_checked(path) for path in shipped() if path.stem == "partner-programme")


def all_steps(document):
    return [step for module in document.modules for step in module.steps]


def items(road, stage):
    return [step for module in road if module.stage == stage for step in module.steps if step.counts]


def test_the_kit_has_the_questions_sections_and_prerequisites_of_the_rule(document):
    """Product 2.7: 14 questions in 5 sections; of the prerequisites six, and one for partners in Europe."""
    kit = document.kit
    assert (len(kit.questions), len(kit.sections)) == (14, 5)
    assert len(kit.prerequisites) == 6 + 1
    assert all(question.why_we_ask for question in kit.questions)


@pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
def test_a_machine_without_the_fast_reader_reads_it_too(path):
    assert yaml.safe_load(path.read_text())["key"] == read_checked(path).key


@pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
def test_every_shipped_playbook_may_be_published(path):
    stored = read_checked(path).model_dump(mode="json")
    assert PlaybookDocument.model_validate(stored) == read_checked(path)


@pytest.mark.parametrize("segment", SEGMENTS)
@pytest.mark.parametrize("programme", PROGRAMMES)
def test_items_per_stage(document, programme, segment):
    road = steps_for(document, programme, segment)
    assert tuple(len(items(road, stage)) for stage in STAGE_KEYS) == ITEMS[segment][programme]


@pytest.mark.parametrize("segment", SEGMENTS)
@pytest.mark.parametrize("programme", PROGRAMMES)
def test_every_road_has_its_calls_and_milestones(document, programme, segment):
    road = steps_for(document, programme, segment)
    calls = {step.call.kind for module in road for step in module.steps if step.kind == "attend_call"}
    assert {"kickoff", "integration_scope", "module_discussion", "handover"} <= calls
    keys = {step.key for module in road for step in module.steps}
    on_road = [milestone.key for milestone in milestones_for(document, keys)]
    assert on_road == [milestone.key for milestone in document.milestones]
    assert {step.records for module in road for step in module.steps} >= {
        "purchase_reason",
        "go_live",
        "first_value",
        "graduation",
    }


def test_the_gates_are_those_of_the_four_stages(document):
    gates = {
        stage: [
            step.key
            for module in document.modules
            if module.stage == stage
            for step in module.steps
            if step.gate
        ]
        for stage in STAGE_KEYS
    }
    assert gates == {
        "welcome": ["book_kickoff"],
        "expectations": ["readiness_kit", "success_criteria", "sign_plan"],
        "training": [],
        "graduation": ["first_value", "meet_csm", "confirm_graduation"],
    }


def test_the_first_visit_finds_two_items_done_by_us(document):
    welcome = items(steps_for(document, 90, "mid_market"), "welcome")
    done = [step for step in welcome if step.done_for_you]
    assert len(done) == 2
    share = 10 * sum(step.effective_weight for step in done) / sum(step.effective_weight for step in welcome)
    assert 2 <= share < 4


def test_every_kind_of_step_is_used(document):
    assert {step.kind for step in all_steps(document)} == set(DEFAULT_WEIGHTS)


def test_importing_data_weighs_most(document):
    weights = {step.key: step.effective_weight for step in all_steps(document)}
    assert weights["import_partners"] == max(weights.values()) == 5


def test_items_of_a_stage_fall_due_in_the_order_in_which_they_stand(document):
    """Shares of the stage only: the other rules are promises and calls."""
    for stage in STAGE_KEYS:
        steps = items(steps_for(document, 120, "enterprise"), stage)
        shares = [step.due_rule.amount for step in steps if step.due_rule.anchor == "stage"]
        late = [(a, b) for a, b in pairwise(shares) if b < a - 10]
        assert not late, stage


def test_what_a_customer_reads_keeps_to_the_copy_guide(document):
    words = re.compile(
        r"\b(please|oops|simply|just|easy|easily|playbook|ticket|phase|churn|escalat\w+)\b|!", re.IGNORECASE
    )
    for step in all_steps(document):
        if step.visible:
            told = re.sub(r"[a-z_-]+\.[a-z]{3}", "", step.model_dump_json())
            assert not words.search(told), (step.key, words.search(told))


def test_no_step_but_the_plans_claims_a_signature(document):
    for step in all_steps(document):
        if step.kind in ("plan", "sign"):
            continue
        said = [step.title, step.button, step.done_when, step.approve.statement if step.approve else ""]
        assert not re.search(r"\bsign(ed|ature|atory)?\b(?! in\b| off\b|-up|-on)", " ".join(said)), step.key


def test_visible_customer_steps_say_what_to_do(document):
    for step in all_steps(document):
        if step.visible and step.owner_side != "us" and step.kind != "read":
            assert step.you, step.key


def test_reading_is_worth_a_page_and_not_more(document):
    for step in all_steps(document):
        if step.read:
            assert 150 <= len(step.read.body.split()) <= 400, step.key
            assert not re.search(r"^# ", step.read.body, re.MULTILINE), "the page has its h1 already"


def test_files_and_pictures_are_all_used_and_say_what_they_are(document):
    steps = all_steps(document)
    assert {ref.name for step in steps for ref in step.files} == {path.name for path in FILES.iterdir()}
    pictures = [step.picture for step in steps if step.picture]
    drawn = [*pictures, *(picture.narrow for picture in pictures if picture.narrow)]
    assert {picture.src for picture in drawn} == {
        f"playbooks/{path.name}" for path in (STATIC / "playbooks").iterdir()
    }
    for picture in drawn:
        root = ElementTree.parse(STATIC / picture.src).getroot()
        assert (int(root.attrib["width"]), int(root.attrib["height"])) == (picture.width, picture.height)
        text = (STATIC / picture.src).read_text()
        assert "style=" not in text
        assert "prefers-color-scheme:dark" in text
    for picture in pictures:
        assert picture.narrow, "each has one for a phone"
        assert [callout.letter for callout in picture.callouts] == list("ABC")


def test_the_templates_start_with_the_columns_the_example_uses():
    template, example = (
        (FILES / name).read_text().splitlines() for name in ("import-template.csv", "import-example.csv")
    )
    assert template[0] == example[0]
    assert len(example) > 3
