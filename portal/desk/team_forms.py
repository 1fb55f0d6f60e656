"""Forms of the team's pages."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from portal.forms import Named, SeveralField, clean, near


class AwayForm(Named):
    """Until when somebody is away, and who answers for them."""

    until = DateField(_l("Last day away"), [InputRequired(_l("Choose the last day of the absence")), near])
    stand_in = SelectField(_l("Who stands in?"), [InputRequired(_l("Choose who answers meanwhile"))])


class HandOverForm(Named):
    """Which onboardings go to whom, and what the new owner must know."""

    pick = SeveralField(_l("Which ones?"), [DataRequired(_l("Choose at least one onboarding"))])
    to = SelectField(_l("Who takes them over?"), [InputRequired(_l("Choose who takes them over"))])
    know = TextAreaField(
        _l("What must they know?"),
        [
            DataRequired(
                _l("Write what the new owner must know; it saves the customer from telling it twice")
            ),
            Length(max=2000, message=_l("Keep this under 2,000 characters")),
        ],
        filters=[clean],
    )

    def offer(self, colleagues: Iterable[tuple[str, str]], held: Iterable[Mapping[str, Any]]) -> None:
        """Who can take over, and what can be handed over."""
        self.to.choices = [SelectChoice("", _("Choose someone")), *(SelectChoice(*one) for one in colleagues)]
        self.pick.choices = [SelectChoice(one["ref"], one["name"]) for one in held]
