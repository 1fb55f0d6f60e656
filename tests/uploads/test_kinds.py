"""F01, F02, F03: a file is what its bytes are, whatever it is called."""

import io
import struct
import unicodedata
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.errors import Refused
from portal.filekinds import MOST_UNPACKED_BYTES, Kind, clean_name, judge

TYPES = "[Content_Types].xml"
WE_TAKE = "We take pdf, png, jpg, csv, xlsx, docx, pptx and txt."


def png(width: int = 4, height: int = 3) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))


def jpg(width: int = 4, height: int = 3) -> bytes:
    app0 = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + bytes(9)
    frame = b"\xff\xc2" + struct.pack(">HBHH", 11, 8, height, width) + b"\x01\x01\x11\x00"
    return b"\xff\xd8" + app0 + b"\xff" + frame + b"\xff\xda" + bytes(10)


def office(main: str, *more: str, types: str = "<Types/>") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as parts:
        for name in (TYPES, main, *more):
            parts.writestr(name, types if name == TYPES else "<part/>")
    return made.getvalue()


def bomb() -> bytes:
    """An archive of a few hundred bytes whose index declares more than a server has."""
    whole = office("xl/workbook.xml")
    at = whole.rfind(b"PK\x01\x02")
    return whole[: at + 24] + struct.pack("<I", MOST_UNPACKED_BYTES + 1) + whole[at + 28 :]


def judged(data: bytes, name: str = "file") -> Kind:
    return judge(io.BytesIO(data), name)


def why_not(data: bytes, name: str = "file") -> str:
    with pytest.raises(Refused) as refusal:
        judged(data, name)
    assert refusal.value.field == "file"
    return str(refusal.value)


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b"%PDF-1.7\n", "plan.pdf", Kind.PDF),
        (b"%PDF-1.7\n", "plan.exe", Kind.PDF),
        (png(), "chart.png", Kind.PNG),
        (jpg(), "photo.jpeg", Kind.JPG),
        (office("xl/workbook.xml"), "partners.xlsx", Kind.XLSX),
        (office("word/document.xml"), "notes.docx", Kind.DOCX),
        (office("ppt/presentation.xml"), "kickoff.pptx", Kind.PPTX),
        ("name;e-mail\nZoë;z@example.com".encode(), "partners.csv", Kind.CSV),
        ("name;città\nZoë;Forlì".encode("cp1252"), "partners.CSV", Kind.CSV),
        (b"\xef\xbb\xbfname,mail\n", "partners.csv", Kind.CSV),
        (b"2 < 3 and 5 > 4", "notes.txt", Kind.TXT),
        (b"no ending at all", "notes", Kind.TXT),
    ],
)
def test_f01_a_file_is_what_its_bytes_are(data: bytes, name: str, kind: Kind) -> None:
    assert judged(data, name) is kind


@pytest.mark.parametrize(
    ("data", "name", "what"),
    [
        (b"<html><script>alert(1)</script>", "plan.pdf", "a web page or a drawing with code"),
        (b"\n\n <!DOCTYPE html>", "notes.txt", "a web page or a drawing with code"),
        (b'<?xml version="1.0"?><svg onload="alert(1)"/>', "logo.png", "a web page or a drawing with code"),
        (b"\xef\xbb\xbf<svg xmlns='x'/>", "logo.csv", "a web page or a drawing with code"),
        (b"hello <ScRiPt src=//x>", "notes.txt", "a web page or a drawing with code"),
        (b"#!/bin/sh\nrm -rf /\n", "notes.txt", "a script"),
        (b"alert(1)", "kit.js", "text, and its name ends in .js"),
        (b"plain", "page.html", "text, and its name ends in .html"),
        (b"MZ\x90\x00", "plan.pdf", "a program"),
        (b"\x7fELF\x02", "plan.pdf", "a program"),
        (b"a,b\n1,\x00", "numbers.csv", "something we don't know"),
        ("a,b".encode("utf-16"), "numbers.csv", "something we don't know"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old.xls", "an Office file in the old format, or one with a password"),
        (b"GIF89a", "chart.png", "a picture in another format"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "chart.png", "a picture in another format"),
        (b"\0\0\0\x18ftypheic", "photo.jpg", "a film, or a photo in another format"),
        (b"\x1f\x8b\x08", "partners.csv", "a compressed archive"),
        (office("readme.txt"), "partners.xlsx", "a zip archive"),
        (office("xl/workbook.xml", "word/document.xml"), "both.docx", "a zip archive"),
        (b"PK\x03\x04 broken", "partners.xlsx", "a zip archive"),
        (b"PK", "partners.xlsx", "a zip archive"),
        (bomb(), "partners.xlsx", "an archive that unpacks to far more than it should"),
    ],
)
def test_f01_what_we_do_not_take_is_named(data: bytes, name: str, what: str) -> None:
    assert why_not(data, name) == f"Inside, this is {what}. {WE_TAKE}"


@pytest.mark.parametrize(
    "data",
    [
        office("xl/workbook.xml", "xl/vbaProject.bin"),
        office("word/document.xml", "word/VBAPROJECT.BIN"),
        office(
            "xl/workbook.xml",
            types="<Override ContentType='application/vnd.ms-excel.sheet.macroEnabled.main+xml'/>",
        ),
    ],
)
def test_f01_macros_are_refused(data: bytes) -> None:
    assert (
        why_not(data, "partners.xlsx") == "This file holds macros. Save it without macros and send that one."
    )


def test_f01_a_huge_archive_index_is_not_read() -> None:
    whole = office("xl/workbook.xml")
    end = whole.rfind(b"PK\x05\x06")
    claimed = whole[: end + 12] + struct.pack("<I", 50_000_000) + whole[end + 16 :]
    assert "a zip archive" in why_not(claimed)
    long_form = whole[:end] + b"PK\x06\x07" + bytes(16) + whole[end:]
    assert "a zip archive" in why_not(long_form)


@pytest.mark.parametrize("data", [png(60_000, 60_000), jpg(60_000, 60_000)])
def test_f03_pixel_floods_are_refused_by_their_header(data: bytes) -> None:
    assert why_not(data) == "The picture is 60000 × 60000 pixels. Send one under 100 megapixels."


@pytest.mark.parametrize("data", [png(0, 9), jpg(0, 9)])
def test_f03_a_picture_without_size_is_refused(data: bytes) -> None:
    assert why_not(data).startswith("This picture has no size.")


@pytest.mark.parametrize(
    "data", [png()[:20], jpg()[:12], b"\xff\xd8\xff", b"\xff\xd8\xff\xda\0\0\0\0\0\0\0", b"\xff\xd8\xff" * 9]
)
def test_f03_cut_off_pictures_are_refused(data: bytes) -> None:
    assert "is damaged" in why_not(data)


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"PK", b"PK\x03\x04", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]),
)
def test_f01_any_bytes_get_a_kind_or_a_sentence(tail: bytes, head: bytes) -> None:
    try:
        kind: Kind | None = judged(head + tail, "file.csv")
    except Refused:
        kind = None
    assert kind in {None, Kind.CSV, Kind.PNG, Kind.PDF}


@pytest.mark.parametrize(
    ("raw", "kind", "clean"),
    [
        ("Partner list.xlsx", Kind.XLSX, "Partner list.xlsx"),
        ("../../etc/passwd", Kind.TXT, "passwd.txt"),
        ("..\\..\\windows\\win.ini", Kind.TXT, "win.ini.txt"),
        ("C:\\Users\\ana\\plan.PDF", Kind.PDF, "plan.pdf"),
        ("/", Kind.PDF, "file.pdf"),
        ("", Kind.PDF, "file.pdf"),
        (None, Kind.PDF, "file.pdf"),
        (".pdf", Kind.PDF, "pdf.pdf"),
        ("...", Kind.CSV, "file.csv"),
        (".htaccess", Kind.TXT, "htaccess.txt"),
        ("photo.jpeg", Kind.JPG, "photo.jpeg"),
        ("virus.exe", Kind.PDF, "virus.exe.pdf"),
        ("CON", Kind.TXT, "_CON.txt"),
        ("nul.pdf", Kind.PDF, "_nul.pdf"),
        ("com1.tar.pdf", Kind.PDF, "_com1.tar.pdf"),
        ("console.pdf", Kind.PDF, "console.pdf"),
        ("annual\u202efdp.exe", Kind.PDF, "annualfdp.exe.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", Kind.PDF, "a Set-Cookie_ x=1.pdf"),
        ("a\x00b\x07\u200b.csv", Kind.CSV, "ab.csv"),
        ('<img src="x">|?*.png', Kind.PNG, "_img src=_x_____.png"),
        ("{{ 7*7 }}.txt", Kind.TXT, "{{ 7_7 }}.txt"),
        ("  plan  final . pdf ", Kind.PDF, "plan final . pdf.pdf"),
        ("Résumé Zürich 東京.docx", Kind.DOCX, "Résumé Zürich 東京.docx"),
    ],
)
def test_f02_names_are_made_harmless(raw: str | None, kind: Kind, clean: str) -> None:
    assert clean_name(raw, kind) == clean


@given(st.text(max_size=400), st.sampled_from(Kind))
def test_f02_any_name_becomes_one_a_disk_and_a_header_take(raw: str, kind: Kind) -> None:
    name = clean_name(raw, kind)
    assert name == clean_name(name, kind)
    assert 0 < len(name) <= 130
    assert len(name.encode()) <= 255
    assert not set(name) & set('/\\<>:"|?*%\r\n')
    assert all(unicodedata.category(letter)[0] != "C" for letter in name)
    assert name[0] not in " ."
    assert name.lower().endswith((f".{kind}", ".jpeg"))


def test_f02_three_hundred_letters_are_cut_before_the_ending() -> None:
    assert clean_name("x" * 300 + ".pdf", Kind.PDF) == "x" * 120 + ".pdf"
    assert clean_name("東" * 300 + ".pdf", Kind.PDF) == "東" * 66 + ".pdf"
