"""The step page (W2): to read it, begin it, save it, finish it and take that back."""

from typing import Any

from flask import flash, request
from flask_babel import gettext as _
from flask_login import current_user

from portal import uploads
from portal.access import Can, allow
from portal.accounts.models import User
from portal.errors import Conflict, Refused
from portal.forms import EmptyForm
from portal.onboardings import files
from portal.onboardings.forms import WorkForm, work_form
from portal.onboardings.states import FINAL, StepState
from portal.onboardings.steps import Step
from portal.onboardings.whose import name_for
from portal.onboardings.words import STAGE_TITLES
from portal.road import bp
from portal.road.step_answers import check_yours, do, page, refused, step_or_404, to_home, to_step


@bp.get("/o/<oid>/steps/<sid>")
@allow(Can.SEE_ROAD)
def step(oid: str, sid: str) -> Any:
    return page(step_or_404(oid, sid))


@bp.post("/o/<oid>/steps/<sid>/start")
@allow(Can.COMPLETE_STEP)
def start(oid: str, sid: str) -> Any:
    """Say that somebody is on it."""
    step = step_or_404(oid, sid, lock=True)
    return do(step, "act", EmptyForm(), lambda: step.start(by=current_user), lambda: _("Started."))


@bp.post("/o/<oid>/steps/<sid>/save")
@allow(Can.COMPLETE_STEP)
def save(oid: str, sid: str) -> Any:
    """Keep what is there so far and come back later."""
    return _work(step_or_404(oid, sid, lock=True), finishing=False)


@bp.post("/o/<oid>/steps/<sid>/complete")
@bp.post("/o/<oid>/steps/<sid>/submit", endpoint="submit")
@allow(Can.COMPLETE_STEP)
def complete(oid: str, sid: str) -> Any:
    """Finish the step; one that we review is handed in instead."""
    return _work(step_or_404(oid, sid, lock=True), finishing=True)


def _work(step: Step, *, finishing: bool) -> Any:
    form = work_form(step, finishing=finishing)
    try:
        check_yours(step)
        step.check_here()
        if step.state in FINAL | {StepState.SUBMITTED} and not _differs(step, form):
            return _already(step)
        step.check_open(by=current_user)
        step.check_by_hand()
        if not form.validate():
            return page(step, 422, work=form)
        _keep(step, form)
        if finishing:
            _finish(step, current_user)
    except Conflict as conflict:
        form.version.data = str(step.data_version)
        return refused(step, "work", form, conflict, conflict=conflict)
    except Refused as refusal:
        return refused(step, "work", form, refusal)
    if finishing:
        return _onwards(step)
    flash(_("Saved. You can stop here and come back any time."), "done")
    return to_step(step)


def _differs(step: Step, form: WorkForm) -> bool:
    """Whether somebody typed something that closing the page would lose."""
    typed = form.answers()
    return bool(typed) and typed != step.data


def _finish(step: Step, by: User) -> None:
    if step.spec.call:
        raise Refused(_("Book a time for the call; this item is done with it."))
    if step.kind == "upload" and not uploads.documents(step.onboarding_id, for_staff=False, step_id=step.id):
        raise Refused(_("Choose a file first, then send it."), field="a_files")
    if not step.needs_review:
        step.complete(by=by)
        return
    if step.state is StepState.BLOCKED:
        step.unblock(by=by)
    step.submit(by=by)


def _already(step: Step) -> Any:
    """A second click, or a colleague was quicker: say so and go on."""
    if step.state is StepState.SUBMITTED:
        flash(_("“%(title)s” is with us already. Nothing was sent twice.", title=step.title), "info")
    elif step.is_done:
        who = name_for(step.done_by, current_user) or _("us")
        flash(_("“%(title)s” is done already, by %(who)s.", title=step.title, who=who), "info")
    else:
        flash(_("“%(title)s” is left out now.", title=step.title), "info")
    return to_step(step)


def _onwards(step: Step) -> Any:
    """To the home, with the sentence that a screen reader hears too."""
    done, total = step.stage.tally
    now = {
        "title": step.title,
        "done": done,
        "total": total,
        "stage": STAGE_TITLES[step.stage.key],
        "percent": step.onboarding.percent,
    }
    if step.is_done:
        said = _("Done: %(title)s. %(done)s of %(total)s in %(stage)s, %(percent)s%% overall.", **now)
    else:
        said = _("Sent to us for a look. %(done)s of %(total)s in %(stage)s, %(percent)s%% overall.", **now)
    flash(said, "done")
    return to_home(step)


def _keep(step: Step, form: WorkForm) -> None:
    """Store what was typed, or the files that came instead."""
    if step.kind == "upload":
        sent = [file for file in request.files.getlist("a_files") if file.filename]
        if sent:
            step.start(by=current_user)
        files.receive(step, sent, by=current_user)
        return
    answers = form.answers()
    if answers or step.data:
        step.save(answers, version=form.asked_version, by=current_user)


@bp.post("/o/<oid>/steps/<sid>/undo")
@allow(Can.COMPLETE_STEP)
def undo(oid: str, sid: str) -> Any:
    step = step_or_404(oid, sid, lock=True)
    said = _("Undone: “%(title)s” is open again.", title=step.title)
    return do(step, "act", EmptyForm(), lambda: step.undo(by=current_user), lambda: said)
