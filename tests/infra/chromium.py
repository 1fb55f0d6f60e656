"""Finds a Chromium and says how it is started here."""

import os
import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ABSENT = "no Chromium in $CHROMIUM, on PATH or among Playwright's own (Debian: apt-get install chromium)"

# Chromium looks for its maker's hosts at every start unless told not to.
SWITCHES = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
]


def find() -> str | None:
    """The path of a Chromium, or None."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named if Path(named).exists() else None
    on_path = next(filter(None, map(shutil.which, NAMES)), None)
    if on_path:
        return on_path
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache/ms-playwright")
    own = sorted(cache.glob("chromium-*/chrome-linux*/chrome"))
    return str(own[-1]) if own else None


def switches() -> list[str]:
    """The command line switches; the sandbox needs a user other than root."""
    return SWITCHES + (["--no-sandbox"] if os.geteuid() == 0 else [])
