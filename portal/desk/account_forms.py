"""Forms of the account's tabs."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import RadioField
from wtforms.fields import SelectChoice

from portal.forms import Form
from portal.uploads import Audience


class ShareForm(Form):
    """A file for everybody on the road, or for our team alone."""

    file = FileField(_l("Choose a file"))
    audience = RadioField(
        _l("Who sees it?"),
        choices=[
            SelectChoice(Audience.SHARED.value, _l("Everybody on this road")),
            SelectChoice(Audience.STAFF.value, _l("Only your team")),
        ],
        default=Audience.SHARED.value,
    )
