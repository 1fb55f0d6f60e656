"""What staff do with a customer's steps: review, send back, do for them, reopen, leave out, hand over."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from portal import db, errors, uploads, web
from portal.access import Can, allow
from portal.desk import bp, lines, queries
from portal.desk.forms import ChangeForm, Named, ReasonForm
from portal.desk.nav import desk_nav
from portal.forms import EmptyForm
from portal.onboardings import files
from portal.onboardings.answers import answers_of
from portal.onboardings.forms import HandForm, WorkForm, work_form
from portal.onboardings.steps import Step
from portal.onboardings.words import BLOCK_REASONS, STAGE_TITLES, STEP_STATES


def _step(ref: str, sid: str, *, lock: bool = False) -> Step:
    onboarding = queries.onboarding_of(ref, request.args.get("o"), lock=lock)
    found = next((step for step in onboarding.steps if step.ref == sid), None)
    return found or abort(404)


@bp.get("/staff/accounts/<ref>/steps/<sid>")
@allow(Can.SEE_DESK)
def step(ref: str, sid: str) -> Any:
    return _page(_step(ref, sid))


# --- The page -----------------------------------------------------------------------------------


def _page(step: Step, status: int = 200, **forms: Any) -> Any:
    """`forms` are those that were refused, by what they are for: work, hand, send_back, reopen, skip …"""
    shown = step.onboarding.step_called(step.spec.approve.shows or "") if step.spec.approve else None
    told = [problem for form in forms.values() for problem in form.problems]
    return render_template(
        "desk/step.html",
        nav=desk_nav("accounts"),
        onboarding=step.onboarding,
        step=step,
        spec=step.spec,
        line=lines.line_of(step),
        state=STEP_STATES[step.state],
        stage_title=STAGE_TITLES[step.stage.key],
        block_reasons=BLOCK_REASONS,
        answers=answers_of(step, step.data),
        shown=answers_of(shown, shown.data) if shown else [],
        documents=[_file(step, one) for one in _documents(step)],
        work=forms.get("work") or work_form(step, finishing=False, fresh=True),
        finish=_finish_word(step),
        reasoned=_reasoned(step, forms),
        hand=_hand(step, forms.get("hand")),
        tried=set(forms),
        problems=told,
    ), status


def _documents(step: Step) -> list[uploads.Document]:
    return uploads.documents(step.onboarding_id, for_staff=True, step_id=step.id)


def _file(step: Step, document: uploads.Document) -> dict[str, str]:
    onboarding = step.onboarding
    to = url_for("desk.document", ref=onboarding.account.ref, document=document.ref, o=onboarding.ref)
    return {
        "name": document.name,
        "url": to,
        "size": f"{document.size_text}, {web.short_day(document.created_at)}",
    }


def _finish_word(step: Step) -> str:
    """What the main button says; nothing when there is nothing to finish here."""
    running = step.onboarding.is_running and current_user.may(Can.DO_FOR_THEM)
    if not running or step.is_closed or step.spec.call is not None or step.spec.records == "graduation":
        return ""
    if step.state == "submitted":
        return _("Accept it")
    return _("Do it for them") if step.is_customers else step.spec.button


def _reasoned(step: Step, forms: dict[str, Any]) -> list[tuple[str, str, Named]]:
    """What can be done with a reason now: verb, the words on its button, and its form."""
    running, may_skip = step.onboarding.is_running, current_user.may(Can.SKIP_STEP)
    open_still = step.state in ("locked", "ready", "in_progress", "returned", "blocked")
    offered = [
        ("send_back", _("Send back"), step.state == "submitted" and current_user.may(Can.REVIEW_STEP)),
        ("reopen", _("Reopen"), step.is_done and may_skip),
        ("keep", _("Keep it on the road"), bool(step.asked_to_skip) and may_skip),
        ("skip", _("Leave it out"), open_still and not step.is_gate and may_skip),
        (
            "bring_back",
            _("Bring it back"),
            step.state == "skipped" and may_skip and not step.stage.is_complete,
        ),
    ]
    made = [(verb, word, _reason_form(verb, forms)) for verb, word, now in offered if running and now]
    return made + [
        (verb, word, forms[verb]) for verb, word, now in offered if verb in forms and not (running and now)
    ]


def _reason_form(verb: str, forms: dict[str, Any]) -> Named:
    kind = ChangeForm if verb == "send_back" else ReasonForm
    return forms.get(verb) or kind(formdata=None).called(verb)


def _hand(step: Step, refused: HandForm | None) -> HandForm | None:
    """The form that gives it to somebody, where it can be given."""
    if refused is None and (
        step.is_closed or not step.onboarding.is_running or not current_user.may(Can.DO_FOR_THEM)
    ):
        return None
    form = refused or HandForm(formdata=None, person=step.assignee.ref if step.assignee else None)
    form.offer(step.onboarding.account.people, [member.staff for member in step.onboarding.team])
    return form


# --- Changes ------------------------------------------------------------------------------------


def _try(step: Step, act: Callable[[], Any], said: str, **forms: Any) -> Any:
    """Do it and say so; or show the page with the refusal, what was typed still there and nothing changed."""
    ref, sid = step.onboarding.account.ref, step.ref
    to = url_for("desk.step", ref=ref, sid=sid, o=step.onboarding.ref)
    try:
        act()
    except errors.Refused as refusal:
        db.session.rollback()
        fresh = _step(ref, sid)
        form = next(iter(forms.values()), None) or EmptyForm(formdata=None)
        if isinstance(form, WorkForm):
            form.version.data = str(fresh.data_version)
        field = refusal.field if refusal.field in form else None
        if field:
            form[field].errors = [*form[field].errors, str(refusal)]
        else:
            form.form_errors.append(str(refusal))
        return _page(fresh, 409, **(forms or {"button": form}))
    flash(said, "done")
    return redirect(to, 303)


@bp.post("/staff/accounts/<ref>/steps/<sid>/complete")
@allow(Can.DO_FOR_THEM)
def complete(ref: str, sid: str) -> Any:
    """Accept what was handed in, finish what is ours, or do it for them."""
    step = _step(ref, sid, lock=True)
    form = work_form(step, finishing=not step.is_customers)
    if not form.validate():
        return _page(step, 422, work=form)
    for_them = step.is_customers and step.state != "submitted"
    said = _("Done for them: “%(title)s”.") if for_them else _("Done: “%(title)s”.")
    return _try(step, lambda: _finish(step, form), said % {"title": step.title}, work=form)


def _finish(step: Step, form: WorkForm) -> None:
    """Keep the answers, receive the files, complete it."""
    if step.spec.call is not None:
        raise errors.Refused(_("This item is done with its call. Log the call as held."))
    if step.kind == "upload":
        _receive(step)
    elif (answers := form.answers()) and step.state != "submitted":
        step.save(answers, version=form.asked_version, by=current_user)
    step.complete(by=current_user)


def _receive(step: Step) -> None:
    files.receive(step, request.files.getlist("a_files"), by=current_user)
    if not step.is_customers and not _documents(step):
        raise errors.Refused(_("Choose a file first, then send it."), field="a_files")


@bp.post("/staff/accounts/<ref>/steps/<sid>/return")
@allow(Can.REVIEW_STEP)
def send_back(ref: str, sid: str) -> Any:
    step, form = _step(ref, sid, lock=True), ChangeForm().called("send_back")
    if not form.validate():
        return _page(step, 422, send_back=form)
    return _try(
        step,
        lambda: step.send_back(form.reason.data, by=current_user),
        _("Sent back with your words."),
        send_back=form,
    )


@bp.post("/staff/accounts/<ref>/steps/<sid>/<any(reopen, skip, bring_back, keep):verb>")
@allow(Can.SKIP_STEP)
def decide(ref: str, sid: str, verb: str) -> Any:
    """What needs a reason: take it up again, leave it out, bring it back, or keep it on the road."""
    step, form = _step(ref, sid, lock=True), ReasonForm().called(verb)
    if not form.validate():
        return _page(step, 422, **{verb: form})
    acts = {"reopen": step.reopen, "skip": step.skip, "bring_back": step.bring_back, "keep": step.keep}
    return _try(
        step,
        lambda: acts[verb](form.reason.data, by=current_user),
        _("Done, and the customer reads why."),
        **{verb: form},
    )


@bp.post("/staff/accounts/<ref>/steps/<sid>/<any(unblock, undo):verb>")
@allow(Can.DO_FOR_THEM)
def take_back(ref: str, sid: str, verb: str) -> Any:
    """Clear what was in the way, or take back one's own completion of the last ten minutes."""
    step, form = _step(ref, sid, lock=True), EmptyForm()
    if not form.validate():
        return _page(step, 422, button=form)
    if verb == "unblock":
        said = _("Nothing is in the way of “%(title)s” any more.", title=step.title)
        return _try(step, lambda: step.unblock(by=current_user), said)
    said = _("Undone: “%(title)s” is open again.", title=step.title)
    return _try(step, lambda: step.undo(by=current_user), said)


@bp.post("/staff/accounts/<ref>/steps/<sid>/assign")
@allow(Can.DO_FOR_THEM)
def assign(ref: str, sid: str) -> Any:
    step, form = _step(ref, sid, lock=True), HandForm()
    people, team = step.onboarding.account.people, [member.staff for member in step.onboarding.team]
    form.offer(people, team)
    if not form.validate():
        return _page(step, 422, hand=form)
    chosen = next(user for user in [*people, *team] if user.ref == form.person.data)
    said = _("%(name)s has it now.", name=chosen.called)
    return _try(step, lambda: step.hand_to(chosen, by=current_user), said, hand=form)
