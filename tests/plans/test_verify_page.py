"""`/verify` and `portal verify`: anybody asks, signed in or not, and reads the verdict with its reason."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import current_app
from sqlalchemy import delete

from portal import clock as portal_clock
from portal import db
from portal.app import create_app
from portal.auth.models import Throttle
from portal.plans import verification, verify_views
from portal.plans.verification import Verdict
from tests import make
from tests.infra.visit import Visitor
from tests.plans import making
from tests.plans.seals import flipped, seal_now
from tests.plans.signed import sign


@pytest.fixture
def sealed(app, clock, monkeypatch, settings):
    """The sealed file of Northwind's first version."""
    monkeypatch.setitem(app.config, "PORTAL", settings())
    with app.test_request_context():
        made = making.road(clock)
        version = sign(making.sent(made), made.ana, made.priya)
        return seal_now(version, monkeypatch).path.read_bytes()


def send(visitor, content: bytes, status: int = 200, name: str = "plan.pdf", **more):
    visitor.get("/verify")
    return visitor.submit("/verify", {"file": (io.BytesIO(content), name), **more}, status=status)


def test_e01_a_sealed_file_is_verified_by_somebody_who_is_not_signed_in(visitor, sealed):
    page = send(visitor(), sealed)
    assert page.one("h1").text() == "Verified."
    assert page.one("title").text().startswith("Verified")
    assert "version 1 of the onboarding plan of Northwind and Partnerly" in page.text
    assert "Ana Moreira for Northwind" in page.text
    assert "Priya Rao for Partnerly" in page.text
    assert "UTC" in page.text
    assert "simple electronic signature" in page.text
    for word in ("advanced", "qualified"):
        assert word not in page.text.lower()
    assert page.form("/verify"), "another file can be checked"


def test_a_changed_file_is_not_and_the_page_says_why(visitor, sealed):
    page = send(visitor(), flipped(sealed, 30))
    assert page.one("h1").text() == "Not verified."
    assert "1 byte is not as we keep it" in page.text
    assert "Ana" not in page.text


def test_a_rival_who_has_no_such_file_learns_nothing(visitor, sealed, app):
    rival = make.person(make.account("Fabrikam"), "Fay Ito")
    page = send(visitor(rival), b"%PDF-1.7\nNorthwind %%EOF")
    assert page.one("h1").text() == "Not verified."
    for word in ("Northwind", "Ana", "Priya"):
        assert word not in page.one("main").text()


@pytest.mark.parametrize("content", [b"", b"hello", b"%PDF-1.7", b"\0" * 5000])
def test_nonsense_is_answered_with_a_sentence(visitor, sealed, content):
    assert send(visitor(), content).one("h1").text() == "Not verified."


def test_without_a_file(visitor, sealed):
    somebody = visitor()
    somebody.get("/verify")
    page = somebody.submit("/verify", status=422)
    assert "Choose the file to check" in page.text
    assert page.one("title").text().startswith("Error:")


def test_a_text_in_place_of_the_file_and_an_unknown_field_are_refused(visitor, sealed):
    somebody = visitor()
    somebody.get("/verify")
    somebody.post("/verify", {"file": "plan.pdf"}, status=422)
    somebody.post("/verify", {"file": (io.BytesIO(b"x"), "x.pdf"), "trust": "me"}, status=422)


def test_a_file_above_25_mb_is_named_as_too_large(visitor, sealed):
    page = send(visitor(), b"%PDF-" + b"x" * verification.MOST_BYTES)
    assert "larger than 25 MB" in page.text


def test_s07_a_form_of_another_site_is_refused(visitor, sealed):
    somebody = visitor()
    somebody.post("/verify", {"csrf_token": "", "file": (io.BytesIO(sealed), "plan.pdf")}, status=400)


def test_asking_leaves_nothing_behind(visitor, sealed, app):
    with app.test_request_context():
        before = sorted(str(path) for path in current_app.config["PORTAL"].data_dir.rglob("*"))
    send(visitor(), sealed)
    send(visitor(), b"%PDF-1.7 secret words %%EOF")
    with app.test_request_context():
        assert sorted(str(path) for path in current_app.config["PORTAL"].data_dir.rglob("*")) == before


def test_many_files_from_one_network_are_slowed_down(visitor, sealed, monkeypatch):
    somebody = visitor()
    for _ in range(verify_views.OFTEN):
        send(somebody, b"hello")
    page = send(somebody, sealed, status=429)
    assert 0 < int(page.headers["Retry-After"]) <= 15 * 60
    assert "Many files were checked" in page.text
    with portal_clock.frozen(portal_clock.now() + timedelta(minutes=16)):
        assert send(somebody, sealed).one("h1").text() == "Verified."
    assert db.session.query(Throttle).count()


def test_two_files_at_once_and_no_more(visitor, sealed):
    """The other threads are for everybody else."""
    assert verify_views._turns.acquire(blocking=False)
    assert verify_views._turns.acquire(blocking=False)
    try:
        page = send(visitor(), sealed, status=429)
        assert page.headers["Retry-After"] == "10"
        assert "Other files are being checked" in page.text
    finally:
        verify_views._turns.release()
        verify_views._turns.release()
    assert send(visitor(), sealed).one("h1").text() == "Verified."


def test_a_file_is_read_without_holding_up_who_writes(real_database, settings, monkeypatch):
    browser = Visitor(create_app(settings(PORTAL_DATABASE_URL=real_database)).test_client())
    written = []

    def write() -> None:
        with db.transaction(hasty=True):
            db.session.execute(delete(Throttle))
            written.append(True)

    def slow(_content: bytes) -> Verdict:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(write).result(10)
        return Verdict("0" * 64, "Nothing of ours.")

    monkeypatch.setattr(verification, "verify", slow)
    assert "Nothing of ours." in send(browser, b"hello").text
    assert written
