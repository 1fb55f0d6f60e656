"""Static files: kept for ever under a name that changes with them, compressed once, and nothing beside them."""

import gzip
import re

import pytest

from portal import compress, web

CSS = sorted(path.relative_to(web.STATIC).as_posix() for path in (web.STATIC / "css").rglob("*.css"))


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def address(app):
    """The address of a file, as templates get it."""

    def of(name: str) -> str:
        with app.test_request_context():
            return web.asset(name)

    return of


def test_a_file_is_kept_for_ever_under_the_name_of_its_content(client, address):
    answer = client.get(address(CSS[0]))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.data == (web.STATIC / CSS[0]).read_bytes()
    assert answer.mimetype == "text/css"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_address_changes_with_the_content(app, tmp_path, monkeypatch, client):
    monkeypatch.setattr(web, "STATIC", tmp_path)
    addresses = []
    for n, content in enumerate(("a { }", "b { }", "a { }")):
        (tmp_path / "one.css").write_text(content)
        import os

        os.utime(tmp_path / "one.css", (n, n))
        with app.test_request_context():
            addresses.append(web.asset("one.css"))
    assert addresses[0] != addresses[1]
    assert addresses[0] == addresses[2]
    assert re.fullmatch(r"/static/[0-9a-f]{12}/one\.css", addresses[0])


def test_light_and_dark_differ_in_colours_alone():
    """The browser tests look at a page whole in one of the two, and at its colours in the other."""
    sheets = {name: (web.STATIC / name).read_text() for name in CSS}
    assert [name for name, sheet in sheets.items() if "prefers-color-scheme" in sheet] == []
    assert any("light-dark(" in sheet for sheet in sheets.values())


def test_an_address_of_other_content_is_not_kept(client, address):
    """A page of the version before asks for what is gone; the answer must not stay under the old name."""
    answer = client.get("/static/000000000000/" + CSS[0], headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"


def test_invented_addresses_do_not_fill_the_memory(client):
    kept = compress.file_bytes.cache_info().currsize
    for n in range(20):
        client.get(f"/static/{n}/css/../{CSS[0]}", headers={"Accept-Encoding": "gzip"})
        client.get(f"/static/{n}/{'css/../' * n}{CSS[0]}", headers={"Accept-Encoding": "gzip"})
    assert compress.file_bytes.cache_info().currsize <= kept + 1


def test_text_is_compressed_for_who_takes_it(client, address):
    for accepted, packed in (
        ("gzip", True), ("br, gzip;q=0.5", True), ("identity", False), ("gzip;q=0", False), ("", False)
    ):  # fmt: skip
        answer = client.get(address(CSS[0]), headers={"Accept-Encoding": accepted})
        assert (answer.headers.get("Content-Encoding") == "gzip") is packed, accepted
        assert "Accept-Encoding" in answer.headers["Vary"]
        content = gzip.decompress(answer.data) if packed else answer.data
        assert content == (web.STATIC / CSS[0]).read_bytes()
        assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_fonts_and_pictures_travel_as_they_are(client, address):
    font = next((web.STATIC / "fonts").glob("*.woff2"))
    answer = client.get(address(f"fonts/{font.name}"), headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers
    assert answer.data == font.read_bytes()


def test_a_browser_that_has_it_is_told_so(client, address):
    first = client.get(address(CSS[0]), headers={"Accept-Encoding": "gzip"})
    again = client.get(
        address(CSS[0]), headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")
    assert "Content-Encoding" not in again.headers


def test_a_part_of_a_file_is_that_part(client, address):
    part = client.get(address(CSS[0]), headers={"Accept-Encoding": "gzip", "Range": "bytes=0-9"})
    assert part.status_code == 206
    assert part.data == (web.STATIC / CSS[0]).read_bytes()[:10]


@pytest.mark.parametrize(
    "path",
    [
        "../portal/config.py", "../../etc/passwd", "%2e%2e/portal/config.py", "..%2fportal%2fconfig.py",
        "css/../../portal/config.py", "css/%2e%2e/%2e%2e/portal/config.py", "//etc/passwd", "/etc/passwd",
        "%2fetc%2fpasswd", "..\\portal\\config.py", "....//portal/config.py", "css", "css/", "", ".", "..",
        "css/base.css%00", "css/none.css",
    ],
)  # fmt: skip
def test_nothing_beside_the_static_files_is_served(client, path):
    answer = client.get(f"/static/000000000000/{path}")
    assert answer.status_code in (404, 308), answer.status
    assert b"import" not in answer.data
    assert b"root:" not in answer.data


def test_every_file_that_a_template_names_is_there(app):
    """`asset("…")` with a name that is no file would fail only on the page that says it."""
    named = set()
    for template in (web.ROOT / "templates").rglob("*.*"):
        named |= set(re.findall(r"asset\(\s*[\"']([^\"'~]+)[\"']\s*\)", template.read_text()))
    assert len(named) > 3
    assert [name for name in named if not (web.STATIC / name).is_file()] == []


@pytest.mark.parametrize("path", ["/static/x//etc", "/o//x", "//evil.example", "/login//x", "/o/x//steps/y"])
def test_A07_two_slashes_lead_nowhere(client, path):
    answer = client.get("/", environ_overrides={"PATH_INFO": path, "HTTP_HOST": "elsewhere.example"})
    assert answer.status_code == 404
    assert "Location" not in answer.headers
    assert "elsewhere" not in answer.text
