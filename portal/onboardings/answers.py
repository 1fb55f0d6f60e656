"""What was answered on a step, as text to read."""

from datetime import date
from typing import Any

from flask_babel import gettext as _

from portal.onboardings.steps import Step
from portal.web import day


def answers_of(step: Step, data: dict[str, Any]) -> list[dict[str, str]]:
    """What was answered, question by question, as text."""
    spec = step.spec
    if spec.form:
        rows = [
            (f.label, _day(data.get(f.key)) if f.type == "date" else data.get(f.key))
            for f in spec.form.fields
        ]
    elif spec.checklist and data:
        ticked = data.get("checked", [])
        rows = [(item.text, _("done") if item.key in ticked else _("open")) for item in spec.checklist.items]
    elif spec.choose_path:
        titles = {option.key: option.title for option in spec.choose_path.options}
        rows = [(_("Your choice"), titles.get(data.get("choice", ""), ""))]
    elif spec.invite:
        rows = [(_("Invited"), spec.invite.alone if data.get("alone") else "")]
    elif spec.confirm or spec.usage:
        rows = [(_("Day"), _day(data.get("date"))), (_("Seen in"), data.get("evidence"))]
    else:
        rows = []
    return [{"key": key, "value": _text(value)} for key, value in rows if value not in (None, "", [])]


def _day(iso: str | None) -> str:
    return day(date.fromisoformat(iso)) if iso else ""


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return {"yes": _("Yes"), "no": _("No")}.get(value, value) if isinstance(value, str) else str(value)
