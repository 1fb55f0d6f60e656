"""One person's day in a browser window: the road, the addresses on it, and the way in by mail."""

import email
import email.policy
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from portal import db, worker
from portal.onboardings.models import Onboarding
from tests.infra.browser import Site, Window
from tests.make import Cast


class Day:
    """One person's day: the window, the road, and the addresses on it."""

    def __init__(self, site: Site, window: Window, cast: Cast) -> None:
        self.site, self.window, self.cast, self.page = site, window, cast, window.page
        self.home = f"/o/{cast.onboarding.ref}"

    def look(self, path: str | None = None) -> Page:
        """Open a page, or look at the one that is shown: axe, and no scrolling sideways."""
        if path is not None:
            self.window.open(path)
        self.window.check()
        return self.page

    def step(self, key: str, query: str = "") -> Page:
        return self.look(f"{self.home}/steps/{self.cast.step(key).ref}{query}")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def finish(self, key: str) -> None:
        """Press the step's own button; the home comes, says so, and focus is on what comes next."""
        self.press(self.cast.step(key).spec.button)
        expect(self.page.locator("#home")).to_be_visible()
        expect(self.page).to_have_url(self.site.url + self.home)
        expect(self.page.locator("#live")).to_have_text(re.compile(r"^(Done: .+|Sent to us for a look)\. "))
        expect(self.page.locator("#live")).to_have_text(re.compile(r"% overall\."))
        expect(self.page.locator("#next-h")).to_be_focused()
        self.look()

    def change(self, act: Callable[[Onboarding], object]) -> None:
        """Something happens elsewhere."""
        with self.site.app.app_context(), db.transaction():
            act(db.session.get_one(Onboarding, self.cast.onboarding.id))


def sign_in_by_mail(day: Day) -> None:
    """The way in: an address, a letter, one button."""
    page = day.look("/login")
    page.locator("#email").fill(day.cast.ana.email)
    day.press("Send me a sign-in link")
    expect(page.locator("#code")).to_be_visible()
    day.look()
    worker.work(once=True, around=day.site.app.app_context)
    db.session.remove()
    day.look(f"/login/{_token(day)}")
    day.press("Continue as Ana")
    expect(page.locator("#home")).to_be_visible()


def _token(day: Day) -> str:
    """The token in the newest letter that has one."""
    folder: Path = day.site.app.config["PORTAL"].data_dir / "mail"
    for file in sorted(folder.glob("*.eml"), key=lambda f: f.stat().st_mtime, reverse=True):
        letter = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        if "sign-in link" in str(letter["Subject"]):
            found = re.search(r"/login/([\w-]{20,})", letter.get_body(("plain",)).get_content())
            assert found
            return found[1]
    raise AssertionError("no letter with a sign-in link")
