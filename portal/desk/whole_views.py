"""What staff do with an onboarding as a whole: open it to the customer, pause it, go on, end it."""

from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_login import current_user

from portal import errors
from portal.access import Can, allow
from portal.desk import account as pages
from portal.desk import bp, queries
from portal.desk.forms import HoldForm, ReasonForm
from portal.forms import EmptyForm
from portal.onboardings.models import Onboarding


def _onboarding(ref: str) -> Onboarding:
    return queries.onboarding_of(ref, request.args.get("o"), lock=True)


@bp.post("/staff/accounts/<ref>/start")
@allow(Can.CREATE_ONBOARDING)
def start(ref: str) -> Any:
    """Open a draft to the customer."""
    onboarding, form = _onboarding(ref), EmptyForm()
    if not form.validate():
        return pages.page(onboarding, "overview", 422, button=form)
    try:
        onboarding.prepare(by=current_user)
    except errors.Refused as refusal:
        return pages.refused(ref, onboarding.ref, refusal=refusal)
    return pages.done(onboarding, _("The portal is open to the customer; the welcome letter is on its way."))


@bp.post("/staff/accounts/<ref>/hold")
@allow(Can.HOLD)
def hold(ref: str) -> Any:
    onboarding, form = _onboarding(ref), HoldForm().called("hold")
    if not form.validate():
        return pages.page(onboarding, "overview", 422, hold_form=form)
    try:
        onboarding.pause(form.reason.data, form.review_on.data, by=current_user)
    except errors.Refused as refusal:
        form.explain(refusal)
        return pages.refused(ref, onboarding.ref, hold_form=form)
    return pages.done(onboarding, _("On hold. The customer reads why and until when."))


@bp.post("/staff/accounts/<ref>/resume")
@allow(Can.HOLD)
def resume(ref: str) -> Any:
    onboarding, form = _onboarding(ref), EmptyForm()
    if not form.validate():
        return pages.page(onboarding, "overview", 422, button=form)
    try:
        onboarding.resume(by=current_user)
    except errors.Refused as refusal:
        return pages.refused(ref, onboarding.ref, refusal=refusal)
    return pages.done(
        onboarding, _("It goes on; every open date has moved by the working days of the pause.")
    )


@bp.post("/staff/accounts/<ref>/cancel")
@allow(Can.HOLD)
def cancel(ref: str) -> Any:
    onboarding, form = _onboarding(ref), ReasonForm().called("cancel")
    if not form.validate():
        return pages.page(onboarding, "overview", 422, cancel_form=form)
    try:
        onboarding.cancel(form.reason.data, by=current_user)
    except errors.Refused as refusal:
        form.explain(refusal)
        return pages.refused(ref, onboarding.ref, cancel_form=form)
    return pages.done(onboarding, _("Ended. The pages stay readable and nobody is reminded."))
