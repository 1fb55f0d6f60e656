"""What a customer does with a follow-up: answer its question, or put its line on the home away."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from portal.access import Can, allow, find_or_404, viewer
from portal.errors import Refused
from portal.forms import EmptyForm
from portal.nudges import asking
from portal.nudges.forms import AnswerForm
from portal.nudges.models import Nudge
from portal.nudges.rules import Rung
from portal.nudges.views import bp
from portal.nudges.wording import ANSWERS
from portal.onboardings.models import Onboarding


def _asked(oid: str, ref: str, *, lock: bool = False) -> Nudge:
    """A question that was sent on this road, else 404."""
    road = find_or_404(Onboarding, oid, lock=lock)
    return find_or_404(Nudge, ref, onboarding_id=road.id, rung=Rung.ENGAGED.value)


@bp.get("/o/<oid>/follow-ups/<ref>")
@allow(Can.SEE_ROAD)
def question(oid: str, ref: str) -> Any:
    """Opening it chooses at most: the buttons of a letter lead here and do nothing."""
    chosen = request.args.get("answer")
    return _question(
        _asked(oid, ref), AnswerForm(formdata=None, answer=chosen if chosen in ANSWERS else None)
    )


def _question(nudge: Nudge, form: AnswerForm) -> str:
    return render_template(
        "nudges/question.html", onboarding=nudge.onboarding, nudge=nudge, form=form, problems=form.problems
    )


@bp.post("/o/<oid>/follow-ups/<ref>")
@allow(Can.SEE_ROAD)
def answer(oid: str, ref: str) -> Any:
    nudge, form = _asked(oid, ref, lock=True), AnswerForm()
    if not form.validate():
        return _question(nudge, form), 422
    try:
        asking.answer(nudge, form.answer.data, form.detail.data or "", by=viewer())
    except Refused as refusal:
        status = form.refuse(refusal)
        return _question(_asked(oid, ref), form), status
    flash(_("Thank you. It stands in the messages, and you hear from us there."), "done")
    return redirect(url_for("road.home", oid=oid), 303)


@bp.post("/o/<oid>/nudges/<ref>/dismiss")
@allow(Can.SEE_ROAD)
def dismiss(oid: str, ref: str) -> Any:
    road = find_or_404(Onboarding, oid)
    nudge = find_or_404(Nudge, ref, onboarding_id=road.id, person_id=viewer().id)
    EmptyForm().demand()
    nudge.dismiss(by=viewer())
    return redirect(url_for("road.home", oid=oid), 303)
