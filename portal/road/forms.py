"""The forms of the customer's pages; a step's own form is onboardings' (work_form)."""

from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from portal.forms import Form, clean, near, short_text
from portal.onboardings.forms import LONGEST_ANSWER, NO_DATE, NOT_OFFERED
from portal.onboardings.words import BLOCK_REASONS

A_PARAGRAPH = Length(max=400, message=_l("Keep this under 400 characters"))
LONGEST = Length(max=LONGEST_ANSWER, message=_l("Keep this under 4,000 characters"))


class LeaveOutForm(Form):
    """Why an item doesn't apply, in a sentence."""

    reason = TextAreaField(
        _l("Why doesn't it apply to you?"),
        [DataRequired(_l("Write one sentence about why")), A_PARAGRAPH],
        filters=[clean],
        id="leave-out-reason",
    )


class DeclineForm(Form):
    """What should change before it can be agreed."""

    reason = TextAreaField(
        _l("What should change?"),
        [DataRequired(_l("Write what should change")), A_PARAGRAPH],
        filters=[clean],
        id="decline-reason",
    )


class BlockForm(Form):
    """What is in the way, and who can clear it."""

    reason = RadioField(
        _l("What is in the way?"),
        [InputRequired(_l("Choose what is in the way"))],
        choices=[SelectChoice(key, words) for key, words in BLOCK_REASONS.items() if key != "change"],
        invalid_choice_message=NOT_OFFERED,
    )
    detail = TextAreaField(
        _l("What should we know?"),
        [DataRequired(_l("Say in a sentence what is in the way")), A_PARAGRAPH],
        filters=[clean],
    )
    unblocker = short_text(
        _l("Who can clear it?"),
        120,
        DataRequired(_l("Name who can clear it: somebody at your company, or us")),
    )


class HelpForm(Form):
    """A question about one step, to the team."""

    body = TextAreaField(
        _l("Your question"), [DataRequired(_l("Write your question")), LONGEST], filters=[clean]
    )


class SnoozeForm(Form):
    """Not now: when then."""

    until = DateField(
        _l("Bring it back on"),
        [InputRequired(_l("Choose a day after today")), near],
        invalid_value_message=NO_DATE,
    )


class DateChoiceForm(Form):
    """The quiet home's three answers, and “we're ready early”."""

    choice = RadioField(
        _l("Your answer"),
        choices=[SelectChoice(key) for key in ("keep", "move", "way", "early")],
        invalid_choice_message=NOT_OFFERED,
    )
