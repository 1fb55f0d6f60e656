"""The outbox: what is planned, what waits for one of us, what was sent and what came of it; and follow-ups by hand."""

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from portal import db, web
from portal.access import Can, allow, find_or_404, viewer
from portal.accounts.models import Person
from portal.errors import Refused
from portal.forms import EmptyForm
from portal.nudges import asking, ladder, letters, queries, wording
from portal.nudges.forms import FollowUpForm, TextForm
from portal.nudges.models import Nudge, NudgeState
from portal.nudges.rules import Rung
from portal.nudges.words import RUNGS, came_of_it
from portal.onboardings.models import Onboarding
from portal.onboardings.paper import language, when
from portal.onboardings.queries import load_people, load_road, onboarding_of

bp = Blueprint("nudges", __name__)


@bp.get("/staff/nudges")
@allow(Can.SEND_NUDGE)
def outbox() -> Any:
    everybody = request.args.get("who") == "all"
    return render_template(
        "nudges/outbox.html",
        box=queries.outbox(viewer(), everybody=everybody),
        everybody=everybody,
        rungs=RUNGS,
    )


@bp.get("/staff/nudges/<ref>")
@allow(Can.SEND_NUDGE)
def show(ref: str) -> Any:
    return _page(find_or_404(Nudge, ref))


def _page(nudge: Nudge, form: TextForm | None = None, status: int = 200) -> Any:
    load_road(nudge.onboarding)
    load_people(nudge.onboarding)
    return render_template(
        "nudges/show.html",
        nudge=nudge,
        onboarding=nudge.onboarding,
        account=nudge.onboarding.account,
        rung=RUNGS[nudge.why],
        result=came_of_it(nudge),
        form=form or TextForm(formdata=None, subject=nudge.subject, body=nudge.body),
        words=_words(nudge),
        problems=form.problems if form else [],
        leaves=when(nudge.planned_for, viewer()) if nudge.is_waiting else "",
    ), status


def _words(nudge: Nudge) -> Any:
    """The letter as it would leave now, in its reader's language."""
    with force_locale(language(nudge.person)):
        text = wording.Draft(nudge.subject, nudge.body)
        return wording.letter(nudge.onboarding, text, nudge.step, nudge.why, nudge.person, ref=nudge.ref)


# --- One that waits -----------------------------------------------------------------------------


def _locked(ref: str) -> Nudge:
    """The nudge with its road held: whoever comes second sees what the first has done."""
    found = find_or_404(Nudge, ref)
    find_or_404(Onboarding, found.onboarding.ref, lock=True)
    db.session.refresh(found, with_for_update=True)
    return found


def _back() -> Any:
    """To the outbox, or to My day, where it was sent from there (`back=today`)."""
    today = request.args.get("back") == "today"
    return redirect(url_for("desk.today" if today else "nudges.outbox"), 303)


def _here(nudge: Nudge) -> Any:
    return redirect(url_for("nudges.show", ref=nudge.ref), 303)


def _refused(ref: str, refusal: Refused) -> Any:
    """A button has no form to come back to; the page says how it stands."""
    db.session.rollback()
    flash(str(refusal), "info")
    return redirect(url_for("nudges.show", ref=ref), 303)


@bp.post("/staff/nudges/<ref>/edit")
@allow(Can.SEND_NUDGE)
def edit(ref: str) -> Any:
    nudge, form = _locked(ref), TextForm()
    if not form.validate():
        return _page(nudge, form, 422)
    try:
        nudge.edit(form.draft, by=viewer())
    except Refused as refusal:
        return _refused(ref, refusal)
    flash(_("Kept. It leaves with these words."), "done")
    return _here(nudge)


@bp.post("/staff/nudges/<ref>/send")
@allow(Can.SEND_NUDGE)
def send(ref: str) -> Any:
    nudge = _locked(ref)
    EmptyForm().demand()
    try:
        nudge.approve(by=viewer())
    except Refused as refusal:
        return _refused(ref, refusal)
    ladder.dispatch_now(nudge)
    _tell(nudge)
    return _back()


@bp.post("/staff/nudges/<ref>/skip")
@allow(Can.SEND_NUDGE)
def skip(ref: str) -> Any:
    nudge = _locked(ref)
    EmptyForm().demand()
    try:
        nudge.skip(by=viewer())
    except Refused as refusal:
        return _refused(ref, refusal)
    flash(_("Left out. %(name)s doesn't get it.", name=nudge.person.called), "done")
    return _back()


@bp.post("/staff/nudges/<ref>/replied")
@allow(Can.SEND_NUDGE)
def replied(ref: str) -> Any:
    nudge = _locked(ref)
    EmptyForm().demand()
    try:
        nudge.take_reply(by=viewer())
    except Refused as refusal:
        return _refused(ref, refusal)
    flash(_("Noted. No further follow-up leaves by itself."), "done")
    return _here(nudge)


def _tell(nudge: Nudge) -> None:
    """Say what became of one that was let go."""
    name = nudge.person.called
    if nudge.state is NudgeState.SENT:
        flash(_("On its way to %(name)s.", name=name), "done")
    elif nudge.is_waiting:
        flash(_("It leaves on %(when)s.", when=when(nudge.planned_for, viewer())), "done")
    else:
        flash(came_of_it(nudge) + ".", "info")


# --- By hand ------------------------------------------------------------------------------------


@bp.get("/staff/accounts/<ref>/follow-up")
@allow(Can.SEND_NUDGE)
def by_hand(ref: str) -> Any:
    onboarding = onboarding_of(ref, request.args.get("o"))
    reader = _running(onboarding)
    rung = _rung()
    draft = letters.written(onboarding, reader, onboarding.next_step, rung)
    form = FollowUpForm(formdata=None, person=reader.ref, subject=draft.subject, body=draft.body)
    return _writing(onboarding, rung, form)


def _rung() -> Rung:
    return Rung.ENGAGED if request.args.get("ask") else Rung.BY_HAND


def _running(onboarding: Onboarding) -> Person:
    """Whom it goes to by default; 404 where nobody is followed up any more."""
    reader = letters.reader_of(onboarding)
    if reader is None or not onboarding.is_running:
        abort(404)
    return reader


def _people(onboarding: Onboarding) -> list[Person]:
    return [one for one in onboarding.account.people if one.is_reachable and one.may_enter]


def _writing(onboarding: Onboarding, rung: Rung, form: FollowUpForm, status: int = 200) -> Any:
    asks = rung is Rung.ENGAGED
    form.offer(_people(onboarding), asking.doable(onboarding, viewer()) if asks else [])
    return render_template(
        "nudges/by_hand.html",
        onboarding=onboarding,
        account=onboarding.account,
        form=form,
        asks=asks,
        problems=form.problems,
        more=asking.with_answers(onboarding, viewer()) if asks else [],
        done=wording.done_for_them(onboarding),
        tried=queries.tried(onboarding),
        moved=_moved(onboarding),
    ), status


def _moved(onboarding: Onboarding) -> str:
    at: datetime | None = onboarding.customer_moved_at
    return web.day(at.astimezone(onboarding.account.zone).date()) if at else ""


@bp.post("/staff/accounts/<ref>/follow-up")
@allow(Can.SEND_NUDGE)
def write(ref: str) -> Any:
    """Do what was ticked for them, and send what was written."""
    onboarding, rung = onboarding_of(ref, request.args.get("o"), lock=True), _rung()
    _running(onboarding)
    form, asks = FollowUpForm(), rung is Rung.ENGAGED
    form.offer(_people(onboarding), asking.doable(onboarding, viewer()) if asks else [])
    if not form.validate():
        return _writing(onboarding, rung, form, 422)
    person = next(one for one in _people(onboarding) if one.ref == form.person.data)
    before = _done(onboarding, person)
    try:
        asking.do_for_them(onboarding, form.steps.data or [], by=viewer())
        body = _with_done(form.draft.body, before, _done(onboarding, person))
        draft = wording.Draft(form.draft.subject, body)
        nudge = Nudge.write(onboarding, person, onboarding.next_step, draft, by=viewer(), rung=rung)
        ladder.dispatch_now(nudge)
    except Refused as refusal:
        status = form.refuse(refusal)
        return _writing(onboarding_of(ref, request.args.get("o")), rung, form, status)
    _tell(nudge)
    return _here(nudge)


def _done(onboarding: Onboarding, reader: Person) -> str:
    with force_locale(language(reader)):
        return " ".join(wording.done_for_them(onboarding))


def _with_done(body: str, before: str, now: str) -> str:
    """The text with what was done for them just now, in place of what it said of that before."""
    if before == now:
        return body
    return body.replace(before, now) if before and before in body else f"{body}\n\n{now}"
