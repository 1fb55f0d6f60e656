"""What a machine lacks: named below the tests, and no way past CI."""

from types import SimpleNamespace

import pytest

from tests.infra.missing import MARK, lines, missing

WHAT = "chromium; install it with your package manager"


def test_by_hand_it_is_skipped_and_named_once_for_all_that_needed_it(monkeypatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=MARK + WHAT):
        missing(WHAT)
    report = SimpleNamespace(longrepr=("tests/a.py", 1, f"Skipped: {MARK}{WHAT}"))
    assert lines([report, report]) == [f"NOT RUN, 2 tests: {WHAT}"]


def test_in_ci_it_fails(monkeypatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=MARK + WHAT):
        missing(WHAT)
