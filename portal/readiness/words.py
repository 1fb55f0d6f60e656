"""Answers of the kit as text to read."""

from datetime import date
from typing import Any

from flask_babel import gettext as _

from portal.playbooks.kinds import FormField
from portal.playbooks.kit import KitQuestion
from portal.web import day


def value_text(field: FormField, value: Any) -> str:
    """One value as text; empty for none."""
    if value in (None, "", []):
        return ""
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if field.type == "yes_no":
        return {"yes": _("Yes"), "no": _("No")}.get(str(value), str(value))
    if field.type == "date":
        return day(date.fromisoformat(value))
    return str(value)


def answer_text(question: KitQuestion, value: Any, more: dict[str, Any], unknown: bool) -> str:
    """What was answered on one question's page: itself, then the smaller ones with what they ask."""
    main = value_text(question.field, value)
    if unknown:
        return _("Not sure yet. %(so_far)s", so_far=main) if main else _("Not sure yet")
    beside = [
        _("%(question)s %(answer)s", question=field.label, answer=text)
        for field in question.more
        if (text := value_text(field, more.get(field.key)))
    ]
    return "\n".join([*([main] if main else []), *beside])
