"""Forms of the settings that are about usage."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.validators import InputRequired, Length

from portal.auth import tokens
from portal.forms import Form, short_text


class KeyForm(Form):
    """A key for a source, bound to one account or not."""

    name = short_text(
        _l("What is it for?"),
        80,
        InputRequired(_l("Name the program that will use it, like Product back end")),
    )
    account = short_text(_l("Only for one account"), 200)
    asked = HiddenField(default=tokens.new, validators=[Length(max=64)])
