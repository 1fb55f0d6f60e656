"""The queue of cases, and one case with all that can be done about it."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from portal import db, web
from portal.access import Can, allow, find_or_404, viewer
from portal.accounts.models import Staff
from portal.errors import Refused
from portal.escalations import bp, cases, closing, page, queries, queue_page, working
from portal.escalations.forms import (
    DismissForm,
    DraftForm,
    GiveForm,
    NoteForm,
    RaiseForm,
    ResolveForm,
    TickForm,
    WaitForm,
)
from portal.escalations.models import Escalation
from portal.forms import EmptyForm, Form
from portal.onboardings.models import Onboarding


@bp.get("/staff/escalations")
@allow(Can.SEE_ESCALATIONS)
def index() -> Any:
    asked = queries.Asked.read(request.args)
    wanted = request.args.get("page", "")
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 6 else 0
    counts = queries.counts()
    found, more = queries.queue(asked, number)
    return render_template(
        "escalations/index.html",
        headline=queue_page.headline(counts, found),
        groups=queue_page.groups_of(found),
        views=queue_page.views_of(asked, counts),
        selects=queue_page.selects_of(asked),
        asked=asked,
        lately=queue_page.lately_of(),
        more=url_for("escalations.index", page=number + 1, **asked.args) if more else "",
    )


@bp.get("/staff/escalations/<ref>")
@allow(Can.SEE_ESCALATIONS)
def show(ref: str) -> Any:
    return _page(find_or_404(Escalation, ref))


def _page(case: Escalation, status: int = 200, **forms: Form) -> Any:
    """The page of a case; `forms` are those that were refused."""
    problems = [problem for form in forms.values() for problem in form.problems]
    return render_template(
        "escalations/show.html", case=case, problems=problems, sent=list(forms), **page.of(case, **forms)
    ), status


# --- What is done about one -----------------------------------------------------------------------


def _locked(ref: str) -> Escalation:
    """The viewer's case, with its road and then itself locked, in the order in which everybody locks them."""
    case = find_or_404(Escalation, ref)
    road = select(Onboarding).where(Onboarding.id == case.onboarding_id).with_for_update(of=Onboarding)
    db.session.scalars(road).one()
    db.session.refresh(case, with_for_update=True)
    case.check_workable(viewer())
    return case


def _there(case: Escalation) -> Any:
    back = {"queue": "escalations.index", "today": "desk.today"}.get(request.args.get("back", ""))
    return redirect(url_for(back) if back else _address(case), 303)


def _address(case: Escalation) -> str:
    return url_for("escalations.show", ref=case.ref)


def _attempt(ref: str, act: Callable[[Escalation], str], **sent: Form) -> Any:
    """Do `act` once the one form in `sent` is right. What was wrong is said on the case's page, with what was typed."""
    case = _locked(ref)
    ((name, form),) = sent.items()
    if not form.validate():
        return _page(case, 422, **{name: form})
    try:
        said = act(case)
    except Refused as refusal:
        status = form.refuse(refusal)
        return _page(find_or_404(Escalation, ref), status, **{name: form})
    flash(said, "done")
    return _there(case)


def _press(ref: str, act: Callable[[Escalation], str]) -> Any:
    """The same for a button, which has no form to come back to: the page says how it stands."""
    case = _locked(ref)
    EmptyForm().demand()
    try:
        said = act(case)
    except Refused as refusal:
        db.session.rollback()
        flash(str(refusal), "info")
        return _there(find_or_404(Escalation, ref))
    flash(said, "done")
    return _there(case)


@bp.post("/staff/escalations/<ref>/ack")
@allow(Can.WORK_ESCALATION)
def ack(ref: str) -> Any:
    def act(case: Escalation) -> str:
        cases.take(case, by=viewer())
        until = case.act_by
        if until is None:
            return _("You are on it.")
        when = _("%(day)s, %(time)s", day=web.day(until), time=web.clock_time(until))
        return _("You are on it. Do something by %(when)s, your time.", when=when)

    return _press(ref, act)


@bp.post("/staff/escalations/<ref>/assign")
@allow(Can.WORK_ESCALATION)
def assign(ref: str) -> Any:
    form = GiveForm().called("give")
    people = queries.takers()
    form.offer(people)

    def act(case: Escalation) -> str:
        to: Staff = next(one for one in people if one.ref == form.staff.data)
        cases.give(case, db.session.get_one(Staff, to.id), by=viewer())
        return _("%(name)s is asked now.", name=to.called)

    return _attempt(ref, act, give_form=form)


@bp.post("/staff/escalations/<ref>/note")
@allow(Can.WORK_ESCALATION)
def note(ref: str) -> Any:
    form = NoteForm().called("note")

    def act(case: Escalation) -> str:
        working.note(case, form.text.data, by=viewer())
        return _("Kept. Only your team sees it.")

    return _attempt(ref, act, note_form=form)


@bp.post("/staff/escalations/<ref>/wait")
@allow(Can.WORK_ESCALATION)
def wait(ref: str) -> Any:
    form = WaitForm().called("wait")

    def act(case: Escalation) -> str:
        working.wait(case, form.until.data, form.why.data, by=viewer())
        return _(
            "It comes back by itself on %(date)s; until then the clock stands still.",
            date=web.day(form.until.data),
        )

    return _attempt(ref, act, wait_form=form)


@bp.post("/staff/escalations/<ref>/back")
@allow(Can.WORK_ESCALATION)
def back(ref: str) -> Any:
    def act(case: Escalation) -> str:
        working.come_back(case, by=viewer())
        return _("The wait is over; the clock goes on.")

    return _press(ref, act)


@bp.post("/staff/escalations/<ref>/raise")
@allow(Can.WORK_ESCALATION)
def lift(ref: str) -> Any:
    form = RaiseForm().called("raise")

    def act(case: Escalation) -> str:
        cases.raise_level(case, by=viewer(), why=form.why.data)
        name = case.owner.called if case.owner else _("nobody")
        return _("It is at level %(n)s now, with %(name)s.", n=case.level, name=name)

    return _attempt(ref, act, raise_form=form)


@bp.post("/staff/escalations/<ref>/resolve")
@allow(Can.WORK_ESCALATION)
def resolve(ref: str) -> Any:
    form = ResolveForm().called("resolve")

    def act(case: Escalation) -> str:
        right = form.right.data == "yes"
        closing.resolve(case, form.cause.data, form.helped.data, right, by=viewer())
        return _("Resolved. What helped stands here for the next one.")

    return _attempt(ref, act, resolve_form=form)


@bp.post("/staff/escalations/<ref>/dismiss")
@allow(Can.WORK_ESCALATION)
def dismiss(ref: str) -> Any:
    form = DismissForm().called("dismiss")

    def act(case: Escalation) -> str:
        closing.dismiss(case, form.why.data, by=viewer())
        return _("Closed as a false alarm. The rule's page counts it.")

    return _attempt(ref, act, dismiss_form=form)


@bp.post("/staff/escalations/<ref>/reopen")
@allow(Can.WORK_ESCALATION)
def reopen(ref: str) -> Any:
    def act(case: Escalation) -> str:
        closing.reopen(case, by=viewer())
        return _("Open again, with a new clock.")

    return _press(ref, act)


@bp.post("/staff/escalations/<ref>/tick")
@allow(Can.WORK_ESCALATION)
def tick(ref: str) -> Any:
    form = TickForm().called("tick")

    def act(case: Escalation) -> str:
        done = form.done.data == "yes"
        working.tick(case, form.item.data or "", done, by=viewer())
        return _("Ticked off.") if done else _("The tick is taken back.")

    return _attempt(ref, act, tick_form=form)


@bp.post("/staff/escalations/<ref>/send")
@allow(Can.WORK_ESCALATION)
def send(ref: str) -> Any:
    form = DraftForm().called("draft")

    def act(case: Escalation) -> str:
        if form.go.data == "keep":
            working.keep_draft(case, form.subject.data, form.body.data)
            return _("The draft is kept. Nothing was sent.")
        working.send(case, form.subject.data, form.body.data, by=viewer())
        return _("Sent. What you wrote stands below and in the messages.")

    return _attempt(ref, act, draft_form=form)
