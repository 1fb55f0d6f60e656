"""A well-shaped playbook that leads nowhere is refused, with the line."""

import pytest

from portal.playbooks.check import check
from portal.playbooks.reader import read, read_checked
from portal.playbooks.source import PlaybookError
from tests.playbooks.small import SMALL, broken, line_of

GATE_OF_WELCOME = "        gate: true\n        due: start-2"
HELLO = "      - key: hello"

TWO = "".join(
    f"- {{key: {name}, label: {name}, type: textarea, prefill: problem}}\n            "
    for name in ("one", "two")
)

CASES = [
    ("welcome: 10,", "welcome: 11,", "stage_shares", "add up to 101"),
    ("training: 40,", "training: 41,", "90: {", "add up to 91 days; they must add up to 90"),
    ("[-7, 2]", "[1, 2]", "[1, 2]", "day 0 or before"),
    ("due: start-2", "due: after(nobody)+1", "due: after(nobody)+1", "no step “nobody”"),
    ("due: after(hello)+1", "due: start-1", "due: start-1", "before the start date"),
    ("due: start-2", "due: after(yes)+1", "due: after(yes)+1", "hello → yes → questions → hello"),
    ("due: stage 40 %", "due: after(page)+1", "due: after(page)+1", "page → page"),
    ("steps: [done]", "steps: [done, gone]", "steps: [done, gone]", "no step “gone”"),
    ("steps: [done]", "steps: [done], due: after(gone)+1", "due: after(gone)+1", "no step “gone”"),
    (
        "steps: [done]",
        "steps: [done], due: after(more)+1",
        "due: after(more)+1",
        "“more” is left out in the 30-day",
    ),
    ("steps: [done]", "steps: []", "steps: []", "has no steps"),
    ("key: yes", "key: hello", "key: hello\n        title: Agree", "used twice"),
    ("key: learn", "key: agree", "key: agree\n    stage: training", "used twice"),
    ("title: Read the page", "title: read the page", "read the page", "capital letter"),
    ("title: Meet\n", "title: meet\n", "title: meet\n", "capital letter"),
    ("title: Finished", "title: finished", "title: finished", "capital letter"),
    ("key: crm,", "key: check,", "key: check,", "name of a page"),
    ("key: since,", "key: result,", "key: result,", "name of a page"),
    ("key: since,", "key: crm,", "key: crm, label: Since", "used twice"),
    ("show_when: {field: crm", "show_when: {field: gone", "field: gone", "not a question before"),
    ("field: crm, is", "field: since, is", "field: since", "not a question before"),
    ('is: [Ours, "No"]', 'is: "Nobody"', 'is: "Nobody"', "Write one of: Ours, Theirs, No"),
    ("shows: questions", "shows: done", "shows: done", "not an earlier step of kind form or upload"),
    ("shows: questions", "shows: hello", "shows: hello", "not an earlier step of kind form or upload"),
    (GATE_OF_WELCOME, "        due: start-2", "  welcome: {", "no gate in the 30-day programme for smb"),
    (
        GATE_OF_WELCOME,
        GATE_OF_WELCOME + "\n        visible: false",
        "gate: true\n        due: start-2",
        "required and visible",
    ),
    (
        GATE_OF_WELCOME,
        "        required: false\n        due: start-2",
        "  welcome: {",
        "no required visible step",
    ),
    ("records: graduation", "required: true", "  graduation: {", "no step confirms graduation"),
    (
        "assignee: end_users\n        due: stage 40 %",
        "assignee: end_users\n        programmes: [90]\n        due: stage 40 %",
        "  training: {",
        "empty in the 30-day",
    ),
    ("due: stage 40 %", "due: after(more)+1", "due: after(more)+1", "“more” is left out in the 30-day"),
    ("due: start-2", "done_for_you: true\n        due: start-2", "done_for_you", "only a step of ours"),
    (
        "due: start-2",
        "records: first_value\n        due: start-2",
        "records: first_value",
        "belongs to the graduation",
    ),
    (
        "due: start-2",
        "records: purchase_reason\n        due: start-2",
        "records: purchase_reason",
        "of a form",
    ),
    (
        "due: stage 40 %",
        "files: [{name: none.csv, label: None}]\n        due: stage 40 %",
        "none.csv",
        "import-template.csv",
    ),
    (
        "due: stage 40 %",
        "picture: {src: playbooks/none.svg, alt: None, width: 1, height: 1}\n        due: stage 40 %",
        "none.svg",
        "no picture",
    ),
    ("programmes: [30, 90]", "programmes: [30, 30]", "[30, 30]", "used twice"),
    ("- {key: since,", f"{TWO}- {{key: since,", "key: two", "fills in two fields"),
    ("type: date,", "type: textarea, prefill: quote,", "prefill: quote", "the first field of a step with"),
]


def test_the_small_playbook_has_nothing_wrong():
    assert check(read(SMALL)) == []


@pytest.mark.parametrize(
    ("old", "new", "at", "says"), CASES, ids=[f"{n} {case[3][:40]}" for n, case in enumerate(CASES)]
)
def test_what_leads_nowhere_is_refused_with_its_line(old, new, at, says):
    text = broken(old, new)
    with pytest.raises(PlaybookError) as refused:
        read_checked(text, "small.yaml")
    found = [problem for problem in refused.value.problems if says in problem.message]
    assert found, refused.value.problems
    assert found[0].line == line_of(text, at)
    assert found[0].message in {problem.message for problem in check(read(text))}


def test_a_document_without_its_file_still_says_where():
    problem = check(read(broken("due: start-2", "due: after(nobody)+1")))[0]
    assert (problem.file, problem.line, problem.where) == ("small", 0, "modules.meet.steps.hello.due")


def test_each_cycle_is_told_once():
    found = check(read(broken("due: start-2", "due: after(yes)+1")))
    assert len([problem for problem in found if "→" in problem.message]) == 1


def test_a_template_must_be_among_the_steps_files():
    upload = "upload: {accept: [csv], template: import-template.csv}"
    text = broken("        read: {body: The page.}\n  - key: finish", f"        {upload}\n  - key: finish")
    text = broken("title: Read more\n        kind: read", "title: Send more\n        kind: upload", text)
    assert [problem.message for problem in check(read(text))] == [
        "“import-template.csv” is not among the files of this step; list it under files"
    ]
