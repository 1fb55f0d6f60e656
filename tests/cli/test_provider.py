"""`provider`: the company's name, logo and colours are set by a command."""

import struct
import zlib

import pytest


def png() -> bytes:
    """One green pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\x00\x0b\x61\x52")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_it_shows_what_is_set_and_changes_what_is_given(portal, install, sql):
    assert "name: Firstmile\n" in portal("provider").worked()
    assert sql("SELECT count(*) FROM provider") == [(0,)], "looking stores nothing"
    options = ["--accent", "#0b6152", "--time-zone", "Europe/Lisbon", "--country", "pt", "--reply-hours", "8"]
    portal("provider", "--name", "Partnerly", *options).worked()
    told = portal("provider", "--product-base-url", "https://app.partnerly.example").worked()
    assert told.splitlines() == [
        "name: Partnerly",
        "logo: -",
        "accent: #0b6152",
        "time_zone: Europe/Lisbon",
        "country: PT",
        "product_base_url: https://app.partnerly.example",
        "reply_hours: 8",
    ]
    assert sql("SELECT verb FROM activity") == [("provider_changed",), ("provider_changed",)]


@pytest.mark.parametrize(
    ("option", "value", "right"),
    [
        ("--accent", "green", "#0b6152"),
        ("--time-zone", "Lisbon", "Europe/Lisbon"),
        ("--country", "Portugal", "PT"),
        ("--product-base-url", "partnerly.example", "https://app.partnerly.example"),
        ("--product-base-url", "http://[", "https://app.partnerly.example"),
        ("--product-base-url", "javascript:alert(1)", "https://app.partnerly.example"),
        ("--product-base-url", "https://x.example/" + "x" * 300, "300"),
        ("--name", "x" * 201, "200"),
        ("--name", " ", "empty"),
        ("--reply-hours", "81", "1<=x<=80"),
    ],
)
def test_what_cannot_be_is_refused_whole(portal, install, sql, option, value, right):
    assert right in portal("provider", "--country", "US", option, value).refused()
    assert sql("SELECT count(*) FROM provider") == [(0,)]


def test_a_logo_is_kept_under_a_name_of_its_content(portal, install, sql, tmp_path, environ):
    file = tmp_path / "Our Logo.png"
    file.write_bytes(png())
    portal("provider", "--logo", str(file)).worked()
    ((name,),) = sql("SELECT logo FROM provider")
    assert name.endswith(".png")
    assert "Logo" not in name
    assert (tmp_path / "data" / "provider" / name).read_bytes() == png()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<svg onload=alert(1)>", "The logo must be a png or jpg picture."),
        (
            b"\x89PNG\r\n\x1a\n" + b"\0" * 500_000,
            "The logo is larger than 500 kB; a smaller one loads faster.",
        ),
    ],
    ids=["svg", "large"],
)
def test_a_logo_that_is_none_is_refused(portal, install, sql, tmp_path, content, sentence):
    file = tmp_path / "logo.png"
    file.write_bytes(content)
    assert portal("provider", "--logo", str(file)).refused() == sentence
    assert sql("SELECT count(*) FROM provider") == [(0,)]
    assert not (tmp_path / "data" / "provider").exists()
