"""The served style sheet follows the provider's settings, which are read once in a request."""

from sqlalchemy import event, update
from sqlalchemy.engine import Engine

from portal import db
from portal.accounts.provider import Provider, provider
from tests import make


def test_brand_css_is_public_and_follows_the_setting(app, visitor, session) -> None:
    make.provider(accent="#7733cc")
    page = visitor().get("/brand.css")
    assert page.headers["Content-Type"].startswith("text/css")
    assert page.headers["Cache-Control"] == "public, max-age=300"
    assert "--brand: light-dark(#7733cc," in page.source
    make.provider().accent = None
    db.session.commit()
    assert visitor().get("/brand.css").source == ""


def test_every_page_asks_for_it(app, visitor, session) -> None:
    make.provider()
    make.staff()
    assert visitor().get("/login").all("link", href="/brand.css")


def test_who_runs_this_install_is_read_once_in_a_request_and_anew_in_the_next(app) -> None:
    """Nobody holds the row between two questions, and a session by itself forgets what nobody holds."""
    with app.test_request_context():
        make.provider()
        db.session.commit()
        seen: list[str] = []
        note = lambda _conn, _cursor, statement, *_rest: seen.append(statement)  # noqa: E731
        db.start()
        event.listen(Engine, "before_cursor_execute", note)
        try:
            assert {provider().name for _n in range(3)} == {"Partnerly"}
            assert len([one for one in seen if "FROM provider" in one]) == 1, seen
            db.session.execute(update(Provider).values(name="Renamed"))
            db.session.commit()
            db.start()
            assert provider().name == "Renamed"
        finally:
            event.remove(Engine, "before_cursor_execute", note)
