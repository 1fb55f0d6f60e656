"""One question of the kit as a form, sending it to a colleague, and handing the kit in."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from portal.accounts.models import Person
from portal.forms import Form, clean, email_address, short_text
from portal.onboardings.forms import NOT_OFFERED, PREFIX, WorkForm, asked_field
from portal.playbooks.kinds import FormField
from portal.playbooks.kit import KitQuestion
from portal.readiness.asks import LONGEST_NOTE
from portal.readiness.models import ReadinessAnswer

UNSURE: Final = "not-sure-yet"  # Stands for “Not sure yet” among the answers of a choice.
PICKED: Final = ("choice", "yes_no")


class QuestionForm(WorkForm):
    """What the page of one question asks. `unsure` is “Not sure yet” where the answer isn't picked from a list."""

    asks: Sequence[FormField] = ()
    key = ""
    unsure = BooleanField(_l("Not sure yet"))

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """As every form. Whoever isn't sure owes nothing else; what can't be read is said all the same."""
        if self.is_unsure:
            for field in self:
                if field.name.startswith(PREFIX):
                    field.validators = [
                        Optional(),
                        *(one for one in field.validators if isinstance(one, Length)),
                    ]
        return super().validate(*args, **kwargs)

    @property
    def main(self) -> Any:
        """The field of the question itself."""
        return self[PREFIX + self.key]

    @property
    def is_unsure(self) -> bool:
        """Whether they aren't sure yet."""
        return bool(self.unsure and self.unsure.data) or self.main.data == UNSURE

    @property
    def value(self) -> Any:
        """What was answered to the question itself; None for nothing."""
        found = self.answers().get(self.key)
        return None if found == UNSURE else found

    @property
    def more(self) -> dict[str, Any]:
        """What was answered to the smaller ones."""
        return {key: value for key, value in self.answers().items() if key != self.key}


def question_form(
    question: KitQuestion,
    fields: Sequence[FormField],
    kept: ReadinessAnswer | None,
    filled: Mapping[str, Any] | None = None,
    *,
    fresh: bool = False,
) -> QuestionForm:
    """The form of this question with these fields, itself first. `filled` stands in it in place of what is kept;
    `fresh` leaves out what was sent."""
    here = {field.key for field in fields}
    fields = [_alone(field, here) for field in fields]
    made = {PREFIX + field.key: asked_field(field, finishing=True) for field in fields}
    if not question.factual and question.type in PICKED:
        choices = [*made[PREFIX + question.key].kwargs["choices"], SelectChoice(UNSURE, _("Not sure yet"))]
        made[PREFIX + question.key].kwargs["choices"] = choices
    form: QuestionForm = type("OneQuestion", (QuestionForm,), {**made, "asks": fields, "key": question.key})(
        **({"formdata": None} if fresh else {}),
        version=str(kept.version if kept else 0),
        data=_shown(question, fields, kept, filled),
    )
    if question.factual or question.type in PICKED:
        del form.unsure
    return form


def _alone(field: FormField, here: Collection[str]) -> FormField:
    """It as its page asks it: what hangs on another page's answer is there only when that was given."""
    far = field.show_when is not None and field.show_when.field not in here
    return field.model_copy(update={"show_when": None}) if far else field


def _shown(
    question: KitQuestion,
    fields: Sequence[FormField],
    kept: ReadinessAnswer | None,
    filled: Mapping[str, Any] | None,
) -> dict[str, Any]:
    values = dict(filled or {})
    unsure = values.pop(UNSURE, False) if filled else bool(kept and kept.unknown)
    if not filled and kept:
        values = {**kept.more, question.key: kept.value}
    if unsure and question.type in PICKED:
        values[question.key] = UNSURE
    shown = {field.key: values[field.key] for field in fields if values.get(field.key) is not None}
    for field in fields:
        if field.type == "date" and field.key in shown:
            shown[field.key] = date.fromisoformat(shown[field.key])
    return {**{PREFIX + key: value for key, value in shown.items()}, "unsure": unsure}


class AskForm(Form):
    """Send one question to a colleague: one who is here, or a name with an address."""

    person = SelectField(_l("Who knows this?"), [Optional()], invalid_choice_message=NOT_OFFERED)
    name = short_text(_l("Their name"), 120)
    email = email_address(_l("Their work e-mail"), Optional())
    note = TextAreaField(
        _l("A word from you"),
        [Length(max=LONGEST_NOTE, message=_l("Keep this under %(most)s characters", most=LONGEST_NOTE))],
        filters=[clean],
    )

    def offer(self, people: Sequence[Person]) -> None:
        """The colleagues who are here, then somebody else."""
        here = [SelectChoice(one.ref, one.name) for one in people]
        self.person.choices = [*here, SelectChoice("", _("Somebody else"))]

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """As every form; a name and an address are needed for somebody else alone."""
        valid = super().validate(*args, **kwargs)
        if not self.person.data:
            for field, said in (
                (self.name, _("Enter their name")),
                (self.email, _("Enter their work e-mail")),
            ):
                if not field.data and not field.errors:
                    field.errors = [said]
                    valid = False
        return valid


class SubmitForm(Form):
    """Send the answers, or keep them for later."""

    choice = RadioField(
        _l("Is this complete?"),
        [InputRequired(_l("Choose whether this is complete, or whether you come back to it"))],
        choices=[
            SelectChoice("complete", _l("This is complete")),
            SelectChoice("later", _l("I'll come back to it")),
        ],
        invalid_choice_message=NOT_OFFERED,
    )
