"""The calls of one onboarding as its customer has them: today's, past and next, booking, moving, cancelling."""

from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from portal import db
from portal.access import Can, allow, find_or_404
from portal.accounts.models import Person, provider
from portal.calls import ics, queries
from portal.calls.cards import card_of
from portal.calls.forms import BookForm, CancelForm, MoveForm, choices_of
from portal.calls.models import Call
from portal.calls.queries import Wanted
from portal.calls.refusals import check_running, not_here
from portal.errors import Refused
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step

bp = Blueprint("calls", __name__)


# --- Customer pages -----------------------------------------------------------------------------


@bp.get("/o/<oid>/calls")
@allow(Can.SEE_ROAD)
def index(oid: str) -> Any:
    onboarding = find_or_404(Onboarding, oid)
    step, choices = request.args.get("step"), queries.bookable(onboarding, current_user)
    wanted = choices[0] if choices and not step and "help" not in request.args else _wanted(onboarding, step)
    return _index(onboarding, BookForm(formdata=None), wanted, request.args.get("host"))


@bp.post("/o/<oid>/calls/book")
@allow(Can.BOOK_CALL)
def book(oid: str) -> Any:
    onboarding = find_or_404(Onboarding, oid, lock=True)
    form = BookForm()
    wanted = _wanted(onboarding, form.step.data)
    if form.validate():
        try:
            call = _book(onboarding, form, wanted)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            flash(_("Booked. The invitation is on its way to everybody who joins."), "done")
            return redirect(url_for("calls.show", oid=oid, ref=call.ref), 303)
    return _index(onboarding, form, wanted, form.host.data or None), 422


def _book(onboarding: Onboarding, form: BookForm, wanted: Wanted) -> Call:
    check_running(onboarding)
    people = _people(onboarding, form.people.data or [])
    return wanted.book(onboarding, form.chosen, host=form.host.data or None, people=people, by=current_user)


def _people(onboarding: Onboarding, refs: list[str]) -> list[Person]:
    """Whoever books, and those they chose. A stranger's ref is refused like one that doesn't exist."""
    found = {person.ref: person for person in _colleagues()}
    if set(refs) - set(found):
        raise Refused(not_here(onboarding), field="people")
    return [current_user, *(found[ref] for ref in dict.fromkeys(refs) if ref != current_user.ref)]


def _colleagues() -> list[Person]:
    rows = select(Person).where(Person.account_id == current_user.account_id, Person.left_at.is_(None))
    return [person for person in db.session.scalars(rows.order_by(Person.name)) if person.may_enter]


@bp.get("/o/<oid>/calls/<ref>")
@allow(Can.SEE_ROAD)
def show(oid: str, ref: str) -> Any:
    return _show(_call(oid, ref), MoveForm(formdata=None), CancelForm(formdata=None))


@bp.post("/o/<oid>/calls/<ref>/move")
@allow(Can.BOOK_CALL)
def move(oid: str, ref: str) -> Any:
    call, form = _call(oid, ref, lock=True), MoveForm()
    if form.validate():
        try:
            call.move(form.chosen, by=current_user)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            flash(_("Moved. Everybody who joins hears about it, and their calendars follow."), "done")
            return redirect(url_for("calls.show", oid=oid, ref=ref), 303)
    return _show(call, form, CancelForm(formdata=None)), 422


@bp.post("/o/<oid>/calls/<ref>/cancel")
@allow(Can.BOOK_CALL)
def cancel(oid: str, ref: str) -> Any:
    call, form = _call(oid, ref, lock=True), CancelForm()
    if form.validate():
        try:
            call.cancel(form.reason.data, by=current_user)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            flash(_("Cancelled. Everybody who was to join hears about it."), "done")
            return redirect(url_for("calls.index", oid=oid), 303)
    return _show(call, MoveForm(formdata=None), form), 422


@bp.get("/o/<oid>/calls/<ref>.ics")
@allow(Can.SEE_ROAD)
def calendar_file(oid: str, ref: str) -> Response:
    call = _call(oid, ref)
    address = current_app.config["PORTAL"].base_url + url_for("calls.show", oid=oid, ref=ref)
    content = ics.calendar_file(call, ics.Method.PUBLISH, provider_name=provider().name, address=address)
    response = Response(content, mimetype="text/calendar")
    response.headers["Content-Disposition"] = 'attachment; filename="call.ics"'
    return response


# --- Shared -------------------------------------------------------------------------------------


def _call(oid: str, ref: str, *, lock: bool = False) -> Call:
    onboarding = find_or_404(Onboarding, oid, lock=lock)
    return find_or_404(Call, ref, lock=lock, onboarding_id=onboarding.id)


def _wanted(onboarding: Onboarding, step: str | None) -> Wanted:
    """What is to be booked: what the named step asks for, else help."""
    if step:
        return queries.wanted_for(find_or_404(Step, step, onboarding_id=onboarding.id, visible=True))
    return queries.wanted_help(onboarding)


def _index(onboarding: Onboarding, form: BookForm, wanted: Wanted, host: str | None) -> str:
    today, ahead, behind = queries.calls_by_day(onboarding, current_user)
    form.people.choices = choices_of(p for p in _colleagues() if p.id != current_user.id)
    may_book = current_user.may(Can.BOOK_CALL) and onboarding.is_running
    # What was typed stays on the page, also when it was refused because nothing can be booked now.
    is_offered = may_book or bool(form.problems)
    named = host if host in [one.ref for one in wanted.hosts] else None
    return render_template(
        "calls/index.html",
        onboarding=onboarding,
        today=[card_of(call, current_user) for call in today],
        ahead=[card_of(call, current_user) for call in ahead],
        behind=[card_of(call, current_user) for call in behind],
        form=form,
        problems=form.problems,
        choices=queries.bookable(onboarding, current_user) if may_book else [],
        picker=queries.picker(wanted, current_user, host=named) if is_offered else None,
    )


def _show(call: Call, move_form: MoveForm, cancel_form: CancelForm) -> str:
    may_change = call.is_ahead and current_user.may(Can.BOOK_CALL)
    may_move = may_change and call.onboarding.is_running
    times = queries.times_to_move(call, current_user) if may_move else []
    return render_template(
        "calls/show.html",
        onboarding=call.onboarding,
        call=call,
        when=call.when_for(current_user, str(get_locale())),
        move_form=move_form,
        cancel_form=cancel_form,
        problems=[*move_form.problems, *cancel_form.problems],
        may_change=may_change,
        times=times,
        no_times=queries.why_no_times(call, current_user) if may_move and not times else "",
    )
