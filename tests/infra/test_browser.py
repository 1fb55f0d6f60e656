"""The eyes of the browser tests: each thing they are there to see is shown to them once."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask, Response
from werkzeug.serving import make_server

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src *"
GOOD = "<!doctype html><html lang=en><title>Good</title><main><h1>Good</h1><p>Words.</p></main></html>"
BAD = GOOD.replace("<p>Words.</p>", '<input name="a"><img src="/icon.png">')
WIDE = GOOD.replace("Words.", "W" * 400)
LOUD = GOOD.replace("<p>", "<script>1</script><p>")
FAINT = GOOD.replace("<main>", '<link rel="stylesheet" href="/faint.css"><main>')
FAINT_COLOURS = """
:root { color-scheme: light dark; }
body { color: light-dark(#000, #333); background: light-dark(#fff, #222); }
"""
AWAY = GOOD.replace("<p>", '<img alt="" src="http://127.0.0.2:9/a.png"><p>')


@pytest.fixture(scope="module")
def pages() -> Iterator[str]:
    app = Flask("pages")
    for name, page in {
        "good": GOOD,
        "bad": BAD,
        "wide": WIDE,
        "faint": FAINT,
        "loud": LOUD,
        "away": AWAY,
    }.items():
        answer = Response(page, headers={"Content-Security-Policy": POLICY}, mimetype="text/html")
        app.add_url_rule(f"/{name}", name, lambda answer=answer: answer)
    app.add_url_rule("/faint.css", "faint.css", lambda: Response(FAINT_COLOURS, mimetype="text/css"))
    app.add_url_rule("/icon.png", "icon", lambda: Response(mimetype="image/png"))
    app.add_url_rule("/favicon.ico", "favicon", lambda: Response(mimetype="image/png"))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)
    server.server_close()


@pytest.mark.browser
def test_a_good_page_passes_in_every_shape(window, pages):
    for size in ("phone", "tablet", "desktop"):
        for scheme in ("light", "dark"):
            shown = window(pages, size, scheme=scheme)
            shown.open("/good")
            shown.check()
            dark = shown.page.evaluate("() => matchMedia('(prefers-color-scheme: dark)').matches")
            assert dark == (scheme == "dark")


@pytest.mark.browser
def test_axe_sees_what_is_wrong(window, pages):
    shown = window(pages)
    shown.open("/bad")
    with pytest.raises(AssertionError, match=r"(?s)image-alt.*label"):
        shown.check()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_are_looked_at_in_the_light_and_in_the_dark(window, pages, scheme):
    shown = window(pages, scheme=scheme)
    shown.open("/faint")
    with pytest.raises(AssertionError, match="color-contrast"):
        shown.check()


@pytest.mark.browser
def test_a_page_that_scrolls_sideways_is_seen(window, pages):
    shown = window(pages, "phone")
    shown.open("/wide")
    with pytest.raises(AssertionError, match="scrolls sideways"):
        shown.check()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("path", "heard"), [("/loud", "Content Security Policy"), ("/away", "asked a third party")]
)
def test_the_console_and_third_parties_are_heard(window, pages, path, heard):
    shown = window(pages)
    shown.open(path)
    assert any(heard in error for error in shown.errors)
    shown.errors.clear()
