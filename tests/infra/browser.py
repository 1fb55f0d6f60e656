"""Real Chromium: a site with a database of its own, windows in four shapes, and axe on what they show."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from portal import config, db
from tests.infra import chromium
from tests.infra.databases import Databases
from tests.infra.missing import missing

AXE = Path(__file__).parent.parent / "browser/vendor/axe-core/axe.min.js"
EVERYTHING = {"resultTypes": ["violations"], "preload": False}
# Light and dark differ in colours alone (tests/web/test_static.py), so the other of the two needs these only.
COLOURS = {**EVERYTHING, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
SIZES = {"phone": (360, 740), "tablet": (768, 1024), "desktop": (1280, 900), "wide": (1600, 1000)}
# A refused form answers 422 or 409 on purpose; Chromium logs each such answer as an error.
EXPECTED = (
    "status of 422",
    "status of 409",
    "status of 404",
    "status of 403",
    "status of 410",
    "status of 429",
)


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Say nothing of requests that went as they should."""
        if type == "error":
            super().log(type, message, *args)


@dataclass
class Site:
    """A running portal on loopback. Tests change its database through `portal.db.transaction()`."""

    url: str
    app: Flask


@dataclass
class Window:
    """One person's browser window; `page` is Playwright's."""

    page: Page
    url: str
    scheme: str = "light"
    errors: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to a path of the site and wait until everything of it is loaded."""
        self.page.goto(self.url + path)
        return self.page

    def sign_in(self, token: str) -> None:
        """Carry the session of `token` (see visit.session_cookie) from now on."""
        self.page.context.add_cookies([{"name": "session", "value": token, "url": self.url}])

    def check(self) -> None:
        """Fail on any violation that axe finds in what is shown now, or when the page scrolls sideways.

        Colours are looked at in the light and in the dark, whichever the window is.
        """
        page = self.page
        found = self.violations(EVERYTHING) + self.violations_in_the_other_scheme()
        assert not found, f"axe on {page.url}:\n" + "\n".join(found)
        wide = page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{page.url} scrolls sideways by {wide} px"

    def violations_in_the_other_scheme(self) -> list[str]:
        """Colours are what differs there."""
        self._emulate("light" if self.scheme == "dark" else "dark")
        found = self.violations(COLOURS)
        self._emulate(self.scheme)
        return found

    def violations(self, options: dict[str, Any]) -> list[str]:
        """What axe finds now."""
        found = self.page.evaluate("(options) => axe.run(document, options)", options)["violations"]
        return [f"{one['id']}: {one['help']}: {node['target']}" for one in found for node in one["nodes"]]

    def _emulate(self, scheme: str) -> None:
        self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def chromium_browser() -> Iterator[Browser]:
    """Chromium, started once for each worker."""
    path = chromium.find()
    if path is None:
        missing(chromium.ABSENT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=chromium.switches())
        yield browser
        browser.close()


@pytest.fixture
def window(chromium_browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Window]]:
    """Opens windows: `window(site, "phone", scheme="dark")`. An error on any console fails the test."""
    opened: list[tuple[BrowserContext, Window]] = []

    def make(site: Any, size: str = "desktop", *, scheme: str = "light", **options: Any) -> Window:
        width, height = SIZES[size]
        context = chromium_browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
            locale="en-GB",
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(10_000)
        # From outside, with every page: the page's own policy would refuse a script tag.
        context.add_init_script(path=AXE)
        shown = Window(context.new_page(), site if isinstance(site, str) else site.url, scheme)
        _listen(shown)
        opened.append((context, shown))
        return shown

    yield make
    errors = [error for _context, shown in opened for error in shown.errors]
    for context, _shown in opened:
        context.close()
    assert not errors, "the console says:\n" + "\n".join(errors)


def _listen(window: Window) -> None:
    def said(message: Any) -> None:
        if message.type == "error" and not any(known in message.text for known in EXPECTED):
            window.errors.append(f"{window.page.url}: {message.text}")

    def asked(request: Any) -> None:
        if not request.url.startswith((window.url, "data:", "blob:", "about:")):
            window.errors.append(f"{window.page.url} asked a third party: {request.url}")

    window.page.on("console", said)
    window.page.on("pageerror", lambda error: window.errors.append(f"{window.page.url}: {error}"))
    window.page.on("request", asked)


@pytest.fixture
def site(databases: Databases, tmp_path: Path) -> Iterator[Site]:
    """The portal on an empty SQLite database of its own, answering on loopback in threads of this process.

    The process's clock is its clock, so `clock` holds it still; what a test commits it shows at once.
    """
    yield from serve(databases.copy("sqlite"), tmp_path)


def serve(database_url: str, folder: Path) -> Iterator[Site]:
    """Run the portal in threads of this process until the iterator goes on."""
    from portal.app import create_app  # Only tests of pages need every feature at hand.

    # The port is known once the socket is bound, and the application wants to know its address.
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True, request_handler=_Silent)
    url = f"http://127.0.0.1:{server.server_port}"
    server.app = create_app(
        config.read(
            {
                "PORTAL_DATABASE_URL": database_url,
                "PORTAL_SECRET_KEY": "only-for-tests-" * 3,
                "PORTAL_SEAL_PASSPHRASE": "only-for-tests",
                "PORTAL_BASE_URL": url,
                "PORTAL_DATA_DIR": str(folder / "data"),
            }
        )
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield Site(url, server.app)
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()
        db.disconnect()
