"""The form of one segment's thresholds."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired

from portal.forms import Form
from portal.health.thresholds import NUMBERS, Thresholds


class ThresholdsForm(Form):
    """Every number of one segment, by its name in `thresholds`; made below from their list."""

    nudges_need_approval = BooleanField(_l("Somebody of ours reads each follow-up before it leaves"))

    @classmethod
    def of(cls, limits: Thresholds) -> "ThresholdsForm":
        """As they are in force."""
        return cls(formdata=None, obj=limits)

    @property
    def wanted(self) -> dict[str, Any]:
        """What was entered."""
        names = (*NUMBERS, "nudges_need_approval")
        return {name: self[name].data for name in names}


for _name, _number in NUMBERS.items():
    setattr(
        ThresholdsForm,
        _name,
        IntegerField(_number.label, [InputRequired(_l("Enter a whole number, like 12"))]),
    )
