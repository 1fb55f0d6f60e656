"""What staff do with a customer's steps: accept, send back, do for them, reopen, leave out, hand over."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from portal import errors, uploads, web
from portal.access import Can, allow
from portal.desk import bp, lines, queries
from portal.desk.forms import ChangeForm, Named, ReasonForm
from portal.desk.nav import desk_nav
from portal.forms import EmptyForm
from portal.onboardings import files
from portal.onboardings.answers import answers_of
from portal.onboardings.forms import HandForm, WorkForm, work_form
from portal.onboardings.record import UNDO_WITHIN
from portal.onboardings.steps import Step
from portal.onboardings.words import BLOCK_REASONS, STAGE_TITLES


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
    line = lines.line_of(step)
    return render_template(
        "desk/step.html",
        nav=desk_nav("accounts"),
        onboarding=step.onboarding,
        step=step,
        spec=step.spec,
        line=line,
        said=_said(step, line),
        facts=_facts(step, line),
        block_reasons=BLOCK_REASONS,
        answers=answers_of(step, step.data),
        shown=answers_of(shown, shown.data) if shown else [],
        documents=[_file(step, one) for one in _documents(step)],
        work=forms.get("work") or work_form(step, finishing=False, fresh=True),
        finish=_finish_word(step),
        send_back=_send_back(step, forms.get("send_back")),
        reasoned=_reasoned(step, forms),
        hand=_hand(step, forms.get("hand")),
        undo_until=_undo_until(step),
        tried=set(forms),
        problems=told,
    ), status


def _said(step: Step, line: lines.Line) -> str:
    """What it waits for, behind its state; nothing when a banner or the facts below say it."""
    told = step.blocked_by or step.asked_to_skip or step.state == "returned" or step.is_done
    return "" if told else line.waiting_text


def _facts(step: Step, line: lines.Line) -> list[str]:
    """Its stage, who has it and by when; once it is done who did that, and on which day."""
    stage = str(STAGE_TITLES[step.stage.key])
    if step.is_done:
        return [stage, _done(step)]
    whose = _("whose: %(who)s", who=line.whose)
    return [stage, whose, _("due %(date)s", date=line.due_text)] if line.due_text else [stage, whose]


def _done(step: Step) -> str:
    date = web.day(step.done_at)
    if step.done_via == "creation":
        return _("done %(date)s, as part of setting this up", date=date)
    if step.done_by is None:
        return _("done %(date)s", date=date)
    if step.done_for_you:
        return _("done for them by %(who)s, %(date)s", who=step.done_by.called, date=date)
    return _("done by %(who)s, %(date)s", who=step.done_by.called, date=date)


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


def _undo_until(step: Step) -> datetime | None:
    """Until when this viewer may take back what they did; None when they may not."""
    may = step.undoable_by(current_user) and current_user.may(Can.DO_FOR_THEM)
    return step.done_at + UNDO_WITHIN if may and step.done_at else None


def _finish_word(step: Step) -> str:
    """What the main button says; nothing when there is nothing to finish here."""
    running = step.onboarding.is_running and current_user.may(Can.DO_FOR_THEM)
    if not running or step.is_closed or step.spec.call is not None or step.spec.records == "graduation":
        return ""
    if step.state == "submitted":
        return _("Accept")
    return _("Do it for them") if step.is_customers else step.spec.button


def _reasoned(step: Step, forms: dict[str, Any]) -> list[tuple[str, str, Named]]:
    """What can be done with a reason now: verb, the words on its button, and its form."""
    running, may_skip = step.onboarding.is_running, current_user.may(Can.SKIP_STEP)
    open_still = step.state in ("locked", "ready", "in_progress", "returned", "blocked")
    offered = [
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
    return forms.get(verb) or ReasonForm(formdata=None).called(verb)


def _send_back(step: Step, refused: ChangeForm | None) -> ChangeForm | None:
    """The other answer of a review; what was typed stays, even where it can't be sent any more."""
    may = step.state == "submitted" and step.onboarding.is_running and current_user.may(Can.REVIEW_STEP)
    return refused or (ChangeForm(formdata=None).called("send_back") if may else None)


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
        form = next(iter(forms.values()), None) or EmptyForm(formdata=None)
        status, fresh = form.refuse(refusal), _step(ref, sid)
        if isinstance(form, WorkForm):
            form.version.data = str(fresh.data_version)
        return _page(fresh, status, **(forms or {"button": form}))
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
    if step.state == "submitted":
        said = _("Accepted: “%(title)s”.", title=step.title)
    elif step.is_customers:
        said = _("Done for them: “%(title)s”.", title=step.title)
    else:
        said = _("Done: “%(title)s”.", title=step.title)
    return _try(step, lambda: _finish(step, form), said, work=form)


def _finish(step: Step, form: WorkForm) -> None:
    """Keep the answers, receive the files, complete it."""
    if step.spec.call is not None:
        raise errors.Refused(_("This item is done with its call. Arrange the call, or log it."))
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
        _("Sent back: “%(title)s”. They read what should change.", title=step.title),
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
    said = _decided(verb, step)
    return _try(step, lambda: acts[verb](form.reason.data, by=current_user), said, **{verb: form})


def _decided(verb: str, step: Step) -> str:
    """What has become of it, and, of what the customer sees, that they read why."""
    words = {
        "reopen": _("“%(title)s” is open again."),
        "skip": _("“%(title)s” is left out."),
        "bring_back": _("“%(title)s” is back on the road."),
        "keep": _("“%(title)s” stays on the road."),
    }
    said = words[verb] % {"title": step.title}
    return _("%(said)s They read why.", said=said) if step.visible else said


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
    return _try(step, lambda: _undo(step), said)


def _undo(step: Step) -> None:
    """The page may have stood open for longer than the ten minutes."""
    own = step.is_done and step.done_by_id == current_user.id and step.spec.call is None
    if own and not step.undoable_by(current_user):
        raise errors.Refused(_("Its ten minutes are over, so it can't be undone. Reopen it with a reason."))
    step.undo(by=current_user)


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
