"""The customer's page of results: agree, suggest, measure (W4)."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from portal import uploads
from portal.access import Can, allow, find_or_404, viewer
from portal.criteria.forms import AnswerForm, MeasureForm, MissedForm, WithdrawForm, WordingForm
from portal.criteria.models import SuccessCriterion
from portal.criteria.rules import Evidence
from portal.criteria.sheet import sheet_of, who_agrees
from portal.errors import Refused
from portal.forms import Form
from portal.onboardings import queries
from portal.onboardings.letters import everyone
from portal.onboardings.models import Onboarding

bp = Blueprint("criteria", __name__)

ENDPOINTS = {
    "suggest": "criteria.suggest",
    "agree": "criteria.agree",
    "keep": "criteria.keep",
    "withdraw": "criteria.withdraw",
    "measure": "criteria.measure",
    "meet": "criteria.meet",
    "miss": "criteria.miss",
}


@bp.get("/o/<oid>/success")
@allow(Can.SEE_ROAD)
def show(oid: str) -> Any:
    return _page(queries.onboarding_or_404(oid))


def _page(
    onboarding: Onboarding,
    status: int = 200,
    *,
    on: str = "",
    form: Form | None = None,
    refusal: Refused | None = None,
) -> Any:
    """`on` is the ref of the result whose `form` was refused, or “add”; `refusal` may hold two wordings to compare."""
    reader = viewer()
    acts = reader.may(Can.AGREE_CRITERIA)

    def address(one: SuccessCriterion, name: str) -> str:
        return url_for(ENDPOINTS[name], oid=onboarding.ref, cid=one.ref)

    shown = sheet_of(onboarding, reader, address, acts=acts, refusal=refusal)
    found = shown["found"]
    if shown["step"] is None and not found:
        abort(404)
    opened = on or _asked_for(found, acts)
    return render_template(
        "criteria/show.html",
        onboarding=onboarding,
        opened=opened,
        form=form or _form_for(onboarding, found, opened, shown["offered"]),
        kind=type(form).__name__ if form else "WordingForm",
        scope_url=scope.page if acts and (scope := onboarding.step_of_kind("scope")) else "",
        who=who_agrees(onboarding, reader),
        problems=form.problems if form else [],
        **shown,
    ), status


def _asked_for(found: list[SuccessCriterion], acts: bool) -> str:
    """Which form the address asks for: the ref of a result, “add”, or none."""
    wanted = request.args.get("change") or ""
    if acts and wanted in {one.ref for one in found}:
        return wanted
    return "add" if acts and "add" in request.args else ""


def _form_for(
    onboarding: Onboarding, found: list[SuccessCriterion], opened: str, offered: list[Any]
) -> WordingForm:
    form = _wording_form(onboarding, None)
    one = next((one for one in found if one.ref == opened), None)
    if one is not None:
        form.fill(one.shown)
        form.their_owner.data = one.their_owner.ref if one.their_owner else ""
        return form
    form.their_owner.data = viewer().ref
    if start := next((s for s in offered if s.key == request.args.get("add")), None):
        form.start_from(start)
    return form


def _wording_form(onboarding: Onboarding, formdata: Any) -> WordingForm:
    people = everyone(onboarding)
    return WordingForm(people=people) if formdata else WordingForm(people=people, formdata=None)


def _here(onboarding: Onboarding) -> Any:
    return redirect(url_for("criteria.show", oid=onboarding.ref), 303)


def _theirs(oid: str, cid: str) -> tuple[Onboarding, SuccessCriterion]:
    """The viewer's onboarding, locked, and its result."""
    onboarding = queries.onboarding_or_404(oid, lock=True)
    return onboarding, find_or_404(SuccessCriterion, cid, onboarding_id=onboarding.id)


def _do(onboarding: Onboarding, one: SuccessCriterion | None, form: Form, act: Callable[[], str]) -> Any:
    """Do `act` once the form is right; what was refused is said on the same page, with what was typed."""
    oid, cid = onboarding.ref, one.ref if one else "add"
    if not form.validate():
        return _page(onboarding, 422, on=cid, form=form)
    try:
        said = act()
    except Refused as refusal:
        status = form.refuse(refusal)
        return _page(queries.onboarding_or_404(oid), status, on=cid, form=form, refusal=refusal)
    flash(said, "done")  # At the top of the page, so that is where they land.
    return _here(onboarding)


@bp.post("/o/<oid>/success/new")
@allow(Can.AGREE_CRITERIA)
def add(oid: str) -> Any:
    onboarding = queries.onboarding_or_404(oid, lock=True)
    form = _wording_form(onboarding, True)

    def act() -> str:
        one = SuccessCriterion.add(onboarding, form.wanted, form.note.data or None, by=viewer())
        one.own(form.owner("their_owner", one.their_owner), one.our_owner, by=viewer())
        return _sent(onboarding)

    return _do(onboarding, None, form, act)


def _sent(onboarding: Onboarding) -> str:
    owner = onboarding.owner
    return _(
        "Sent to %(name)s, who agrees or suggests something else.",
        name=owner.acting.called if owner else _("your team"),
    )


@bp.post("/o/<oid>/success/<cid>/suggest")
@allow(Can.AGREE_CRITERIA)
def suggest(oid: str, cid: str) -> Any:
    onboarding, one = _theirs(oid, cid)
    form = _wording_form(onboarding, True)
    return _do(onboarding, one, form, lambda: _sent(onboarding) if reworded(one, form) else _("Kept."))


def reworded(one: SuccessCriterion, form: WordingForm) -> bool:
    """Propose other words, for both sides; whether that was asked for. Only somebody else who looks after it takes
    nobody's agreement. Raises Refused, and Conflict."""
    owners = form.owner("their_owner", one.their_owner), form.owner("our_owner", one.our_owner)
    moved = owners != (one.their_owner, one.our_owner)
    worded = not moved or bool(form.note.data) or form.wanted.terms != one.shown.terms
    if worded:
        one.suggest(form.wanted, form.note.data or None, seen=form.seen.data or "", by=viewer())
    one.own(*owners, by=viewer())
    return worded


@bp.post("/o/<oid>/success/<cid>/agree")
@allow(Can.AGREE_CRITERIA)
def agree(oid: str, cid: str) -> Any:
    onboarding, one = _theirs(oid, cid)
    form = AnswerForm()

    def act() -> str:
        new = one.agree(seen=form.seen.data or "", by=viewer())
        return _("Agreed. Both of you are judged by it now.") if new else _("It is agreed already.")

    return _do(onboarding, one, form, act)


@bp.post("/o/<oid>/success/<cid>/propose")
@allow(Can.AGREE_CRITERIA)
def keep(oid: str, cid: str) -> Any:
    onboarding, one = _theirs(oid, cid)
    form = AnswerForm()

    def act() -> str:
        one.keep(None, seen=form.seen.data or "", by=viewer())
        return _sent(onboarding)

    return _do(onboarding, one, form, act)


@bp.post("/o/<oid>/success/<cid>/withdraw")
@allow(Can.AGREE_CRITERIA)
def withdraw(oid: str, cid: str) -> Any:
    onboarding, one = _theirs(oid, cid)
    form = WithdrawForm().called(f"gone-{cid}")

    def act() -> str:
        one.withdraw(form.why.data or None, seen=form.seen.data or "", by=viewer())
        return _("Withdrawn.")

    return _do(onboarding, one, form, act)


# --- Measuring ----------------------------------------------------------------------------------


@bp.post("/o/<oid>/success/<cid>/measurement")
@allow(Can.AGREE_CRITERIA)
def measure(oid: str, cid: str) -> Any:
    onboarding, one = _theirs(oid, cid)
    form = MeasureForm().called(f"value-{cid}")
    return _do(onboarding, one, form, lambda: kept_value(one, form))


def kept_value(one: SuccessCriterion, form: MeasureForm) -> str:
    """Keep what was measured, with the file that shows it; for both sides. Raises Refused."""
    value = form.value_for(one.in_force or one.shown)
    document = None
    if form.file.data and form.file.data.filename:
        document = uploads.receive(
            form.file.data, account_id=one.account_id, onboarding_id=one.onboarding_id, by=viewer()
        )
    one.measure(
        value,
        form.on.data,
        by=viewer(),
        source=Evidence.UPLOAD if document else Evidence.STATEMENT,
        note=form.note.data or None,
        document=document,
    )
    return _("Kept.")


@bp.post("/o/<oid>/success/<cid>/met")
@allow(Can.AGREE_CRITERIA)
def meet(oid: str, cid: str) -> Any:
    onboarding, one = _theirs(oid, cid)

    def act() -> str:
        one.meet(by=viewer())
        return _("You got there. It stands with its value and your name.")

    return _do(onboarding, one, AnswerForm(), act)


@bp.post("/o/<oid>/success/<cid>/not-met")
@allow(Can.AGREE_CRITERIA)
def miss(oid: str, cid: str) -> Any:
    onboarding, one = _theirs(oid, cid)
    form = MissedForm().called(f"missed-{cid}")

    def act() -> str:
        one.miss(form.why.data or "", by=viewer())
        return _("Noted. Suggest what would be right now; both of you agree to it.")

    return _do(onboarding, one, form, act)
