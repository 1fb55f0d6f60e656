"""Forms of the desk."""

from typing import Any, Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, SelectField, TextAreaField, ValidationError
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from portal import calendars, web
from portal.accounts.kinds import Segment
from portal.errors import Refused
from portal.forms import Form, clean, email_address, near, short_text
from portal.onboardings.words import SEGMENTS


class Named(Form):
    """A form that stands beside others of its kind on one page."""

    def called(self, name: str) -> Self:
        """Give every field an id of its own: `name` in front of it."""
        for field in self:
            field.id = f"{name}-{field.name}"
            field.label.field_id = field.id
        return self

    def explain(self, refusal: Refused) -> None:
        """Put a refusal of the domain where it belongs: at its field, else above the form."""
        if refusal.field in self:
            self[refusal.field].errors = [*self[refusal.field].errors, str(refusal)]
        else:
            self.form_errors.append(str(refusal))


class ReasonForm(Named):
    """Why, in words that the customer reads."""

    reason = TextAreaField(
        _l("Why? The customer reads it."),
        [
            DataRequired(_l("Write why, in words the customer reads")),
            Length(max=400, message=_l("Keep the reason under 400 characters")),
        ],
        filters=[clean],
    )


class ChangeForm(Named):
    """What a review found."""

    reason = TextAreaField(
        _l("What should change?"),
        [
            DataRequired(_l("Write what should change; the customer reads it")),
            Length(max=1000, message=_l("Keep this under 1,000 characters")),
        ],
        filters=[clean],
    )


class HoldForm(ReasonForm):
    """A pause."""

    review_on = DateField(_l("Until when?"), [InputRequired(_l("Choose a date after today")), near])


class OnboardingForm(Form):
    """Everything a new onboarding needs, for a new customer or one that is here already."""

    account = SelectField(_l("Customer"), validate_choice=True)
    # Without Optional(), which would skip the check below when nothing is typed.
    name = short_text(_l("Name of the new customer"), 200)
    segment = SelectField(_l("Size"), choices=[SelectChoice(one.value, SEGMENTS[one]) for one in Segment])
    country = short_text(_l("Country, two letters"), 2, Optional())
    time_zone = short_text(_l("Time zone"), 64, Optional())
    playbook = SelectField(_l("Playbook"), [InputRequired(_l("Choose a playbook"))])
    programme = RadioField(_l("Programme"), [InputRequired(_l("Choose how long it runs"))], coerce=str)
    start_date = DateField(_l("Start date (day 0)"), [InputRequired(_l("Choose the start date")), near])
    consultant = SelectField(_l("Onboarding consultant"), [InputRequired(_l("Choose the consultant"))])
    integration_specialist = SelectField(_l("Integration specialist"))
    csm = SelectField(_l("CSM"))
    account_executive = SelectField(_l("Account executive"))
    admin_name = short_text(_l("Their admin's name"), 120)
    admin_email = email_address(_l("Their admin's e-mail"), Optional())
    quote = short_text(_l("Why they bought, in their words"), 400, Optional())

    def validate_name(self, field: Any) -> None:
        if self.account.data == "new" and not field.data:
            raise ValidationError(_("Enter the customer's name, or choose one that is here already"))

    def validate_admin_name(self, field: Any) -> None:
        if self.account.data == "new" and not (field.data and self.admin_email.data):
            raise ValidationError(
                _("Name the customer's admin and their e-mail; somebody has to receive the invitation")
            )

    def validate_country(self, field: Any) -> None:
        if field.data:
            try:
                field.data = calendars.country(field.data)
            except ValueError:
                raise ValidationError(_("Enter a country as two letters, like PT")) from None

    def validate_time_zone(self, field: Any) -> None:
        if field.data:
            try:
                calendars.zone(field.data)
            except ValueError:
                raise ValidationError(
                    _("That time zone isn't known. Choose one like Europe/Lisbon")
                ) from None

    def validate_start_date(self, field: Any) -> None:
        if field.data and field.data < web.local_today():
            raise ValidationError(_("The start date has passed. Choose today or later"))
