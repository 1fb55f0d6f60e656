"""The forms of signing in."""

import re

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import DataRequired, Regexp

from portal.auth import rules
from portal.forms import Form, clean, email_address

NO_ADDRESS = _("Enter the e-mail address you use at work")


def digits(text: str | None) -> str:
    """A code as people paste it: without the space or the dash in the middle."""
    return re.sub(r"[\s\-–]", "", clean(text))


class SignInForm(Form):
    """What all ways in share. `next` is the page somebody was on the way to."""

    email = email_address(_("Your work e-mail"), DataRequired(NO_ADDRESS))
    next = HiddenField()

    @property
    def goal(self) -> str:
        """The path to go to afterwards, always one of this server."""
        return rules.local_path(self.next.data)


class CodeForm(SignInForm):
    """The six digits of the letter."""

    code = StringField(
        _("6-digit code"),
        [
            DataRequired(_("Enter the 6 digits from the letter")),
            Regexp(r"^[0-9]{6}\Z", message=_("The code has 6 digits")),
        ],
        filters=[digits],
    )


class PasswordForm(SignInForm):
    """An address and a password."""

    password = PasswordField(_("Password"), [DataRequired(_("Enter your password"))])


class EmptyForm(Form):
    """A button alone."""


class NewPasswordForm(Form):
    """A new password, and the one before when this browser has been signed in for a while."""

    current = PasswordField(_("Your password until now"))
    password = PasswordField(
        _("New password"), [DataRequired(_("Enter a new password of 12 characters or more"))]
    )
