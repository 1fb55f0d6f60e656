"""Staff write both lists, ask for an answer, and say how much the onboarding matters."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request
from flask_babel import gettext as _

from portal.access import Can, allow, viewer
from portal.errors import Conflict, Refused
from portal.forms import EmptyForm
from portal.onboardings.models import Onboarding
from portal.onboardings.queries import onboarding_of
from portal.scope import editing
from portal.scope.desk_page import ITEMS, NEW, form_of, page_of, priority_form, where
from portal.scope.editing import Row
from portal.scope.forms import ItemForm, NeedForm, PriorityForm, SealedForm
from portal.scope.models import Scope
from portal.scope.page import Tried
from portal.scope.rows import ItemTerms, NeedTerms
from portal.scope.views import bp

DESK = "/staff/accounts/<ref>/scope"
MOVES = {"up": -1, "down": 1}


def _kept(ref: str) -> Scope:
    return Scope.kept(onboarding_of(ref, request.args.get("o"), lock=True))


def _page(ref: str, tried: Tried, status: int = 200) -> Any:
    scope = Scope.of(onboarding_of(ref, request.args.get("o")))
    return render_template("scope/desk.html", **page_of(scope, tried)), status


def _row(scope: Scope, which: str, key: str) -> Row:
    return (scope.item(key) if which == ITEMS else scope.need(key)) or abort(404)


def _try(onboarding: Onboarding, name: str, form: Any, act: Callable[[], str]) -> Any:
    """Do `act` once the form is right; else the page again, with what was typed."""
    ref = onboarding.account.ref
    if not form.validate():
        return _page(ref, Tried({name: form}, form.problems), 422)
    try:
        said = act()
    except Refused as refusal:
        status = form.refuse(refusal)
        if isinstance(refusal, Conflict):  # What stands there now is shown; sent again, it has been seen.
            form.seen.data = _seal_now(ref, name)
        return _page(ref, Tried({name: form}, form.problems), status)
    flash(said, "done")
    return redirect(where(onboarding, "desk"), 303)


def _seal_now(ref: str, name: str) -> str:
    scope = Scope.of(onboarding_of(ref, request.args.get("o")))
    which, _dash, key = name.partition("-")
    if which == "priority":
        return priority_form(scope).seen.data or ""
    return _row(scope, which, key).seal


@bp.get(DESK)
@allow(Can.EDIT_WHOLE_ROAD)
def desk(ref: str) -> Any:
    return _page(ref, Tried())


@bp.post(f"{DESK}/<any(items, needs):which>")
@allow(Can.EDIT_WHOLE_ROAD)
def add(ref: str, which: str) -> Any:
    scope = _kept(ref)
    name = f"{which}-{NEW}"
    form: Any = ItemForm() if which == ITEMS else NeedForm().offer(scope.onboarding)

    def act() -> str:
        editing.add(scope, _terms(form, scope), by=viewer())
        return _("Added.")

    return _try(scope.onboarding, name, form.called(name), act)


@bp.post(f"{DESK}/<any(items, needs):which>/<key>")
@allow(Can.EDIT_WHOLE_ROAD)
def change(ref: str, which: str, key: str) -> Any:
    scope = _kept(ref)
    row = _row(scope, which, key)
    form = form_of(scope, row, sent=True)

    def act() -> str:
        new = editing.change(scope, row, _terms(form, scope, row), seen=form.seen.data or "", by=viewer())
        return _("Changed.") if new else _("Nothing is different.")

    return _try(scope.onboarding, f"{which}-{key}", form, act)


def _terms(form: Any, scope: Scope, row: Row | None = None) -> ItemTerms | NeedTerms:
    if isinstance(form, NeedForm):
        return form.terms(scope.onboarding)
    terms: ItemTerms = form.terms(getattr(row, "module", None))
    return terms


@bp.post(f"{DESK}/<any(items, needs):which>/<key>/<any(up, down, leave_out, bring_back):verb>")
@allow(Can.EDIT_WHOLE_ROAD)
def move(ref: str, which: str, key: str, verb: str) -> Any:
    scope, form = _kept(ref), SealedForm()
    row, by = _row(scope, which, key), viewer()
    form.demand()
    seen = form.seen.data or ""
    try:
        if verb in MOVES:
            editing.move(scope, row, MOVES[verb], seen=seen, by=by)
            said = _("Moved.")
        elif verb == "leave_out":
            editing.leave_out(scope, row, seen=seen, by=by)
            said = _("Left out. It stays below and can come back.")
        else:
            editing.bring_back(scope, row, seen=seen, by=by)
            said = _("It is on the list again.")
    except Refused as refusal:
        status = form.refuse(refusal)
        return _page(ref, Tried(problems=form.problems), status)
    flash(said, "done")
    return redirect(where(scope.onboarding, "desk"), 303)


@bp.post(f"{DESK}/ask")
@allow(Can.EDIT_WHOLE_ROAD)
def ask(ref: str) -> Any:
    scope, form = _kept(ref), EmptyForm()
    form.demand()
    try:
        new = editing.ask(scope, by=viewer())
    except Refused as refusal:
        status = form.refuse(refusal)
        return _page(ref, Tried(problems=form.problems), status)
    said = _("They get a letter that the list waits for them.") if new else _("They know of it already.")
    flash(said, "done" if new else "info")
    return redirect(where(scope.onboarding, "desk"), 303)


@bp.post(f"{DESK}/priority")
@allow(Can.EDIT_WHOLE_ROAD)
def prioritise(ref: str) -> Any:
    onboarding = onboarding_of(ref, request.args.get("o"), lock=True)
    form = PriorityForm().called("priority")

    def act() -> str:
        size, resources = int(form.size.data), int(form.change_resources.data)
        editing.prioritise(onboarding, size, resources, seen=form.seen.data or "", by=viewer())
        return _("The priority is %(n)s of 9.", n=size * resources)

    return _try(onboarding, "priority", form, act)
