"""The project's own files, as they would be committed."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
VENDORED = ("tests/browser/vendor/", "static/vendor/", "static/fonts/", "requirements")


@cache
def names() -> tuple[str, ...]:
    """Every file that git keeps or would keep, as a path from the root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(sorted(name for name in set(listed.split("\0")) if name and (ROOT / name).is_file()))


@cache
def text(name: str) -> str:
    """A file's text; empty for one that holds no text."""
    try:
        return (ROOT / name).read_text()
    except UnicodeDecodeError:
        return ""


def ours(*starts: str, end: str = "") -> list[str]:
    """Files that we wrote ourselves, below any of `starts` (all without) and with this ending."""
    return [
        name
        for name in names()
        if not name.startswith(VENDORED) and name.endswith(end) and (not starts or name.startswith(starts))
    ]
