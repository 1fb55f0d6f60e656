"""What a file truly is, judged by its bytes, and what it may be called. Nothing is unpacked or decoded in full.

The kinds and the sentences are those of product.md 5.6 and security.md rule 9.
"""

import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Collection
from enum import StrEnum, auto
from typing import IO

from flask_babel import gettext as _

from portal.errors import Refused

MOST_PIXELS = 100_000_000
# An Office file is a zip archive. Real ones stay far below these; archives made to burst do not.
MOST_PARTS = 10_000
MOST_INDEX_BYTES = 2 * 1024 * 1024
MOST_UNPACKED_BYTES = 400 * 1024 * 1024
NAME_LENGTH = 120
NAME_BYTES = 200  # File systems take 255 bytes; a letter may need four.


class Kind(StrEnum):
    """The kinds of file we take."""

    PDF = auto()
    PNG = auto()
    JPG = auto()
    CSV = auto()
    XLSX = auto()
    DOCX = auto()
    PPTX = auto()
    TXT = auto()

    @property
    def mime(self) -> str:
        """The media type this kind is sent with."""
        return MIME[self]


OFFICE = "application/vnd.openxmlformats-officedocument."
MIME = {
    Kind.PDF: "application/pdf",
    Kind.PNG: "image/png",
    Kind.JPG: "image/jpeg",
    Kind.CSV: "text/csv",
    Kind.XLSX: OFFICE + "spreadsheetml.sheet",
    Kind.DOCX: OFFICE + "wordprocessingml.document",
    Kind.PPTX: OFFICE + "presentationml.presentation",
    Kind.TXT: "text/plain",
}
MAIN_PARTS = {
    "xl/workbook.xml": Kind.XLSX,
    "word/document.xml": Kind.DOCX,
    "ppt/presentation.xml": Kind.PPTX,
}
ENDINGS = {kind: {f".{kind}"} for kind in Kind} | {Kind.JPG: {".jpg", ".jpeg"}}

NOT_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
MARKUP = re.compile(
    r"<(?:!doctype|\?xml|!--|(?:html|head|body|script|style|svg|iframe|object|embed|meta|link|img|form)\b)",
    re.I,
)
RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:\.|$)", re.I)
JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def judge(file: IO[bytes], name: str) -> Kind:
    """The kind of this file, from its bytes; only csv and txt are told apart by `name`.

    `file` is seekable and is left anywhere. Raises Refused with what it is instead.
    """
    head = _read(file, 0, 16)
    if head.startswith(b"%PDF-"):
        return Kind.PDF
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        _check_pixels(_png_size(file))
        return Kind.PNG
    if head.startswith(b"\xff\xd8\xff"):
        _check_pixels(_jpeg_size(file))
        return Kind.JPG
    if head.startswith(b"PK"):
        return _office(file)
    return _text(file, head, name)


def _read(file: IO[bytes], at: int, count: int) -> bytes:
    file.seek(at)
    return file.read(count)


class OtherKind(Refused):
    """The file is something that we don't take anywhere."""

    def __init__(self, what: str) -> None:
        everything = _("We take pdf, png, jpg, csv, xlsx, docx, pptx and txt.")
        super().__init__(f"{_('Inside, this is %(what)s.', what=what)} {everything}", field="file")
        self.what = what

    def where_only(self, kinds: Collection[str]) -> str:
        """The same for a field that takes no more than these kinds."""
        return _(
            "Inside, this is %(what)s. This item takes %(kinds)s.", what=self.what, kinds=", ".join(kinds)
        )


def refuse(what: str) -> Refused:
    """The refusal of a file that is `what` (a noun with its article)."""
    return OtherKind(what)


def _damaged(what: str) -> Refused:
    return Refused(
        _("This %(kind)s file is damaged. Save it again and send that one.", kind=what), field="file"
    )


# --- Pictures -----------------------------------------------------------------------------------


def _png_size(file: IO[bytes]) -> tuple[int, int]:
    header = _read(file, 8, 16)
    if len(header) < 16 or header[4:8] != b"IHDR":
        raise _damaged("png")
    return struct.unpack(">II", header[8:])


def _jpeg_size(file: IO[bytes]) -> tuple[int, int]:
    at = 2
    while True:
        marker = _read(file, at, 9)
        if len(marker) < 9 or marker[0] != 0xFF:
            raise _damaged("jpg")
        if marker[1] == 0xFF:  # Padding before a marker.
            at += 1
        elif marker[1] in JPEG_SIZES:
            height, width = struct.unpack(">HH", marker[5:9])
            return width, height
        elif marker[1] == 0xDA:  # The picture itself begins before its size was said.
            raise _damaged("jpg")
        else:
            at += 2 + max(2, struct.unpack(">H", marker[2:4])[0])


def _check_pixels(size: tuple[int, int]) -> None:
    width, height = size
    if not width * height:
        raise Refused(_("This picture has no size. Save it again and send that one."), field="file")
    if width * height > MOST_PIXELS:
        raise Refused(
            _(
                "The picture is %(width)s × %(height)s pixels. Send one under %(most)s megapixels.",
                width=width,
                height=height,
                most=MOST_PIXELS // 1_000_000,
            ),
            field="file",
        )


# --- Office files -------------------------------------------------------------------------------


def _office(file: IO[bytes]) -> Kind:
    archive = _("a zip archive")
    if not _index_is_small(file):
        raise refuse(archive)
    try:
        with zipfile.ZipFile(file) as parts:
            entries = parts.infolist()
            names = {entry.filename for entry in entries}
            kinds = {kind for part, kind in MAIN_PARTS.items() if part in names}
            if "[Content_Types].xml" not in names or len(kinds) != 1:
                raise refuse(archive)
            if len(entries) > MOST_PARTS or sum(entry.file_size for entry in entries) > MOST_UNPACKED_BYTES:
                raise refuse(_("an archive that unpacks to far more than it should"))
            types = _content_types(parts)
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        RuntimeError,  # A way of packing that Python cannot undo.
        ValueError,
        OSError,
        EOFError,
    ) as error:
        raise refuse(archive) from error
    if "macroenabled" in types or any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Refused(_("This file holds macros. Save it without macros and send that one."), field="file")
    return kinds.pop()


def _index_is_small(file: IO[bytes]) -> bool:
    """Whether the archive's index may be read: its length is said at the end of the file."""
    size = file.seek(0, 2)
    tail = _read(file, max(0, size - 65_557), 65_557)
    at = tail.rfind(b"PK\x05\x06", 0, len(tail) - 18)
    # The long form of the index is for archives of gigabytes, and would bypass the length said here.
    if at < 0 or tail[max(0, at - 20) : at].startswith(b"PK\x06\x07"):
        return False
    return int.from_bytes(tail[at + 12 : at + 16], "little") <= MOST_INDEX_BYTES


def _content_types(parts: zipfile.ZipFile) -> str:
    try:
        # Office writes these two only; the others may ask for more memory than the file is worth.
        if parts.getinfo("[Content_Types].xml").compress_type not in (
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
        ):
            raise refuse(_("an Office file that can't be opened"))
        with parts.open("[Content_Types].xml") as part:
            return part.read(1024 * 1024).decode("utf-8", "replace").lower()
    except (RuntimeError, zlib.error) as error:  # Locked by a password, or broken.
        raise refuse(_("an Office file that can't be opened")) from error


# --- Text ---------------------------------------------------------------------------------------


def _text(file: IO[bytes], head: bytes, name: str) -> Kind:
    known = _known(head)
    if known:
        raise refuse(known)
    file.seek(0)
    data = file.read()
    if NOT_TEXT.search(data):
        raise refuse(_("something we don't know"))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Spreadsheets on Windows still write this; every byte has a meaning in it.
        text = data.decode("cp1252", "replace")
    if MARKUP.search(text[:4096]):
        raise refuse(_("a web page or a drawing with code"))
    if text.startswith("#!"):
        raise refuse(_("a script"))
    ending = _ending(name)
    if ending not in ("", ".csv", ".txt"):
        raise refuse(_("text, and its name ends in %(ending)s", ending=ending))
    return Kind.CSV if ending == ".csv" else Kind.TXT


def _known(head: bytes) -> str | None:
    """What a file with this beginning is, when it is something people do send."""
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return _("an Office file in the old format, or one with a password")
    if head.startswith((b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe")):
        return _("a program")
    if head.startswith((b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")):
        return _("a compressed archive")
    if head.startswith((b"GIF8", b"BM", b"II*\x00", b"MM\x00*")) or head[8:12] == b"WEBP":
        return _("a picture in another format")
    if head[4:8] == b"ftyp":
        return _("a film, or a photo in another format")
    return None


# --- Names --------------------------------------------------------------------------------------


def clean_name(raw: str | None, kind: Kind) -> str:
    """What this file is called when it is sent out again: no folders, no invisible letters, the true ending."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", raw or ""))[-1]
    seen = "".join(" " if letter.isspace() else letter for letter in last)
    seen = "".join(letter for letter in seen if unicodedata.category(letter)[0] != "C")
    seen = " ".join(re.sub(r'[<>:"|?*%]', "_", seen).split()).strip(". ")
    ending = _ending(seen)
    if ending in ENDINGS[kind]:
        stem = seen[: -len(ending)].rstrip(". ")
    else:
        stem, ending = seen, f".{kind}"
    stem = _short(stem) or _("file")
    return f"_{stem}{ending}" if RESERVED.match(stem) else stem + ending


def _ending(name: str) -> str:
    found = re.search(r"\.[A-Za-z0-9]{1,8}$", name.strip())
    return found[0].lower() if found else ""


def _short(stem: str) -> str:
    return stem[:NAME_LENGTH].encode()[:NAME_BYTES].decode("utf-8", "ignore").rstrip(". ")
