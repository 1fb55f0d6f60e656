"""A playbook file that cannot be read says on which line, and what would be right."""

from pathlib import Path

import pytest

from portal.playbooks.document import PlaybookDocument
from portal.playbooks.reader import read, read_checked
from portal.playbooks.source import MAX_BYTES, PlaybookError, Problem
from tests.playbooks.small import SMALL, broken, line_of


def problems_of(text: str) -> list[Problem]:
    with pytest.raises(PlaybookError) as refused:
        read_checked(text, "small.yaml")
    return refused.value.problems


def test_the_small_playbook_is_read():
    document = read_checked(SMALL)
    first = document.modules[0].steps[0]
    assert (first.you[0].text, first.you[0].path) == ("Say it.", None)
    assert first.you[1].path == "/settings/hello"
    assert document.modules[1].steps[0].form.fields[0].options == ("Ours", "Theirs", "No")
    assert document.modules[1].steps[0].form.fields[1].show_when.values == ("Ours", "No")


def test_a_stored_document_is_the_same_document():
    document = read(SMALL)
    stored = document.model_dump(mode="json")
    assert stored["modules"][1]["steps"][0]["form"]["fields"][1]["show_when"]["is"] == ["Ours", "No"]
    assert PlaybookDocument.model_validate(stored) == document
    assert PlaybookDocument.model_validate_json(document.model_dump_json()) == document


def test_words_that_yaml_would_turn_into_something_else_stay_words():
    text = broken('options: [Ours, Theirs, "No"]', "options: [Ours, Theirs, No]")
    assert read(text).modules[1].steps[0].form.fields[0].options == ("Ours", "Theirs", "No")


SHAPE = [
    ("type: date,", "type: date, prefill: problem,", "key: since", "fields.since", "belongs to a textarea"),
    ("        button: Hello\n", "", "- key: hello", "modules.meet.steps.hello.button", "add “button:”"),
    ("button: Hello", "buton: Hello", "buton", "modules.meet.steps.hello.buton", "did you mean “button”"),
    (
        "outcome: Met.",
        "colour: red\n    outcome: Met.",
        "colour",
        "modules.meet.colour",
        "Known are: key, stage",
    ),
    ("stage: welcome", "stage: hello", "stage: hello", "modules.meet.stage", "'welcome'"),
    ("kind: approve", "kind: stamp", "kind: stamp", "modules.agree.steps.yes.kind", "approve, confirm, kit"),
    ("due: start-2", "due: soon", "due: soon", "modules.meet.steps.hello.due", "stage 40 %"),
    ("due: stage 40 %", "due: stage 140 %", "due: stage 140", "modules.learn.steps.page.due", "stage 40 %"),
    ("due: stage 40 %", "due: stage_open-1", "due: stage_open-1", "page.due", "stage_open+3"),
    ("title: Say hello", "title: 2026", "title: 2026", "hello.title", "put it in quotes"),
    ("title: Say hello", "title: ''", "title: ''", "hello.title", "is empty"),
    ("key: hello", "key: Hello there", "key: Hello there", "key", "is not a key"),
    (
        "path: /settings/hello",
        "path: https://x.example",
        "https://x.example",
        "you.2.path",
        "/settings/payouts",
    ),
    ("path: /settings/hello", "path: //x.example", "//x.example", "you.2.path", "/settings/payouts"),
    (
        "{body: The page.}\n      - key: more",
        "The page.\n      - key: more",
        "read: The page.\n      - ",
        "page.read",
        "name: value",
    ),
    (
        "gate: true\n        due: start-2",
        "gate: maybe\n        due: start-2",
        "gate: maybe",
        "hello.gate",
        "true or false",
    ),
    (
        "due: start-2\n        minutes: 5",
        "due: start-2\n        minutes: 900",
        "minutes: 900",
        "hello.minutes",
        "600 or less",
    ),
    (
        "due: start-2\n        minutes: 5",
        "due: start-2\n        minutes: ten",
        "minutes: ten",
        "hello.minutes",
        "whole number",
    ),
    ("due: start-2", "weight: 4\n        due: start-2", "weight: 4", "hello.weight", "1, 2, 3 or 5"),
    ("programmes: [30, 90]", "programmes: [30, 75]", "[30, 75]", "programmes.2", "90 or 120"),
    ("programmes: [30, 90]", "programmes: 30", "programmes: 30", "programmes", "must be a list"),
    ("  90: {", "  75: {", "  75: {", "stage_budgets.75", "90 or 120"),
    ("training: 40,", "training: 0,", "training: 0,", "stage_budgets.90.training", "1 or more"),
    (
        "confirm: {statement: Hello was said.}",
        "read: {body: Hello.}",
        "- key: hello",
        "hello",
        "has no “read”",
    ),
    ("        confirm: {statement: Hello was said.}\n", "", "- key: hello", "hello", "needs “confirm”"),
    (', options: [Ours, Theirs, "No"]', "", "{key: crm", "fields.crm", "at least two options"),
    ("type: date,", "type: date, options: [a, b],", "type: date", "fields.since", "only choice and choices"),
    (
        "    why: To meet.",
        "    why: To meet.\n    needs_person: true",
        "- key: meet",
        "modules.meet",
        "needs_person_reason",
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "at", "where", "says"), SHAPE, ids=[case[4][:30] + str(n) for n, case in enumerate(SHAPE)]
)
def test_what_is_wrong_names_its_line_and_what_would_be_right(old, new, at, where, says):
    text = broken(old, new)
    found = [problem for problem in problems_of(text) if problem.where.endswith(where)]
    assert len(found) == 1, problems_of(text)
    assert found[0].line == line_of(text, at)
    assert says.replace("'", "") in found[0].message
    assert str(found[0]).startswith(f"small.yaml:{found[0].line}: ")
    for jargon in ("Value error", "Input should", "pydantic", "__"):
        assert jargon not in found[0].message


def test_several_problems_come_together_in_the_order_of_the_lines():
    text = broken("kind: approve", "kind: stamp", broken("button: Hello", "buton: Hello"))
    lines = [problem.line for problem in problems_of(text)]
    assert lines == sorted(lines)
    assert {line_of(text, "buton"), line_of(text, "kind: stamp")} < set(lines)


YAML = [
    ("key: small", "key: small\nkey: other", "key: other", "stands on line 1 already"),
    ("        why: To begin.", "        why: To begin.\n        why: Again.", "why: Again.", "already"),
    ("name: Small", "name: 'Small", None, "not readable YAML"),
    ("name: Small", "name: Small\n\tproducts: x", "\tproducts", "not readable YAML"),
    ("name: Small", "name: !!python/object/apply:os.getcwd []", "!!python", "not readable YAML"),
    ("why: To begin.", "why: *other", "*other", "write the part out"),
    ("name: Small", "name: " + "[" * 40 + "]" * 40, "name: [", "nested too deep"),
]


@pytest.mark.parametrize(("old", "new", "at", "says"), YAML, ids=[str(n) for n in range(len(YAML))])
def test_broken_yaml_names_its_line(old, new, at, says):
    text = broken(old, new)
    problem = problems_of(text)[0]
    assert says in problem.message
    assert problem.line == line_of(text, at) if at else problem.line > 0


def test_a_small_file_cannot_become_a_large_document():
    layers = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert "write the part out" in problems_of(layers)[0].message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the file is empty"),
        ("# nothing\n", "the file is empty"),
        ("- a\n- b\n", "name: value"),
        ("just words", "name: value"),
        ("a: " + "x" * MAX_BYTES, "over 512 kB"),
        ("a: \x00", "not readable YAML"),
        ("a: " + "9" * 6000, "not readable YAML"),
        ("? [a, b]\n: c\n", "not readable YAML"),
        ("--- a\n--- b\n", "not readable YAML"),
    ],
)
def test_what_is_no_playbook_at_all_is_refused(text, says):
    assert says in problems_of(text)[0].message


def test_a_file_that_is_too_large_says_so_in_any_alphabet(tmp_path: Path):
    file = tmp_path / "large.yaml"
    file.write_text("no: " + "é" * MAX_BYTES, encoding="utf-8")
    with pytest.raises(PlaybookError) as found:
        read(file)
    assert "over 512 kB" in found.value.problems[0].message


def test_a_file_that_is_missing_or_no_text_says_so(tmp_path: Path):
    with pytest.raises(PlaybookError, match="cannot be read"):
        read(tmp_path / "none.yaml")
    (tmp_path / "picture.yaml").write_bytes(b"\xff\xfe\x00picture")
    with pytest.raises(PlaybookError, match="UTF-8"):
        read(tmp_path / "picture.yaml")


def test_a_file_is_named_by_its_path(tmp_path: Path):
    path = tmp_path / "own.yaml"
    path.write_text(broken("kind: approve", "kind: stamp"))
    with pytest.raises(PlaybookError) as refused:
        read_checked(path)
    assert refused.value.problems[0].file == str(path)
