"""What people send about a plan: their signature, a comment, a no, somebody else's name."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from portal.accounts.models import Person
from portal.auth.forms import digits
from portal.forms import Form, Named, clean
from portal.plans.signers import LONGEST_REASON
from portal.plans.words import TITLES

LONGEST_COMMENT = 2000
WHOLE = "plan"
PARTS = {WHOLE: _l("The plan as a whole"), **TITLES}


def long_text(label: Any, most: int, missing: Any = "") -> TextAreaField:
    """Words of several lines, at most so many characters; needed where `missing` says what to write."""
    too_long = _l("Keep this under %(most)s characters", most=most)
    needed = [DataRequired(missing)] if missing else []
    return TextAreaField(label, [*needed, Length(max=most, message=too_long)], filters=[_lines])


def _lines(text: str | None) -> str:
    return clean((text or "").replace("\r\n", "\n").replace("\r", "\n"))


class SignForm(Form):
    """Agree to sign. `shown` says what was read (`reading.shown`). The name is taken as it was typed, so that what
    nobody sees in it is refused and not left out in silence."""

    shown = HiddenField()
    typed_name = StringField(
        _l("Type your full name"),
        [DataRequired(_l("Type your full name as it should appear on the plan."))],
    )
    read = BooleanField(validators=[DataRequired(_l("Tick that you have read it and can agree to it"))])
    consent = BooleanField(
        _l("I agree to sign electronically."),
        [DataRequired(_l("Tick that you agree to sign electronically, or decline and say why"))],
    )


class AgainForm(Form):
    """Who are you again? `version` is the ref of what is signed; `way` which of the two boxes was filled in."""

    version = HiddenField()
    way = HiddenField()
    code = StringField(_l("6-digit code"), filters=[digits])
    password = PasswordField(_l("Your password"))


class CommentForm(Named):
    """What should be different, and in which part."""

    part = SelectField(
        _l("What is it about?"), choices=[SelectChoice(key, text) for key, text in PARTS.items()]
    )
    body = long_text(_l("What should be different?"), LONGEST_COMMENT, _l("Write what should be different"))


class DeclineForm(Named):
    """They won't sign, and why."""

    version = HiddenField()
    why = long_text(
        _l("Why not?"),
        LONGEST_REASON,
        _l("Write what keeps you from signing; a person reads it today"),
    )


class OtherForm(Named):
    """Somebody else signs."""

    version = HiddenField()
    to = RadioField(
        _l("Who should sign?"), validators=[InputRequired(_l("Choose who should sign"))], validate_choice=True
    )

    def offer(self, people: list[Person]) -> "OtherForm":
        """Let one of these be chosen."""
        self.to.choices = [SelectChoice(person.ref, person.name) for person in people]
        return self
