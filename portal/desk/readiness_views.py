"""Routes of what our consultant decides about a readiness kit."""

from typing import Any

from flask import abort, request
from flask_babel import gettext as _
from wtforms import HiddenField

from portal.access import Can, allow, find_or_404, viewer
from portal.desk import account as pages
from portal.desk import bp, queries
from portal.desk.forms import ChangeForm
from portal.desk.readiness_tab import DecideForm
from portal.errors import Refused
from portal.forms import Form
from portal.onboardings.models import Onboarding
from portal.readiness.effects import ReadinessEffect
from portal.readiness.models import ReadinessSubmission


class SeenForm(Form):
    """Confirm it; `seen` is the seal of what was read."""

    seen = HiddenField()


def _kit(ref: str) -> tuple[Onboarding, ReadinessSubmission]:
    onboarding = queries.onboarding_of(ref, request.args.get("o"), lock=True)
    return onboarding, ReadinessSubmission.of(onboarding) or abort(404)


@bp.post("/staff/accounts/<ref>/readiness/confirm")
@allow(Can.CONFIRM_KIT)
def confirm_kit(ref: str) -> Any:
    """The answers are right."""
    (onboarding, sent), form = _kit(ref), SeenForm()

    def act() -> str:
        sent.confirm(seen=form.seen.data or "", by=viewer())
        return _("Confirmed. From now on changed answers only propose something.")

    return pages.attempt(onboarding, "readiness", act, button=form)


@bp.post("/staff/accounts/<ref>/readiness/return")
@allow(Can.CONFIRM_KIT)
def return_kit(ref: str) -> Any:
    """Something is missing."""
    onboarding, sent = _kit(ref)
    form = ChangeForm().called("return")

    def act() -> str:
        sent.send_back(form.reason.data or "", by=viewer())
        return _("Sent back. They read what should change.")

    return pages.attempt(onboarding, "readiness", act, return_form=form)


@bp.post("/staff/accounts/<ref>/readiness/effects/<effect>")
@allow(Can.CONFIRM_KIT)
def decide_effect(ref: str, effect: str) -> Any:
    """The road has it, or it hasn't."""
    onboarding, sent = _kit(ref)
    row = find_or_404(ReadinessEffect, effect, submission_id=sent.id)
    form = DecideForm().called(f"why-{effect}")

    def act() -> str:
        if form.go.data not in ("keep", "drop"):
            raise Refused(_("Choose what is to be done about “%(title)s”.", title=row.title))
        row.decide(holds=form.go.data == "keep", why=form.why.data or "", by=viewer())
        if form.go.data == "keep":
            said = _("Decided: “%(title)s” is on their road.", title=row.title)
        else:
            said = _("Decided: “%(title)s” isn't on their road.", title=row.title)
        if row.needs_amendment:
            n = onboarding.signed_version
            return (
                said + " " + _("The plan differs from the signed version %(n)s now: send an amendment.", n=n)
            )
        return said

    return pages.attempt(onboarding, "readiness", act, decide_form=form)
