"""What staff do with a customer's steps: accept, send back, do for them, reopen, leave out, hand over."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from portal import errors
from portal.access import Can, allow, viewer
from portal.accounts.models import User
from portal.desk import bp, day_page, queries
from portal.desk.day_entries import Tried
from portal.desk.forms import ChangeForm, ReasonForm
from portal.desk.nav import from_day, way_back
from portal.desk.step_page import documents, hands, page
from portal.forms import EmptyForm
from portal.onboardings import files
from portal.onboardings.forms import HandForm, WorkForm, work_form
from portal.onboardings.steps import Step


def _step(ref: str, sid: str, *, lock: bool = False) -> Step:
    onboarding = queries.onboarding_of(ref, request.args.get("o"), lock=lock)
    found = next((step for step in onboarding.steps if step.ref == sid), None)
    return found or abort(404)


@bp.get("/staff/accounts/<ref>/steps/<sid>")
@allow(Can.SEE_DESK)
def step(ref: str, sid: str) -> Any:
    return page(_step(ref, sid))


# --- Changes ------------------------------------------------------------------------------------


def _again(step: Step, status: int, **forms: Any) -> Any:
    """The page that it was sent from, My day or the step's own, with the one form that was refused."""
    if from_day():
        ((name, form),) = forms.items()
        return day_page.page(status, Tried(step.ref, name, form))
    return page(step, status, **forms)


def _try(step: Step, act: Callable[[], Any], said: str, **forms: Any) -> Any:
    """Do it and say so; or show the page with the refusal, what was typed still there and nothing changed."""
    ref, sid = step.onboarding.account.ref, step.ref
    to = url_for("desk.step", ref=ref, sid=sid, o=step.onboarding.ref)
    try:
        act()
    except errors.Refused as refusal:
        form = next(iter(forms.values()), None) or EmptyForm(formdata=None)
        status, fresh = form.refuse(refusal), _step(ref, sid)
        if isinstance(form, WorkForm):
            form.version.data = str(fresh.data_version)
        return _again(fresh, status, **(forms or {"button": form}))
    flash(said, "done")
    return redirect(way_back(to), 303)


@bp.post("/staff/accounts/<ref>/steps/<sid>/complete")
@allow(Can.DO_FOR_THEM)
def complete(ref: str, sid: str) -> Any:
    """Accept what was handed in, finish what is ours, or do it for them: asked for all that they would be asked."""
    step = _step(ref, sid, lock=True)
    form = work_form(step, finishing=not (step.is_closed or step.state == "submitted"))
    if not form.validate():
        return _again(step, 422, work=form)
    if step.state == "submitted":
        said = _("Accepted: “%(title)s”.", title=step.title)
    elif step.is_customers:
        said = _("Done for them: “%(title)s”.", title=step.title)
    else:
        said = _("Done: “%(title)s”.", title=step.title)
    return _try(step, lambda: _finish(step, form), said, work=form)


def _finish(step: Step, form: WorkForm) -> None:
    """Keep the answers, receive the files, complete it."""
    step.check_here()
    if step.spec.call is not None:
        raise errors.Refused(_("This item is done with its call. Arrange the call, or log it."))
    if step.is_closed or step.state == "submitted":
        step.complete(by=current_user)
        return
    if first := step.waits_for:
        raise errors.Refused(
            _("“%(title)s” isn't written yet. It comes first, then they agree.", title=first.title)
        )
    if step.kind == "upload":
        _receive(step)
    elif answers := form.answers():
        step.save(answers, version=form.asked_version, by=current_user)
    step.complete(by=current_user)


def _receive(step: Step) -> None:
    files.receive(step, request.files.getlist("a_files"), by=current_user)
    if not documents(step):
        raise errors.Refused(_("Choose a file first, then send it."), field="a_files")


@bp.post("/staff/accounts/<ref>/steps/<sid>/return")
@allow(Can.REVIEW_STEP)
def send_back(ref: str, sid: str) -> Any:
    step, form = _step(ref, sid, lock=True), ChangeForm().called("send_back")
    if not form.validate():
        return _again(step, 422, send_back=form)
    return _try(
        step,
        lambda: _return(step, form.reason.data),
        _("Sent back: “%(title)s”. They read what should change.", title=step.title),
        send_back=form,
    )


def _return(step: Step, why: str) -> None:
    step.check_here()
    step.send_back(why, by=current_user)


@bp.post("/staff/accounts/<ref>/steps/<sid>/<any(reopen, skip, bring_back, keep):verb>")
@allow(Can.SKIP_STEP)
def decide(ref: str, sid: str, verb: str) -> Any:
    """What needs a reason: take it up again, leave it out, bring it back, or keep it on the road."""
    step, form = _step(ref, sid, lock=True), ReasonForm().called(verb)
    if not step.module.editable_by(viewer()):
        abort(403)
    if not form.validate():
        return page(step, 422, **{verb: form})
    acts: dict[str, Callable[..., Any]] = {
        "reopen": partial(_reopen, step),
        "skip": step.skip,
        "bring_back": step.bring_back,
        "keep": step.keep,
    }
    said = _decided(verb, step)
    return _try(step, lambda: acts[verb](form.reason.data, by=current_user), said, **{verb: form})


def _reopen(step: Step, reason: str, *, by: User) -> None:
    step.check_here()
    step.reopen(reason, by=by)


def _decided(verb: str, step: Step) -> str:
    """What has become of it, and, of what the customer sees, where the reason reaches them."""
    words = {
        "reopen": _("“%(title)s” is open again."),
        "skip": _("“%(title)s” is left out."),
        "bring_back": _("“%(title)s” is back on the road."),
        "keep": _("“%(title)s” stays on the road."),
    }
    said = words[verb] % {"title": step.title}
    if not step.visible:
        return said
    if verb in ("reopen", "keep"):
        return _("%(said)s They get a letter with the reason.", said=said)
    return _("%(said)s It stands on their home with the reason.", said=said)


@bp.post("/staff/accounts/<ref>/steps/<sid>/<any(unblock, undo):verb>")
@allow(Can.DO_FOR_THEM)
def take_back(ref: str, sid: str, verb: str) -> Any:
    """Clear what was in the way, or take back one's own completion of the last ten minutes."""
    step, form = _step(ref, sid, lock=True), EmptyForm()
    if not form.validate():
        return page(step, 422, button=form)
    if verb == "unblock":
        said = _("Nothing is in the way of “%(title)s” any more.", title=step.title)
        return _try(step, lambda: step.unblock(by=current_user), said)
    if step.was_accepted:
        said = _("Undone: “%(title)s” waits for our review again.", title=step.title)
    else:
        said = _("Undone: “%(title)s” is open again.", title=step.title)
    return _try(step, lambda: _undo(step), said)


def _undo(step: Step) -> None:
    """The page may have stood open for longer than the ten minutes."""
    mine = step.done_by_id == current_user.id or step.was_accepted
    own = step.is_done and mine and step.spec.call is None
    if own and not step.undoable_by(current_user):
        raise errors.Refused(_("Its ten minutes are over, so it can't be undone. Reopen it with a reason."))
    step.undo(by=current_user)


@bp.post("/staff/accounts/<ref>/steps/<sid>/assign")
@allow(Can.DO_FOR_THEM)
def assign(ref: str, sid: str) -> Any:
    step, form = _step(ref, sid, lock=True), HandForm()
    people, team = hands(step)
    form.offer(people, team)
    if not form.validate():
        return page(step, 422, hand=form)
    chosen = next(user for user in [*people, *team] if user.ref == form.person.data)
    said = _("%(name)s reviews it now.") if step.state == "submitted" else _("%(name)s has it now.")
    said %= {"name": chosen.called}
    return _try(step, lambda: step.hand_to(chosen, by=current_user), said, hand=form)
