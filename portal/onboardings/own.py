"""What a step says that somebody added to one road: no playbook has it, so it carries its text itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, get_args

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from pydantic import Field

from portal.onboardings.wave_keys import of_playbook
from portal.playbooks.document import StepSpec
from portal.playbooks.kinds import FileKind
from portal.playbooks.shape import Line, Markdown, Shape, Text

if TYPE_CHECKING:
    from portal.onboardings.record import StepRecord

# The kinds that can be written in a minute, each with its button and when it is done, unless somebody says so better.
OWN_KINDS: Final = {
    "confirm": (_l("It's done"), _l("One of you says that it is done")),
    "checklist": (_l("Everything is ticked"), _l("Every line is ticked")),
    "upload": (_l("Send the file"), _l("The file is here")),
    "read": (_l("I've read it"), _l("It is read")),
}


class OwnText(Shape):
    """What somebody wrote about a step of one road; everything else about it is in its row. `items` are the lines of
    a checklist, `body` is what there is to read."""

    why: Text
    done_when: Line | None = None
    items: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    body: Markdown | None = None


def own_spec(step: StepRecord) -> StepSpec:
    """The spec of such a step; what nobody wrote is said in the language of whoever reads it."""
    text, (button, usual) = OwnText.model_validate(step.own), OWN_KINDS[step.kind]
    done_when = text.done_when or str(usual)
    content: dict[str, dict[str, Any]] = {
        "confirm": {"statement": text.done_when or _("This is done.")},
        "checklist": {"items": [{"key": f"line_{n}", "text": line} for n, line in enumerate(text.items, 1)]},
        "upload": {"accept": get_args(FileKind)},
        "read": {"body": text.body},
    }
    return StepSpec.model_validate(
        {
            "key": of_playbook(step.key),
            "title": step.title,
            "kind": step.kind,
            "owner_side": step.owner_side,
            "assignee": "admin" if step.is_customers else "consultant",
            "button": str(button),
            "why": text.why,
            "done_when": done_when,
            "due": "start",
            "minutes": step.minutes,
            "required": step.required,
            "visible": step.visible,
            "weight": step.weight,
            step.kind: content[step.kind],
        }
    )
