"""What is done on My day alone: another day for what we promised, and the log of a call. Each comes back to it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _

from portal import web
from portal.access import Can, allow, viewer
from portal.calls import queries as calls
from portal.calls.cards import missed
from portal.calls.forms import HeldForm, NoShowForm
from portal.calls.rules import Side
from portal.desk import bp, queries
from portal.desk.day_entries import Tried
from portal.desk.day_page import page
from portal.desk.forms import NewDateForm
from portal.errors import Conflict, Refused
from portal.forms import Form
from portal.onboardings.steps import Step

# --- Another day --------------------------------------------------------------------------------


@bp.post("/staff/accounts/<ref>/steps/<sid>/new-date")
@allow(Can.EDIT_ROAD)
def new_date(ref: str, sid: str) -> Any:
    step, form = _step(ref, sid, lock=True), NewDateForm()
    agreement = _agreement(step)
    for one in filter(None, (step, agreement)):
        if not one.module.editable_by(viewer()):
            abort(403)

    def act() -> str:
        day, seen = form.due_on.data, form.seen.data or ""
        if agreement is None or step.due_on != day:
            _move(step, day, form.reason.data, seen)
        if agreement is not None and agreement.due_on != day:
            _move(agreement, day, form.reason.data, agreement.terms.seal)
        facts = {"title": step.title, "date": web.day(day, "EEEdMMM")}
        if step.visible or agreement is not None:
            return _("“%(title)s” is due %(date)s now. They see the new date with your reason.", **facts)
        return _("“%(title)s” is due %(date)s now.", **facts)

    def overtaken() -> None:
        form.seen.data = _step(ref, sid).terms.seal  # Sent again, theirs has been seen.

    return _attempt(act, Tried(sid, "new_date", form), overtaken)


def _step(ref: str, sid: str, *, lock: bool = False) -> Step:
    onboarding = queries.onboarding_of(ref, request.args.get("o"), lock=lock)
    return next((one for one in onboarding.steps if one.ref == sid), None) or abort(404)


def _agreement(step: Step) -> Step | None:
    """What the customer can agree to once this is written: that is the one whose day they know."""
    return next((one for one in step.onboarding.steps if one.waits_for is step), None)


def _move(step: Step, day: date, why: str, seen: str) -> None:
    step.change(replace(step.terms, due_on=day), why, seen=seen, assignee=step.assignee, by=viewer())


# --- A call -------------------------------------------------------------------------------------


@bp.post("/staff/day/calls/<ref>/held")
@allow(Can.LOG_CALL)
def log(ref: str) -> Any:
    call, form = calls.locked(ref), HeldForm()
    form.offer(call.onboarding, call)

    def act() -> str:
        call.hold(**form.written, by=viewer())
        return _("Logged. Everybody who joined gets the notes and next steps.")

    return _attempt(act, Tried(ref, "held", form))


@bp.post("/staff/day/calls/<ref>/no-show")
@allow(Can.LOG_CALL)
def no_show(ref: str) -> Any:
    call, form = calls.locked(ref), NoShowForm()

    def act() -> str:
        call.no_show(Side(form.side.data), by=viewer())
        return missed(call)

    return _attempt(act, Tried(ref, "no_show", form))


# --- Both ---------------------------------------------------------------------------------------


def _attempt(act: Callable[[], str], sent: Tried, overtaken: Callable[[], None] | None = None) -> Any:
    """Do `act` once the form is right and say the sentence it returns; else My day with the form open, and why.

    `overtaken` is called where somebody changed the same thing first.
    """
    form: Form = sent.form
    if not form.validate():
        return page(422, sent)
    try:
        said = act()
    except Refused as refusal:
        status = form.refuse(refusal)
        if isinstance(refusal, Conflict) and overtaken:
            overtaken()
        return page(status, sent)
    flash(said, "done")
    return redirect(url_for("desk.today"), 303)
