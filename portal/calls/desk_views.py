"""What staff do with a call: move and cancel it, log what came of it, and change that on the same day."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from portal.access import Can, allow, find_or_404
from portal.calls import queries
from portal.calls.cards import missed
from portal.calls.forms import (
    AgendaForm,
    CancelForm,
    HeldForm,
    MoveForm,
    NoShowForm,
    TakeBackForm,
)
from portal.calls.models import Call, booked_for
from portal.calls.partners import attended
from portal.calls.rules import CallState, Side
from portal.calls.views import bp
from portal.errors import Refused
from portal.forms import Form


@bp.get("/staff/calls/<ref>")
@allow(Can.LOG_CALL)
def desk(ref: str) -> Any:
    return _desk(find_or_404(Call, ref))


@bp.post("/staff/calls/<ref>/move")
@allow(Can.DO_FOR_THEM)
def move_for_them(ref: str) -> Any:
    form = MoveForm()
    said = _("Moved. Everybody who joins hears about it, and their calendars follow.")
    return _change(ref, "move_form", form, lambda call: call.move(form.chosen, by=current_user), said)


@bp.post("/staff/calls/<ref>/cancel")
@allow(Can.DO_FOR_THEM)
def cancel_for_them(ref: str) -> Any:
    form = CancelForm()
    said = _("Cancelled. Everybody who was to join hears about it.")
    return _change(
        ref, "cancel_form", form, lambda call: call.cancel(form.reason.data, by=current_user), said
    )


@bp.post("/staff/calls/<ref>/agenda")
@allow(Can.LOG_CALL)
def plan(ref: str) -> Any:
    form = AgendaForm()
    said = _("Saved. Everybody who joins sees this agenda.")
    seen = form.seen.data or ""
    return _change(
        ref, "agenda_form", form, lambda call: call.plan(form.lines, seen=seen, by=current_user), said
    )


@bp.post("/staff/calls/<ref>/held")
@allow(Can.LOG_CALL)
def held(ref: str) -> Any:
    form = HeldForm()
    said = _("Logged. Everybody who joined gets the notes and next steps.")
    return _change(ref, "held_form", form, lambda call: call.hold(**form.written, by=current_user), said)


@bp.post("/staff/calls/<ref>/notes")
@allow(Can.LOG_CALL)
def notes(ref: str) -> Any:
    """Other notes, on the day on which they were logged."""
    form = HeldForm()
    said = _("Saved. Everybody who joined gets the notes as they stand now.")
    seen = form.seen.data or ""
    return _change(
        ref, "held_form", form, lambda call: call.rewrite(**form.written, seen=seen, by=current_user), said
    )


@bp.post("/staff/calls/<ref>/not-held")
@allow(Can.LOG_CALL)
def not_held(ref: str) -> Any:
    """It was logged by mistake."""
    form = TakeBackForm()
    said = _("Taken back. Log what really came of it.")
    return _change(
        ref, "back_form", form, lambda call: call.take_back(form.reason.data, by=current_user), said
    )


@bp.post("/staff/calls/<ref>/no-show")
@allow(Can.LOG_CALL)
def no_show(ref: str) -> Any:
    form = NoShowForm()
    said = missed(find_or_404(Call, ref))
    return _change(
        ref, "no_show_form", form, lambda call: call.no_show(Side(form.side.data), by=current_user), said
    )


def _change(ref: str, name: str, form: Form, change: Callable[[Call], None], said: str) -> Any:
    """Check the form called `name` on the page, do what it asks and say so; or the page again with why not."""
    call = queries.locked(ref)
    if isinstance(form, HeldForm):
        form.offer(call.onboarding, call)
    status = 422
    if form.validate():
        try:
            change(call)
        except Refused as refusal:
            status = form.refuse(refusal)
        else:
            flash(said, "done")
            return redirect(_way_back(url_for("calls.desk", ref=ref)), 303)
    return _desk(find_or_404(Call, ref), **{name: form}), status


def _way_back(usual: str) -> str:
    """To where a log was begun: My day or the week (`back=today`, `back=calls`), else `usual`."""
    places = {"today": "desk.today", "calls": "calls.week"}
    place = places.get(request.args.get("back", ""))
    return url_for(place) if place else usual


# --- The page -----------------------------------------------------------------------------------


def _desk(call: Call, **forms: Any) -> str:
    """`forms` are those that were refused: agenda_form, move_form, cancel_form, held_form, back_form, no_show_form."""
    was_held = call.state is CallState.HELD
    held_form = forms.get("held_form") or (HeldForm.of(call) if was_held else HeldForm(formdata=None))
    held_form.offer(call.onboarding, call)
    agenda_form = forms.get("agenda_form") or AgendaForm(formdata=None, points="\n".join(call.points))
    agenda_form.seen.data = call.agenda_seal
    may_change = call.state == "scheduled" and current_user.may(Can.DO_FOR_THEM)
    may_move = may_change and call.is_ahead and call.onboarding.is_running
    times = queries.times_to_move(call, current_user) if may_move else []
    return render_template(
        "calls/desk.html",
        call=call,
        again=_again(call),
        when=call.when_for(current_user, str(get_locale())),
        may_change=may_change,
        times=times,
        no_times=queries.why_no_times(call, current_user) if may_move and not times else "",
        back_to=request.args.get("back"),
        agenda_form=agenda_form if call.is_joinable else None,
        held_form=held_form,
        move_form=forms.get("move_form") or MoveForm(formdata=None),
        cancel_form=forms.get("cancel_form") or CancelForm(formdata=None),
        back_form=forms.get("back_form") or TakeBackForm(formdata=None),
        tried=set(forms),
        problems=[problem for form in forms.values() for problem in form.problems],
    )


def _again(call: Call) -> str:
    """Where a call that was cancelled is arranged anew; empty while there is another, or nothing waits for one."""
    step = call.step
    if step is None or step.spec.call is None or booked_for(step) or not call.onboarding.is_running:
        return ""
    waiting = attended(step)
    if waiting.state not in queries.OPEN:
        return ""
    return url_for("calls.arrange", ref=call.onboarding.account.ref, sid=waiting.ref)
