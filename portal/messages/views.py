"""The thread of one onboarding: read it, write into it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from portal.access import Can, allow, find_or_404
from portal.accounts.models import provider
from portal.errors import Refused
from portal.messages import rules
from portal.messages.forms import MessageForm
from portal.messages.models import Message, people_of
from portal.messages.queries import page_of, step_of
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step

bp = Blueprint("messages", __name__)
bp.add_app_template_filter(rules.as_html, "message_html")


@bp.get("/o/<oid>/messages")
@allow(Can.WRITE_MESSAGE)
def thread(oid: str) -> Any:
    onboarding = find_or_404(Onboarding, oid)
    return _thread(onboarding, MessageForm(formdata=None), step_of(onboarding, request.args.get("step")))


@bp.post("/o/<oid>/messages")
@allow(Can.WRITE_MESSAGE)
def write(oid: str) -> Any:
    onboarding = find_or_404(Onboarding, oid, lock=True)
    form = MessageForm()
    step = step_of(onboarding, form.step.data)
    if form.validate():
        try:
            message = Message.write(onboarding, form.body.data, by=current_user, step=step)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            flash(_("Sent."), "done")
            return redirect(url_for("messages.thread", oid=oid, _anchor=message.ref), 303)
    return _thread(onboarding, form, step), 422


def _thread(onboarding: Onboarding, form: MessageForm, step: Step | None) -> str:
    before = request.args.get("before")
    start = find_or_404(Message, before, onboarding_id=onboarding.id) if before else None
    return render_template(
        "messages/thread.html",
        onboarding=onboarding,
        page=page_of(onboarding, before=start),
        older=start is not None,
        form=form,
        problems=form.problems,
        step=step,
        people=[user for user in people_of(onboarding) if user.id != current_user.id],
        reply_hours=provider().reply_hours,
    )
