"""Forms of the account's tabs: what is kept for our team, and files."""

from collections.abc import Iterable

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from portal.accounts.models import Person
from portal.accounts.words import PORTAL_ROLES
from portal.forms import Form, Named, OneFileField, clean, short_text
from portal.health.standing import SAYABLE
from portal.health.words import LABELS
from portal.onboardings import notes, signals
from portal.onboardings.forms import WholeNumber
from portal.onboardings.models import Onboarding
from portal.onboardings.signals import SignalKind
from portal.onboardings.steps import Step
from portal.onboardings.words import STAGE_TITLES, facts
from portal.uploads import Audience


class ShareForm(Form):
    """A file for everybody on the road, or for our team alone."""

    file = OneFileField(_l("Choose a file"))
    audience = RadioField(
        _l("Who sees it?"),
        choices=[
            SelectChoice(Audience.SHARED.value, _l("Everybody on this road")),
            SelectChoice(Audience.STAFF.value, _l("Only your team")),
        ],
        default=Audience.SHARED.value,
    )


class AboutForm(Named):
    """Something about the whole onboarding or one of its steps."""

    step = SelectField(_l("About"), default="")

    def offer(self, steps: Iterable[Step], *, whole: bool) -> None:
        """What it can be about: these steps by their stages, and the whole onboarding if `whole`."""
        first = SelectChoice("", _("The whole onboarding") if whole else _("Choose a technical step"))
        self.step.choices = [
            first,
            *(
                SelectChoice(step.ref, step.title, optgroup=str(STAGE_TITLES[step.stage.key]))
                for step in steps
            ),
        ]

    def step_of(self, onboarding: Onboarding) -> Step | None:
        """The step that was chosen."""
        return next((step for step in onboarding.steps if step.ref == self.step.data), None)


class CorrectionForm(Named):
    """Other words for a note that was written today."""

    body = TextAreaField(
        _l("Note"),
        [
            DataRequired(_l("Write something first.")),
            Length(max=notes.LONGEST, message=_l("Keep a note under 2,000 characters")),
        ],
        filters=[clean],
    )


class NoteForm(AboutForm):
    """A note for our team."""

    body = CorrectionForm.body


class SignalForm(AboutForm):
    """What somebody of ours noticed."""

    kind = RadioField(
        _l("What did you notice?"),
        [InputRequired(_l("Choose what you noticed"))],
        choices=[SelectChoice(kind.value, signals.KINDS[kind]) for kind in SignalKind],
    )
    text = short_text(
        _l("In one sentence"), signals.LONGEST, DataRequired(_l("Write in one sentence what happened"))
    )
    person = SelectField(_l("Who left?"), default="")

    def offer_people(self, people: Iterable[Person]) -> None:
        """Who can have left."""
        here = [SelectChoice(person.ref, person.name) for person in people if person.is_active]
        self.person.choices = [SelectChoice("", _("Somebody who isn't listed")), *here]

    def person_of(self, onboarding: Onboarding) -> Person | None:
        """Whoever was chosen."""
        people = onboarding.account.people
        return next((person for person in people if person.ref == self.person.data), None)


class HelpForm(Named):
    """Somebody is to be called in."""

    text = short_text(
        _l("What do they need somebody for?"),
        400,
        DataRequired(_l("Write in a sentence why a person is needed")),
    )


class OutcomeForm(Named):
    """What came of a signal."""

    outcome = short_text(
        _l("What came of it?"), signals.LONGEST, DataRequired(_l("Write in one sentence what came of it"))
    )


class EyesForm(Named):
    """Through whose eyes to see a customer's pages."""

    person = SelectField(_l("Whose eyes"))


def eyes_of(onboarding: Onboarding, *, sent: bool = False) -> EyesForm:
    """The form with everybody who can sign in there, the admins first."""
    form = EyesForm() if sent else EyesForm(formdata=None)
    here = [person for person in onboarding.account.people if person.may_enter]
    form.person.choices = [
        SelectChoice(person.ref, facts([person.name, PORTAL_ROLES[person.portal_role]]))
        for person in sorted(here, key=lambda person: not person.is_admin)
    ]
    return form.called("eyes")


class HealthForm(Named):
    """What the health is instead of what the facts say."""

    label = RadioField(
        _l("What is it?"),
        [InputRequired(_l("Choose what it is"))],
        choices=[SelectChoice(label.value, LABELS[label]) for label in SAYABLE],
    )
    why = TextAreaField(
        _l("Why?"),
        [
            DataRequired(_l("Write why; your colleagues read it")),
            Length(max=400, message=_l("Keep the reason under 400 characters")),
        ],
        filters=[clean],
    )


MOST_SEATS = 1_000_000


class SeatsForm(Named):
    """How many people have a licence."""

    seats = WholeNumber(
        _l("Seats"),
        [
            InputRequired(_l("Enter how many people have a licence, like 20")),
            NumberRange(1, MOST_SEATS, message=_l("Enter a whole number from 1 on, like 20")),
        ],
    )
