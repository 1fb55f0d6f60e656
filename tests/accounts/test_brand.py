"""The served style sheet follows the provider's settings."""

from portal import db
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
