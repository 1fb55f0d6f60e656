"""Forms of the settings that are about usage."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, TextAreaField, ValidationError
from wtforms.form import BaseForm
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from portal.accounts.models import Product
from portal.auth import tokens
from portal.forms import Form, Named, OneFileField, one_line, short_text
from portal.usage.models import LONGEST_NAME

MOST_NAMES = 30
MOST_BYTES = 512 * 1024  # Of a file of counts.
LISTS = ("value_events", "activation_actions", "value_loop", "key_features")


class KeyForm(Form):
    """A key for a source, bound to one account or not."""

    name = short_text(
        _l("What is it for?"),
        80,
        InputRequired(_l("Name the program that will use it, like Product back end")),
    )
    account = short_text(_l("Only for one account"), 200)
    asked = HiddenField(default=tokens.new, validators=[Length(max=64)])


class NamesField(TextAreaField):
    """Names of events, one on each line, each once."""

    def _value(self) -> str:
        return "\n".join(self.data or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        lines = (one_line(line) for line in (valuelist[0] if valuelist else "").splitlines())
        self.data = list(dict.fromkeys(line for line in lines if line))

    def pre_validate(self, form: BaseForm) -> None:
        names = self.data or []
        if len(names) > MOST_NAMES:
            raise ValidationError(_("Keep it to %(most)s names; the fewer, the clearer", most=MOST_NAMES))
        if long := next((name for name in names if len(name) > LONGEST_NAME), None):
            raise ValidationError(
                _("“%(name)s…” is longer than a name can be; write the event's name alone", name=long[:40])
            )


class ProductForm(Named):
    """What the use of one product means. Each list has a line of its own in which a name that came in is chosen."""

    name = short_text(_l("What it is called"), 120, DataRequired(_l("Enter what customers call it")))
    core = BooleanField(_l("The core product, onboarded first"))
    value_events = NamesField(_l("First value shows in any of these"))
    more_value_events = short_text(_l("Add one that came in"), LONGEST_NAME)
    activation_actions = NamesField(_l("Whoever did all of these is activated"))
    more_activation_actions = short_text(_l("Add one that came in"), LONGEST_NAME)
    value_loop = NamesField(_l("The value loop, in its order"))
    more_value_loop = short_text(_l("Add one that came in"), LONGEST_NAME)
    key_features = NamesField(_l("Key features"))
    more_key_features = short_text(_l("Add one that came in"), LONGEST_NAME)

    @classmethod
    def filled(cls, product: Product) -> "ProductForm":
        """As the product is now."""
        kept = {name: getattr(product, name) for name in ("name", "core", *LISTS)}
        return cls(formdata=None, **kept).called(product.key)

    def of(self, product: Product) -> dict[str, Any]:
        """What this form is about, as it is kept."""
        return {name: getattr(product, name) for name in ("core", *LISTS)}

    def populate(self, product: Product) -> None:
        """Keep what was chosen and typed."""
        product.name, product.core = self.name.data, self.core.data
        for name in LISTS:
            more = self[f"more_{name}"].data
            setattr(product, name, list(dict.fromkeys([*(self[name].data or []), *([more] if more else [])])))


class ImportForm(Form):
    """A file to look at, or with `sure` what was looked at."""

    file = OneFileField(_l("The file"), [Optional()])
    content = TextAreaField(validators=[Length(max=MOST_BYTES)])
    sure = BooleanField()
