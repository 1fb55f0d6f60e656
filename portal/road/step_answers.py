"""How the step page answers: with the page, with a way on, or with the page again and why not.

A refusal is shown on the page itself, with what was typed still there; nothing has changed then.
"""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from portal.accounts.kinds import PortalRole
from portal.errors import NotYours, Refused
from portal.forms import Form
from portal.onboardings import queries
from portal.onboardings.steps import Step
from portal.road.step_page import page_of


def step_or_404(oid: str, sid: str, *, lock: bool = False) -> Step:
    """A visible step of the viewer's onboarding; one of another onboarding isn't there. With its whole road, unless
    it is locked to be changed."""
    if lock:
        return queries.step_to_change(oid, sid)
    onboarding = queries.onboarding_or_404(oid)
    for step in onboarding.steps:
        if step.ref == sid and step.visible:
            return step
    return abort(404)


def check_yours(step: Step) -> None:
    if step.is_agreement and not current_user.is_staff and not current_user.is_admin:
        raise NotYours(_("This is agreed for your whole company, so an admin of yours does it."))
    if not step.workable_by(current_user):
        who = step.assignee.called if step.assignee else _("your onboarding team")
        raise NotYours(_("This item is with %(who)s. Ask them, or an admin of your company.", who=who))


def page(step: Step, status: int = 200, **forms: Any) -> Any:
    queries.load_rest(step.onboarding)
    problems = [problem for form in forms.values() if isinstance(form, Form) for problem in form.problems]
    shown = page_of(step, current_user, forms, wish=request.args.get("do"))
    return render_template("road/step.html", problems=problems, **shown), status


def to_step(step: Step) -> Any:
    return redirect(url_for("road.step", oid=step.onboarding.ref, sid=step.ref), 303)


def to_home(step: Step) -> Any:
    """To where the viewer's day goes on: the road, or for a teammate their own part of it."""
    theirs = getattr(current_user, "portal_role", None) == PortalRole.TEAMMATE
    return redirect(url_for("road.mine" if theirs else "road.home", oid=step.onboarding.ref), 303)


def do(
    step: Step,
    name: str,
    form: Form,
    change: Callable[[], None],
    said: Callable[[], str],
    *,
    onward: Callable[[Step], Any] = to_step,
    theirs: bool = True,
) -> Any:
    """Check the form called `name` on the page, do what it asks, say so and go on.

    `theirs`: only for those who may work on this step.
    """
    try:
        if theirs:
            check_yours(step)
        if not form.validate():
            return page(step, 422, **{name: form})
        change()
    except Refused as refusal:
        return refused(step, name, form, refusal)
    flash(said(), "done")
    return onward(step)


def refused(step: Step, name: str, form: Form, refusal: Refused, **more: Any) -> Any:
    """The page again as it is now, with the refusal on top and what was typed in its place."""
    oid, sid = step.onboarding.ref, step.ref
    status = form.refuse(refusal)
    return page(step_or_404(oid, sid), status, **{name: form}, **more)
