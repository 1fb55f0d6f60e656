"""The staff's page of one step, with whatever was just refused on it."""

from datetime import datetime
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from portal import uploads, web
from portal.access import Can, viewer
from portal.accounts.models import Person, Staff
from portal.calls.models import Call
from portal.calls.queries import call_at
from portal.desk import lines, meetings, queries, waits
from portal.desk.forms import ChangeForm, ReasonForm
from portal.desk.nav import desk_nav, to
from portal.desk.remarks import notes_at
from portal.forms import Named
from portal.handoffs.queries import told_at
from portal.messages.queries import waiting
from portal.onboardings.answers import answers_of
from portal.onboardings.forms import HandForm, work_form
from portal.onboardings.letters import reviewer
from portal.onboardings.record import UNDO_WITHIN
from portal.onboardings.states import EDITABLE
from portal.onboardings.steps import Step
from portal.onboardings.words import BLOCK_REASONS, STAGE_TITLES


def page(step: Step, status: int = 200, **forms: Any) -> Any:
    """`forms` are those that were refused, by what they are for: work, hand, send_back, reopen, skip …"""
    shown = step.beside(step.spec.approve.shows or "") if step.spec.approve else None
    told = [problem for form in forms.values() for problem in form.problems]
    call = call_at(step) if step.spec.call else None
    line, given = lines.line_of(step, call), told_at(step)
    return render_template(
        "desk/step.html",
        nav=desk_nav("accounts"),
        onboarding=step.onboarding,
        step=step,
        spec=step.spec,
        line=line,
        said=_said(step, line),
        facts=_facts(step, line, call),
        call=call,
        call_when=meetings.when(call) if call else "",
        onwards=_onwards(step),
        block_reasons=BLOCK_REASONS,
        answers=answers_of(step, step.data),
        shown=answers_of(shown, shown.data) if shown else [],
        notes=notes_at(step),
        documents=[_file(step, one) for one in documents(step)],
        work=forms.get("work") or work_form(step, finishing=False, fresh=True, told=given),
        told=given,
        finish=_finish_word(step),
        send_back=_send_back(step, forms.get("send_back")),
        reasoned=_reasoned(step, forms),
        hand=_hand(step, forms.get("hand")),
        change_url=_change_url(step),
        undo_until=_undo_until(step),
        tried=set(forms),
        problems=told,
    ), status


def _said(step: Step, line: lines.Line) -> str:
    """What it waits for, behind its state; nothing when a banner or the facts below say it."""
    told = step.blocked_by or step.asked_to_skip or step.state == "returned" or step.is_done
    told = told or (step.with_us and step.state != "submitted")
    return "" if told else line.waiting_text


def _facts(step: Step, line: lines.Line, call: Call | None) -> list[str]:
    """Its stage, who has it and by when; once it is done who did that, and on which day."""
    stage = str(STAGE_TITLES[step.stage.key])
    if step.is_done:
        return [stage, _done(step, call)]
    whose = _("with %(who)s", who=line.whose)
    return [stage, whose, _("due %(date)s", date=line.due_text)] if line.due_text else [stage, whose]


def _done(step: Step, call: Call | None) -> str:
    date = web.day(step.done_at)
    if step.done_via == "creation":
        return _("done %(date)s, as part of setting this up", date=date)
    if step.done_via == "call":
        return _("done %(date)s, %(how)s", date=date, how=meetings.held(call, step))
    if step.done_via == "usage":
        return _("seen in their account, %(date)s", date=web.day(step.seen_on))
    if step.done_by is None:
        return _("done %(date)s", date=date)
    if step.done_for_you:
        return _("done for them by %(who)s, %(date)s", who=step.done_by.called, date=date)
    return _("done by %(who)s, %(date)s", who=step.done_by.called, date=date)


def documents(step: Step) -> list[uploads.Document]:
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
    elsewhere = step.spec.call is not None or step.spec.records == "graduation" or step.has_own_page
    if not running or step.is_closed or elsewhere:
        return ""
    if step.state == "submitted":
        return _("Accept")
    return _("Do it for them") if step.is_customers else step.spec.button


def _reasoned(step: Step, forms: dict[str, Any]) -> list[tuple[str, str, Named]]:
    """What can be done with a reason now: verb, the words on its button, and its form."""
    running = step.onboarding.is_running
    may_skip = current_user.may(Can.SKIP_STEP) and step.module.editable_by(viewer())
    open_still = step.state in ("locked", "ready", "in_progress", "returned", "blocked")
    offered = [
        ("reopen", _("Reopen"), step.is_done and may_skip and not step.has_own_page),
        ("keep", _("Keep it on the road"), bool(step.asked_to_skip) and may_skip),
        ("skip", _("Leave it out"), open_still and not step.is_gate and may_skip),
        (
            "bring_back",
            _("Bring it back"),
            step.state == "skipped" and may_skip and step.module.grows,
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
    may = may and not step.has_own_page
    return refused or (ChangeForm(formdata=None).called("send_back") if may else None)


def _hand(step: Step, refused: HandForm | None) -> HandForm | None:
    """The form that gives it to somebody, where it can be given."""
    if refused is None and (
        step.is_closed or not step.onboarding.is_running or not current_user.may(Can.DO_FOR_THEM)
    ):
        return None
    who = reviewer(step) if step.state == "submitted" else step.assignee
    form = refused or HandForm(formdata=None, person=who.ref if who else None)
    form.offer(*hands(step))
    return form


def hands(step: Step) -> tuple[list[Person], list[Staff]]:
    """Who can be given it: of theirs and of ours; while we review it, ours alone."""
    team = list(dict.fromkeys(member.staff for member in step.onboarding.team))
    people = [person for person in step.onboarding.account.people if step.could_be_done_by(person)]
    return ([] if step.state == "submitted" else people), team


def _change_url(step: Step) -> str:
    """Where this step can be changed, for whoever may."""
    onboarding = step.onboarding
    if step.is_closed or not step.module.editable_by(viewer()) or onboarding.state not in EDITABLE:
        return ""
    return url_for("desk.edit_step", ref=onboarding.account.ref, sid=step.ref, o=onboarding.ref)


def _onwards(step: Step) -> dict[str, str] | None:
    """The way on once this step is behind the reader: what is theirs here next, else the list."""
    if not step.is_closed and step.state != "returned":
        return None
    onboarding = step.onboarding
    thread = waiting([onboarding.id]).get(onboarding.id)
    calls = queries.calls_to_see_to([onboarding])[onboarding.id]
    ours = sorted(waits.waits_of(onboarding, onboarding.steps, thread, calls), key=waits.readers_first)
    found = next((one for one in ours if one.open_to_viewer and one.step is not step), None)
    if found is None:
        return {"label": "", "text": _("Back to the list"), "url": url_for("desk.accounts")}
    if found.call is not None:
        where, what = (
            url_for("calls.desk", ref=found.call.ref),
            _move_or_log(found),
        )
    elif found.step is not None:
        where, what = lines.address(onboarding, found.step), found.step.title
    else:
        where, what = to(onboarding, "messages", _anchor="write"), waits.asks(found)
    return {"label": waits.next_for(found), "text": what, "url": where}


def _move_or_log(wait: waits.Wait) -> str:
    title = wait.call.title if wait.call else ""
    if wait.is_to_move:
        return _("Find another time: %(title)s", title=title)
    return _("Log the call: %(title)s", title=title)
