"""Forms of the plan at the desk: what is written in place of what is filled in, who signs, and the reasons."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField
from wtforms.fields import SelectChoice

from portal.forms import Form, Named, SeveralField, short_text
from portal.plans.document import digest
from portal.plans.drafts import Draft
from portal.plans.forms import LONGEST_COMMENT, long_text
from portal.plans.signatories import WORDS, by_part
from portal.plans.signers import LONGEST_REASON
from portal.plans.words import TITLES

LONGEST_HEADLINE, LONGEST_LINE, LONGEST_TEXT, LONGEST_CHANGES = 90, 160, 600, 3000
PARAGRAPH = re.compile(r"\n\s*\n")
LINES = ("headline", "summary", "results_note")
SIDES = ("does", "time")
SIGNERS = "signers"
MARK = 16  # Letters of a mark; nothing but words that moved meanwhile is told by it.


class SendForm(Form):
    """`seen` is the mark of the draft that its sender read."""

    seen = HiddenField()


class NumberForm(Form):
    """About the version with the number `n`."""

    n = HiddenField()


class VoidForm(Named):
    """Take back the version with the number `n`."""

    n = HiddenField()
    why = long_text(
        _l("Why is it taken back?"),
        LONGEST_REASON,
        _l("Write why, in a sentence that the customer may read"),
    )


class AnswerForm(Named):
    """Write to the customer about the plan."""

    body = long_text(_l("Message"), LONGEST_COMMENT, _l("Write something first"))


class BuilderForm(Named):
    """Who signs, and whatever `form_of` puts beside it; `seen` is the number of the words that their writer read,
    `filled` the marks of what was filled in where they wrote nothing."""

    seen = HiddenField()
    filled = HiddenField()
    customer = SelectField(_l("Signs for them"), choices=[])
    customer_sponsors = SeveralField(_l("Further signers of theirs"), choices=[])
    provider = SelectField(_l("Signs for us"), choices=[])
    provider_sponsors = SeveralField(_l("Further signers of ours"), choices=[])

    @property
    def number(self) -> int:
        """The number that was seen; -1 for what no page of ours carries."""
        text = self.seen.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1


class AmendForm(BuilderForm):
    """Of an amendment: its reason alone."""

    reason = long_text(_l("Why this changes"), LONGEST_TEXT)


class WholeForm(BuilderForm):
    """Of a plan that nobody has signed yet."""

    headline = short_text(_l("Headline"), LONGEST_HEADLINE)
    summary = long_text(_l("Summary"), LONGEST_TEXT)
    results_note = long_text(_l("Note on the results"), LONGEST_TEXT)
    changes = long_text(TITLES["changes"], LONGEST_CHANGES)


def form_of(draft: Draft, *, sent: bool = False) -> Any:
    """The form of this draft, as it was sent or with what the draft says now."""
    fields: dict[str, Any] = {}
    if not draft.is_amendment:
        for one in draft.players:
            labels = _("Does"), _("Reach") if one.user.is_staff else _("Time")
            for side, label in zip(SIDES, labels, strict=True):
                fields[f"{side}-{one.key}"] = short_text(label, LONGEST_LINE)
    base = AmendForm if draft.is_amendment else WholeForm
    form = type("DraftForm", (base,), fields)(**({} if sent else {"formdata": None}))
    _offer(form.called("builder"), draft)
    return form if sent else _fill(form, draft)


def _offer(form: Any, draft: Draft) -> None:
    able, nobody = draft.able, SelectChoice("", _("Nobody yet"))
    form.customer.choices = [nobody, *(SelectChoice(one.ref, one.name) for one in able.theirs_first)]
    form.provider.choices = [nobody, *(SelectChoice(one.ref, one.name) for one in able.ours)]
    form.customer_sponsors.choices = [SelectChoice(one.ref, one.name) for one in able.theirs]
    form.provider_sponsors.choices = [SelectChoice(one.ref, one.name) for one in able.ours]


def _fill(form: Any, draft: Draft) -> Any:
    chosen, document = by_part(draft.signing), draft.document
    form.filled.data = " ".join(f"{name}:{_mark(said)}" for name, said in _filled(draft).items())
    form.customer.data, form.provider.data = (
        next(iter(chosen[part]), "") for part in ("customer", "provider")
    )
    form.customer_sponsors.data, form.provider_sponsors.data = (
        chosen["customer_sponsors"],
        chosen["provider_sponsors"],
    )
    if draft.is_amendment:
        form.reason.data = draft.words.get("reason") or ""
        return form
    for name in LINES:
        form[name].data = getattr(document, name)
    form.changes.data = "\n\n".join(document.changes)
    for one in draft.players:
        for side in SIDES:
            form[f"{side}-{one.key}"].data = getattr(one.player, side)
    return form


def words_of(form: Any, draft: Draft) -> dict[str, Any]:
    """What of the form isn't filled in by itself, nor was when its writer opened it: that alone is kept, so that all
    the rest stays up to date."""
    filled = _filled(draft)
    opened = dict(one.split(":", 1) for one in (form.filled.data or "").split() if ":" in one)

    def is_own(name: str, said: str | None) -> bool:
        return _mark(said or "") not in (_mark(filled[name]), opened.get(name))

    found: dict[str, Any] = {}
    signers = {part: _refs(form[part].data) for part in WORDS}
    if is_own(SIGNERS, _in_a_line(signers)):
        found[SIGNERS] = signers
    if draft.is_amendment:
        return {**found, **({"reason": form.reason.data} if form.reason.data else {})}
    for name in LINES:
        if form[name].data and is_own(name, form[name].data):
            found[name] = form[name].data
    paragraphs = [part.strip() for part in PARAGRAPH.split(form.changes.data or "") if part.strip()]
    if paragraphs and is_own("changes", " ".join(paragraphs)):
        found["changes"] = paragraphs
    people = {}
    for one in draft.players:
        typed = {side: form[f"{side}-{one.key}"].data for side in SIDES}
        own = {side: said for side, said in typed.items() if said and is_own(f"{side}-{one.key}", said)}
        if own:
            people[one.key] = own
    return {**found, **({"people": people} if people else {})}


def _filled(draft: Draft) -> dict[str, str]:
    """What stands in each field where nobody has written, by the name of the field."""
    found = {SIGNERS: _in_a_line(by_part(draft.proposed))}
    if draft.is_amendment:
        return found
    plain = draft.filled
    found |= {name: getattr(plain, name) for name in LINES}
    found["changes"] = " ".join(plain.changes)
    for one, player in zip(draft.players, [*plain.theirs, *plain.ours], strict=True):
        found |= {f"{side}-{one.key}": getattr(player, side) for side in SIDES}
    return found


def _mark(said: str) -> str:
    """Differs when the words do, wherever its lines end."""
    return digest(" ".join(said.split()))[:MARK]


def _in_a_line(signers: dict[str, list[str]]) -> str:
    return " ".join(f"{part}={ref}" for part in WORDS for ref in sorted(signers[part]))


def _refs(data: str | list[str] | None) -> list[str]:
    return ([data] if data else []) if isinstance(data, str) else list(data or [])
