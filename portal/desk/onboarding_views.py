"""What staff do with an onboarding as a whole: open it to the customer, pause it, go on, end it."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_login import current_user

from portal import web
from portal.access import Can, allow, viewer
from portal.calls.cards import kept_in_pause
from portal.calls.handing import call_off
from portal.desk import account as pages
from portal.desk import bp, queries
from portal.desk.forms import HoldForm, ReasonForm, StartForm
from portal.forms import EmptyForm
from portal.handoffs.models import Handoff, check_accepted
from portal.onboardings.models import Onboarding
from portal.onboardings.people import invite_named
from portal.onboardings.restarting import check_start, restart
from portal.onboardings.words import listed
from portal.readiness.prerequisites import settle_step


def _onboarding(ref: str) -> Onboarding:
    return queries.onboarding_of(ref, request.args.get("o"), lock=True)


@bp.post("/staff/accounts/<ref>/start")
@allow(Can.CREATE_ONBOARDING)
def start(ref: str) -> Any:
    """Open a draft to the customer."""
    onboarding = _onboarding(ref)

    def act() -> str:
        check_start(onboarding)
        check_accepted(onboarding)
        named = invite_named(onboarding, by=current_user)
        onboarding.prepare(by=current_user)
        if named:
            names = listed(person.called for person in named)
            return _(
                "The portal is open to the customer; the invitation to %(names)s is on its way.", names=names
            )
        return _("The portal is open to the customer; the welcome letter is on its way.")

    return pages.attempt(onboarding, "overview", act, button=EmptyForm())


@bp.post("/staff/accounts/<ref>/restart")
@allow(Can.CREATE_ONBOARDING)
def begin_on(ref: str) -> Any:
    """Another start for a draft; from then on it waits for nothing."""
    onboarding, form = _onboarding(ref), StartForm().called("start")

    def act() -> str:
        restart(onboarding, form.start_date.data, by=current_user)
        onboarding.starts_after = onboarding.starts_after_id = None
        return _("It starts on %(date)s; every date is worked out anew.", date=web.day(onboarding.start_date))

    return pages.attempt(onboarding, "overview", act, start_form=form)


@bp.post("/staff/accounts/<ref>/hold")
@allow(Can.HOLD)
def hold(ref: str) -> Any:
    onboarding, form = _onboarding(ref), HoldForm().called("hold")

    def act() -> str:
        onboarding.pause(form.reason.data, form.review_on.data, by=current_user)
        if kept := kept_in_pause(onboarding, str(get_locale())):
            flash(kept, "warn")
        return _("On hold. It stands on their home with the reason and the date.")

    return pages.attempt(onboarding, "overview", act, hold_form=form)


@bp.post("/staff/accounts/<ref>/resume")
@allow(Can.HOLD)
def resume(ref: str) -> Any:
    onboarding = _onboarding(ref)

    def act() -> str:
        days = onboarding.resume(by=current_user)
        settle_step(onboarding, by=None)  # What they got ready during the pause.
        if not days:
            return _("It goes on. No working day was lost, so no date has moved.")
        return ngettext(
            "It goes on; every open date has moved by %(num)s working day.",
            "It goes on; every open date has moved by %(num)s working days.",
            days,
        )

    return pages.attempt(onboarding, "overview", act, button=EmptyForm())


@bp.post("/staff/accounts/<ref>/cancel")
@allow(Can.HOLD)
def cancel(ref: str) -> Any:
    onboarding, form = _onboarding(ref), ReasonForm().called("cancel")

    def act() -> str:
        onboarding.cancel(form.reason.data, by=current_user)
        call_off(onboarding, _("This onboarding has ended: %(why)s", why=form.reason.data), by=current_user)
        return _("Ended. The pages stay readable, booked calls are cancelled and nobody is reminded.")

    return pages.attempt(onboarding, "overview", act, cancel_form=form)


@bp.post("/staff/accounts/<ref>/handoff")
@allow(Can.WRITE_HANDOFF)
def begin_handoff(ref: str) -> Any:
    """Begin to write down why they bought; where somebody has begun already, go on with that."""
    onboarding = _onboarding(ref)
    EmptyForm().demand()
    handoff = Handoff.begin(onboarding, by=viewer())
    return redirect(url_for("handoffs.show", ref=handoff.ref), 303)
