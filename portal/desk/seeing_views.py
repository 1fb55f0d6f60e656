"""Seeing a customer's pages as one of its people does."""

from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from portal.access import Can, allow
from portal.accounts.kinds import PortalRole
from portal.auth import seeing
from portal.desk import account as pages
from portal.desk import bp, queries
from portal.desk.account_forms import eyes_of
from portal.desk.nav import to
from portal.forms import EmptyForm


@bp.post("/staff/accounts/<ref>/as-customer")
@allow(Can.SEE_AS_CUSTOMER)
def as_customer(ref: str) -> Any:
    """Begin, and open the page on which this person lands."""
    onboarding = queries.onboarding_of(ref, request.args.get("o"))
    form = eyes_of(onboarding, sent=True)
    if not form.validate():
        return pages.page(onboarding, "overview", 422, eyes_form=form)
    person = next(one for one in onboarding.account.people if one.ref == form.person.data)
    seeing.begin(person, onboarding.id, by=current_user, session_id=g.session_id)
    teammate = person.portal_role is PortalRole.TEAMMATE
    return redirect(url_for("road.mine" if teammate else "road.home", oid=onboarding.ref), 303)


@bp.post("/staff/accounts/<ref>/as-customer/end")
@allow(Can.SEE_AS_CUSTOMER)
def end_as_customer(ref: str) -> Any:
    """End it, and go back to the account from which it began."""
    onboarding, form = queries.onboarding_of(ref, request.args.get("o")), EmptyForm()
    if not form.validate():
        return pages.page(onboarding, "overview", 422, button=form)
    seeing.end(g.session_id, by=current_user)
    flash(_("You see your own pages again."), "done")
    return redirect(to(onboarding), 303)
