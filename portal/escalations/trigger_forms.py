"""The numbers of one trigger as a form."""

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, ValidationError
from wtforms.validators import InputRequired

from portal.escalations.trigger_words import clause
from portal.forms import Form
from portal.playbooks.trigger_set import AGAIN_AFTER, FOR_DAYS, Number, TriggerSpec

# A year of days is more than an onboarding takes.
MOST = {FOR_DAYS: 14, "then": 365, AGAIN_AFTER: 365}
HIGHEST = 100_000


class TriggerForm(Form):
    """A field for each number, by its name."""

    @property
    def numbers(self) -> dict[str, int]:
        """What was filled in."""
        return {field.name: field.data for field in self if isinstance(field, IntegerField)}


def trigger_form(spec: TriggerSpec, **kwargs: Any) -> TriggerForm:
    """The form of this trigger's numbers, filled with them unless something was sent."""
    fields = {name: _field(number) for name, number in spec.numbers.items()}
    form: TriggerForm = type("OneTriggerForm", (TriggerForm,), fields)(**kwargs)
    if not form.is_submitted() or kwargs:
        for name, number in spec.numbers.items():
            form[name].data = number.value
    return form


def _field(number: Number) -> IntegerField:
    least = 1 if number.name == FOR_DAYS else 0
    most = HIGHEST
    if number.condition is None:
        most = MOST.get(number.name) or MOST["then"]
    return IntegerField(
        _label(number),
        [
            InputRequired(_l("Enter a whole number, like 12")),
            _within(least, most),
        ],
    )


def _within(least: int, most: int) -> Callable[[Form, IntegerField], None]:
    def check(_form: Form, field: IntegerField) -> None:
        if field.data is not None and not least <= field.data <= most:
            raise ValidationError(_("Enter a number between %(least)s and %(most)s", least=least, most=most))

    return check


def _label(number: Number) -> Any:
    """What a reader who can't see the sentence around the box is told."""
    if number.condition is not None:
        return clause(number.condition, "…")
    names = {FOR_DAYS: _l("evenings in a row"), AGAIN_AFTER: _l("days until it may fire again")}
    return names.get(number.name) or _l("working days until this is done")
