"""Gzip for those who accept it: static files once, pages each time.

A page holds secrets beside text that others may have written, so its length would tell about the secret (BREACH).
Each compressed page therefore carries a file name of random length in its gzip header, which readers ignore.
"""

import gzip
import io
import secrets
from functools import cache
from pathlib import Path

from flask import Response, request

WORTHWHILE = 1000  # Bytes; below that the headers weigh more than what is saved.
LONGEST_NAME = 64
TEXTUAL = ("text/", "image/svg+xml", "application/javascript", "application/json")


def wanted(mimetype: str | None) -> bool:
    """Whether this request takes gzip, and the content gains by it."""
    return (mimetype or "").startswith(TEXTUAL) and request.accept_encodings["gzip"] > 0


@cache
def file_bytes(path: Path, _digest: str) -> bytes:
    """A static file, compressed as well as it goes; kept, because it never changes under its address."""
    return gzip.compress(path.read_bytes(), 9, mtime=0)


def page(response: Response) -> Response:
    """The answer, compressed when that is worth it."""
    response.vary.add("Accept-Encoding")
    if (
        response.direct_passthrough
        or response.is_streamed
        or "Content-Encoding" in response.headers
        or not wanted(response.mimetype)
        or (response.content_length or 0) < WORTHWHILE
    ):
        return response
    out = io.BytesIO()
    name = "x" * (1 + secrets.randbelow(LONGEST_NAME))
    with gzip.GzipFile(filename=name, mode="wb", fileobj=out, compresslevel=5, mtime=0) as packed:
        packed.write(response.get_data())
    response.set_data(out.getvalue())
    response.headers["Content-Encoding"] = "gzip"
    return response
