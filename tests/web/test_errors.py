"""Error pages are pages: they say what to do, tell nothing about us, and leave the database as it was."""

import io
import re

import pytest
from flask import g
from sqlalchemy import event

from portal import db
from portal.accounts.models import Product
from portal.app import create_app
from tests import make
from tests.infra.judge import header_problems
from tests.infra.visit import Visitor
from tests.web.conftest import LARGEST, install, plant, products


def test_404_says_where_to_go(planted):
    page = planted().get("/nowhere", 404)
    assert page.one("h1").text() == "There is nothing at this address."
    assert [link["href"] for link in page.one("main").all("a")] == ["/"]


def test_404_is_the_same_for_who_is_signed_in(planted):
    ana = make.person(make.account())
    assert planted(ana).get("/nowhere", 404).one("h1").text() == "There is nothing at this address."


def test_405_says_how_it_is_opened(planted):
    page = planted().post("/planted/only-get", status=405)
    assert page.one("h1").text() == "This address can't be opened like that."
    assert set(page.headers["Allow"].replace(" ", "").split(",")) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize(
    "fields", [{"text": "x" * LARGEST}, {"file": (b"x" * LARGEST, "plan.txt")}], ids=["text", "file"]
)
def test_413_says_how_much_is_taken(planted, fields):
    sent = {
        name: (io.BytesIO(value[0]), value[1]) if name == "file" else value for name, value in fields.items()
    }
    page = planted().post("/planted/fields", sent, 413)
    assert page.one("h1").text() == "That is too large."
    assert "25 MB" in page.text


def test_a_body_just_below_is_read(planted):
    assert planted().post("/planted/fields", {"text": "x" * (LARGEST - 1000)}, 200).source.startswith("2 ")


@pytest.mark.parametrize("method", ["get", "post"])
def test_500_shows_a_reference_logs_it_and_keeps_nothing(planted, capsys, method):
    visitor = planted()
    visitor.get("/login")
    before, _told = products(), capsys.readouterr()
    page = getattr(visitor, method)("/planted/boom", status=500)
    assert page.one("h1").text() == "That didn't work, and it's our fault."
    (reference,) = re.findall(r"\b[0-9a-f]{12}\b", page.text)
    assert "hunter2" not in page.source
    assert "Traceback" not in page.source
    told = capsys.readouterr().err
    (line,) = [line for line in told.splitlines() if reference in line]
    assert "RuntimeError" in line
    assert "_boom" in told, "it says where"
    assert "hunter2" not in told, "and not with what"
    assert products() == before


def test_two_errors_have_two_references(planted):
    visitor = planted()
    found = [re.findall(r"\b[0-9a-f]{12}\b", visitor.get("/planted/boom", 500).text) for _ in range(2)]
    assert found[0] != found[1]


def test_a_refusal_without_a_page_of_its_own_is_a_sentence(planted):
    page = planted().post("/planted/refuse", status=409)
    assert "That day has passed. Choose one from today on." in page.text
    assert products() == 0


@pytest.mark.parametrize("name", ["twice", "twice-at-the-end"])
def test_who_comes_second_is_told_so(planted, name):
    """The database decides what may happen once, in the middle of a request or as it commits."""
    page = planted().post(f"/planted/{name}", status=409)
    assert "Somebody did the same a moment ago." in page.text
    assert products() == 0


def test_a_locked_database_is_said_without_asking_it(planted, session):
    visitor = planted(make.person(make.account()))
    visitor.get("/preferences")
    asked = []

    def note(_connection, _cursor, statement, *_more):
        if g and g.get("locked") and not statement.startswith("ROLLBACK"):
            asked.append(statement)

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    page = visitor.post("/planted/locked", status=503)
    event.remove(connection, "before_cursor_execute", note)
    assert page.headers["Retry-After"] == "5"
    assert page.one("h1").text() == "The portal is busy for a moment."
    assert asked == []
    assert products() == 0


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/login", "/", "/preferences", "/nowhere"])
def test_a_database_that_is_gone_is_a_503_on_every_page(tmp_path, method, path):
    """Nothing answers at that address: neither the session of a visitor nor the name of the provider can be read."""
    app = create_app(
        install(tmp_path, PORTAL_DATABASE_URL=f"postgresql+psycopg://portal@/gone?host={tmp_path}")
    )
    client = app.test_client()
    client.set_cookie("session", "Zk3vN8qP1rT6wY0bC5dF9hJ2mL7sX4aE")
    answer = client.open(path, method=method)
    db.disconnect()
    assert answer.status_code == 503, answer.text[:500]
    assert answer.headers["Retry-After"] == "5"
    assert "The portal is busy for a moment." in answer.text
    assert header_problems(dict(answer.headers)) == []


@pytest.mark.parametrize("status", [200, 201, 204, 303])
def test_an_answer_below_400_keeps_what_was_done(planted, status):
    visitor = planted()
    visitor.client.post(f"/planted/answer?status={status}")
    assert products() == 1


@pytest.mark.parametrize("status", [400, 403, 404, 409, 410, 422, 429, 500, 503])
def test_any_other_drops_it(planted, status):
    visitor = planted()
    assert visitor.client.post(f"/planted/answer?status={status}").status_code == status
    assert products() == 0


def test_get_cannot_write(real_database, tmp_path):
    """The database itself refuses, and nothing is there afterwards; the same by POST is kept."""
    app = plant(create_app(install(tmp_path, PORTAL_DATABASE_URL=real_database)))
    client = app.test_client()
    for method in ("GET", "HEAD"):
        assert client.open("/planted/answer?status=200", method=method).status_code >= 500
        db.start()
        assert products() == 0
    assert client.post("/planted/answer?status=200").status_code == 200
    db.start()
    assert db.session.query(Product).count() == 1
    assert Visitor(client).get("/login").status == 200, "its connections are still of use"
