"""Routes of rolling a road out in waves: each change is shown before it is made."""

from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import gettext as _

from portal import db
from portal.access import Can, allow, viewer
from portal.desk import bp, queries
from portal.desk import wave_page as pages
from portal.desk.edit_page import where
from portal.desk.wave_forms import LeaveOutForm
from portal.errors import Conflict, Refused
from portal.onboardings import rollout
from portal.onboardings.models import Onboarding
from portal.onboardings.waves import Wave


def _road(ref: str, *, lock: bool = False) -> Onboarding:
    return queries.onboarding_of(ref, request.args.get("o"), lock=lock)


def _wave(onboarding: Onboarding, n: int) -> Wave:
    found = (wave for wave in onboarding.waves_on if wave.n == n)
    return next(found, None) or abort(404)


def _gone(onboarding: Onboarding, n: int) -> Any:
    """The page to see when somebody left the wave out while another wrote; None while it is on."""
    gone = next((wave for wave in onboarding.waves if wave.n == n and not wave.is_on), None)
    if gone is None:
        return None
    said = _("Somebody left “%(name)s” out while you were writing.", name=gone.department)
    return pages.waves_page(onboarding, problems=[(None, said)], status=409)


def _back(onboarding: Onboarding, said: str) -> Any:
    flash(said, "done")
    return redirect(where(onboarding, "waves"), 303)


@bp.get("/staff/accounts/<ref>/road/waves")
@allow(Can.EDIT_WHOLE_ROAD)
def waves(ref: str) -> Any:
    return pages.waves_page(_road(ref))


@bp.get("/staff/accounts/<ref>/road/waves/add")
@allow(Can.EDIT_WHOLE_ROAD)
def new_wave(ref: str) -> Any:
    onboarding = _road(ref)
    form = pages.form_for(onboarding, None, fresh=True)
    form.department.data = request.args.get("department", "")[:40]
    return pages.wave_page(onboarding, form, None)


@bp.post("/staff/accounts/<ref>/road/waves/add")
@allow(Can.EDIT_WHOLE_ROAD)
def add_wave(ref: str) -> Any:
    """Make it, and keep it only where this was seen already; else show it and take it back."""
    onboarding = _road(ref, lock=True)
    form = pages.form_for(onboarding, None)
    if not form.validate():
        return pages.wave_page(onboarding, form, None, status=422)
    before = pages.Before.of(onboarding)
    try:
        wave = rollout.add_wave(onboarding, form.terms(onboarding), form.reason.data, by=viewer())
    except Refused as refusal:
        status = form.refuse(refusal)
        return pages.wave_page(_road(ref), form, None, status=status)
    seen = pages.preview_of(wave, before)
    if form.looked.data == seen.seal:
        return _back(onboarding, _("Added: the wave of %(name)s.", name=wave.department))
    db.session.rollback()
    return pages.wave_page(_road(ref), form, None, seen)


@bp.get("/staff/accounts/<ref>/road/waves/<int:n>")
@allow(Can.EDIT_WHOLE_ROAD)
def wave(ref: str, n: int) -> Any:
    onboarding = _road(ref)
    found = _wave(onboarding, n)
    return pages.wave_page(onboarding, pages.form_for(onboarding, found, fresh=True), found)


@bp.post("/staff/accounts/<ref>/road/waves/<int:n>")
@allow(Can.EDIT_WHOLE_ROAD)
def change_wave(ref: str, n: int) -> Any:
    """As for a new one: only what was seen is kept."""
    onboarding = _road(ref, lock=True)
    if gone := _gone(onboarding, n):
        return gone
    found = _wave(onboarding, n)
    form = pages.form_for(onboarding, found)
    if not form.validate():
        return pages.wave_page(onboarding, form, found, status=422)
    before = pages.Before.of(onboarding)
    try:
        rollout.change_wave(
            found, form.terms(onboarding), form.reason.data, seen=form.seen.data or "", by=viewer()
        )
    except Refused as refusal:
        status, fresh = form.refuse(refusal), _road(ref)
        if isinstance(refusal, Conflict):  # Sent again, theirs has been seen.
            form.seen.data = _wave(fresh, n).seal
        return pages.wave_page(fresh, form, _wave(fresh, n), status=status)
    seen = pages.preview_of(found, before)
    if form.looked.data == seen.seal:
        return _back(onboarding, _("Changed: the wave of %(name)s.", name=found.department))
    db.session.rollback()
    fresh = _road(ref)
    return pages.wave_page(fresh, form, _wave(fresh, n), seen)


@bp.post("/staff/accounts/<ref>/road/waves/<int:n>/leave_out")
@allow(Can.EDIT_WHOLE_ROAD)
def leave_out_wave(ref: str, n: int) -> Any:
    onboarding = _road(ref, lock=True)
    if gone := _gone(onboarding, n):
        return gone
    found, form = _wave(onboarding, n), LeaveOutForm().called("leave")
    if not form.validate():
        blank = pages.form_for(onboarding, found, fresh=True)
        return pages.wave_page(onboarding, blank, found, status=422, leave_form=form)
    try:
        rollout.leave_out_wave(found, form.reason.data, seen=form.seen.data or "", by=viewer())
    except Refused as refusal:
        status, fresh = form.refuse(refusal), _road(ref)
        if isinstance(refusal, Conflict):
            form.seen.data = _wave(fresh, n).seal
        blank = pages.form_for(fresh, _wave(fresh, n), fresh=True)
        return pages.wave_page(fresh, blank, _wave(fresh, n), status=status, leave_form=form)
    return _back(
        onboarding, _("The wave of %(name)s is left out. What it had done stays.", name=found.department)
    )
