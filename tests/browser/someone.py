"""One of the people of a walk, in a window of their own."""

import email
import email.policy
import re

from playwright.sync_api import Locator

from portal import db, worker
from tests.desk.keyboard import Keyboard
from tests.infra.browser import Site, Window
from tests.make import Cast


class Someone(Keyboard):
    """By keyboard alone; every page that is looked at is looked at by axe too."""

    def __init__(self, site: Site, window: Window, cast: Cast, address: str | None) -> None:
        super().__init__(site, window)
        self.cast, self.percent = cast, 0
        self.home = f"/o/{cast.onboarding.ref}"
        self.desk = f"/staff/accounts/{cast.account.ref}"
        if address:
            self.sign_in(address)

    def look(self, path: str | None = None) -> None:
        """Open a page, or look at the one that is shown."""
        if path is not None:
            self.open(path)
        self.window.check()
        self.fits()

    def press(self, name: str, *, within: Locator | None = None, exact: bool = True) -> None:
        """A button that leads on; the next page is there then."""
        with self.page.expect_navigation():
            super().press(name, within=within, exact=exact)

    def follow(self, name: str, *, within: Locator | None = None, exact: bool = False) -> None:
        """A link, and the page that it leads to."""
        with self.page.expect_navigation():
            super().follow(name, within=within, exact=exact)

    def meter(self) -> int:
        """The percent on the home, which never falls."""
        self.look(self.home)
        now = int(self.page.locator("progress").first.get_attribute("value") or 0)
        assert now >= self.percent, f"from {self.percent} to {now}"
        self.percent = now
        return now

    def items(self) -> int:
        """How many ticks the meter has, on the home that is shown."""
        words = self.page.locator("#home").inner_text()
        found = re.search(r"\d+ of (\d+) items", words)
        assert found, words
        return int(found[1])

    def go_on(self) -> None:
        """To the next question."""
        self.press("Continue")
        self.look()

    def in_a_letter(self, pattern: str) -> str:
        """What the newest letter with such a text says there; its first group, where it has one."""
        folder = self.site.app.config["PORTAL"].data_dir / "mail"
        for file in sorted(folder.glob("*.eml"), key=lambda one: one.stat().st_mtime_ns, reverse=True):
            letter = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            body = letter.get_body(("plain",))
            if body is not None and (found := re.search(pattern, body.get_content())):
                return found[found.re.groups and 1]
        raise AssertionError(f"no letter with {pattern}")

    def mail_leaves(self) -> None:
        """The worker does what is due."""
        worker.work(once=True, around=self.site.app.app_context)
        db.session.remove()
