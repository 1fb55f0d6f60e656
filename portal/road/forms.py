"""The forms of the customer's pages; a step's own form is onboardings' (work_form)."""

from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from portal.forms import Form, clean, near, short_text
from portal.onboardings.forms import LONGEST_ANSWER, NO_DATE, NOT_OFFERED
from portal.onboardings.words import BLOCK_REASONS
from portal.web import local_today

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
    """Not now: when then. `quick` is the day that a button stands for, `until` a day of the reader's own."""

    quick = DateField(validators=[Optional(), near], invalid_value_message=NOT_OFFERED)
    until = DateField(_l("Or on another day"), invalid_value_message=NO_DATE)

    def validate_until(self, field: DateField) -> None:
        """A day of one's own is asked for only when no button said one."""
        if self.quick.data:
            field.errors.clear()
        elif not any(text.strip() for text in field.raw_data or []):
            field.errors[:] = [_("Choose a day after today")]
        elif field.data:
            near(self, field)

    @property
    def day(self) -> date:
        """When it comes back; only of a form that is valid."""
        chosen: date = self.quick.data or self.until.data
        return chosen


class DateChoiceForm(Form):
    """The quiet home's answers about the date, and “we're ready early”; `until` is the other date that is asked for."""

    choice = RadioField(
        _l("Your answer"),
        choices=[SelectChoice(key) for key in ("keep", "move", "early")],
        invalid_choice_message=NOT_OFFERED,
    )
    until = DateField(_l("Which date suits you?"), invalid_value_message=NO_DATE)

    def validate_until(self, field: DateField) -> None:
        """Another date is needed where one is asked for, and lies ahead."""
        if self.choice.data != "move":
            field.errors.clear()
        elif not any(text.strip() for text in field.raw_data or []):
            field.errors[:] = [_("Choose the date that suits you")]
        elif field.data and field.data <= local_today():
            raise ValidationError(_("Choose a day after today"))
        elif field.data:
            near(self, field)
