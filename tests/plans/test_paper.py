"""The plan on paper: all that it says and nothing that it names, in every alphabet, however much it is."""

import re
from collections import Counter
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from portal import bounded, pdf
from portal.plans import printing
from tests.plans import papers, reading
from tests.plans.samples import a_document
from tests.plans.test_drawn import Read, hostile, texts
from tests.plans.test_pdf import SECRET, TRICKS, Called, secret, server, trick_of, unpacked  # noqa: F401


@pytest.fixture
def page(app: Flask) -> Callable[[str], str]:
    """The page of one of the sample papers."""

    def make(name: str) -> str:
        with app.app_context():
            return papers.page(name)

    return make


@pytest.fixture
def printed(app: Flask, tmp_path: Path) -> Callable[[Any], bytes]:
    """The PDF of a version; with the certificate when everybody has signed."""

    def make(version: Any) -> bytes:
        with app.app_context():
            if version.is_complete:
                return printing.final(printing.last_page(version, papers.ABOUT))
            return pdf.render(printing.html(version), styles=printing.STYLES)

    return make


def close(text: str) -> str:
    """Without its spaces, where lines and columns break words."""
    return re.sub(r"[\s\u00ad]+", "", text)


def signed(plan: Any) -> Any:
    return papers.version(plan, papers.ANA, papers.PRIYA, signed=2)


@pytest.mark.parametrize("name", ["sent", "final", *papers.SENTENCES])
def test_e09_every_text_is_on_paper_letter_by_letter(name, printed, tmp_path):
    version = papers.PAPERS[name]()
    made = printed(version)
    words = close(reading.words(made, tmp_path))
    assert [text for text in texts(version.document) if close(text) not in words] == []
    assert reading.facts(made, tmp_path)["Tagged"] == "yes"
    assert f"/Lang({version.document.locale})".encode() in close_bytes(unpacked(made))


def close_bytes(text: bytes) -> bytes:
    return re.sub(rb"\s+", b"", text)


def test_e09_the_paper_reads_as_the_page_does(printed, page, tmp_path):
    """Nothing stands in the PDF that the page behind it lacks, and the other way round."""
    drawn = re.sub(r'<title>.*?</title>|<p class="paper-(foot|page)">.*?</p>', "", page("sent"))
    margins = r"Northwind·Onboardingplan,version2·sentforsigning|\dof\d"
    onpaper = re.sub(margins, "", close(reading.words(printed(papers.PAPERS["sent"]()), tmp_path)))
    assert Counter(onpaper) == Counter(close(Read(drawn).words))  # Columns are read in another order.


@pytest.mark.parametrize("name", ["final", *papers.SENTENCES])
def test_all_fonts_are_embedded_and_all_are_ours(name, printed, tmp_path):
    fonts = reading.fonts(printed(papers.PAPERS[name]()), tmp_path)
    assert all(fonts.values())
    assert {re.sub(r"^[A-Z]{6}\+", "", font).split("-")[0] for font in fonts} <= {"Bricolage", "Source"}


def test_e08_the_certificate_says_who_agreed_to_what_when_and_how(printed, tmp_path):
    version = papers.PAPERS["final"]()
    words = reading.words(printed(version), tmp_path)
    assert "Certificate of completion" in words
    for said in (
        "Northwind, onboarding plan, version 2 · k7Qm2xAbC9dE",
        "Priya Rao, Partnerly · 13 March 2026, 16:20:05 UTC",
        "Northwind, customer signatory",
        "Partnerly, provider signatory",
        "ana@northwind.example",
        "priya@partnerly.example",
        "a code mailed to this address, entered before signing",
        "password, entered again before signing",
        "16 March 2026, 09:31:07 UTC",
        "16 March 2026, 09:40:52 UTC",
        "16 March 2026, 09:41:10 UTC",
        "203.0.113.24",
        "Windows NT 10.0",
        "3 March 2026, 09:00:00 UTC, and sealed at once by Partnerly",
        "time stamp authority (RFC 3161), tsa.partnerly.example",
        "127.0.0.1/verify, or any PDF reader",
        "a simple electronic signature",
    ):
        assert close(said) in close(words), said
    for digest in (
        version.sha256,
        papers.ABOUT.certificate,
        papers.ABOUT.audit_head,
        version.signatures[0].consent_sha256,
    ):
        assert digest in close(words)
    assert not re.search("advanced|qualified", words, re.IGNORECASE)


def test_a_paper_that_not_all_have_signed_says_so_on_every_page(printed, tmp_path):
    made = printed(papers.PAPERS["partly"]())
    words = reading.words(made, tmp_path)
    assert words.count("Onboarding plan, version 2 · signed by 1 of 2") == reading.pages(made, tmp_path)
    assert "This copy is signed by 1 of 2." in words
    assert "This copy is not sealed." in words
    assert "Certificate" not in words
    assert "sent for signing" in reading.words(printed(papers.PAPERS["sent"]()), tmp_path)


def test_the_final_file_holds_the_plan_as_data(printed, tmp_path):
    version = papers.PAPERS["final"]()
    assert reading.attached(printed(version), tmp_path) == {"plan.json": version.snapshot.encode()}


def test_a_large_plan_is_whole(printed, tmp_path):
    """120 steps, 5 results, 30 lines of scope, 3 sponsors and names that nobody would shorten."""
    version = papers.PAPERS["large"]()
    made = printed(version)
    words = close(reading.words(made, tmp_path))
    assert [text for text in texts(version.document) if close(text) not in words] == []
    assert [one.name for one in version.signatures if close(one.typed_name) not in words] == []
    assert reading.pages(made, tmp_path) < 16


@pytest.mark.parametrize("start", ["file", "http"])
def test_f05_f06_addresses_and_markup_in_every_field_are_words(start, printed, secret, server, tmp_path):  # noqa: F811
    Called.asked.clear()
    address = secret if start == "file" else f"{server}/x"
    hooks = cycle(TRICKS)
    version = signed(hostile(a_document(), lambda: f" \"'>{trick_of(next(hooks), address)}"))
    made = printed(version)
    assert Called.asked == []
    assert SECRET.encode() not in unpacked(made)
    assert set(reading.attached(made, tmp_path)) == {"plan.json"}
    assert b"/URI" not in unpacked(made)
    assert close(f'<img src="{address}">') in close(reading.words(made, tmp_path))


def test_f07_a_plan_of_five_megabytes_is_stopped_and_the_next_one_printed(printed, monkeypatch, tmp_path):
    child = bounded.Child(seconds=25, cpu=4)
    monkeypatch.setattr(pdf, "child", child)
    huge = a_document(changes=("What changes is written here. " * 180_000,))
    with pytest.raises(pdf.TooMuch, match="was stopped"):
        printed(papers.version(huge, papers.ANA, papers.PRIYA))
    assert "Why we are doing this" in reading.words(printed(papers.PAPERS["sent"]()), tmp_path)
    child.close()
