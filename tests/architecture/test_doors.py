"""One door each: lint bans what goes around it, and imports point down. Each ban is seen to bite."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, ours, text

BANNED = [
    ("import datetime\n\ndatetime.datetime.now()\n", "portal/clock.py"),
    ("from datetime import datetime\n\ndatetime.utcnow()\n", "portal/clock.py"),
    ("from datetime import date\n\ndate.today()\n", "portal/clock.py"),
    ("import os\n\nos.environ['A']\n", "portal/config.py"),
    ("import os\n\nos.getenv('A')\n", "portal/config.py"),
    ("import smtplib\n\nsmtplib\n", "portal/mail.py"),
    ("import weasyprint\n\nweasyprint\n", "portal/pdf.py"),
]

# Who may end a transaction: the database's own door and the one that wraps each request.
COMMITTERS = {"portal/db.py", "portal/web.py"}

WRONG_IMPORTS = [
    ("portal/onboardings/rules.py", "import portal.road.views", "Imports point down"),
    ("portal/onboardings/rules.py", "import portal.desk", "Imports point down"),
    ("portal/calls/models.py", "import portal.messages.models", "Imports point down"),
    ("portal/clock.py", "import portal.db", "Imports point down"),
    ("portal/onboardings/rules.py", "from sqlalchemy import select", "Pure files"),
    ("portal/onboardings/progress.py", "from flask import g", "Pure files"),
    ("portal/accounts/models.py", "import portal.forms", "Models know"),
    ("portal/onboardings/states.py", "import portal.onboardings.models", "No two files"),
]


def lint(source: str, name: str) -> str:
    """What ruff says to `source`, were it the file `name`."""
    command = [sys.executable, "-m", "ruff", "check", "--select", "TID251", "--stdin-filename", name, "-"]
    return subprocess.run(command, input=source, cwd=ROOT, capture_output=True, text=True, check=False).stdout


def imports(folder: Path) -> str:
    """What import-linter says to the package in `folder`."""
    program = Path(sys.executable).parent / "lint-imports"
    command = [program, "--no-cache", "--config", ROOT / ".importlinter"]
    run = subprocess.run(
        command,
        cwd=folder,
        env={"PYTHONPATH": str(folder), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
    )
    return run.stdout + run.stderr


def commits(source: str) -> Iterator[int]:
    """The lines on which `source` commits or rolls back by hand."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr == "commit":
            yield node.lineno


@pytest.mark.parametrize(("source", "door"), BANNED)
def test_what_goes_around_a_door_is_refused(source, door):
    assert "TID251" in lint(source, "portal/road/views.py")
    assert "TID251" not in lint(source, door)


def test_only_the_database_and_the_request_commit():
    found = {name: list(commits(text(name))) for name in ours("portal/", end=".py") if name not in COMMITTERS}
    assert {name: lines for name, lines in found.items() if lines} == {}
    assert list(commits("db.session.commit()")) == [1]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "portal", folder / "portal", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_imports_point_down(copy):
    said = imports(copy)
    assert " 0 broken" in said, said


@pytest.mark.parametrize(("name", "line", "contract"), WRONG_IMPORTS)
def test_a_planted_import_is_refused(copy, name, line, contract):
    path = copy / name
    before = path.read_text() if path.exists() else ""
    path.write_text(f"{before}\n{line}\n")
    try:
        said = imports(copy)
    finally:
        path.write_text(before)
    assert any(contract in row and "BROKEN" in row for row in said.splitlines()), said


def test_a_folder_outside_the_layers_is_refused(copy):
    folder = copy / "portal/extra"
    folder.mkdir()
    (folder / "__init__.py").touch()
    try:
        assert "portal.extra" in imports(copy)
    finally:
        shutil.rmtree(folder)
