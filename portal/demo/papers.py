"""Small real files for the demo: partner lists as CSV, and pages of text as PDF."""

import csv
import io
import random

from werkzeug.datastructures import FileStorage

COUNTRIES = ("PT", "ES", "US", "DE", "NL", "GB", "FR", "SG", "AU", "BR")
WORDS = (
    "Alder",
    "Beacon",
    "Cobalt",
    "Delta",
    "Ember",
    "Fjord",
    "Garnet",
    "Harbour",
    "Indigo",
    "Juniper",
    "Kestrel",
)
KINDS = ("Consulting", "Studio", "Systems", "Digital", "Partners", "Labs")


def partner_list(name: str, rows: int, chance: random.Random) -> FileStorage:
    """A partner list in the columns of the import template."""
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(["name", "email", "country", "manager"])
    for number in range(1, rows + 1):
        company = f"{chance.choice(WORDS)} {chance.choice(KINDS)}"
        address = f"partner{number}@{company.lower().replace(' ', '-')}.example"
        sheet.writerow([company, address, chance.choice(COUNTRIES), ""])
    return _sent(name, text.getvalue().encode())


def page(name: str, title: str, lines: list[str]) -> FileStorage:
    """One A4 page with a title and lines of text."""
    shown = [f"/F1 22 Tf 60 770 Td ({_escaped(title)}) Tj", "/F1 11 Tf 0 -34 Td 17 TL"]
    shown += [f"({_escaped(line)}) Tj T*" for line in lines]
    stream = ("BT " + "\n".join(shown) + " ET").encode("cp1252", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources 6 0 R >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Font << /F1 4 0 R >> >>",
    ]
    return _sent(name, _pdf(objects))


def _pdf(objects: list[bytes]) -> bytes:
    made, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size, start = len(objects) + 1, len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % size + table
    return made + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, start)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _sent(name: str, content: bytes) -> FileStorage:
    return FileStorage(io.BytesIO(content), filename=name)
