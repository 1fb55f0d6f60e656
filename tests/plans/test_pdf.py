"""Pages become PDFs, and nothing that somebody wrote into one is opened, read or called for it."""

import re
import threading
import zlib
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from portal import pdf
from portal.bounded import Child, Failed
from tests.plans import reading

SECRET = "the-words-of-a-secret-file"
STYLES = ("css/plan.css", "css/paper.css")

# Every way in which a page can ask for another file; `{}` is its address.
TRICKS = {
    "picture": '<img src="{}">',
    "set of pictures": '<img srcset="{} 2x" src="{}">',
    "object": '<object data="{}" type="image/png"></object>',
    "embedded": '<embed src="{}" type="text/plain">',
    "style sheet": '<link rel="stylesheet" href="{}">',
    "attachment": '<link rel="attachment" href="{}">',
    "attached link": '<a rel="attachment" href="{}">here</a>',
    "import": "<style>@import url({});</style>",
    "background": "<style>body{{background:url({})}}</style>",
    "background in place": '<p style="background-image:url({})">x</p>',
    "content": "<style>p::before{{content:url({})}}</style>",
    "list mark": "<style>li{{list-style-image:url({})}}</style><ul><li>x</ul>",
    "font": "<style>@font-face{{font-family:X;src:url({})}}p{{font-family:X}}</style>",
    "colour profile": "<style>@color-profile --x{{src:url({})}}</style>",
    "drawing": '<svg width="9" height="9"><image href="{}" width="9" height="9"/></svg>',
    "old drawing": '<svg width="9" height="9"><image xlink:href="{}" width="9" height="9"/></svg>',
    "used drawing": '<svg width="9" height="9"><use href="{}#a"/></svg>',
    "drawing's style": '<svg width="9" height="9"><style>@import url({});</style></svg>',
    "drawing's font": '<svg width="9" height="9"><style>@font-face{{font-family:X;src:url({})}}</style></svg>',
    "base": '<base href="{}"><img src="x.png">',
    "drawing in an address": "<img src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'>"
    "<image href='{}'/></svg>\">",
}


class Called(BaseHTTPRequestHandler):
    """Writes down who asks."""

    asked: list[str] = []

    def do_GET(self) -> None:
        Called.asked.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(SECRET.encode())

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A listening server on this machine; `Called.asked` says what it was asked for."""
    with HTTPServer(("127.0.0.1", 0), Called) as listening:
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()
        thread.join()


@pytest.fixture
def secret(tmp_path: Path) -> str:
    """The address of a file that is none of ours."""
    file = tmp_path / "secret.txt"
    file.write_text(SECRET)
    return f"file://{file}"


def page(body: str, head: str = "") -> str:
    return f'<!doctype html><html lang="pl"><head><title>Plan & Paper</title>{head}</head><body>{body}</body></html>'


def trick_of(name: str, address: str) -> str:
    """The markup of one trick that asks for this address."""
    return TRICKS[name].replace("{{", "{").replace("}}", "}").replace("{}", address)


def tricked(name: str, address: str) -> str:
    return page(trick_of(name, address))


def printed(html: str) -> bytes:
    """The PDF; nothing for a page that was refused."""
    try:
        return pdf.render(html)
    except Failed:
        return b""


def unpacked(made: bytes) -> bytes:
    """All streams of the file, readable."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made, re.DOTALL)
    found = [made]
    for stream in streams:
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(found)


def test_a_page_becomes_a_tagged_pdf_with_language_title_and_its_fonts(tmp_path):
    made = pdf.render(page("<h1>Zażółć</h1><p>gęślą jaźń</p>"), styles=STYLES)
    facts = reading.facts(made, tmp_path)
    assert facts["Title"] == "Plan & Paper"
    assert facts["Tagged"] == "yes"
    assert facts["JavaScript"] == "no"
    assert b"/Lang (pl)" in unpacked(made)
    found = reading.fonts(made, tmp_path)
    assert found
    assert all(found.values())
    assert reading.words(made, tmp_path) == "Zażółć gęślą jaźń"


def test_what_is_attached_comes_out_as_it_went_in(tmp_path):
    content = '{"quote":"„Łódź“ — Ω"}'.encode()
    made = pdf.render(page("<p>x"), attachments=[("plan.json", content, "The plan as data")])
    assert reading.attached(made, tmp_path) == {"plan.json": content}
    assert re.search(rb"/AFRelationship\s*/Data", unpacked(made))


@pytest.mark.parametrize("trick", TRICKS)
def test_f05_no_file_of_this_machine_gets_into_a_pdf(trick, secret, tmp_path):
    made = printed(tricked(trick, secret))
    assert SECRET.encode() not in unpacked(made)
    assert not made or reading.attached(made, tmp_path) == {}


@pytest.mark.parametrize("trick", TRICKS)
def test_f06_no_server_is_called_for_a_pdf(trick, server):
    Called.asked.clear()
    made = printed(tricked(trick, f"{server}/x"))
    assert Called.asked == []
    assert SECRET.encode() not in unpacked(made)


def test_most_tricks_work_on_a_printer_that_opens_what_it_is_told(server):
    """Else the tests above prove nothing."""
    fooled = set()
    open_printer = Child()
    for trick in TRICKS:
        Called.asked.clear()
        with suppress(Failed):
            open_printer.run("tests.plans.probing:print_openly", {"html": tricked(trick, f"{server}/x")})
        if Called.asked:
            fooled.add(trick)
    open_printer.close()
    assert len(fooled) > len(TRICKS) / 2


@pytest.mark.parametrize(
    "path",
    ["/static/x/../portal/pdf.py", "/static/x/%2e%2e/portal/pdf.py", "/static/x//etc/passwd", "/etc/passwd"],
)
def test_no_way_leads_out_of_our_static_files(path):
    with pytest.raises(ValueError, match=r"only our own|no such"):
        pdf._static(pdf.HOST + path)


def test_a_static_file_and_what_comes_along_are_shown():
    dot = (Path(__file__).parent.parent.parent / "static/img/favicon.svg").read_bytes()
    plain = len(pdf.render(page("<p>x")))
    assert len(pdf.render(page('<p>x<img src="/static/any/img/favicon.svg">'))) > plain
    assert len(pdf.render(page('<p>x<img src="/logo/a.svg">'), files={"/logo/a.svg": dot})) > plain


def test_what_this_machine_lacks_is_said_in_one_line(monkeypatch):
    assert pdf.missing_libraries() == ""
    monkeypatch.setattr(pdf, "LIBRARIES", {"not-there": "libnot-there0", "pango-1.0": "libpango-1.0-0"})
    assert pdf.missing_libraries() == (
        "PDFs need libraries that are not here (Debian: apt-get install libnot-there0)."
    )


def test_the_parent_never_loads_the_printer():
    import subprocess
    import sys

    code = "import sys, portal.pdf; portal.pdf.render('<p>x'); assert 'weasyprint' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
