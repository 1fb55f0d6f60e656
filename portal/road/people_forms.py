"""Forms about people: inviting, changing roles, one's own preferences."""

from typing import Any

from babel import Locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, SelectField, TimeField, ValidationError
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Optional

from portal import calendars, web
from portal.forms import Form, OneFileField, SeveralField, email_address, near, short_text
from portal.notifications.rules import STAFFS, SWITCHABLE, Cadence, Channel
from portal.onboardings.forms import PersonForm
from portal.road.preference_words import (
    CADENCES,
    CHANNELS,
    LETTERS,
    REGIONS,
    STYLES,
    city,
    zones_by_region,
)


class SuggestForm(Form):
    """A teammate proposes somebody; an admin decides."""

    name = short_text(_l("Full name"), 120, DataRequired(_l("Enter their name")))
    email = email_address(_l("Work e-mail"), DataRequired(_l("Enter their work e-mail")))


class RoleForm(Form):
    """What somebody who is here already may do, and who they are."""

    portal_role = PersonForm.portal_role
    stakeholder_roles = PersonForm.stakeholder_roles


class ShareForm(Form):
    """A file for everybody on the road."""

    file = OneFileField(_l("Choose a file"))


class PreferencesForm(Form):
    """How the portal speaks to one person."""

    called = short_text(_l("What should we call you?"), 60, DataRequired(_l("Enter what we should call you")))
    locale = SelectField(_l("Language"), choices=[SelectChoice("en", "English")])
    # Checked below: a zone that was renamed since it was chosen may stay, though it is offered to nobody any more.
    time_zone = SelectField(_l("Time zone"), validate_choice=False)
    work_start = TimeField(_l("You work from"), [InputRequired(_l("Enter a time like 09:00"))])
    work_end = TimeField(_l("until"), [InputRequired(_l("Enter a time like 17:00"))])
    cadence = RadioField(
        _l("How often do we write?"), choices=[SelectChoice(word.value, CADENCES[word]) for word in Cadence]
    )
    channel = RadioField(
        _l("In which way?"), choices=[SelectChoice(word.value, CHANNELS[word]) for word in Channel]
    )
    letters = SeveralField(_l("Which letters do you want?"), choices=[])
    learning_style = SeveralField(
        _l("How do you like to learn?"), choices=[SelectChoice(*style) for style in STYLES.items()]
    )
    paused_until = DateField(_l("Pause reminders until"), [Optional(), near])

    def offer_letters(self, *, is_staff: bool) -> None:
        """What a reader can switch off: customers don't read of what only our own people get."""
        kinds = [kind for kind in SWITCHABLE if is_staff or kind not in STAFFS]
        self.letters.choices = [SelectChoice(kind.value, LETTERS[kind]) for kind in kinds]

    @property
    def letters_off(self) -> list[str]:
        """Those of them that aren't wanted."""
        return [kind for kind, *_word in self.letters.choices or [] if kind not in (self.letters.data or [])]

    def offer(self, now: str, locale: Locale) -> None:
        """Put the time zones to choose from in place: the one of `now` first, then all by their part of the world."""
        yours = SelectChoice(now, city(now, locale), optgroup=_("Yours now"))
        others = [
            SelectChoice(zone, name, optgroup=str(REGIONS[region]))
            for region, zone, name in zones_by_region(str(locale))
            if zone != now
        ]
        self.time_zone.choices = [yours, *others]

    def validate_time_zone(self, field: Any) -> None:
        if field.data:
            try:
                calendars.zone(field.data)
            except ValueError:
                raise ValidationError(
                    _(
                        "“%(name)s” is not a time zone we know. Choose one like Europe/Lisbon.",
                        name=field.data[:60],
                    )
                ) from None

    def validate_work_end(self, field: Any) -> None:
        if field.data and self.work_start.data and field.data <= self.work_start.data:
            raise ValidationError(_("Your day must end after it starts"))

    def validate_paused_until(self, field: Any) -> None:
        if field.data and field.data <= web.local_today():
            raise ValidationError(_("Choose a day after today, or leave it empty"))
