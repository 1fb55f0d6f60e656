"""Forms with which staff edit one road."""

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, RadioField, SelectField, TextAreaField, ValidationError
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from portal.access import Can
from portal.accounts.models import User
from portal.desk.forms import ReasonForm
from portal.forms import Named, clean, near, one_line, short_text
from portal.onboardings.forms import WholeNumber
from portal.onboardings.models import Onboarding
from portal.onboardings.own import OWN_KINDS

THEIRS, OURS = "theirs", "ours"  # Nobody in particular, of either side.
KINDS = {
    "confirm": _l("One thing to do and confirm"),
    "checklist": _l("A list to tick off"),
    "upload": _l("A file to send"),
    "read": _l("Something to read"),
}
WEIGHTS = {
    "1": _l("1, a moment"),
    "2": _l("2, some thought"),
    "3": _l("3, real work"),
    "5": _l("5, a piece of work by itself"),
}
LONGEST_LIST, LONGEST_LINE = 20, 200


def _yes_no(label: Any, yes: Any, no: Any) -> RadioField:
    """Two ways it can be; the first is the usual one."""
    return RadioField(
        label,
        [InputRequired(_l("Choose one of the two"))],
        choices=[SelectChoice("yes", yes), SelectChoice("no", no)],
        default="yes",
    )


class StepFields(ReasonForm):
    """What staff decide about a step, whoever wrote it."""

    person = SelectField(
        _l("Who does it?"), invalid_choice_message=_l("Choose someone who works on this onboarding")
    )
    due_on = DateField(_l("By when?"), [Optional(), near])
    minutes = WholeNumber(
        _l("How many minutes does it take?"),
        [
            InputRequired(_l("Enter the minutes it takes, like 15")),
            NumberRange(0, 600, _l("Enter minutes from 0 to 600")),
        ],
    )
    required = _yes_no(_l("Is it needed?"), _l("Needed: it counts on their meter"), _l("Optional"))
    visible = _yes_no(_l("Who sees it?"), _l("The customer too"), _l("Only your team"))
    place = SelectField(_l("Where does it stand?"), invalid_choice_message=_l("Choose a place that is shown"))

    def offer_people(self, onboarding: Onboarding) -> None:
        """Only those who may work on an item of this onboarding can be chosen, or one of the sides."""
        people = [p for p in onboarding.account.people if p.is_active and p.may(Can.COMPLETE_STEP)]
        self.person.choices = [
            SelectChoice(THEIRS, _("Anyone at %(company)s", company=onboarding.account.name)),
            *(SelectChoice(person.ref, person.name) for person in people),
            SelectChoice(OURS, _("Us, nobody yet")),
            *(SelectChoice(one.ref, _("%(name)s (us)", name=one.name)) for one in team_of(onboarding)),
        ]

    def chosen(self, onboarding: Onboarding) -> User | None:
        """Whoever was chosen; None for one of the sides."""
        everybody: Sequence[User] = [*onboarding.account.people, *team_of(onboarding)]
        return next((user for user in everybody if user.ref == self.person.data), None)


def team_of(onboarding: Onboarding) -> list[User]:
    """Our people on this road, each once."""
    return list(dict.fromkeys(member.staff for member in onboarding.team))


class EditStepForm(StepFields):
    """Change one step. `seen` is the seal of what its page showed."""

    title = short_text(_l("Title"), 200)
    weight = RadioField(
        _l("How much does it weigh on their meter?"),
        [InputRequired(_l("Choose its weight"))],
        choices=[SelectChoice(value, label) for value, label in WEIGHTS.items()],
    )
    seen = HiddenField()


class AddStepForm(StepFields):
    """Add a step that the playbook doesn't have."""

    title = short_text(_l("What is to be done?"), 200, DataRequired(_l("Write what is to be done")))
    kind = RadioField(
        _l("What kind is it?"),
        [InputRequired(_l("Choose what kind it is"))],
        choices=[SelectChoice(kind, KINDS[kind]) for kind in OWN_KINDS],
        default="confirm",
    )
    done_when = short_text(_l("Done when"), 200)
    text = TextAreaField(
        _l("The list, or the text to read"),
        [Length(max=4000, message=_l("Keep this under 4,000 characters"))],
        filters=[clean],
    )

    def validate_text(self, field: Any) -> None:
        if self.kind.data == "read" and not field.data:
            raise ValidationError(_("Write what there is to read"))
        if self.kind.data != "checklist":
            return
        if not self.lines:
            raise ValidationError(_("Write the list, one thing on each line"))
        if len(self.lines) > LONGEST_LIST:
            raise ValidationError(_("Keep the list to %(most)s lines", most=LONGEST_LIST))
        if max(map(len, self.lines)) > LONGEST_LINE:
            raise ValidationError(_("Keep each line under %(most)s characters", most=LONGEST_LINE))

    @property
    def lines(self) -> list[str]:
        """What was typed, line by line."""
        return [line for text in (self.text.data or "").splitlines() if (line := one_line(text))]


class ModuleForm(ReasonForm):
    """Leave a module out or bring it back; `seen` is the seal of how it stood."""

    seen = HiddenField()


class AddModuleForm(ReasonForm):
    """Add one of the playbook's modules."""

    module = RadioField(_l("Which module?"), [InputRequired(_l("Choose a module"))])


class DatesForm(Named):
    """Move the dates ahead; `seen` is the seal of the preview that is confirmed."""

    class Meta(Named.Meta):
        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            # A preview changes nothing, so what it is of stands in the address.
            asked = request.method == "GET" and formdata is not None
            return request.args if asked else super().wrap_formdata(form, formdata)

    since = SelectField(_l("From"), invalid_choice_message=_l("Choose where to begin"))
    day = DateField(_l("That day"), [Optional(), near])
    days = WholeNumber(_l("Working days"), [InputRequired(_l("Enter how many working days, like 5"))])
    way = SelectField(
        _l("Which way?"),
        choices=[
            SelectChoice("later", _l("working days later")),
            SelectChoice("earlier", _l("working days earlier")),
        ],
        default="later",
    )
    reason = TextAreaField(
        _l("Why? The customer reads it."),
        [
            DataRequired(_l("Write why, in words the customer reads")),
            Length(max=400, message=_l("Keep the reason under 400 characters")),
        ],
        filters=[clean],
    )
    seen = HiddenField()

    def offer(self, stages: Sequence[tuple[str, str]]) -> None:
        """From which of these stages on, or from a day."""
        self.since.choices = [
            *(SelectChoice(key, label) for key, label in stages),
            SelectChoice("day", _("a day, chosen beside")),
        ]

    def validate_since(self, field: Any) -> None:
        if field.data == "day" and self.day.data is None:
            raise ValidationError(_("Choose the day from which on dates move"))
        if field.data != "day" and self.day.data is not None:
            raise ValidationError(_("Choose “a day, chosen beside”, or take the day out"))
