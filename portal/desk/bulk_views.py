"""Holding or assigning the onboardings that are ticked in the list."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from portal.access import Can, allow, viewer
from portal.accounts.kinds import TeamRole
from portal.calls.cards import kept_in_pause
from portal.desk import bp, bulk, list_queries, list_views
from portal.desk.handing import HandOver
from portal.desk.list_filters import Filters
from portal.desk.list_forms import AssignManyForm, HoldManyForm
from portal.onboardings.models import Onboarding
from portal.onboardings.words import listed

NAMED = 5


@bp.post("/staff/accounts/bulk/hold")
@allow(Can.HOLD)
def hold_many() -> Any:
    """The same pause for each."""
    form, with_calls = HoldManyForm().called("hold"), []
    if not form.validate():
        return list_views.show(hold_form=form), 422

    def pause(onboarding: Onboarding) -> None:
        reason, until = form.reason.data, form.review_on.data
        hold = onboarding.hold
        if hold is None or (hold.reason, hold.review_on) != (reason, until):
            onboarding.pause(reason, until, by=viewer())
        if kept_in_pause(onboarding, str(get_locale())):
            with_calls.append(onboarding.account.name)

    outcome = bulk.each(form.pick.data, pause)
    if with_calls:
        names = listed(with_calls[:NAMED])
        flash(
            _("Booked calls that lie in the pause still stand, at %(names)s for example.", names=names),
            "warn",
        )
    done = len(outcome.done)
    said = ngettext("%(num)s account is on hold.", "%(num)s accounts are on hold.", done)
    return _told(outcome, said, hold_form=form)


@bp.post("/staff/accounts/bulk/assign")
@allow(Can.ASSIGN_TEAM)
def assign_many() -> Any:
    """One part in each to the same person of ours; what was asked of whoever had it goes along, and their calls."""
    colleagues, _views = list_queries.colleagues_and_views()
    form = AssignManyForm.offering(colleagues)
    if not form.validate():
        return list_views.show(assign_form=form), 422
    role = TeamRole(form.role.data)
    staff = next(one for one in colleagues if one.ref == form.staff.data)

    hand = HandOver(staff, by=viewer())
    outcome = bulk.each(form.pick.data, lambda onboarding: hand.give(onboarding, [role]))
    hand.tell()
    said = ngettext(
        "%(num)s account is with %(name)s.",
        "%(num)s accounts are with %(name)s.",
        len(outcome.done),
        name=staff.name,
    )
    return _told(outcome, said, assign_form=form)


def _told(outcome: bulk.Outcome, said: str, **forms: Any) -> Any:
    """Back to the list when all are done; else the list says which are not, and keeps them ticked."""
    colleagues, _views = list_queries.colleagues_and_views()
    filters = Filters.read(request.args, colleagues)
    if outcome.done:
        flash(said, "done")
    if not outcome.refused:
        return redirect(url_for("desk.accounts", **filters.args), 303)
    return list_views.show(outcome=outcome, **forms), 200 if outcome.done else 422
