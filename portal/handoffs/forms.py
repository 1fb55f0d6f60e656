"""Forms of a hand-off: write it, return it."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from portal.characters import unquoted
from portal.forms import Form, clean, short_text
from portal.handoffs.rules import LONGEST, LONGEST_QUOTE
from portal.handoffs.words import FIELDS


def _text(name: str) -> TextAreaField:
    return TextAreaField(
        FIELDS[name],
        [Optional(), Length(max=LONGEST, message=_l("Keep this under 1,000 characters"))],
        filters=[clean],
    )


class HandoffForm(Form):
    """All of it; it can be kept at any point. `seen` is the seal of what was shown, `go` what was pressed."""

    reason = _text("reason")
    problem = _text("problem")
    promised_impact = _text("promised_impact")
    quote = short_text(FIELDS["quote"], LONGEST_QUOTE, Optional())
    quoted_by = short_text(FIELDS["quoted_by"], 120, Optional())
    stakeholders = _text("stakeholders")
    promised_dates = _text("promised_dates")
    surprises = _text("surprises")
    seen = HiddenField()
    go = StringField()

    def validate_quote(self, field: Any) -> None:
        field.data = unquoted(field.data or "")

    @property
    def texts(self) -> dict[str, str]:
        """What was typed, by field."""
        return {name: self[name].data or "" for name in FIELDS}


class PreviewForm(Form):
    """Make a look ahead; `seen` is the number of the latest that the page knew."""

    seen = HiddenField()

    @property
    def number(self) -> int:
        text = self.seen.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


class ReturnForm(Form):
    """Give it back."""

    reason = TextAreaField(
        _l("What do you still need?"),
        [
            DataRequired(_l("Write what you still need; whoever wrote it reads this")),
            Length(max=LONGEST, message=_l("Keep this under 1,000 characters")),
        ],
        filters=[clean],
    )
