"""Forms of a case."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from portal.accounts.models import Staff
from portal.escalations.models import LONGEST
from portal.forms import Named, clean, near, short_text
from portal.messages.rules import LONGEST as LONGEST_MESSAGE

TOO_LONG = _l("Keep this under 1,000 characters")


def _words(label: Any, missing: Any) -> TextAreaField:
    return TextAreaField(
        label, [DataRequired(missing), Length(max=LONGEST, message=TOO_LONG)], filters=[clean]
    )


class NoteForm(Named):
    """What somebody found out or did."""

    text = _words(_l("What did you find out or do?"), _l("Write what you found out or did"))


class GiveForm(Named):
    """Somebody else is asked."""

    staff = SelectField(_l("Who"), [DataRequired(_l("Choose a colleague"))])

    def offer(self, people: Iterable[Staff]) -> None:
        """Who can have it."""
        here = [SelectChoice(one.ref, one.name) for one in people]
        self.staff.choices = [SelectChoice("", _l("Choose a colleague")), *here]


class WaitForm(Named):
    """Wait for the customer."""

    until = DateField(_l("Until the morning of"), [InputRequired(_l("Choose a day")), near])
    why = short_text(_l("What do you wait for?"), 200, Optional())


class RaiseForm(Named):
    """The next level."""

    why = short_text(
        _l("Why now?"), 400, DataRequired(_l("Write why it can't wait; the next person reads this"))
    )


class ResolveForm(Named):
    """It is over."""

    cause = _words(_l("What was the cause?"), _l("Write what the cause was, in a sentence"))
    helped = _words(_l("What helped?"), _l("Write what helped, so that the next one is quicker"))
    right = RadioField(
        _l("Was it right to call somebody in?"),
        [InputRequired(_l("Say whether it was right to call somebody in"))],
        choices=[SelectChoice("yes", _l("Yes")), SelectChoice("no", _l("No, it could have waited"))],
    )


class DismissForm(Named):
    """A false alarm."""

    why = _words(_l("Why was it none?"), _l("Write why, so that the rule can be made better"))


class TickForm(Named):
    """One line of the play."""

    item = HiddenField()
    done = HiddenField()


class DraftForm(Named):
    """The drafted message; `go` says whether it is sent or kept."""

    subject = short_text(_l("Subject"), 80, Optional())
    body = TextAreaField(
        _l("Message"),
        [
            DataRequired(_l("Write something first.")),
            Length(max=LONGEST_MESSAGE - 100, message=_l("Keep a message under 3,900 characters")),
        ],
        filters=[clean],
    )
    go = StringField()
