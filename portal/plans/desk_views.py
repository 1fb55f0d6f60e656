"""Staff write the plan, have it looked through, send it, take it back; and read what became of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request
from flask_babel import gettext as _

from portal import db
from portal.access import Can, allow, find_or_404, viewer
from portal.errors import Conflict, Refused
from portal.forms import EmptyForm, Form
from portal.messages.models import Message
from portal.onboardings.queries import onboarding_of
from portal.plans import talk
from portal.plans.desk_forms import AnswerForm, NumberForm, SendForm, VoidForm, form_of, words_of
from portal.plans.desk_page import ANSWER, BUILDER, VOID, DeskTried, at, desk_page_of, told_words
from portal.plans.models import Plan, PlanVersion
from portal.plans.views import bp

DESK = "/staff/accounts/<ref>/plan"


def _plan(ref: str, *, lock: bool = False) -> Plan:
    return Plan.of(onboarding_of(ref, request.args.get("o"), lock=lock))


def _page(ref: str, tried: DeskTried, status: int = 200) -> Any:
    return render_template("plans/desk.html", **desk_page_of(_plan(ref), tried)), status


def _version(plan: Plan, n: str | None) -> PlanVersion:
    """The version with this number, alone for whoever changes it."""
    version = plan.version(int(n)) if n and n.isdecimal() and len(n) < 6 else None
    if version is None:
        abort(404)
    db.session.refresh(version, ["state"], with_for_update=True)
    return version


def _try(ref: str, plan: Plan, form: Form, act: Callable[[], str], name: str = "") -> Any:
    """Do `act` once the form is right; else the page again, with what was typed."""
    kept = {name: form} if name else {}
    if not form.validate():
        return _page(ref, DeskTried(kept, form.problems), 422)
    try:
        said = act()
    except Refused as refusal:
        status = form.refuse(refusal)
        return _page(ref, DeskTried(kept, form.problems), status)
    flash(said, "done")
    return redirect(at(plan.onboarding), 303)


@bp.get(DESK)
@allow(Can.SEE_DESK)
def desk(ref: str) -> Any:
    return _page(ref, DeskTried())


@bp.get("/staff/plans/<ref>/edit")
@allow(Can.SEE_DESK)
def edit(ref: str) -> Any:
    """The same page, by one of its versions."""
    return redirect(at(find_or_404(PlanVersion, ref).onboarding), 303)


# --- The draft ----------------------------------------------------------------------------------


@bp.post(f"{DESK}/save")
@allow(Can.WRITE_PLAN)
def save(ref: str) -> Any:
    plan = _plan(ref, lock=True)
    draft = plan.draft()
    form = form_of(draft, sent=True)
    if not form.validate():
        return _page(ref, DeskTried({BUILDER: form}, form.problems), 422)
    words = words_of(form, draft)
    try:
        new = plan.write(words, seen=form.number, by=viewer())
    except Refused as refusal:
        status, theirs = form.refuse(refusal), []
        if isinstance(refusal, Conflict):  # Saved again, theirs has been seen.
            now = _plan(ref)
            form.seen.data = str(now.written.words_version if now.written else 0)
            theirs = told_words(refusal.theirs or {}, now.document)
        return _page(ref, DeskTried({BUILDER: form}, form.problems, theirs=theirs), status)
    kept = (
        _("Kept. They see it in the draft at once.")
        if plan.is_shown
        else _("Kept. They read it once you ask them to look through it, or send it.")
    )
    flash(kept if new else _("Nothing is different."), "done")
    return redirect(at(plan.onboarding), 303)


@bp.post(f"{DESK}/review")
@allow(Can.WRITE_PLAN)
def review(ref: str) -> Any:
    plan = _plan(ref, lock=True)

    def act() -> str:
        new = plan.ask_review(by=viewer())
        return _("Their admins get a letter that they can read it.") if new else _("They know of it already.")

    return _try(ref, plan, EmptyForm(), act)


@bp.post(f"{DESK}/send")
@allow(Can.WRITE_PLAN)
def send(ref: str) -> Any:
    plan, form = _plan(ref, lock=True), SendForm()

    def act() -> str:
        version = plan.send(seen=form.seen.data or "", by=viewer())
        return _("Version %(n)s is sent. Whoever signs first gets a letter now.", n=version.n)

    return _try(ref, plan, form, act)


# --- What was sent ------------------------------------------------------------------------------


@bp.post(f"{DESK}/void")
@allow(Can.WRITE_PLAN)
def void(ref: str) -> Any:
    plan, form = _plan(ref, lock=True), VoidForm().called(VOID)

    def act() -> str:
        version = _version(plan, form.n.data)
        new = version.void(form.why.data or "", by=viewer())
        return _("Version %(n)s is taken back.", n=version.n) if new else _("It has been taken back already.")

    return _try(ref, plan, form, act, VOID)


@bp.post(f"{DESK}/again")
@allow(Can.WRITE_PLAN)
def again(ref: str) -> Any:
    plan, form = _plan(ref, lock=True), NumberForm()

    def act() -> str:
        new = _version(plan, form.n.data).send_again(by=viewer())
        return _("Sent again. It can be signed for 14 more days.") if new else _("It can be signed already.")

    return _try(ref, plan, form, act)


@bp.post(f"{DESK}/seal-again")
@allow(Can.WRITE_PLAN)
def seal_again(ref: str) -> Any:
    plan, form = _plan(ref, lock=True), NumberForm()

    def act() -> str:
        _version(plan, form.n.data).seal_again(viewer())
        return _("It is tried again now. The sealed file stands here once it is made.")

    return _try(ref, plan, form, act)


@bp.post(f"{DESK}/comment")
@allow(Can.SEE_DESK)
def answer(ref: str) -> Any:
    plan, form = _plan(ref, lock=True), AnswerForm().called(ANSWER)

    def act() -> str:
        onboarding = plan.onboarding
        Message.write(onboarding, form.body.data or "", by=viewer(), step=talk.step_of(onboarding))
        return _("Sent. It stands in the messages too.")

    return _try(ref, plan, form, act, ANSWER)
