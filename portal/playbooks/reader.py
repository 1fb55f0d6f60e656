"""From a playbook file to a document, or to sentences that say what to change on which line."""

import difflib
from collections.abc import Collection
from pathlib import Path
from typing import Any, TypeVar, get_args

from flask_babel import gettext as _
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from portal.playbooks import trigger_check
from portal.playbooks.check import findings
from portal.playbooks.document import PlaybookDocument
from portal.playbooks.source import Loc, PlaybookError, Problem, Source, parse
from portal.playbooks.trigger_check import Vocabulary
from portal.playbooks.trigger_set import TriggerSet

Document = TypeVar("Document", bound=BaseModel)

SHIPPED = Path(__file__).parent / "shipped"


def read(source: Path | str, file: str = "playbook") -> PlaybookDocument:
    """The document in a file (a Path) or in a text named `file`; its shape only, see `check`.

    PlaybookError holds every problem with file, line and what would be right.
    """
    return _shaped(_parsed(source, file), PlaybookDocument)


def read_triggers(source: Path | str, file: str = "triggers") -> TriggerSet:
    """The set of triggers in a file or text; its shape only, see `trigger_check`. PlaybookError as above."""
    return _shaped(_parsed(source, file), TriggerSet)


def read_checked_triggers(source: Path | str, facts: Vocabulary, plays: Collection[str]) -> TriggerSet:
    """A set of triggers that may be used. PlaybookError with the problems of its shape, or of `trigger_check`."""
    parsed = _parsed(source, "triggers")
    document = _shaped(parsed, TriggerSet)
    problems = [
        parsed.problem(loc, message) for loc, message in trigger_check.findings(document, facts, plays)
    ]
    if problems:
        raise PlaybookError(sorted(problems, key=lambda problem: problem.line))
    return document


def holds_triggers(source: Path) -> bool:
    """Whether this file is one of triggers, and not a playbook. PlaybookError when it can't be read."""
    data = _parsed(source, "playbook").data
    return isinstance(data, dict) and "triggers" in data and "modules" not in data


def read_checked(source: Path | str, file: str = "playbook") -> PlaybookDocument:
    """A document that may be published. PlaybookError with the problems of its shape, or of `check`."""
    parsed = _parsed(source, file)
    document = _shaped(parsed, PlaybookDocument)
    problems = [parsed.problem(loc, message) for loc, message in findings(document)]
    if problems:
        raise PlaybookError(sorted(problems, key=lambda problem: problem.line))
    return document


def shipped() -> list[Path]:
    """The playbook files that come with the portal."""
    return sorted(SHIPPED.glob("*.yaml"))


def _parsed(source: Path | str, file: str) -> Source:
    if isinstance(source, str):
        return parse(source, file)
    try:
        return parse(source.read_bytes().decode("utf-8-sig"), str(source))
    except OSError as missing:
        message = _("the file cannot be read: %(reason)s", reason=missing.strerror or str(missing))
    except UnicodeDecodeError:
        message = _("the file is not text in UTF-8; save it as UTF-8")
    raise PlaybookError([Problem(str(source), 0, "", message)])


def _shaped(source: Source, model: type[Document]) -> Document:
    if not isinstance(source.data, dict):
        raise PlaybookError(
            [source.problem((), _("a playbook is a list of “name: value” lines, starting with key"))]
        )
    try:
        return model.model_validate(source.data)
    except ValidationError as invalid:
        problems = [source.problem(error["loc"], _sentence(error, model)) for error in invalid.errors()]
        raise PlaybookError(sorted(problems, key=lambda problem: problem.line)) from invalid


def _sentence(error: ErrorDetails, model: type[BaseModel]) -> str:
    kind, context, loc = error["type"], error.get("ctx", {}), error["loc"]
    if kind == "missing":
        return _("is missing; add “%(name)s:” here", name=loc[-1])
    if kind == "extra_forbidden":
        return _unknown(loc, model)
    if kind == "literal_error":
        allowed, given = context["expected"].replace("'", ""), error["input"]
        return _("“%(given)s” is not known here. Write one of: %(allowed)s", given=given, allowed=allowed)
    if kind == "value_error":
        return str(context["error"])
    if kind == "string_pattern_mismatch":
        return _pattern(str(error["input"]), context["pattern"])
    return _measure(error) or _kind_of_value(error)


def _pattern(given: str, pattern: str) -> str:
    if pattern.startswith("^[a-z][a-z0-9_"):
        return _(
            "“%(given)s” is not a key. Use small letters, digits and _, starting with a letter", given=given
        )
    if pattern.startswith("^[A-Z][A-Z0-9]"):
        return _("“%(given)s” is not a trigger's key. Write one such as T6", given=given)
    if pattern.startswith("^/"):
        return _("“%(given)s” is not a path of the product. Write one such as /settings/payouts", given=given)
    if pattern.startswith("^[A-H]"):
        return _("“%(given)s” is not a callout's letter. Write A to H", given=given)
    if pattern.startswith("^playbooks/"):
        return _("“%(given)s” is not a picture. Write playbooks/name.svg, .png or .jpg", given=given)
    return _(
        "“%(given)s” is not a file name. Use small letters, digits and -, as in import-template.csv",
        given=given,
    )


def _measure(error: ErrorDetails) -> str | None:
    kind, context = error["type"], error.get("ctx", {})
    if kind in ("too_short", "string_too_short"):
        if kind == "string_too_short" or context["min_length"] == 1:
            return _("is empty; write something here or take the line out")
        return _("has too few entries; it needs %(number)s or more", number=context["min_length"])
    if kind == "too_long":
        return _("has too many entries; %(number)s at most", number=context["max_length"])
    if kind == "string_too_long":
        return _("is too long; %(number)s characters at most", number=context["max_length"])
    if kind == "greater_than_equal":
        return _("must be %(number)s or more", number=context["ge"])
    if kind == "less_than_equal":
        return _("must be %(number)s or less", number=context["le"])
    return None


def _kind_of_value(error: ErrorDetails) -> str:
    kind = error["type"]
    if kind == "string_type":
        return _("must be text; put it in quotes")
    if kind.startswith("int"):
        return _("must be a whole number, without quotes")
    if kind.startswith("bool"):
        return _("must be true or false")
    if kind.startswith("date"):
        return _("must be a date such as 2026-03-09")
    if kind in ("tuple_type", "list_type"):
        return _("must be a list: lines starting with “- ”, or [a, b]")
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return _("must be “name: value” lines, indented below it")
    return error["msg"]


def _unknown(loc: Loc, model: type[BaseModel]) -> str:
    name, known = str(loc[-1]), _fields_at(loc[:-1], model)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if close:
        return _("“%(name)s” is not known here; did you mean “%(close)s”?", name=name, close=close[0])
    return _("“%(name)s” is not known here. Known are: %(known)s", name=name, known=", ".join(known))


def _fields_at(loc: Loc, model: type[BaseModel]) -> list[str]:
    for part in loc:
        field = model.model_fields.get(str(part))
        model = (_model_in(field.annotation) if field else None) or model
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for part in get_args(annotation) if (model := _model_in(part))), None)
