"""The check page in a browser: on a phone and at a desk, in both schemes, with the keyboard, and each verdict."""

import pytest

from portal import db
from tests.plans import making
from tests.plans.seals import flipped, seal_now
from tests.plans.signed import sign


@pytest.fixture
def files(site, clock, monkeypatch, tmp_path):
    """A sealed file and the same one changed."""
    with site.app.test_request_context():
        db.start()
        made = making.road(clock)
        version = sign(making.sent(made, sponsors=True), made.ana, made.rui, made.priya)
        content = seal_now(version, monkeypatch).path.read_bytes()
        db.session.remove()
    right, wrong = tmp_path / "plan.pdf", tmp_path / "changed.pdf"
    right.write_bytes(content)
    wrong.write_bytes(flipped(content, 30))
    return right, wrong


@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("desktop", "dark")])
def test_it_is_read_well_with_each_verdict(window, site, files, size, scheme):
    shown = window(site, size, scheme=scheme)
    page = shown.open("/verify")
    shown.check()
    for path, verdict in zip(files, ("Verified.", "Not verified."), strict=True):
        page.get_by_label("The signed plan").set_input_files(path)
        page.get_by_role("button", name="Check").focus()
        page.keyboard.press("Enter")
        page.get_by_role("heading", name=verdict, exact=True).wait_for()
        shown.check()
