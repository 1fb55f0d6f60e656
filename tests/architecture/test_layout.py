"""The layout: files stand where a reader looks for them, and stay short enough to be read."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture import layout
from tests.architecture.tree import names, ours, text

FILE, FUNCTION, TEMPLATE = 320, 45, 130


def too_long(name: str, source: str) -> Iterator[str]:
    """A sentence for each file, function or template that has become two things."""
    lines = source.count("\n")
    if name.startswith("templates/") and lines > TEMPLATE:
        yield f"{name}: {lines} lines, {TEMPLATE} at most"
    if not (name.startswith("portal/") and name.endswith(".py")):
        return
    if lines > FILE:
        yield f"{name}: {lines} lines, {FILE} at most"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = (node.end_lineno or node.lineno) - node.lineno + 1
            if size > FUNCTION:
                yield f"{name}:{node.lineno} {node.name}: {size} lines, {FUNCTION} at most"


def test_every_file_stands_where_the_layout_has_it():
    assert list(layout.misplaced(names())) == []


def test_every_exception_and_every_name_of_the_layout_is_used():
    present = set(names())
    assert sorted(set(layout.EXCEPTIONS) - present) == []
    assert {f"portal/{concern}.py" for concern in layout.CONCERNS} - present == set()
    assert {f"portal/{feature}/__init__.py" for feature in layout.FEATURES} - present == set()


@pytest.mark.parametrize(
    "planted",
    ["scripts/run.sh", "portal/utils.py", "portal/extra.py", "portal/training/models.py", "portal/road/magic.py",
     "portal/road/parts/views.py", "templates/common/a.html"],
)  # fmt: skip
def test_a_misplaced_file_is_found(planted):
    assert len(list(layout.misplaced([planted]))) >= 1


def test_nothing_is_too_long_to_read():
    assert [problem for name in ours("portal/", "templates/") for problem in too_long(name, text(name))] == []


def test_what_is_too_long_is_found():
    body = "    pass\n" * FUNCTION
    assert "46 lines" in next(too_long("portal/a.py", f"def f():\n{body}"))
    assert "321 lines" in next(too_long("portal/a.py", "\n" * (FILE + 1)))
    assert "131 lines" in next(too_long("templates/a.html", "\n" * (TEMPLATE + 1)))
