"""HTML in, a PDF out: the only place that knows WeasyPrint, and that only in a bounded child.

The page may name our own static files and what is handed over with it; everything else is refused, whoever wrote it
into the page. The PDF is tagged and carries its fonts; no claim of PDF/A or PDF/UA is made.
"""

import ctypes.util
import mimetypes
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from portal import bounded
from portal.bounded import Failed, TooMuch

__all__ = ["Failed", "TooMuch", "missing_libraries", "render"]

STATIC: Final = Path(__file__).parent.parent / "static"
HOST: Final = "https://portal.invalid"
SERVED: Final = {".css": "text/css", ".woff2": "font/woff2", ".svg": "image/svg+xml", ".png": "image/png"}
LIBRARIES: Final = {
    "pango-1.0": "libpango-1.0-0",
    "pangoft2-1.0": "libpangoft2-1.0-0",
    "harfbuzz-subset": "libharfbuzz-subset0",
}

child = bounded.Child()


def render(
    html: str,
    *,
    styles: Sequence[str] = (),
    attachments: Sequence[tuple[str, bytes, str]] = (),
    files: Mapping[str, bytes] | None = None,
) -> bytes:
    """The PDF of a page; its language and its title are the page's own.

    `styles` are style sheets among our static files, kept parsed; `attachments` are data in the file, each a name,
    content and description; `files` are what paths of the page that are none of our static files hold. Raises TooMuch
    and Failed, each with a sentence.
    """
    told = {
        "html": html,
        "styles": list(styles),
        "attachments": list(attachments),
        "files": dict(files or {}),
    }
    made: bytes = child.run("portal.pdf:draw", told)
    return made


def missing_libraries() -> str:
    """A sentence that names the system's packages that lack for PDFs; empty when all are there."""
    lacking = [package for name, package in LIBRARIES.items() if not _is_there(name)]
    return (
        f"PDFs need libraries that are not here (Debian: apt-get install {' '.join(lacking)})."
        if lacking
        else ""
    )


def _is_there(name: str) -> bool:
    try:
        ctypes.CDLL(f"lib{name}.so.0")
    except OSError:
        return ctypes.util.find_library(name) is not None
    return True


# --- In the child --------------------------------------------------------------------------------


def draw(
    html: str, styles: list[str], attachments: list[tuple[str, bytes, str]], files: dict[str, bytes]
) -> bytes:
    """What `render` asks the child for. Raises Failed where the system's libraries are missing."""
    try:
        import weasyprint
    except OSError as error:
        raise Failed(missing_libraries() or f"PDFs need a library that is not here: {error}") from error
    made: bytes = weasyprint.HTML(
        string=html, base_url=HOST, media_type="print", url_fetcher=_fetcher(files)
    ).write_pdf(
        stylesheets=[_style(tuple(styles), tuple((STATIC / one).stat().st_mtime for one in styles))],
        font_config=_fonts(),
        attachments=[
            weasyprint.Attachment(string=content, name=name, description=says)
            for name, content, says in attachments
        ],
        pdf_tags=True,
        finisher=_relate,
    )
    return made


def _relate(_document: Any, made: Any) -> None:
    """Say of what is attached that it is the file's data; WeasyPrint does so only where PDF/A is claimed."""
    import pydyf

    objects: list[Any] = made.objects
    for one in objects:
        if isinstance(one, pydyf.Dictionary) and one.get("Type") == "/Filespec":
            one["AFRelationship"] = "/Data"
            made.catalog.setdefault("AF", pydyf.Array()).append(one.reference)


@cache
def _fonts() -> Any:
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()


@cache
def _style(names: tuple[str, ...], _modified: tuple[float, ...]) -> Any:
    """These style sheets as one, so that the layers of the first hold for all; parsed once, with its fonts."""
    import weasyprint

    return weasyprint.CSS(
        string="\n".join((STATIC / name).read_text("utf-8") for name in names),
        base_url=f"{HOST}/static/-/css/",
        media_type="print",
        font_config=_fonts(),
        url_fetcher=_fetcher({}),
    )


def _fetcher(files: dict[str, bytes]) -> Any:
    return _fetching()(files)


@cache
def _fetching() -> Any:
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Ours(URLFetcher):
        """Opens nothing: reads our static files and hands out what came with the page."""

        def __init__(self, files: dict[str, bytes]) -> None:
            super().__init__(allowed_protocols=(), allow_redirects=False)
            self._files = files

        def fetch(self, url: str, headers: Any = None) -> Any:
            content = self._files.get(urlsplit(url).path) if url.startswith(f"{HOST}/") else None
            kind = mimetypes.guess_type(urlsplit(url).path)[0] or ""
            if content is None:
                content, kind = _static(url)
            return URLFetcherResponse(url, content, {"Content-Type": kind})

    return Ours


def _static(url: str) -> tuple[bytes, str]:
    """The static file at this address, and its kind. Raises ValueError for any other address."""
    where = urlsplit(url)
    _nothing, folder, _digest, name = [*unquote(where.path).split("/", 3), "", "", ""][:4]
    path = (STATIC / name).resolve()
    if (
        not url.startswith(f"{HOST}/static/")
        or folder != "static"
        or not path.is_relative_to(STATIC.resolve())
    ):
        raise ValueError("only our own static files")
    if path.suffix not in SERVED or not path.is_file():
        raise ValueError("no such file")
    return path.read_bytes(), SERVED[path.suffix]
