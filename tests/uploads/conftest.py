"""Northwind's onboarding to share files on."""

from pathlib import Path

import pytest

from portal import uploads
from tests.calls.conftest import cast, context  # noqa: F401


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    """A folder of this test's own for the files."""
    monkeypatch.setattr(uploads, "folder", lambda: tmp_path / "uploads")
    return tmp_path / "uploads"
