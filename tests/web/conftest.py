"""The portal with a few routes of the tests' own, which do what no page of ours does."""

from collections.abc import Callable

import pytest
from flask import Flask, g, render_template_string, request
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from portal import clock, config, db, mail, web
from portal.access import public
from portal.accounts.models import Product
from portal.app import create_app
from portal.errors import Refused
from tests import make
from tests.infra.visit import Visitor

SECRET_KEY = "only-for-tests-" * 3
LARGEST = 200_000

TIMES = """<!doctype html><html lang="en"><head><title>Times</title><meta name="viewport" content="width=1"></head>
<body><main><h1>Times</h1><p id="day">{{ moment|day }}</p><p id="short">{{ moment|short_day }}</p>
<p id="time">{{ moment|clock_time }}</p></main></body></html>"""


def _write() -> None:
    db.session.add(Product(key=request.args.get("key", "planted"), name="Planted"))
    db.session.flush()


def _boom() -> str:
    _write()
    raise RuntimeError("hunter2")


def _answer() -> tuple[str, int, dict[str, str]]:
    _write()
    status = int(request.args["status"])
    return "", status, {"Location": "/"} if status == 303 else {}


def _refuse() -> str:
    _write()
    raise Refused("That day has passed. Choose one from today on.")


def _twice() -> str:
    _write()
    _write()
    return ""


def _twice_at_the_end() -> str:
    """The constraint speaks only when the request commits."""
    for _ in range(2):
        db.session.add(Product(key="planted", name="Planted"))
    return ""


def _locked() -> str:
    _write()
    g.locked = True
    raise OperationalError("UPDATE …", {}, Exception("database is locked"))


def _text() -> str:
    return "<p>word</p>" * int(request.args["times"])


def _times() -> str:
    from datetime import datetime

    return render_template_string(TIMES, moment=datetime.fromisoformat(request.args["at"]))


def _fields() -> str:
    return f"{len(request.form)} {clock.now():%Y}"


PLANTED: dict[str, Callable] = {
    "boom": _boom, "answer": _answer, "refuse": _refuse, "twice": _twice, "twice-at-the-end": _twice_at_the_end,
    "locked": _locked, "text": _text, "times": _times, "fields": _fields,
}  # fmt: skip


def plant(app: Flask) -> Flask:
    """The same application with the routes above, and answers as in production: an error is a page."""
    for name, view in PLANTED.items():
        view = web.csrf.exempt(public(view))
        app.add_url_rule(f"/planted/{name}", name, view, methods=["GET", "POST"])
    app.add_url_rule("/planted/only-get", "only_get", web.csrf.exempt(public(lambda: "")), methods=["GET"])
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST
    return app


def install(folder, **changes: str) -> config.Config:
    plain = {
        "PORTAL_DATABASE_URL": f"sqlite:///{folder}/unused.sqlite3",
        "PORTAL_SECRET_KEY": SECRET_KEY,
        "PORTAL_SEAL_PASSPHRASE": "only-for-tests",
        "PORTAL_BASE_URL": "http://127.0.0.1",
        "PORTAL_DATA_DIR": str(folder),
    }
    return config.read({**plain, **changes})


@pytest.fixture(scope="session")
def planted_app(tmp_path_factory, shared_app) -> Flask:
    """Built once; which database it talks to is what is bound."""
    app = plant(create_app(install(tmp_path_factory.mktemp("planted"))))
    mail.configure(shared_app.config["PORTAL"])
    return app


@pytest.fixture
def planted(planted_app, session) -> Callable[..., Visitor]:
    """Makes visitors of the planted routes. Somebody works here already, so that the sign-in page has its form."""
    make.provider()
    make.staff("Otto Brandt", "site_admin")

    def made(user=None) -> Visitor:
        visitor = Visitor(planted_app.test_client())
        if user:
            return visitor.sign_in(user)
        visitor.get("/login")  # The form there has the token that the next one sends.
        return visitor

    return made


def products() -> int:
    """How many products the database holds, whatever a session remembers."""
    db.session.rollback()
    return len(db.session.scalars(select(Product.id)).all())
