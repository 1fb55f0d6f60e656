"""A language in which every letter of ours is a wide one: whatever stands in plain letters missed gettext.

`speaking()` makes the portal speak it. Dates and the like follow a locale without Latin letters, and what people
and playbooks wrote is widened as it is stored, so that only sentences of the portal's own are left in plain letters.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import Mock, patch

from babel.support import NullTranslations
from sqlalchemy import event

from portal.catalogues import Kept
from portal.db import Base
from portal.escalations import plays
from portal.escalations.plays import Play
from portal.onboardings.steps import Step
from portal.playbooks import triggers
from portal.playbooks.document import PlaybookDocument, StepSpec
from portal.playbooks.kit import Kit
from portal.playbooks.trigger_set import TriggerSet
from tests import make
from tests.infra.html import Node, read
from tests.playbooks.first import first_edition

LOCALE = "zh"
TRIGGERS = triggers.standard()
PLAYS, PLACES = plays.shipped(), re.compile(r"\{\w+\}|[^{}]+")
WIDE = {ord(c): ord(c) + 0xFEE0 for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"}
# What a translator leaves alone: placeholders, tags, entities, and places to be filled in a letter.
KEPT = re.compile(r"(%\(\w+\)[sd]|%%|<[^<>]+>|&\w+;|\{\{[\w-]+\}\})")


def wide(text: str) -> str:
    """The same text in wide letters."""
    return "".join(part if KEPT.fullmatch(part) else part.translate(WIDE) for part in KEPT.split(text))


class Wide(NullTranslations):
    """Translations that are there for everything."""

    def gettext(self, message: str) -> str:
        return wide(message)

    def ngettext(self, msgid1: str, msgid2: str, num: int) -> str:
        return wide(msgid1 if num == 1 else msgid2)

    ugettext, ungettext = gettext, ngettext

    def upgettext(self, _context: str, message: str) -> str:
        return wide(message)

    def unpgettext(self, _context: str, singular: str, plural: str, num: int) -> str:
        return self.ngettext(singular, plural, num)


# --- What people and playbooks wrote --------------------------------------------------------------

# Text that somebody typed, by table; `locale` is set, all else widened.
WRITTEN: dict[str, set[str]] = {
    "account": {"name", "region", "locale"},
    "person": {"name", "called", "job_title", "locale"},
    "staff": {"name", "called", "bio", "city", "locale"},
    "provider": {"name", "locale"},
    "api_key": {"name"},
    "product": {"name", "value_events", "activation_actions", "value_loop", "key_features"},
    "onboarding": {"quote", "quoted_by", "cancel_reason", "changes"},
    "hold": {"reason"},
    "module": {"added_by", "added_why"},
    "readiness_effect": {"because", "contested_why", "decided_why"},
    "handoff": {
        "reason", "problem", "promised_impact", "quote", "quoted_by", "stakeholders", "promised_dates", "surprises",
        "returned_why",
    },
    "prerequisite": {
        "title", "own_enough", "own_guidance", "because", "in_the_way", "left_out_why", "without_why",
    },
    "readiness_submission": {"returned_why"},
    "readiness_answer": {"value", "more", "by_name"},
    "readiness_ask": {"name", "note"},
    "wave": {"department", "left_out_why"},
    "success_criterion": {"withdrawn_why", "unmet_why", "adjusted_why"},
    "criterion_wording": {"statement", "unit", "seen_in", "note", "asked"},
    "criterion_checkpoint": {"what"},
    "measurement": {"note"},
    "step": {
        "title", "own", "skip_reason", "asked_to_skip", "return_reason", "reopen_reason", "blocked_detail", "unblocker",
    },
    "call": {"title", "agenda", "notes", "next_steps", "cancel_reason"},
    "document": {"name"},
    "message": {"body"},
    "note": {"body"},
    "nudge": {"subject", "body"},
    "saved_view": {"name"},
    "scope_item": {"statement", "why", "alternative"},
    "resource_need": {"what", "who", "refused_why"},
    "scope_agreement": {"items"},
    "plan_version": {"words", "declined_why", "voided_why"},
    "plan_signer": {"typed_name"},
    "signature": {"name", "typed_name"},
    "signal": {"text", "outcome"},
    "health_override": {"why"},
    "escalation": {"cause", "helped", "draft"},
    "escalation_reason": {"evidence"},
    "notice": {"line"},
    "activity": {"personal"},
}  # fmt: skip
MACHINE = {
    "key", "kind", "stage", "owner_side", "assignee", "due", "records", "delivery", "programmes", "segments",
    "products", "audience", "owner_role", "include", "depth", "set_up", "type", "field", "src", "letter", "accept",
    "depths", "template", "file", "path", "roles", "shows", "prefill", "on", "steps_done", "ip", "salt", "code",
    "side",
}  # fmt: skip


def widened(value: Any) -> Any:
    """A value of JSON with all its sentences widened, and all that machines read left alone."""
    if isinstance(value, str):
        return (
            value if value in ("yes", "no") or re.fullmatch(r"[a-z0-9-]+\.[a-z]{3,4}", value) else wide(value)
        )
    if isinstance(value, list):
        return [widened(one) for one in value]
    if isinstance(value, dict):
        return {name: one if name in MACHINE else widened(one) for name, one in value.items()}
    return value


def document() -> PlaybookDocument:
    """The playbook of the tests in wide letters."""
    content = first_edition().model_dump(mode="json")
    milestones = content.pop("milestones")
    told = widened(content)
    told["milestones"] = [{**one, "title": wide(one["title"])} for one in milestones]
    return PlaybookDocument.model_validate(told)


def asking() -> tuple[Kit, StepSpec]:
    """The kit in wide letters, and its item; what a question calls its section is a key, not a title."""
    kit, step = make._asking()
    content = kit.model_dump(mode="json")
    told = widened(content) | {"consultation": content["consultation"]}
    for one, plain in zip(told["questions"], content["questions"], strict=True):
        one["section"] = plain["section"]
    return Kit.model_validate(told), StepSpec.model_validate(widened(step.model_dump(mode="json")))


def wide_triggers() -> TriggerSet:
    """The triggers with their titles in wide letters."""
    specs = (one.model_copy(update={"title": wide(one.title)}) for one in TRIGGERS.triggers)
    return TRIGGERS.model_copy(update={"triggers": tuple(specs)})


def wide_plays() -> dict[str, Play]:
    """The plays in wide letters, but for the places that a draft fills in."""
    return {
        key: play.model_copy(
            update={
                "title": wide(play.title),
                "about": wide(play.about),
                "items": {name: wide(text) for name, text in play.items.items()},
                "draft": play.draft.model_copy(
                    update={
                        name: PLACES.sub(_kept, getattr(play.draft, name)) for name in ("subject", "body")
                    }
                ),
            }
        )
        for key, play in PLAYS.items()
    }


def _kept(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith("{") else wide(found[0])


def _widen_row(_mapper: Any, _connection: Any, row: Any) -> None:
    for name in WRITTEN.get(row.__tablename__, ()):
        value = LOCALE if name == "locale" else widened(getattr(row, name))
        if value != getattr(row, name):
            setattr(row, name, value)


@contextmanager
def speaking() -> Iterator[None]:
    """Until the end, the portal speaks wide letters, and keeps what is written in them."""
    save = Step.save

    def save_wide(self: Step, answers: dict[str, Any], **more: Any) -> Any:
        return save(self, widened(answers), **more)

    with ExitStack() as stack:
        stack.enter_context(patch.object(Kept, "get_translations", lambda _self: Wide()))
        stack.enter_context(patch.object(Step, "save", save_wide))
        stack.enter_context(patch("tests.make._document", document))
        stack.enter_context(patch.object(plays, "shipped", wide_plays))
        stack.enter_context(patch.object(triggers, "standard", wide_triggers))
        stack.enter_context(patch("tests.make._asking", Mock(return_value=asking())))
        for moment in ("before_insert", "before_update"):
            event.listen(Base, moment, _widen_row, propagate=True)
            stack.callback(event.remove, Base, moment, _widen_row)
        yield


# --- Looking --------------------------------------------------------------------------------------

PLAIN = re.compile(r"[A-Za-zÀ-ž]{2,}")
SPOKEN = ("aria-label", "aria-description", "aria-roledescription", "aria-valuetext", "alt", "title", "placeholder",
          "data-saving", "data-live")  # fmt: skip
# No sentence: addresses, time zones, files and their formats, browsers, a language's own name, and ours.
NO_WORDS = re.compile(
    r"[\w.+-]+@[\w.-]+|https?://\S+|\b[A-Z][A-Za-z]+(?:/[A-Z][\w+-]+)+|\bUTC\b|\b[\w-]+\.(?:pdf|csv|xlsx|ics|eml)\b"
    r"|\b(?:pdf|png|jpg|csv|xlsx|docx|pptx|txt)\b|\b(?:Firefox|Chrome|English|Firstmile)\b|\{\{[\w-]+\}\}|x{20,}"
)


def plain_words(text: str) -> list[str]:
    """What of this text is in plain letters, and therefore in no catalogue."""
    return PLAIN.findall(NO_WORDS.sub(" ", text))


def missed(source: str) -> list[str]:
    """Each piece of a page, or of a part of one, with plain letters in what people see or hear."""
    return [text for text in _told(read(source).root) if plain_words(text)]


def _told(node: Node) -> Iterator[str]:
    if node.tag in ("script", "style", "code"):
        return
    yield from (node.get(name) for name in SPOKEN)
    if node.tag == "input" and node.get("type") in ("submit", "button", "reset"):
        yield node.get("value")
    if node.tag == "meta" and node.get("name") in ("description", "title"):
        yield node.get("content")
    for child in node.children:
        if isinstance(child, Node):
            yield from _told(child)
        else:
            yield " ".join(child.split())
