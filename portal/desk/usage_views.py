"""What staff set about the use of the product in one account."""

from typing import Any

from flask import request
from flask_babel import ngettext

from portal.access import Can, allow, viewer
from portal.desk import bp, queries
from portal.desk.account import attempt
from portal.desk.account_forms import SeatsForm
from portal.onboardings.models import Onboarding
from portal.usage.waking import wake


@bp.post("/staff/accounts/<ref>/seats")
@allow(Can.EDIT_WHOLE_ROAD)
def set_seats(ref: str) -> Any:
    """How many people have a licence; what is counted in shares of them follows."""
    onboarding, form = queries.onboarding_of(ref, request.args.get("o"), lock=True), SeatsForm()
    return attempt(onboarding, "usage", lambda: _set(onboarding, form.seats.data), seats_form=form)


def _set(onboarding: Onboarding, seats: int | None) -> str:
    account = onboarding.account
    assert seats is not None  # The form asks for it.
    account.set_seats(seats, by=viewer())
    wake([account.id])
    return ngettext("%(name)s has %(num)s seat.", "%(name)s has %(num)s seats.", seats, name=account.name)
