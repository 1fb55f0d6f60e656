"""A step's own form, built from what its playbook asks; handing a step to somebody; who is to join the road."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf.file import MultipleFileField
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields import SelectChoice
from wtforms.validators import (
    DataRequired,
    Email,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    StopValidation,
)

from portal import web
from portal.access import Can
from portal.accounts.kinds import PortalRole, StakeholderRole
from portal.accounts.models import Person, User
from portal.accounts.words import PORTAL_ROLES, STAKEHOLDER_ROLES
from portal.forms import Form, SeveralField, clean, email_address, short_text
from portal.onboardings.steps import Step
from portal.playbooks.kinds import FormField

LONGEST_ANSWER = 4000
MOST = 10**9
PREFIX = "a_"  # Keeps the playbook's keys apart from the form's own fields.
NOT_OFFERED = _l("Choose one of the answers shown")
NO_DATE = _l("Enter a date like 2026-03-27")


class HandForm(Form):
    """Give the step to somebody."""

    person = SelectField(
        _l("Who does it?"),
        [InputRequired(_l("Choose who does it"))],
        invalid_choice_message=_l("Choose someone who works on this onboarding"),
    )

    def offer(self, people: Sequence[Person], team: Sequence[User]) -> None:
        """Only those who may work on an item of this onboarding can be chosen."""
        able = [person for person in people if person.is_active and person.may(Can.COMPLETE_STEP)]
        own = [SelectChoice(person.ref, person.name) for person in able]
        ours = [SelectChoice(user.ref, _("%(name)s (us)", name=user.name)) for user in team]
        self.person.choices = [*own, *ours]


class PersonForm(Form):
    """Somebody who is to join the road."""

    name = short_text(_l("Full name"), 120, DataRequired(_l("Enter their name")))
    email = email_address(_l("Work e-mail"), DataRequired(_l("Enter their work e-mail")))
    job_title = short_text(_l("Job title"), 120)
    portal_role = RadioField(
        _l("What may they do on the road?"),
        [InputRequired(_l("Choose what they may do"))],
        choices=[SelectChoice(role.value, PORTAL_ROLES[role]) for role in PortalRole],
        default=PortalRole.TEAMMATE.value,
    )
    stakeholder_roles = SeveralField(
        _l("Who are they in this?"),
        choices=[SelectChoice(role.value, STAKEHOLDER_ROLES[role]) for role in StakeholderRole],
    )


# --- The step's own form ------------------------------------------------------------------------


class WorkForm(Form):
    """What one step asks. `version` is the state of the answers that the page showed."""

    version = HiddenField(default="0")

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """As every form; of each question only the first thing that is wrong with its answer is said."""
        valid = super().validate(*args, **kwargs)
        for field in self:
            field.errors = list(field.errors)[:1]
        return valid

    def answers(self) -> dict[str, Any]:
        """What was typed, as it is kept: text, numbers, lists and ISO dates by the playbook's keys."""
        kept: dict[str, Any] = {}
        for field in self:
            if field.name.startswith(PREFIX) and not isinstance(field, MultipleFileField):
                value = field.data
                if value not in (None, "", []):
                    kept[field.name[len(PREFIX) :]] = value.isoformat() if isinstance(value, date) else value
        return kept

    @property
    def asked_version(self) -> int:
        text = self.version.data or "0"
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def work_form(step: Step, *, finishing: bool, fresh: bool = False, told: Any = None) -> WorkForm:
    """The form of this step; `finishing` asks for everything that is required, saving doesn't.

    `fresh` shows what is kept whatever was sent: for a page that was refused another of its forms. Until something is
    kept, `told` (handoffs/queries.py, Told) fills in what the customer has told us already.
    """
    fields = _FIELDS[step.kind](step, finishing) if step.kind in _FIELDS else {}
    made = type("StepWorkForm", (WorkForm,), {PREFIX + name: field for name, field in fields.items()})
    data = step.data or _filled_in(step, told)
    kept = {PREFIX + name: _typed(fields.get(name), value) for name, value in data.items()}
    sent = {"formdata": None} if fresh else {}
    form: WorkForm = made(version=str(step.data_version), data=kept, **sent)
    return form


def _filled_in(step: Step, told: Any) -> dict[str, str]:
    asked = step.spec.form.fields if step.spec.form else ()
    if told:
        return {field.key: getattr(told, field.prefill) for field in asked if field.prefill}
    if step.spec.records == "purchase_reason" and step.onboarding.quote:
        return {asked[0].key: step.onboarding.quote}  # It stands on their home already.
    return {}


def _typed(field: Any, value: Any) -> Any:
    if field is not None and getattr(field, "field_class", None) is DateField and isinstance(value, str):
        return date.fromisoformat(value)
    return value


def _checklist(step: Step, finishing: bool) -> dict[str, Any]:
    items = [SelectChoice(item.key, item.text) for item in step.spec.checklist.items]  # type: ignore[union-attr]

    def all_ticked(_form: Form, field: Any) -> None:
        missing = len({item.value for item in items} - set(field.data or []))
        if missing:
            raise ValidationError(
                ngettext(
                    "%(num)s line is still open. Tick it, or save and come back.",
                    "%(num)s lines are still open. Tick them, or save and come back.",
                    missing,
                )
            )

    checks = [all_ticked] if finishing else []
    return {"checked": _several(_l("Checklist"), checks, items)}


def _path(step: Step, finishing: bool) -> dict[str, Any]:
    paths = step.spec.choose_path.options  # type: ignore[union-attr]
    options = [SelectChoice(option.key, option.title) for option in paths]
    checks = [InputRequired(_l("Choose one of the options"))] if finishing else [Optional()]
    return {"choice": _one(_l("Your choice"), checks, options)}


def _confirm(step: Step, finishing: bool) -> dict[str, Any]:
    content = step.spec.confirm
    if content is None:
        return {}
    return _day_and_evidence(finishing, with_date=content.with_date, with_evidence=content.with_evidence)


def _day_and_evidence(finishing: bool, *, with_date: bool, with_evidence: bool) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if with_date:
        checks = [InputRequired(_l("Enter the day it happened")), _not_ahead] if finishing else [Optional()]
        fields["date"] = DateField(_l("On which day?"), checks, invalid_value_message=NO_DATE)
    if with_evidence:
        needed = (
            [DataRequired(_l("Say what you saw and where, so that anybody can check it"))]
            if finishing
            else [Optional()]
        )
        fields["evidence"] = TextAreaField(
            _l("What did you see, and where?"), [*needed, _at_most(1000)], filters=[clean]
        )
    return fields


def _not_ahead(_form: Form, field: Any) -> None:
    if field.data and field.data > web.local_today():
        raise ValidationError(_("That day hasn't come yet. Enter the day it happened"))


def _seen(_step: Step, finishing: bool) -> dict[str, Any]:
    """What it takes to say in the place of the events that it has happened: the day, and why that is known."""
    return _day_and_evidence(finishing, with_date=True, with_evidence=True)


def _invite(step: Step, _finishing: bool) -> dict[str, Any]:
    words = step.spec.invite.alone if step.spec.invite else None
    return {"alone": _several(words, [], [SelectChoice("yes", words)])} if words else {}


def _upload(_step: Step, _finishing: bool) -> dict[str, Any]:
    return {"files": MultipleFileField(_l("Choose a file"))}


def _form(step: Step, finishing: bool) -> dict[str, Any]:
    return {spec.key: asked_field(spec, finishing) for spec in step.spec.form.fields}  # type: ignore[union-attr]


_FIELDS = {
    "checklist": _checklist,
    "choose_path": _path,
    "confirm": _confirm,
    "invite": _invite,
    "upload": _upload,
    "form": _form,
    "usage": _seen,
}


# --- One question -------------------------------------------------------------------------------


def asked_field(spec: FormField, finishing: bool) -> Any:
    """One question of a playbook as a field; `finishing` says whether what is required has to be there."""
    checks: list[Any] = [_only_when(spec)] if spec.show_when else []
    if spec.required and finishing:
        checks.append(DataRequired(_missing(spec)))
    else:
        checks.append(Optional())
    match spec.type:
        case "textarea":
            return TextAreaField(spec.label, [*checks, _at_most(LONGEST_ANSWER)], filters=[clean])
        case "number":
            least = spec.minimum if spec.minimum is not None else 0
            too_small = _("“%(what)s” takes a number of %(least)s or more.", what=spec.label, least=least)
            too_big = _("“%(what)s” takes a number of %(most)s or less.", what=spec.label, most=MOST)
            checks[-1] = InputRequired(_missing(spec)) if spec.required and finishing else Optional()
            return WholeNumber(
                spec.label, [*checks, NumberRange(least, None, too_small), NumberRange(None, MOST, too_big)]
            )
        case "date":
            late = [_ahead] if spec.future else []
            return DateField(spec.label, [*checks, *late], invalid_value_message=NO_DATE)
        case "choice":
            return _one(spec.label, checks, [SelectChoice(option) for option in spec.options])
        case "yes_no":
            return _one(spec.label, checks, [SelectChoice("yes", _("Yes")), SelectChoice("no", _("No"))])
        case "choices":
            return _several(spec.label, checks, [SelectChoice(option) for option in spec.options])
        case "email":
            wrong = _("Enter an e-mail address like ana@northwind.example")
            return StringField(spec.label, [*checks, Email(message=wrong), _at_most(254)], filters=[clean])
    return StringField(spec.label, [*checks, _at_most(200)], filters=[clean])


def _one(label: Any, checks: list[Any], choices: list[SelectChoice]) -> RadioField:
    return RadioField(label, checks, choices=choices, invalid_choice_message=NOT_OFFERED)


def _several(label: Any, checks: list[Any], choices: list[SelectChoice]) -> SeveralField:
    return SeveralField(label, checks, choices=choices, invalid_choice_message=NOT_OFFERED)


class WholeNumber(IntegerField):
    """A whole number; anything else is told so in words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not text:
            return
        if not (text.isascii() and text.lstrip("-").isdigit() and len(text) < 12):
            raise ValueError(_("Enter a whole number, like 12"))
        self.data = int(text)

    def pre_validate(self, _form: Any) -> None:
        """What is no number is told so once, not that it is out of range as well."""
        if self.process_errors:
            raise StopValidation()


def _missing(spec: FormField) -> str:
    if spec.type in ("choice", "choices", "yes_no"):
        return _("Choose an answer for “%(what)s”", what=spec.label)
    return _("Answer “%(what)s”", what=spec.label)


def _at_most(most: int) -> Length:
    return Length(max=most, message=_("Keep this under %(most)s characters", most=most))


def _ahead(_form: Form, field: Any) -> None:
    if field.data and field.data < web.local_today():
        raise ValidationError(_("That day has passed. Choose today or later"))


def _only_when(spec: FormField) -> Any:
    """A question that depends on an earlier answer counts only with that answer."""

    def check(form: Form, field: Any) -> None:
        earlier = form[PREFIX + spec.show_when.field].data  # type: ignore[union-attr]
        given = earlier if isinstance(earlier, list) else [earlier]
        if not set(given) & set(spec.show_when.values):  # type: ignore[union-attr]
            field.data, field.raw_data = None, []
            Optional()(form, field)

    return check
