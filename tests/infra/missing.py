"""What a machine lacks is said by name: skipped by hand, a failure in CI."""

import os
from collections import Counter
from typing import Any, NoReturn

import pytest

MARK = "could not run: "


def missing(what: str) -> NoReturn:
    """End this test because the machine lacks `what` (a sentence with the remedy)."""
    if os.environ.get("CI"):
        pytest.fail(MARK + what, pytrace=False)
    pytest.skip(MARK + what)


def lines(skipped: list[Any]) -> list[str]:
    """One line for each thing that was missing, with the number of tests that needed it."""
    reasons = (str(report.longrepr[2]) for report in skipped if isinstance(report.longrepr, tuple))
    counted = Counter(reason.partition(MARK)[2] for reason in reasons if MARK in reason)
    return [f"NOT RUN, {count} tests: {what}" for what, count in sorted(counted.items())]
