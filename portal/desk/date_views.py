"""Routes of moving the dates of one road: a preview, then the confirmation of what was seen."""

from typing import Any

from flask import flash, redirect, request
from flask_babel import ngettext

from portal.access import Can, allow, viewer
from portal.desk import bp, queries
from portal.desk.date_page import dates_page, shift_of, stages_ahead
from portal.desk.edit_forms import DatesForm
from portal.desk.edit_page import where
from portal.errors import Conflict, Refused
from portal.onboardings.models import Onboarding
from portal.onboardings.shifting import move_dates, preview

WEEK = 5  # Working days that the form proposes.


def _form(onboarding: Onboarding, sent: Any) -> DatesForm:
    form = DatesForm(sent, meta={"csrf": request.method == "POST"}).called("dates")
    form.offer(stages_ahead(onboarding))
    return form


@bp.get("/staff/accounts/<ref>/road/dates")
@allow(Can.EDIT_WHOLE_ROAD)
def dates(ref: str) -> Any:
    """The form; with its answers in the address, what they would do."""
    onboarding = queries.onboarding_of(ref, request.args.get("o"))
    if "days" not in request.args:
        form = _form(onboarding, None)
        form.days.data = WEEK
        form.since.data = form.since.choices[0].value
        return dates_page(onboarding, form)
    form = _form(onboarding, request.args)
    if not form.validate():
        return dates_page(onboarding, form, status=422)
    try:
        return dates_page(onboarding, form, preview(onboarding, shift_of(form)))
    except Refused as refusal:
        status = form.refuse(refusal, since="day")
        return dates_page(queries.onboarding_of(ref, request.args.get("o")), form, status=status)


@bp.post("/staff/accounts/<ref>/road/dates")
@allow(Can.EDIT_WHOLE_ROAD)
def confirm_dates(ref: str) -> Any:
    """Move what was seen; where the road changed since, show what would move now instead."""
    onboarding = queries.onboarding_of(ref, request.args.get("o"), lock=True)
    form = _form(onboarding, request.form)
    if not form.validate():
        return dates_page(onboarding, form, status=422)
    shift = shift_of(form)
    try:
        done = move_dates(onboarding, shift, form.reason.data, seen=form.seen.data or "", by=viewer())
    except Refused as refusal:
        status = form.refuse(refusal, since="day")
        fresh = queries.onboarding_of(ref, request.args.get("o"))
        anew = preview(fresh, shift) if isinstance(refusal, Conflict) else None
        return dates_page(fresh, form, anew, status)
    moved = len(done.told)
    said = ngettext(
        "%(num)s date has moved. It stands on their home with the reason.",
        "%(num)s dates have moved. It stands on their home with the reason.",
        moved,
    )
    flash(said, "done")
    return redirect(where(onboarding, "edit_road"), 303)
