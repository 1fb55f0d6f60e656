"""What no page of the desk does in any width: scroll sideways, cut words, reach over an edge, offer a tiny target."""

from typing import Any

from playwright.sync_api import Page

from tests.infra.browser import EVERYTHING, Window

WIDTHS = {"phone": (360, 740), "desktop": (1280, 900), "wide": (1600, 1000)}
# 24 by 24 px, or room around it. With everything else, and alone.
TARGETS = {**EVERYTHING, "rules": {"target-size": {"enabled": True}}}
ONLY_TARGETS = {**EVERYTHING, "runOnly": {"type": "rule", "values": ["target-size"]}}

SHOWN = "(one) => one.checkVisibility({ visibilityProperty: true })"
NAMED = "(one) => `${one.tagName}.${one.className}: ${one.textContent.trim().slice(0, 60)}`"
# Words that are wider than their box. A list's reason is cut with dots on purpose; its page has it whole.
CUT = f"""() => [...document.querySelectorAll('main *')].filter({SHOWN}).filter((one) =>
  !one.closest('.vh, svg, .accounts .why, .tabs') && !['INPUT', 'TEXTAREA', 'SELECT'].includes(one.tagName) &&
  one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1 &&
  [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())).map({NAMED})"""
# What reaches over the edge of the sheet, or of a box that would have to scroll to show it.
OVER = f"""() => {{
  const edge = document.querySelector('main').getBoundingClientRect().right + 1
  const over = [...document.querySelectorAll('main *')].filter({SHOWN}).filter((one) =>
    one.getBoundingClientRect().width && one.getBoundingClientRect().right > edge && !one.closest('.vh, .tabs, svg'))
  const scrolls = [...document.querySelectorAll('.tablewrap, .list-beside')]
    .filter((one) => one.scrollWidth > one.clientWidth + 1)
  return [...over, ...scrolls].map({NAMED}) }}"""


def look(window: Window, width: str, options: dict[str, Any] = EVERYTHING) -> list[str]:
    """What is wrong with what is shown at this width; axe looks for what `options` say, and at colours in both themes
    where nothing is folded by the width."""
    page = window.page
    size = WIDTHS[width]
    page.set_viewport_size({"width": size[0], "height": size[1]})
    wrong = window.violations(options)
    if width == "desktop":
        wrong += window.violations_in_the_other_scheme()
    sideways = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    wrong += [f"scrolls sideways by {sideways} px"] if sideways > 0 else []
    wrong += [f"cut: {one}" for one in page.evaluate(CUT)]
    if width != "phone":
        wrong += [f"over the edge: {one}" for one in page.evaluate(OVER)]
    return [f"{width}: {one}" for one in wrong]


def unfold(page: Page) -> None:
    """Open everything on the page that folds."""
    page.evaluate("() => document.querySelectorAll('main details').forEach((one) => { one.open = true })")
