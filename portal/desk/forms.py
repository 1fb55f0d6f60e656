"""Forms of the desk."""

from typing import Any, Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from portal import calendars, web
from portal.accounts.kinds import Segment
from portal.accounts.words import SEGMENTS
from portal.characters import unquoted
from portal.forms import Form, Named, clean, email_address, near, short_text
from portal.messages.forms import MessageForm
from portal.onboardings.forms import PersonForm
from portal.onboardings.steps import Step


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


class ReplyForm(Named, MessageForm):
    """An answer, beside others on one page."""


class NewDateForm(ReasonForm):
    """Another day for what we have in hand. `seen` is the seal of the step as its writer saw it."""

    due_on = DateField(_l("New date"), [InputRequired(_l("Choose the new date")), near])
    seen = HiddenField()

    @classmethod
    def of(cls, step: Step, *, told: bool) -> Self:
        """An empty one for this step; `told` says that the customer knows of the date and reads the reason."""
        form = cls(formdata=None, seen=step.terms.seal)
        if not told:
            form.reason.label.text = _("Why? Only your team reads it.")
        return form


class StartForm(Named):
    """Another day on which a draft begins."""

    start_date = DateField(_l("Start date (day 0)"), [InputRequired(_l("Choose the start date")), near])


class HoldForm(ReasonForm):
    """A pause."""

    review_on = DateField(_l("Until when?"), [InputRequired(_l("Choose a review date after today.")), near])


class InviteForm(Named, PersonForm):
    """Somebody of the customer who is to join their road."""


# --- A new onboarding ---------------------------------------------------------------------------

AS_USUAL = "usual"
AFTER_FIRST = "after_first"


# Fields stand in the order in which they are written, so who comes before what and when.
class NewCustomer:
    """A customer who isn't here yet, and the first of their people."""

    name = short_text(_l("Company name"), 200, DataRequired(_l("Enter the customer's name")))
    segment = RadioField(
        _l("Size"),
        [InputRequired(_l("Choose how large they are"))],
        choices=[SelectChoice(one.value, SEGMENTS[one]) for one in Segment],
    )
    country = SelectField(_l("Country"), [InputRequired(_l("Choose their country"))])
    time_zone = short_text(_l("Time zone"), 64)
    admin_name = short_text(
        _l("Full name"), 120, DataRequired(_l("Enter their admin's name; somebody has to be invited"))
    )
    admin_email = email_address(
        _l("Work e-mail"), DataRequired(_l("Enter their admin's e-mail; the invitation goes there"))
    )

    def validate_time_zone(self, field: Any) -> None:
        if field.data:
            try:
                calendars.zone(field.data)
            except ValueError:
                raise ValidationError(
                    _("That time zone isn't known. Choose one like Europe/Lisbon, or leave it empty")
                ) from None


class KnownCustomer:
    """A customer who is here already, and perhaps somebody else of them."""

    account = SelectField(_l("Customer"), [InputRequired(_l("Choose the customer"))])
    begins = RadioField(
        _l("When does it begin?"),
        choices=[
            SelectChoice("date", _l("On the start date below")),
            SelectChoice(AFTER_FIRST, _l("After the first value of what they are on now")),
        ],
        default="date",
    )
    admin_name = short_text(_l("Full name"), 120)
    admin_email = email_address(_l("Work e-mail"), Optional())

    def validate_admin_name(self, field: Any) -> None:
        if self.admin_email.data and not field.data:
            raise ValidationError(_("Enter the name that belongs to this e-mail"))
        if field.data and not self.admin_email.data:
            raise ValidationError(_("Enter the e-mail of %(name)s too", name=field.data))


class OnboardingFields(Form):
    """What a new onboarding needs whoever the customer is: what, when, and who of us."""

    playbook = SelectField(_l("Playbook"), [InputRequired(_l("Choose a playbook"))])
    programme = RadioField(_l("Programme"), [InputRequired(_l("Choose how long it runs"))], default=AS_USUAL)
    start_date = DateField(_l("Start date (day 0)"), [InputRequired(_l("Choose the start date")), near])
    consultant = SelectField(_l("Onboarding consultant"), [InputRequired(_l("Choose the consultant"))])
    integration_specialist = SelectField(_l("Integration specialist"))
    csm = SelectField(_l("CSM"))
    account_executive = SelectField(_l("Account executive"))
    quote = short_text(_l("Why they bought, in their words"), 400, Optional())
    go = HiddenField()  # preview, change, draft; anything else creates it and tells them.

    def validate_quote(self, field: Any) -> None:
        field.data = unquoted(field.data or "")

    def validate_start_date(self, field: Any) -> None:
        if field.data and field.data < web.local_today():
            raise ValidationError(_("The start date has passed. Choose today or later"))


class NewCustomerForm(NewCustomer, OnboardingFields):
    """An onboarding for a customer who isn't here yet."""


class KnownCustomerForm(KnownCustomer, OnboardingFields):
    """Another onboarding for a customer who is here already."""
