"""Forms of both lists: the customer agrees, asks, confirms; staff write them."""

from collections.abc import Mapping
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, TextAreaField, ValidationError
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from portal.forms import Form, Named, clean, short_text
from portal.onboardings.models import Onboarding
from portal.onboardings.words import STAGE_TITLES
from portal.scope.rows import ItemTerms, NeedTerms
from portal.scope.rules import (
    LONGEST_LINE,
    LONGEST_TEXT,
    LONGEST_WHO,
    NeedKind,
    Side,
    minutes_in,
)
from portal.scope.words import NEED_KINDS, RESOURCES, SIDES, SIZES, THEIR_ROLES

LONGEST_QUESTION = 1000
NOBODY = ""
ROLE, PERSON = "role:", "person:"


def _words(label: Any, *validators: Any, most: int = LONGEST_TEXT) -> TextAreaField:
    too_long = _l("Keep this under %(most)s characters", most=most)
    return TextAreaField(label, [*validators, Length(max=most, message=too_long)], filters=[clean])


def _choices(words: Mapping[Any, Any]) -> list[SelectChoice]:
    return [SelectChoice(str(value), label) for value, label in words.items()]


# --- The customer -------------------------------------------------------------------------------


class SeenForm(Form):
    """Agree a list, or confirm what is needed. `seen` is what its reader saw of it."""

    seen = HiddenField()


class ConfirmForm(SeenForm):
    """`need` is the key of one; without it all that wait are confirmed."""

    need = HiddenField()


class QuestionForm(Named):
    """Ask about the statement with the key `item`."""

    item = HiddenField()
    body = _words(_l("Your question"), DataRequired(_l("Write what you want to know")), most=LONGEST_QUESTION)


class ReleaseForm(Named):
    """They can't bring the need with this key."""

    need = HiddenField()
    seen = HiddenField()
    why = _words(
        _l("What is in the way, and what would you rather?"),
        DataRequired(_l("Write what is in the way; we look for another way with you")),
        most=LONGEST_QUESTION,
    )


# --- Staff --------------------------------------------------------------------------------------


class SealedForm(Named):
    """`seen` is the seal of the row as its editor saw it."""

    seen = HiddenField()


class ItemForm(SealedForm):
    """A statement, new or changed."""

    side = RadioField(_l("Is it in?"), choices=_choices(SIDES))
    statement = short_text(_l("What is it?"), LONGEST_LINE, DataRequired(_l("Write what is in or not in")))
    why = _words(_l("Why?"), Optional())
    alternative = _words(_l("What instead?"), Optional())

    def fill(self, terms: ItemTerms) -> "ItemForm":
        self.side.data, self.statement.data = terms.side.value, terms.statement
        self.why.data, self.alternative.data = terms.why, terms.alternative
        return self

    def terms(self, module: str | None = None) -> ItemTerms:
        return ItemTerms(
            Side(self.side.data),
            self.statement.data,
            self.why.data or None,
            self.alternative.data or None,
            module,
        )


class NeedForm(SealedForm):
    """What the customer brings, new or changed."""

    kind = SelectField(_l("What kind?"), choices=_choices(NEED_KINDS))
    what = short_text(_l("What do we need?"), LONGEST_LINE, DataRequired(_l("Write what you need from them")))
    person = SelectField(_l("From whom?"))
    who = short_text(_l("Or somebody who isn't here yet"), LONGEST_WHO, Optional())
    hours = short_text(_l("Hours a week"), 10, Optional())
    first_stage = SelectField(_l("From the first day of"), choices=_choices(STAGE_TITLES))
    last_stage = SelectField(_l("To the last day of"), choices=_choices(STAGE_TITLES))

    def offer(self, onboarding: Onboarding) -> "NeedForm":
        """Their people, the roles of the playbook, or nobody yet."""
        people = [person for person in onboarding.account.people if person.is_active]
        self.person.choices = [
            SelectChoice(NOBODY, _("nobody named yet")),
            *(SelectChoice(ROLE + role, str(name)) for role, name in THEIR_ROLES.items()),
            *(SelectChoice(PERSON + person.ref, person.name) for person in people),
        ]
        return self

    def fill(self, terms: NeedTerms, onboarding: Onboarding) -> "NeedForm":
        people = {person.id: person.ref for person in onboarding.account.people}
        person = PERSON + people.get(terms.person_id or 0, "") if terms.person_id else NOBODY
        self.kind.data, self.what.data, self.who.data = terms.kind.value, terms.what, terms.who
        self.person.data = ROLE + terms.role if terms.role else person
        self.hours.data = format_decimal(terms.minutes / 60, "0.##") if terms.minutes else ""
        self.first_stage.data, self.last_stage.data = terms.first_stage, terms.last_stage
        return self

    def validate_hours(self, field: Any) -> None:
        if field.data and minutes_in(field.data) is None:
            raise ValidationError(
                _("Write hours from 0.25 to 40, like 1.5; leave it empty where none are needed")
            )

    def terms(self, onboarding: Onboarding) -> NeedTerms:
        chosen, who = self.person.data or NOBODY, self.who.data or None
        people = {PERSON + person.ref: person.id for person in onboarding.account.people}
        return NeedTerms(
            kind=NeedKind(self.kind.data),
            what=self.what.data,
            person_id=None if who else people.get(chosen),
            role=None if who or not chosen.startswith(ROLE) else chosen.removeprefix(ROLE),
            who=who,
            minutes=minutes_in(self.hours.data) if self.hours.data else None,
            first_stage=self.first_stage.data,
            last_stage=self.last_stage.data,
        )


class PriorityForm(SealedForm):
    """How big, and how much they can put into it."""

    size = RadioField(
        _l("How big is it?"),
        choices=_choices(SIZES),
        validators=[InputRequired(_l("Choose how big it is"))],
    )
    change_resources = RadioField(
        _l("How much can they put into the change?"),
        choices=_choices(RESOURCES),
        validators=[InputRequired(_l("Choose how much they can put into it"))],
    )
