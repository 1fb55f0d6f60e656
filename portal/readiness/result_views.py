"""Routes of what the answers changed: see it, say what isn't right, choose what is offered."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from portal.access import Can, allow, find_or_404, viewer
from portal.errors import Refused
from portal.forms import EmptyForm, Form, Named, clean
from portal.onboardings.queries import onboarding_or_404
from portal.readiness.effects import LONGEST, ReadinessEffect
from portal.readiness.result import Result

bp = Blueprint("readiness_result", __name__)


class ContestForm(Named):
    """What isn't right about one of them."""

    why = TextAreaField(
        _l("What is it really like?"),
        [
            DataRequired(_l("Write in a sentence what it is really like")),
            Length(max=LONGEST, message=_l("Keep this under 400 characters")),
        ],
        filters=[clean],
    )


class NotYours(Refused):
    """An admin's to do."""

    status = 403


def _result(oid: str, *, lock: bool = False) -> Result:
    onboarding = onboarding_or_404(oid, lock=lock)
    if not any(step.kind == "kit" and step.visible for step in onboarding.steps):
        abort(404)
    return Result(onboarding, viewer())


@bp.get("/o/<oid>/readiness/result")
@allow(Can.SEE_ROAD)
def show(oid: str) -> Any:
    return _page(_result(oid))


def _page(result: Result, tried: dict[str, Form] | None = None, status: int = 200) -> Any:
    """`tried` is the form that was refused, by the effect's ref."""
    tried = tried or {}
    forms = {
        row.ref: tried.get(row.ref) or ContestForm(formdata=None).called(row.ref) for row in result.effects
    }
    return render_template(
        "readiness/result.html",
        onboarding=result.onboarding,
        result=result,
        forms=forms,
        tried=set(tried),
        problems=[problem for form in tried.values() for problem in form.problems],
    ), status


@bp.post("/o/<oid>/readiness/contest/<effect>")
@allow(Can.ANSWER_KIT)
def contest(oid: str, effect: str) -> Any:
    """Say that one of them isn't right."""
    form = ContestForm().called(effect)

    def act(row: ReadinessEffect) -> str:
        if row.contest(form.why.data or "", by=viewer()):
            return _("Done. “%(title)s” is as it was, and your team reads what you wrote.", title=row.title)
        return _("Your team reads what you wrote and decides about “%(title)s” with you.", title=row.title)

    return _attempt(oid, effect, form, act)


@bp.post("/o/<oid>/readiness/take/<effect>")
@allow(Can.ANSWER_KIT)
def take(oid: str, effect: str) -> Any:
    """Choose what is offered."""

    def act(row: ReadinessEffect) -> str:
        if row.take(by=viewer()):
            return _("“%(title)s” is on your road.", title=row.title)
        if row.needs_amendment:
            return _(
                "Your team looks at it: “%(title)s” would come with the next version of your signed plan.",
                title=row.title,
            )
        return _(
            "Your team looks at it: “%(title)s” would come to a road that is confirmed.", title=row.title
        )

    return _attempt(oid, effect, EmptyForm(), act)


def _attempt(oid: str, ref: str, form: Form, act: Callable[[ReadinessEffect], str]) -> Any:
    result = _result(oid, lock=True)
    sent = result.submission or abort(404)
    row = find_or_404(ReadinessEffect, ref, submission_id=sent.id)
    try:
        if not getattr(viewer(), "is_admin", False):
            raise NotYours(_("An admin of your company decides this."))
        if not form.validate():
            return _page(result, {ref: form}, 422)
        said = act(row)
    except Refused as refusal:
        status = form.refuse(refusal)
        return _page(_result(oid), {ref: form}, status)
    flash(said, "done")
    return redirect(url_for("readiness_result.show", oid=oid), 303)
