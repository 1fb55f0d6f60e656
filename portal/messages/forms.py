"""The box under the thread."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField
from wtforms.validators import DataRequired, Length

from portal.forms import Form, clean
from portal.messages.rules import LONGEST


class MessageForm(Form):
    """`step` is the ref of the step it is about, or empty."""

    body = TextAreaField(
        _l("Message"),
        [
            DataRequired(_l("Write something first")),
            Length(max=LONGEST, message=_l("Keep a message under 4,000 characters; share a file for more")),
        ],
        filters=[clean],
    )
    step = HiddenField()
