"""Forms of follow-ups: their text, by hand, and what a customer answers."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, TextAreaField, ValidationError
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from portal.accounts.models import Person
from portal.forms import Form, SeveralField, clean, short_text
from portal.nudges.models import BODY, SUBJECT
from portal.nudges.wording import ANSWERS, Draft
from portal.onboardings.steps import Step
from portal.onboardings.words import BLOCK_REASONS

MOST_DONE = 2  # Items that are done for them with one question.


class TextForm(Form):
    """What a follow-up says."""

    subject = short_text(_l("Subject"), SUBJECT, DataRequired(_l("Write a subject: a fact, in a few words")))
    body = TextAreaField(
        _l("Text"),
        [
            DataRequired(_l("Write what they should read")),
            Length(max=BODY, message=_l("Keep this under 2,000 characters")),
        ],
        filters=[clean],
    )

    @property
    def draft(self) -> Draft:
        """What was typed."""
        return Draft(self.subject.data or "", self.body.data or "")


class FollowUpForm(TextForm):
    """One written by hand, to one of the customer's people; with a question, up to two items are done for them."""

    person = SelectField(_l("To"), [InputRequired(_l("Choose who reads it"))])
    steps = SeveralField(_l("Do these for them now"), choices=[])

    def offer(self, people: Sequence[Person], steps: Sequence[Step]) -> None:
        """Whom it can go to, and what can be done for them at a tick."""
        self.person.choices = [SelectChoice(one.ref, one.name) for one in people]
        self.steps.choices = [SelectChoice(one.ref, one.title) for one in steps]

    def validate_steps(self, field: Any) -> None:
        if len(field.data or []) > MOST_DONE:
            raise ValidationError(_("Tick two items at most; the rest is theirs"))


class AnswerForm(Form):
    """What is in the way, and whatever helps to clear it."""

    answer = RadioField(
        _l("What is in the way?"),
        [InputRequired(_l("Choose the answer that comes nearest"))],
        choices=[SelectChoice(one, BLOCK_REASONS[one]) for one in ANSWERS],
    )
    detail = TextAreaField(
        _l("Anything that helps us to clear it"),
        [Length(max=1000, message=_l("Keep this under 1,000 characters"))],
        filters=[clean],
    )
