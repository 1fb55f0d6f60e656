"""Forms with which staff roll a road out in waves."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired

from portal.desk.forms import ReasonForm
from portal.forms import SeveralField, near, short_text
from portal.onboardings.models import Onboarding
from portal.onboardings.rollout import WaveTerms
from portal.onboardings.waves import Wave


class LeaveOutForm(ReasonForm):
    """Leave a wave out; `seen` is the seal of how it stood."""

    seen = HiddenField()


class WaveForm(LeaveOutForm):
    """Add a wave or change one. `looked` is the seal of the preview that is confirmed."""

    department = short_text(
        _l("Which department?"), 40, DataRequired(_l("Write which department, like Finance"))
    )
    people = SeveralField(_l("Who belongs to it?"))
    starts_on = DateField(_l("First day"), [InputRequired(_l("Choose the day on which they begin")), near])
    go_live_on = DateField(_l("Go-live"), [InputRequired(_l("Choose the day on which they go live")), near])
    looked = HiddenField()

    def offer(self, onboarding: Onboarding, wave: Wave | None) -> None:
        """Everybody who works there; beside a name stands the wave that it belongs to now."""
        there = {person.id: one.department for one in onboarding.waves_on for person in one.people}
        mine = {person.id for person in wave.people} if wave else set()
        self.people.choices = [
            SelectChoice(
                person.ref,
                _("%(name)s, now in %(wave)s", name=person.name, wave=there[person.id])
                if person.id in there and person.id not in mine
                else person.name,
            )
            for person in onboarding.account.people
            if person.is_active
        ]

    def terms(self, onboarding: Onboarding) -> WaveTerms:
        """What the filled-in form asks for."""
        chosen = set(self.people.data or [])
        return WaveTerms(
            department=self.department.data,
            people=[person for person in onboarding.account.people if person.ref in chosen],
            starts_on=self.starts_on.data,
            go_live_on=self.go_live_on.data,
        )
