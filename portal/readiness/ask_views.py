"""One question sent to a colleague: sending it, taking it back, and the page that its link opens."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from portal.access import Can, allow, public, viewer
from portal.errors import NotYours, Refused
from portal.forms import EmptyForm
from portal.playbooks.kit import KitQuestion
from portal.readiness.asks import ReadinessAsk
from portal.readiness.branching import open_fields
from portal.readiness.forms import AskForm, QuestionForm, question_form
from portal.readiness.page import Readiness
from portal.readiness.views import (
    bp,
    check_yours,
    kit_or_404,
    not_yours,
    offered,
    question_or_404,
    question_page,
)


@bp.post("/o/<oid>/readiness/<q>/ask")
@allow(Can.ANSWER_KIT)
def ask(oid: str, q: str) -> Any:
    """Send this one question to a colleague."""
    kit = kit_or_404(oid, lock=True)
    spec, form = question_or_404(kit, q), offered(kit, AskForm())

    def send() -> str:
        people = {one.ref: one for one in kit.onboarding.account.people}
        sent = ReadinessAsk.send(
            kit.onboarding, q, to=people.get(form.person.data), name=form.name.data or "",
            email=form.email.data or "", note=form.note.data or "", by=viewer(),
        )  # fmt: skip
        return _("Sent to %(name)s. Their answer lands here; you hear of it by mail.", name=sent.name)

    return _with_ask(kit, spec, form, send)


def _with_ask(kit: Readiness, spec: KitQuestion, form: AskForm, act: Callable[[], str]) -> Any:
    try:
        check_yours(kit, spec)
        if not form.validate():
            return question_page(kit, spec, ask_form=form, status=422)
        said = act()
    except Refused as refusal:
        status = form.refuse(refusal)
        return question_page(kit_or_404(kit.onboarding.ref), spec, ask_form=form, status=status)
    flash(said, "done")
    following = kit.after(spec)
    return redirect(kit.url(following) if following else kit.check_url, 303)


@bp.post("/o/<oid>/readiness/<q>/ask/<ref>/take-back")
@allow(Can.ANSWER_KIT)
def take_back(oid: str, q: str, ref: str) -> Any:
    """The colleague's link ends."""
    kit, form = kit_or_404(oid, lock=True), EmptyForm()
    spec, sent = question_or_404(kit, q), kit.submission.asks if kit.submission else []
    found = next((one for one in sent if one.ref == ref and one.question == q), None) or abort(404)
    form.demand()
    try:
        if q not in kit.mine:
            raise NotYours(not_yours(kit))
        found.take_back(by=viewer())
    except Refused as refusal:
        status = form.refuse(refusal)
        return question_page(kit_or_404(oid), spec, status=status, problems=form.problems)
    flash(_("Taken back. The link that %(name)s has opens nothing any more.", name=found.called), "done")
    return redirect(kit.url(spec), 303)


# --- The link -------------------------------------------------------------------------------------


@bp.get("/ask/<token>")
@public
def asked(token: str) -> Any:
    """That question, and nothing else of the portal. Mail scanners open it too, so only sending the form answers."""
    found = ReadinessAsk.by_token(token)
    if other := _somebody_else(found):
        return _not_for_you(other, token, found)
    return _link_page(token, found, _form(found, fresh=True)) if _is_open(found) else _shut(token, found)


def _somebody_else(found: ReadinessAsk | None) -> Any:
    """Who is signed in here, when that isn't whom the link was sent to."""
    if not _is_open(found) or not current_user.is_authenticated:
        return None
    assert found is not None
    return viewer() if viewer().id != found.person_id else None


def _not_for_you(other: Any, token: str, found: ReadinessAsk | None) -> Any:
    """Nothing of the question: whoever is signed in answers in their own name, in the kit itself."""
    assert found is not None
    why = _(
        "It was sent to %(name)s, and you are signed in here as %(you)s. Leave it to them, or sign out if it is yours.",
        name=found.called,
        you=other.called,
    )
    page = render_template("readiness/link_shut.html", ask=found, why=why, late=False, token_text=token)
    return make_response(page, 403)


def _is_open(found: ReadinessAsk | None) -> bool:
    return found is not None and not found.why_shut


def _form(found: ReadinessAsk | None, *, fresh: bool = False) -> QuestionForm:
    """The question with an empty answer: what stands there meanwhile is none of the colleague's."""
    spec = found.spec if found else None
    assert found is not None
    assert spec is not None
    own = {field.key for field in spec.fields}
    due = open_fields(spec, {**found.submission.given, spec.key: None})
    here = [one for one in spec.fields if one in due or (one.show_when and one.show_when.field in own)]
    return question_form(spec, here, None, fresh=fresh)


def _link_page(token: str, found: ReadinessAsk | None, form: QuestionForm, status: int = 200) -> Any:
    assert found is not None
    page = render_template(
        "readiness/link.html",
        ask=found,
        question=found.spec,
        token_text=token,
        form=form,
        company=found.submission.onboarding.account.name,
        problems=form.problems,
    )
    return make_response(page, status)


def _shut(token: str, found: ReadinessAsk | None) -> Any:
    why = found.why_shut if found else _("This link isn’t complete, or it isn’t one of ours.")
    late = found is not None and found.is_waiting and found.is_over
    page = render_template("readiness/link_shut.html", ask=found, why=why, late=late, token_text=token)
    return make_response(page, 410 if found else 404)


@bp.post("/ask/<token>")
@public
def give(token: str) -> Any:
    """Answer, once."""
    found = ReadinessAsk.by_token(token)
    if other := _somebody_else(found):
        return _not_for_you(other, token, found)
    if not _is_open(found):
        return _shut(token, found)
    assert found is not None
    form = _form(found)
    if not form.validate():
        return _link_page(token, found, form, 422)
    try:
        stands = found.give(form.value, form.more, form.is_unsure)
    except Refused as refusal:
        status = form.refuse(refusal)
        found = ReadinessAsk.by_token(token)
        return _link_page(token, found, form, status) if _is_open(found) else _shut(token, found)
    return render_template("readiness/link_done.html", ask=found, stands=stands)


@bp.post("/ask/<token>/late")
@public
def late(token: str) -> Any:
    """The link has run out: whoever asked is told, once."""
    EmptyForm().demand()
    found = ReadinessAsk.by_token(token)
    if found is None or not (found.is_waiting and found.is_over):
        return _shut(token, found)
    found.tell_asker()
    flash(_("%(name)s is told.", name=found.asked_by.called), "done")
    return redirect(url_for("readiness.asked", token=token), 303)
