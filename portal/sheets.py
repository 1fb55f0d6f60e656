"""Lists as CSV files: sent as they are read, opened by spreadsheets as text and numbers, never as formulas."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from flask import Response, stream_with_context

from portal import db
from portal.access import viewer

FORMULAS = ("=", "+", "-", "@", "\t", "\r")  # A cell of text that begins so is guarded (security.md rule 12).
EXCEL_READS_UTF8 = "\ufeff"


def download(name: str, lines: Iterable[Sequence[Any]]) -> Response:
    """These lines, headings first, as a file of this name. They are made while it is sent, in a session of their own:
    the request's has ended by then."""
    sent = Response(stream_with_context(_lines(lines)), mimetype="text/csv")
    sent.headers.set("Content-Disposition", "attachment", filename=f"{name}.csv")
    return sent


def _lines(lines: Iterable[Sequence[Any]]) -> Iterator[str]:
    with db.reading():
        db.session.add(viewer())
        yield EXCEL_READS_UTF8
        page = io.StringIO()
        write = csv.writer(page).writerow
        for line in lines:
            write([cell(value) for value in line])
            yield page.getvalue()
            page.seek(0)
            page.truncate()


def cell(value: Any) -> str | int:
    """Numbers stay numbers, dates are ISO, text that a spreadsheet would calculate gets an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, int):
        return value
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if text.startswith(FORMULAS) else text
