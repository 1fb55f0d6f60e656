"""The base of every form, and the fields that several forms share."""

import re
from datetime import timedelta
from typing import Any, Self

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm, file
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import FileField, SelectMultipleField, StringField, ValidationError
from wtforms.validators import Length

from portal import clock, db
from portal.addresses import canonical, is_plain
from portal.characters import drawn, is_visible
from portal.errors import Refused

UNSAFE_TEXT = {"\x00"}
LINE_ENDS = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
FURTHEST = timedelta(days=731)


class OurWords:
    """What fields say about themselves, in this portal's words and the reader's language."""

    def gettext(self, text: str) -> str:
        """The sentence for one of the library's own."""
        if not text.startswith("Not a "):
            return text
        ours = {
            "Not a valid date value.": _("Enter a date like 2026-03-31"),
            "Not a valid time value.": _("Enter a time like 09:00"),
            "Not a valid choice.": _("Choose one of the answers shown"),
            "Not a valid integer value.": _("Enter a whole number, like 12"),
        }
        return ours.get(text) or _("This can't be read. Enter it again")

    def ngettext(self, one: str, many: str, n: int) -> str:
        if "valid choice" in one:
            return _("Choose only answers that are shown")
        return one if n == 1 else many


class Form(FlaskForm):
    """A form that refuses fields it doesn't know, so that nothing is set behind its back."""

    class Meta(FlaskForm.Meta):
        locales = False

        def get_translations(self, _form: Any) -> OurWords:
            return OurWords()

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            # The base would fill any field from the files of the request, and from a JSON body as well.
            if formdata is None or (not request.form and not request.files):
                return None
            files = MultiDict(
                (name, file) for name, file in request.files.items(multi=True) if form.takes_file(name)
            )
            return CombinedMultiDict((files, request.form))

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        known = {field.name for field in self} | {"csrf_token"}
        unknown = {name for name in request.form if name not in known}
        unknown |= {name for name in request.files if not self.takes_file(name)}
        if unknown:
            self.form_errors.append(
                _(
                    "This form has no field called %(name)s. Open the page again and send it.",
                    name=min(unknown)[:40],
                )
            )
        return super().validate(*args, **kwargs) and not unknown

    def demand(self) -> None:
        """For a form without a page of its own to come back to. Raises Refused with everything that is wrong."""
        if not self.validate():
            raise Refused(" ".join(text for _id, text in self.problems))

    def refuse(self, refusal: Refused, **called: str) -> int:
        """Say on this form why the domain said no: at the field it names, else above all of them.

        `called` tells what this form calls a field of the domain: `email="admin_email"`. What was begun is rolled
        back. Returns the status for the page that shows the form again.
        """
        db.session.rollback()
        name = called.get(refusal.field or "", refusal.field)
        if name in self:
            self[name].errors = [*self[name].errors, str(refusal)]
        else:
            self.form_errors.append(str(refusal))
        return refusal.status

    def takes_file(self, name: str) -> bool:
        """Whether what stands under this name may be a file."""
        return isinstance(self._fields.get(name), FileField)

    @property
    def problems(self) -> list[tuple[str | None, str]]:
        """Every error with the id of its field, in the order of the page, for the summary on top."""
        listed: list[tuple[str | None, str]] = [(None, str(text)) for text in self.form_errors]
        for field in self:
            listed += [(field.id, str(text)) for text in field.errors if isinstance(text, str) or text]
        return listed


class Named(Form):
    """A form that stands beside others of its kind on one page."""

    def called(self, name: str) -> Self:
        """Give every field an id of its own: `name` in front of it."""
        for field in self:
            field.id = f"{name}-{field.name}"
            field.label.field_id = field.id
        return self


class EmptyForm(Form):
    """One button."""


def clean(text: str | None) -> str:
    """Text without surrounding space and without characters that no database keeps; empty when nothing can be seen."""
    kept = "".join(c for c in (text or "") if c not in UNSAFE_TEXT and not 0xD800 <= ord(c) <= 0xDFFF).strip()
    return kept if is_visible(kept) else ""


def one_line(text: str | None) -> str:
    """Clean text in which a line that ends is a space, and nothing turns the direction of what stands after it."""
    return clean(drawn(LINE_ENDS.sub(" ", text or "")))


def near(_form: Any, field: Any) -> None:
    """Refuses a date more than two years ahead: a slip, and the calendar ends where others are counted from it."""
    if field.data and field.data > clock.now().date() + FURTHEST:
        raise ValidationError(_("Choose a date within the next two years"))


def short_text(label: Any, most: int, *validators: Any, **options: Any) -> StringField:
    """A single line of at most `most` characters."""
    too_long = lazy_gettext("Keep this under %(most)s characters", most=most)
    return StringField(
        label, [Length(max=most, message=too_long), *validators], filters=[one_line], **options
    )


class SeveralField(SelectMultipleField):
    """Several of the answers shown, each of them once however often it was sent."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(list(dict.fromkeys(valuelist)))


class OneFileField(file.FileField):
    """A file; of several in its place none is kept, rather than the first alone."""

    def pre_validate(self, form: Any) -> None:
        if len([sent for sent in request.files.getlist(self.name) if sent.filename]) > 1:
            raise ValidationError(_("Choose one file at a time"))


def email_address(label: Any, *validators: Any, **options: Any) -> StringField:
    """An e-mail address, in its one spelling (`addresses.canonical`)."""
    return StringField(label, [*validators, _reachable], filters=[clean, _one_spelling], **options)


def _one_spelling(text: str) -> str:
    try:
        return canonical(text)
    except ValueError:
        return text


def _reachable(_form: Any, field: Any) -> None:
    try:
        canonical(field.data)
    except ValueError:
        raise ValidationError(
            _("Enter an e-mail address like ana@northwind.example")
            if is_plain(field.data)
            else _(
                "Before the @, write only letters without accents, digits and signs, like ana@northwind.example"
            )
        ) from None
