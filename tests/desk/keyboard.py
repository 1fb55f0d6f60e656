"""The desk as somebody uses it who has no mouse: every way to a thing is Tab, every act is a key.

Each thing that is reached must show that it has the focus, and stand within the window.
"""

import re

from playwright.sync_api import Locator, Page, expect

from portal import db
from portal.accounts.models import User
from tests.infra.browser import Site, Window
from tests.infra.visit import session_cookie

MOST = 600  # Tab stops between two things on one page.

# -1 or 1: the way Tab has to go from what has the focus, 0 when it is there. A group of radios is one stop.
WAY = """(aim) => {
  const at = document.activeElement
  const group = aim.type === 'radio' && at.type === 'radio' && at.name === aim.name && at.form === aim.form
  if (at === aim || group) return 0
  if (at === document.body || at.contains(aim)) return 1
  return at.compareDocumentPosition(aim) & Node.DOCUMENT_POSITION_PRECEDING ? -1 : 1 }"""
SEEN = """(one) => {
  const look = getComputedStyle(one), box = one.getBoundingClientRect()
  return { outline: look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 2,
           within: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth } }"""


class Keyboard:
    """One person at the demo's desk, from the keyboard alone."""

    def __init__(self, site: Site, window: Window) -> None:
        self.site, self.window, self.page = site, window, window.page

    def sign_in(self, email: str) -> None:
        """With the session that the way in would have given."""
        with self.site.app.test_request_context(), db.transaction():
            user = User.by_email(email)
            assert user is not None
            token = session_cookie(user)
        self.window.sign_in(token)

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    def row(self, *words: str) -> Locator:
        """The lines of My day that have all of these words."""
        found = self.main.locator(".day-table tbody tr")
        for word in words:
            found = found.filter(has_text=word)
        return found

    def row_of(self, account: str) -> None:
        """Walk down the list to this account by the arrow keys."""
        aim = self.main.locator(".accounts tbody th a", has_text=account)
        for _n in range(60):
            self.key("ArrowDown")
            if aim.evaluate("(one) => one === document.activeElement"):
                return
        raise AssertionError(f"no arrow leads to {account}")

    def find(self, account: str) -> None:
        """Search the list for this account, and open it."""
        self.open("/staff/accounts")
        self.key("/")
        self.page.keyboard.type(account)
        self.key("Enter")
        expect(self.main.locator(".accounts tbody th a")).to_have_text([account])
        self.key("ArrowDown", "Enter")
        self.is_on(account)

    def open(self, path: str) -> Page:
        """As an address that is typed."""
        return self.window.open(path)

    # --- To a thing ---

    def to(self, aim: Locator) -> Locator:
        """Tab until it has the focus."""
        aim = aim.first
        expect(aim).to_be_visible()
        found = aim.element_handle()
        assert found is not None
        for _n in range(MOST):
            way = found.evaluate(WAY)
            if way == 0:
                self._is_shown(aim)
                return aim
            self.key("Tab" if way > 0 else "Shift+Tab")
        raise AssertionError(f"no Tab reaches {aim}")

    def _is_shown(self, aim: Locator) -> None:
        shown = self.page.locator(":focus").evaluate(SEEN)
        assert shown["outline"], f"{aim} does not show its focus"
        assert shown["within"], f"{aim} has the focus out of sight"

    def key(self, *names: str) -> None:
        for name in names:
            self.page.keyboard.press(name)

    # --- What is done with it ---

    def press(self, name: str, *, within: Locator | None = None, exact: bool = True) -> None:
        """A button, by Enter."""
        self.to(self._named("button", name, within, exact))
        self.key("Enter")

    def follow(self, name: str, *, within: Locator | None = None, exact: bool = False) -> None:
        """A link, by Enter."""
        self.to(self._named("link", name, within, exact))
        self.key("Enter")

    def _named(self, role: str, name: str, within: Locator | None, exact: bool) -> Locator:
        where = within or self.page.locator("body")
        return where.get_by_role(role, name=name, exact=exact)  # type: ignore[arg-type]

    def unfold(self, name: str, *, within: Locator | None = None) -> Locator:
        """Open a <details> by its summary; gives the details."""
        summary = (within or self.main).locator("summary", has_text=name).first
        self.to(summary)
        self.key("Enter")
        fold = summary.locator("xpath=..")
        expect(fold).to_have_attribute("open", "")
        return fold

    def write(self, label: str | Locator, text: str, *, within: Locator | None = None) -> None:
        """Replace what a field holds. A date is typed as the browser shows it: month, day, year."""
        field = self._field(label, within)
        self.to(field)
        if field.first.get_attribute("type") != "date":
            self.key("Control+A")
        self.page.keyboard.type(text)

    def _field(self, label: str | Locator, within: Locator | None) -> Locator:
        if isinstance(label, Locator):
            return label
        where = within or self.main
        if label[0] == "#" or label == "textarea":
            return where.locator(label)
        return where.get_by_label(re.compile(rf"^{re.escape(label)}( \(optional\))?$"))

    def choose(self, label: str | Locator, option: str, *, within: Locator | None = None) -> None:
        """An entry of a native list, by the arrow keys."""
        field = self.to(self._field(label, within))
        names = [one.strip() for one in field.locator("option").all_inner_texts()]
        at = next(n for n, name in enumerate(names) if option in name)
        steps = at - field.evaluate("(list) => list.selectedIndex")
        self.key(*["ArrowDown" if steps > 0 else "ArrowUp"] * abs(steps))
        assert option in field.evaluate("(list) => list.selectedOptions[0].textContent")

    def tick(self, aim: Locator) -> None:
        """A box by the space bar, a radio by the arrows of its group."""
        box = self.to(aim)
        if box.get_attribute("type") == "checkbox":
            self.key("Space")
        else:
            self.key("Space")
            for _n in range(20):
                if box.is_checked():
                    break
                self.key("ArrowDown")
        expect(box).to_be_checked()

    # --- What came of it ---

    def said(self, text: str, *, at: str = ".flash") -> None:
        """What happened stands above the page and has the focus, or `at` has it: Tab goes on from there."""
        expect(self.main.locator(".flash", has_text=text)).to_be_visible()
        expect(self.main.locator(at).first).to_be_focused()
        self.fits()

    def refused(self, text: str) -> None:
        """Why not stands above the page and has the focus."""
        expect(self.page.locator("#problems")).to_contain_text(text)
        expect(self.page.locator("#problems")).to_be_focused()
        self.fits()

    def fits(self) -> None:
        wide = self.page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{self.page.url} scrolls sideways by {wide} px"

    def is_on(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(heading)
        self.fits()
