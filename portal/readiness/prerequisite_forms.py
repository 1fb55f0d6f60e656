"""Forms about what is to be ready: the customer's word on it, and what staff decide."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, HiddenField, SelectField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from portal.access import Can
from portal.accounts.models import Person
from portal.forms import Form, Named, clean, near, short_text
from portal.onboardings.forms import HandForm
from portal.readiness.prerequisite_rules import LONGEST, REVIEW_IN, Status
from portal.readiness.prerequisites import Prerequisite

STATUSES = [SelectChoice(one.value, "") for one in Status]


class WordForm(Named):
    """Whether it is ready; asked for help, what is in the way. `seen` is the seal of what was said before."""

    status = SelectField(choices=STATUSES, validators=[InputRequired(_l("Press one of the buttons"))])
    words = TextAreaField(
        _l("What is in the way?"),
        [Length(max=LONGEST, message=_l("Keep this under 600 characters"))],
        filters=[clean],
    )
    seen = HiddenField()

    def validate_words(self, field: Any) -> None:
        if self.status.data == Status.NEED_HELP and not field.data:
            raise ValidationError(_("Write what is in the way, so that we can help"))


class GiveForm(Named, HandForm):
    """Who of theirs sees to it, beside others on one page."""


class ForThemForm(Form):
    """The same, said by staff: whether it is ready."""

    status = SelectField(
        choices=[SelectChoice(one.value, "") for one in (Status.READY, Status.NOT_READY)],
        validators=[InputRequired(_l("Press one of the buttons"))],
    )


class ChangeForm(Named):
    """Another date, owner or weight. `seen` is the seal of the row as its writer saw it."""

    due_on = DateField(_l("Ready by"), [InputRequired(_l("Choose the day")), near])
    person = SelectField(_l("Who sees to it?"))
    blocking = BooleanField(_l("The work can't begin without it"))
    seen = HiddenField()

    def offer(self, people: Sequence[Person]) -> None:
        """Only those who may say that it is ready can be chosen; else whoever plays the role it is meant for."""
        able = [person for person in people if person.is_active and person.may(Can.COMPLETE_STEP)]
        by_role = SelectChoice("", _("whoever has that part"))
        self.person.choices = [by_role, *(SelectChoice(person.ref, person.name) for person in able)]

    @classmethod
    def of(cls, one: Prerequisite) -> Self:
        """It as it is now."""
        form = cls(formdata=None, due_on=one.due_on, blocking=one.blocking, seen=one.seal)
        form.offer(one.onboarding.account.people)
        form.person.data = one.assignee.ref if one.assignee else ""
        return form


class OwnForm(Named):
    """Something that no playbook asks for."""

    title = short_text(
        _l("What do you need from them?"), 120, DataRequired(_l("Write what you need, in a few words"))
    )
    enough = short_text(
        _l("When is it enough?"), 200, DataRequired(_l("Write how they know that it is enough"))
    )
    guidance = TextAreaField(
        _l("How do they get there?"),
        [Optional(), Length(max=2000, message=_l("Keep this under 2,000 characters"))],
        filters=[clean],
    )
    due_on = DateField(_l("Ready by"), [InputRequired(_l("Choose the day")), near])
    blocking = BooleanField(_l("The work can't begin without it"))


class WhyForm(Named):
    """Why it isn't asked for any more."""

    reason = TextAreaField(
        _l("Why? The customer reads it."),
        [
            DataRequired(_l("Write why, in words the customer reads")),
            Length(max=400, message=_l("Keep the reason under 400 characters")),
        ],
        filters=[clean],
    )


class WithoutForm(Named):
    """Why the work begins though it isn't there."""

    reason = TextAreaField(
        _l("Why can it begin? Only your team reads it."),
        [
            DataRequired(_l("Write why; whoever asks later reads it")),
            Length(max=400, message=_l("Keep the reason under 400 characters")),
        ],
        filters=[clean],
    )


class PauseForm(WhyForm):
    """A pause that waits for it."""

    review_on = DateField(_l("Until when?"), [InputRequired(_l("Choose a review date after today.")), near])

    @classmethod
    def of(cls, one: Prerequisite) -> Self:
        """With the reason in words that the customer understands, and a day to look at it again."""
        reason = _("Starting without “%(title)s” would cost you more than waiting for it.", title=one.title)
        account = one.onboarding.account
        day: date = account.calendar.add_working_days(account.today, REVIEW_IN)
        return cls(formdata=None, reason=reason, review_on=day)
