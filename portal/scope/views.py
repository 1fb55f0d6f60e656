"""The customer reads both lists and answers them."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.access import Can, allow, viewer
from portal.errors import Conflict, Refused
from portal.forms import Form
from portal.onboardings import queries
from portal.scope import rules
from portal.scope.forms import ConfirmForm, QuestionForm, ReleaseForm, SeenForm
from portal.scope.models import Scope
from portal.scope.page import Tried, page_of

bp = Blueprint("scope", __name__)


@bp.get("/o/<oid>/scope")
@allow(Can.AGREE_SCOPE)
def show(oid: str) -> Any:
    return _page(oid, Tried())


def _page(oid: str, tried: Tried, status: int = 200) -> Any:
    scope = Scope.of(queries.onboarding_or_404(oid))
    return render_template("scope/show.html", **page_of(scope, viewer(), tried)), status


def _kept(oid: str) -> Scope:
    return Scope.kept(queries.onboarding_or_404(oid, lock=True))


def _back(oid: str, said: str, category: str = "done", *, on: bool = False) -> Any:
    """To the page again; `on` to what comes next, when nothing here waits for the customer any more."""
    flash(said, category)
    return redirect(url_for("road.home" if on else "scope.show", oid=oid), 303)


@bp.post("/o/<oid>/scope/agree")
@allow(Can.AGREE_SCOPE)
def agree(oid: str) -> Any:
    scope, form = _kept(oid), SeenForm()
    form.demand()
    try:
        new = scope.agree(seen=form.seen.data or "", by=viewer())
    except Refused as refusal:
        saw = rules.read(form.seen.data or "")
        differs = rules.changes(saw, scope.marks) if isinstance(refusal, Conflict) else rules.Changes()
        status = form.refuse(refusal)
        return _page(oid, Tried(problems=form.problems, differs=differs), status)
    if not new:
        return _back(oid, _("It is agreed already, as it stands here."), "info")
    said = _("Agreed. It goes into your plan word for word.")
    if scope.onboarding.signed_version:
        said = _("Agreed. It goes into the next version of your plan, which is signed again.")
    return _back(oid, said, on=not scope.waits)


@bp.post("/o/<oid>/scope/question")
@allow(Can.AGREE_SCOPE)
def question(oid: str) -> Any:
    scope, form = _kept(oid), QuestionForm()
    # Also about what was taken off the list while they wrote.
    asked = (
        one for one in scope.items if one.key == form.item.data and (one.left_out or one in scope.standing)
    )
    item = next(asked, None)
    if item is None:
        return _gone(oid, form)
    form = form.called(f"ask-{item.key}")
    if form.validate():
        scope.ask(item, form.body.data, by=viewer())
        owner = scope.onboarding.owner
        name = owner.acting.called if owner else _("Your team")
        return _back(oid, _("Sent. %(name)s answers in the messages.", name=name))
    return _page(oid, Tried({f"ask-{item.key}": form}, form.problems), 422)


@bp.post("/o/<oid>/scope/confirm")
@allow(Can.AGREE_SCOPE)
def confirm(oid: str) -> Any:
    """One need, or all that wait for an answer."""
    scope, form = _kept(oid), ConfirmForm()
    form.demand()
    needs = (
        [need for need in scope.wanted if need.key == form.need.data] if form.need.data else scope.unanswered
    )
    if form.need.data and not needs:
        return _gone(oid, form)
    try:
        new = scope.confirm(needs, seen=form.seen.data or "", by=viewer())
    except Refused as refusal:
        status = form.refuse(refusal)
        return _page(oid, Tried(problems=form.problems), status)
    if not new:
        return _back(oid, _("That is confirmed already."), "info")
    return _back(oid, ngettext("Confirmed.", "%(num)s confirmed.", new), on=not scope.waits)


@bp.post("/o/<oid>/scope/release")
@allow(Can.AGREE_SCOPE)
def release(oid: str) -> Any:
    """They can't bring it: what is in the way."""
    scope, form = _kept(oid), ReleaseForm()
    need = next((one for one in scope.wanted if one.key == form.need.data), None)
    if need is None:
        return _gone(oid, form)
    name = f"release-{need.key}"
    form = form.called(name)
    if not form.validate():
        return _page(oid, Tried({name: form}, form.problems), 422)
    try:
        scope.refuse(need, form.why.data, seen=form.seen.data or "", by=viewer())
    except Refused as refusal:
        status = form.refuse(refusal)
        return _page(oid, Tried({name: form}, form.problems), status)
    return _back(oid, _("Noted, and it is our turn: we answer in the messages."))


def _gone(oid: str, form: Form) -> Any:
    """What they answered isn't there any more, or the form wasn't ours."""
    said = _("That line isn't on the list any more. This is how it stands now.")
    form.validate()
    return _page(oid, Tried(problems=[*((None, str(one)) for one in form.form_errors), (None, said)]), 422)
