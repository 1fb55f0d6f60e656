"""Forms of the staff's list: filters under a name, and what is done with those that are ticked."""

from collections.abc import Iterable
from typing import Any, Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField, ValidationError
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired

from portal import web
from portal.accounts.kinds import TeamRole
from portal.accounts.models import Staff
from portal.accounts.words import TEAM_ROLES
from portal.desk.forms import HoldForm
from portal.desk.list_queries import PAGE
from portal.forms import Named, SeveralField, short_text


class ViewForm(Named):
    """The filters of the list, under a name."""

    name = short_text(_l("Name of this view"), 60, DataRequired(_l("Give the view a name")))


class PickForm(Named):
    """Onboardings that are ticked in the list, by `ref`. What is meant for all of them stands in one form on the page,
    so each of its buttons gets the fields of the others as well."""

    pick = SeveralField(_l("Accounts"), choices=[], validate_choice=False)

    def called(self, name: str) -> Self:
        super().called(name)
        self.pick.id = "accounts"  # The list, where they are ticked.
        return self

    def validate_pick(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(_("Tick at least one account"))
        if len(field.data) > PAGE:
            raise ValidationError(_("Tick at most %(most)s accounts at once", most=PAGE))


class HoldManyForm(PickForm, HoldForm):
    """The same pause for several."""

    role, staff = StringField(), StringField()


class AssignManyForm(PickForm):
    """The same part in several for one of us."""

    role = SelectField(_l("Part"), choices=[SelectChoice(role.value, TEAM_ROLES[role]) for role in TeamRole])
    staff = SelectField(_l("Who takes it?"), [InputRequired(_l("Choose who takes it"))])
    reason, review_on = StringField(), StringField()

    @classmethod
    def offering(cls, colleagues: Iterable[Staff], **given: Any) -> Self:
        form = cls(**given).called("assign")
        nobody = SelectChoice("", _("Choose someone"))
        form.staff.choices = [nobody, *(SelectChoice(one.ref, _here(one)) for one in colleagues)]
        return form


def _here(staff: Staff) -> str:
    if not staff.is_away:
        return staff.name
    return _("%(name)s, away until %(date)s", name=staff.name, date=web.short_day(staff.away_until))
