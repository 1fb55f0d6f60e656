"""Routes of what staff say of an onboarding's health instead of the facts."""

from typing import Any

from flask import request
from flask_babel import gettext as _

from portal import web
from portal.access import Can, allow, viewer
from portal.desk import account as pages
from portal.desk import bp, queries
from portal.desk.account_forms import HealthForm
from portal.errors import Refused
from portal.forms import EmptyForm
from portal.health import standing
from portal.health.words import LABELS
from portal.onboardings.models import Onboarding
from portal.onboardings.standings import Health


def _onboarding(ref: str) -> Onboarding:
    return queries.onboarding_of(ref, request.args.get("o"), lock=True)


@bp.post("/staff/accounts/<ref>/health")
@allow(Can.OVERRIDE_HEALTH)
def set_health(ref: str) -> Any:
    """For a week; what was said before ends."""
    onboarding, form = _onboarding(ref), HealthForm().called("health")

    def act() -> str:
        made = standing.override(onboarding, Health(form.label.data), form.why.data, by=viewer())
        return _("Health is “%(label)s” until %(date)s.", label=LABELS[made.label], date=web.day(made.until))

    return pages.attempt(onboarding, "overview", act, health_form=form)


@bp.post("/staff/accounts/<ref>/health/end")
@allow(Can.OVERRIDE_HEALTH)
def follow_facts(ref: str) -> Any:
    """Before the week is over."""
    onboarding = _onboarding(ref)

    def act() -> str:
        found = standing.override_of(onboarding)
        if found is None:
            raise Refused(_("Health follows the facts already."))
        standing.end_override(found, by=viewer())
        return _("Health follows the facts again.")

    return pages.attempt(onboarding, "overview", act, button=EmptyForm())
