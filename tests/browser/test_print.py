"""On paper: from a strip of 320 pixels to A4, nothing lies on anything else and nothing is cut off."""

import re
from datetime import date

import pytest

from portal import db
from portal.onboardings.states import StepState
from tests.infra.visit import session_cookie
from tests.make import northwind
from tests.onboardings.road import finish, settle_step

STEPS = ("payout_account", "payout_choice", "prerequisites", "admin_guide")

pytestmark = pytest.mark.browser

MARGIN = 45  # The 12 mm of the printed page, which count to its width.
# Where two pieces of text, or text and the edge of the paper, lie on one another.
COLLISIONS = """(margin) => {
  document.documentElement.style.marginInline = `${margin}px`
  const seen = (one) => one.checkVisibility({visibilityProperty: true}) && !one.closest('.vh, [aria-hidden=true], svg');
  const lines = []
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT)
  for (let node; (node = walker.nextNode());) {
    if (!node.data.trim() || !seen(node.parentElement)) continue
    const range = document.createRange()
    range.selectNodeContents(node)
    for (const box of range.getClientRects()) if (box.width > 1) lines.push([node.data.trim(), box])
  }
  const found = []
  for (const [text, a] of lines) {
    if (a.left < margin - 1 || a.right > innerWidth - margin + 1) found.push(`“${text}” leaves the paper`)
    for (const [other, b] of lines) {
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left)
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)
      if (text < other && wide > 2 && high > Math.min(a.height, b.height) / 2) found.push(`“${text}” on “${other}”`)
    }
  }
  return found
}"""


@pytest.mark.parametrize("width", [320, 475, 600, 794])
def test_paper_of_any_width_is_clean(site, window, clock, width) -> None:
    clock.forward(days=6)
    with site.app.app_context(), db.transaction():
        cast = northwind(start_date=date(2026, 3, 9))
        cast.onboarding.begin()
        for key in STEPS:
            cast.step(key).state = StepState.READY
        home = f"/o/{cast.onboarding.ref}"
        paths = [f"/steps/{cast.step(key).ref}" for key in STEPS]
        token = session_cookie(cast.ana)
    shown = window(site)
    shown.sign_in(token)
    shown.page.emulate_media(media="print")
    shown.page.set_viewport_size({"width": width, "height": 1000})
    for path in ("", *paths, "/stages/training", "/people", "/team", "/documents"):
        shown.open(home + path)
        assert shown.page.evaluate(COLLISIONS, MARGIN) == [], f"{path or 'home'} at {width}"


@pytest.mark.parametrize("behind", [(), ("welcome",), ("welcome", "expectations")])
def test_the_home_is_one_page(site, window, clock, behind) -> None:
    clock.forward(days=6)
    with site.app.app_context(), db.transaction():
        cast = northwind(start_date=date(2026, 3, 9))
        cast.onboarding.begin()
        finish(cast.onboarding, cast, *behind)
        for step in cast.onboarding.stage.items[::2]:
            if step.state == StepState.READY:
                settle_step(step, cast)
        home, token = f"/o/{cast.onboarding.ref}", session_cookie(cast.ana)
    shown = window(site)
    shown.sign_in(token)
    shown.open(home)
    paper = shown.page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
