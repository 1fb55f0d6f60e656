"""Every page and state of the desk in the demo at 360, 1280 and 1600 px, in both themes: axe, nothing cut, no error."""

import pytest
from werkzeug.routing import Rule

from tests.desk.looks import ONLY_TARGETS, TARGETS, look, unfold
from tests.desk.places import FILES, PAGES, STATES, names, token_of
from tests.infra.browser import COLOURS

pytestmark = pytest.mark.browser


@pytest.fixture
def shown(demo_site, window):
    """Priya's window, and the way to an address of tests/desk/places.py; the settings are Lena's."""
    windows = {}
    for who in ("priya", "lena"):
        windows[who] = window(demo_site)
        windows[who].sign_in(token_of(demo_site, who))
    found = names(demo_site)

    def show(path: str):
        made = windows["lena" if path.startswith("/staff/settings") else "priya"]
        made.open(path.format(**found))
        assert made.page.locator("main h1").count(), f"{path} is not a page of the desk"
        return made

    return show


def test_every_page_of_the_desk_is_looked_at(shared_app) -> None:
    def is_page(rule: Rule) -> bool:
        return rule.rule.startswith("/staff") and "GET" in (rule.methods or ()) and rule.rule not in FILES

    assert set(PAGES) == {rule.rule for rule in shared_app.url_map.iter_rules() if is_page(rule)}


def test_every_page_folded_and_open(shown) -> None:
    """Folded at the widest, open at the two others: what is open takes the most room."""
    wrong = []
    for path in [path for paths in PAGES.values() for path in paths]:
        window = shown(path)
        found = look(window, "wide")
        unfold(window.page)
        found += look(window, "desktop", COLOURS) + look(window, "phone", TARGETS)
        wrong += [f"{path}: {one}" for one in found]
    assert not wrong, "\n".join(wrong)


# Every button that sends a form with something to fill in, wherever it sends it.
BUTTONS = """[...document.querySelectorAll('main form[method=post]')]
  .flatMap((form) => [...form.elements].filter((one) => one.type === 'submit'))
  .filter((one) => [...one.form.elements].some((field) => !['hidden', 'submit', 'button'].includes(field.type)))"""
GOES_TO = f"""() => {BUTTONS}.map((one) =>
  new URL(one.getAttribute('formaction') || one.form.getAttribute('action'), location.href).pathname)"""
SEND_EMPTY = f"""(at) => {{
  const button = {BUTTONS}[at]
  for (const one of button.form.elements) {{
    if (['radio', 'checkbox'].includes(one.type)) one.checked = false
    else if (!['hidden', 'submit', 'button'].includes(one.type)) one.value = ''
  }}
  button.form.requestSubmit(button) }}"""
MORE_FORMS = ("select", "a draft", "a signal", "a result")
REFUSED = {
    "desk.set_seats", "usage_import.bring_in",
    "calls.book_for_them", "calls.cancel_for_them", "calls.held", "calls.log", "calls.move_for_them",
    "desk.add", "desk.add_module", "desk.add_wave", "desk.as_customer", "desk.assign", "desk.assign_many",
    "desk.begin_on", "desk.cancel", "desk.change_step", "desk.change_wave", "desk.decide",
    "desk.decide_module", "desk.hand_over", "desk.hold", "desk.hold_many", "desk.invite", "desk.make",
    "desk.new_date", "desk.note", "desk.open_stage", "desk.save_view", "desk.send_back", "desk.set_away",
    "desk.settle", "desk.share", "desk.signal", "desk.write", "handoffs.give_back", "scope.add", "scope.change",
    "scope.prioritise", "desk.add_result", "desk.measure_result", "plans.answer", "plans.void",
    "prerequisites.add", "prerequisites.change", "prerequisites.go_without", "prerequisites.hold",
    "desk.set_health", "health.change",
    "prerequisites.leave_out", "nudges.edit", "nudges.write", "usage_desk.make_key", "products.change",
    "desk.call_in",
    "escalations.assign", "escalations.dismiss", "escalations.lift", "escalations.note", "escalations.resolve",
    "escalations.send", "escalations.wait",
}  # fmt: skip


def test_every_form_that_is_refused(shown, demo_site) -> None:
    seen, refused, wrong = set(), set(), []
    urls = demo_site.app.url_map.bind("")
    places = [*(path for paths in PAGES.values() for path in paths), *map(STATES.get, MORE_FORMS)]
    for path in places:
        window = shown(path)
        actions = window.page.evaluate(GOES_TO)
        for at, action in enumerate(actions):
            endpoint = urls.match(action, method="POST")[0]
            if endpoint in seen:
                continue
            seen.add(endpoint)
            shown(path)
            with window.page.expect_navigation():
                window.page.evaluate(SEND_EMPTY, at)
            if not window.page.locator("#problems").count():
                continue
            refused.add(endpoint)
            found = look(window, "desktop", COLOURS) + look(window, "phone", TARGETS)
            wrong += [f"{endpoint}: {one}" for one in found]
    assert not wrong, "\n".join(wrong)
    assert refused == REFUSED, (sorted(refused - REFUSED), sorted(REFUSED - refused), sorted(seen - refused))


def test_every_state(shown) -> None:
    wrong = []
    for name, path in STATES.items():
        window = shown(path)
        found = look(window, "desktop") + look(window, "phone", ONLY_TARGETS)
        wrong += [f"{name}: {one}" for one in found]
    assert not wrong, "\n".join(wrong)
