"""The log: one line for each event on stderr, as text or as JSON, and never a secret in it.

An error's own words may quote what it went wrong with (a letter, a token, a row), so a line carries the error's
type and the places it passed through, not its message.
"""

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog
from flask import g, has_request_context
from structlog.stdlib import ProcessorFormatter

from portal import clock

Event = MutableMapping[str, Any]

SECRET = re.compile(r"token|code$|password|passphrase|cookie|secret|authorization|signature", re.IGNORECASE)
LINK = re.compile(r"(/(?:login|preview)/)(?!(?:code|password|again)\b)[\w-]{8,}")
HIDDEN = "…"
# Libraries tell of warnings only, and one of them warns of every request that waits a moment.
LEVELS = {"": logging.WARNING, "portal": logging.INFO, "waitress.queue": logging.ERROR}


def configure(style: str) -> None:
    """Log in this style (`text` or `json`) from now on, whoever writes: the portal's files or a library's."""
    before: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _request_id,
        _moment,
    ]
    structlog.configure(
        processors=[*before, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    renderer = structlog.processors.JSONRenderer() if style == "json" else _text
    handler = _Stderr()
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[ProcessorFormatter.remove_processors_meta, _places, _scrub, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler, *(one for one in root.handlers if not isinstance(one, _Stderr))]
    for name, level in LEVELS.items():
        logging.getLogger(name).setLevel(level)


class _Stderr(logging.Handler):
    """Writes to whatever stderr is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(self.format(record) + "\n")
        sys.stderr.flush()


def _request_id(_logger: Any, _method: str, event: Event) -> Event:
    """The reference that an error page shows to a person is in every line of its request."""
    reference = g.get("request_id") if has_request_context() else None
    if reference:
        event["request_id"] = reference
    return event


def _moment(_logger: Any, _method: str, event: Event) -> Event:
    event["at"] = clock.now().isoformat(timespec="milliseconds")
    return event


def _places(_logger: Any, _method: str, event: Event) -> Event:
    """What went wrong and where, in the place of a traceback."""
    caught = event.pop("exc_info", None)
    event.pop("stack_info", None)
    error = sys.exc_info()[1] if caught is True else caught[1] if isinstance(caught, tuple) else caught
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["places"] = [
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        ]
        if error.__cause__:
            event["cause"] = type(error.__cause__).__name__
    return event


def _scrub(_logger: Any, _method: str, event: Event) -> Event:
    """Nothing that lets somebody in, whatever a caller handed over."""
    for name, value in event.items():
        event[name] = HIDDEN if SECRET.search(name) else _safe(value)
    return event


def _safe(value: Any) -> Any:
    if isinstance(value, str):
        return LINK.sub(rf"\1{HIDDEN}", value)
    if isinstance(value, list | tuple):
        return [_safe(one) for one in value]
    if isinstance(value, dict):
        return {name: HIDDEN if SECRET.search(str(name)) else _safe(one) for name, one in value.items()}
    return value


def _text(_logger: Any, _method: str, event: Event) -> str:
    """`09:00:00 warning  job put off  job=4 kind=mail.send`, with the places of an error on lines of their own."""
    given = dict(event)
    at, level, what = given.pop("at"), given.pop("level"), given.pop("event")
    given.pop("logger", None)
    places = given.pop("places", [])
    facts = " ".join(f"{name}={_plain(value)}" for name, value in given.items())
    line = f"{at} {level:<8} {_plain(what)}" + (f"  {facts}" if facts else "")
    return "\n    ".join([line, *map(_plain, places)])


def _plain(value: Any) -> str:
    """One line, so that no text from outside can pass for a line of the log."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(value))
