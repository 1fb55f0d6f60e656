"""The base of every form, and the fields that several forms share."""

from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import Email, Length

UNSAFE_TEXT = {"\x00"}


class Form(FlaskForm):
    """A form that refuses fields it doesn't know, so that nothing is set behind its back."""

    class Meta(FlaskForm.Meta):
        locales = False

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        known = {field.name for field in self} | {"csrf_token"}
        unknown = {name for name in request.form if name not in known and not self._takes(name)}
        if unknown:
            self.form_errors.append(
                _(
                    "This form has no field called %(name)s. Open the page again and send it.",
                    name=min(unknown)[:40],
                )
            )
        return super().validate(*args, **kwargs) and not unknown

    def _takes(self, name: str) -> bool:
        """Whether a field outside the declared ones belongs to this form too (forms built from content)."""
        return False

    @property
    def problems(self) -> list[tuple[str | None, str]]:
        """Every error with the id of its field, in the order of the page, for the summary on top."""
        listed: list[tuple[str | None, str]] = [(None, str(text)) for text in self.form_errors]
        for field in self:
            listed += [(field.id, str(text)) for text in field.errors if isinstance(text, str) or text]
        return listed


class EmptyForm(Form):
    """One button."""


def clean(text: str | None) -> str:
    """Text without surrounding space and without characters that no database keeps."""
    return "".join(c for c in (text or "") if c not in UNSAFE_TEXT and not 0xD800 <= ord(c) <= 0xDFFF).strip()


def short_text(label: Any, most: int, *validators: Any, **options: Any) -> StringField:
    """A single line of at most `most` characters."""
    too_long = lazy_gettext("Keep this under %(most)s characters", most=most)
    return StringField(label, [Length(max=most, message=too_long), *validators], filters=[clean], **options)


def email_address(label: Any, *validators: Any, **options: Any) -> StringField:
    """An e-mail address, in small letters."""
    wrong = lazy_gettext("Enter an e-mail address like ana@northwind.example")
    checks = [*validators, Length(max=254, message=wrong), Email(message=wrong)]
    return StringField(label, checks, filters=[clean, str.lower], **options)
