"""What every answer shares: headers, static files with far-future names, filters, error pages, ids."""

import hashlib
import posixpath
import secrets
from collections.abc import Callable
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from babel import dates
from flask import (
    Flask,
    Response,
    current_app,
    g,
    has_request_context,
    make_response,
    render_template,
    request,
    send_from_directory,
)
from flask_babel import Babel, Locale, format_datetime, format_decimal, get_locale, to_user_timezone
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from markupsafe import Markup
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from werkzeug.exceptions import Forbidden, HTTPException, InternalServerError
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import catalogues, clock, compress, db
from portal.config import Config
from portal.errors import Refused

ROOT = Path(__file__).parent.parent
STATIC = ROOT / "static"
PLAYBOOK_FILES = ROOT / "portal" / "playbooks" / "shipped" / "files"
A_YEAR = 365 * 24 * 3600
ENGLISH_DATES = {
    "EEEdMMMM": "EEE d MMMM",
    "EEEdMMM": "EEE d MMM",
    "EEEEdMMMM": "EEEE d MMMM",
    "EEEd": "EEE d",
    "dMMMM": "d MMMM",
    "dMMM": "d MMM",
    "yMMMd": "d MMM y",
    "yMMMMd": "d MMMM y",
}

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

log = structlog.get_logger(__name__)
csrf = CSRFProtect()
babel = Babel()


def init_app(app: Flask, config: Config) -> None:
    """Put the shared behaviour around every route of `app`."""
    if config.trusted_proxies:
        count = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=0)  # type: ignore[method-assign]
    app.before_request(_limit)
    csrf.init_app(app)
    babel.init_app(app, locale_selector=_locale, timezone_selector=_zone)
    catalogues.install(babel, app)
    app.before_request(_begin)
    # Run last to first: commit, headers, then the page as it travels.
    app.after_request(compress.page)
    app.after_request(_headers)
    app.after_request(_commit)
    app.teardown_appcontext(lambda _error: db.session.remove())
    app.add_url_rule("/static/<digest>/<path:name>", "asset", _static_file)
    app.add_template_global(asset)
    app.add_template_filter(day, "day")
    app.add_template_filter(short_day, "short_day")
    app.add_template_filter(clock_time, "clock_time")
    app.add_template_filter(markdown, "markdown")
    app.register_error_handler(HTTPException, _error_page)
    app.register_error_handler(Refused, _refusal)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(DBAPIError, _database_says_no)


# --- One request --------------------------------------------------------------------------------


def _limit() -> None:
    """Only files may be large: any other body is read whole into memory, and its fields are not counted."""
    if request.mimetype != "multipart/form-data":
        request.max_content_length = current_app.config["MAX_FORM_MEMORY_SIZE"]


def _begin() -> None:
    g.request_id = secrets.token_hex(6)
    reading = request.method in ("GET", "HEAD", "OPTIONS")
    db.start(reading=reading)
    if not reading:
        _refuse_foreign_origin()


def _refuse_foreign_origin() -> None:
    """A form that another site sends carries that site's Origin; ours carry ours or none."""
    origin = request.headers.get("Origin")
    if origin is None:
        return
    try:
        host = urlsplit(origin).netloc
    except ValueError:
        host = ""
    if host != request.host:
        raise Forbidden(_("This form was sent from another site. Open the page here and send it again."))


def _commit(response: Response) -> Response:
    """The only commit of a request: an answer below 400 keeps what was done, any other drops it."""
    if response.status_code >= 400 or request.method in ("GET", "HEAD", "OPTIONS"):
        db.session.rollback()
        return response
    try:
        db.session.commit()
    except DBAPIError as error:
        return make_response(_database_says_no(error))
    return response


def _headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={A_YEAR}; includeSubDomains")
    if not response.headers.get("Cache-Control"):
        response.headers["Cache-Control"] = "no-store"
    return response


# --- Static files -------------------------------------------------------------------------------


@cache
def _digest(name: str, _modified: float) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """The address of a static file; it changes with the content, so browsers may keep it for ever."""
    path = STATIC / name
    return f"/static/{_digest(name, path.stat().st_mtime)}/{name}"


def _static_file(digest: str, name: str) -> Response:
    """The file as it is now; kept for ever only under the name that its content has."""
    name = posixpath.normpath(name)
    response = send_from_directory(STATIC, name)
    own = _digest(name, (STATIC / name).stat().st_mtime)
    if response.status_code == 200 and compress.wanted(response.mimetype):
        response.direct_passthrough = False
        response.set_data(compress.file_bytes(STATIC / name, own))
        response.headers["Content-Encoding"] = "gzip"
    lasting = f"public, max-age={A_YEAR}, immutable"
    response.headers["Cache-Control"] = lasting if digest == own else "no-cache"
    return response


def playbook_file(name: str) -> Path:
    """A file that a shipped playbook hands out."""
    return PLAYBOOK_FILES / name


def file_size(count: int) -> str:
    """“12 kB”, “1.4 MB”."""
    if count >= 1_000_000:
        return _("%(size)s MB", size=format_decimal(round(count / 1_000_000, 1)))
    return _("%(size)s kB", size=max(1, round(count / 1000)))


# --- Language, dates ----------------------------------------------------------------------------


def _locale() -> str:
    own = getattr(current_user, "locale", None) if current_user else None
    if own or not has_request_context():
        return own or "en"
    return request.accept_languages.best_match(["en"]) or "en"


def local_today() -> date:
    """The date on the reader's wall."""
    return clock.today(_zone() or "UTC")


def _zone() -> str | None:
    return str(current_user.zone) if current_user and current_user.is_authenticated else None


def day(value: date | datetime | None, skeleton: str = "EEEdMMMM") -> str:
    """“Thu 12 March” in the reader's language; moments are turned into the reader's zone first."""
    return _dated(value, skeleton)


def short_day(value: date | datetime | None) -> str:
    """“12 Mar” in the reader's language."""
    return _dated(value, "dMMM")


def clock_time(value: datetime) -> str:
    """“15:00” in the reader's zone and language."""
    return format_datetime(value, "HH:mm")


def city(zone: str) -> str:
    """The place that a time zone is named after, “Lisbon”, in the reader's language."""
    place = dates.get_timezone_location(zone, locale=get_locale() or Locale("en"), return_city=True)
    return place.rpartition("/")[2]


def _dated(value: date | datetime | None, skeleton: str) -> str:
    if value is None:
        return ""
    local = to_user_timezone(value).date() if isinstance(value, datetime) else value
    return _written(local, skeleton, get_locale() or Locale("en"))


@lru_cache(4096)  # A list says the same days over and over.
def _written(local: date, skeleton: str, locale: Locale) -> str:
    # Day before month, as in the rest of the wording; CLDR's bare `en` is American.
    if locale.language == "en":
        return str(dates.format_date(local, ENGLISH_DATES[skeleton], locale=locale))
    return str(dates.format_skeleton(skeleton, local, locale=locale))


# --- Text -----------------------------------------------------------------------------------------


@cache
def _renderer() -> Callable[[str], str]:
    # Loaded with the first text, so that an idle server doesn't hold two parsers.
    import nh3
    from markdown_it import MarkdownIt

    read = MarkdownIt("commonmark", {"html": False}).enable("table")
    tags = nh3.ALLOWED_TAGS - {"img"}  # Pictures have captions and stand in a step's own fields.
    return lambda text: nh3.clean(read.render(text), tags=tags, link_rel="noopener noreferrer")


def markdown(text: str) -> Markup:
    """A playbook's Markdown as HTML: no raw HTML, and nothing but harmless tags and links."""
    return Markup(_renderer()(text))


# --- When something goes wrong ------------------------------------------------------------------


def _error_page(error: HTTPException) -> Any:
    if error.code and error.code < 400:
        return error
    if isinstance(error, InternalServerError):
        db.session.rollback()
        # It can go away while another refusal is being put into words.
        if isinstance(error.original_exception, OperationalError):
            return _database_says_no(error.original_exception)
    own_words = error.description if error.description != type(error).description else None
    return _error(error.code or 500, own_words if error.code in (400, 403, 404, 413, 429) else None, error)


def _refusal(error: Refused) -> Any:
    return _error(409, str(error), None)


def _database_says_no(error: DBAPIError) -> Any:
    """The database decides what may happen once; and when it is busy or gone, nothing has happened."""
    db.session.rollback()
    if isinstance(error, IntegrityError):
        return _error(409, _("Somebody did the same a moment ago. Open the page again to see it."), None)
    if isinstance(error, OperationalError):
        log.warning("database unavailable", error=type(error.orig).__name__)
        g.database_gone = True
        g._login_user = None  # Who is looking is in the database too.
        answer = _error(503, None, None)
        answer.headers["Retry-After"] = "5"
        return answer
    raise error


def _stale_form(_mismatch: CSRFError) -> Any:
    sentence = _(
        "This page was open for a long time, so the form no longer counts. Open it again and send it."
    )
    return _error(400, sentence, None)


def _error(code: int, sentence: str | None, error: HTTPException | None) -> Any:
    try:
        page = render_template(
            "errors/page.html", code=code, sentence=sentence, reference=g.get("request_id", "")
        )
    except OperationalError as gone:
        if g.get("database_gone"):
            raise
        return _database_says_no(gone)
    response = Response(page, status=code, mimetype="text/html")
    for name, value in error.get_headers() if error else []:
        if name.lower() in ("retry-after", "allow"):
            response.headers[name] = value
    return response
