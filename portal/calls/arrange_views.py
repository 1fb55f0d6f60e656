"""How staff come by a call that a step waits for: ask the customer, book it for them, or log one that took place."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields import SelectChoice

from portal import web
from portal.access import Can, allow, find_or_404
from portal.accounts.models import Person, Staff
from portal.calls import asking, queries
from portal.calls.diaries import host_for
from portal.calls.forms import AskForm, BookForThemForm, LoggedForm
from portal.calls.models import Call, booked_for
from portal.calls.queries import Picker
from portal.calls.refusals import check_running, not_here
from portal.calls.views import bp
from portal.errors import Refused
from portal.onboardings.steps import Step
from portal.onboardings.words import listed


@bp.get("/staff/accounts/<ref>/steps/<sid>/call")
@allow(Can.LOG_CALL)
def arrange(ref: str, sid: str) -> Any:
    """The three ways to a call: ask for it, book it, or log one that took place; the call itself once it is booked."""
    step = _step(ref, sid)
    if call := booked_for(step):
        return redirect(url_for("calls.desk", ref=call.ref), 303)
    return _arrange(step)


@bp.post("/staff/accounts/<ref>/steps/<sid>/call/ask")
@allow(Can.LOG_CALL)
def ask(ref: str, sid: str) -> Any:
    step, form = _step(ref, sid, locked=True), AskForm()
    wanted = queries.wanted_for(step)
    if form.validate():
        try:
            told, deaf = asking.ask_for_time(step, wanted.title, wanted.minutes, by=current_user)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            for sentence, category in _asked(told, deaf):
                flash(sentence, category)
            return redirect(url_for("calls.arrange", ref=ref, sid=sid), 303)
    return _arrange(_step(ref, sid), ask_form=form), 422


def _asked(told: list[Person], deaf: list[Person]) -> list[tuple[str, str]]:
    """What to say once they were asked, and what when some of them want no letters."""
    said = []
    if told:
        names = listed(person.called for person in told)
        said.append((_("Asked: %(names)s. Their next letter leads to the times.", names=names), "done"))
    if deaf:
        names = listed(person.called for person in deaf)
        said.append(
            (_("%(names)s: wants no letters about calls. Write a message instead.", names=names), "warn")
        )
    return said or [(_("Nobody there can book a call yet. Invite an admin first."), "warn")]


@bp.post("/staff/accounts/<ref>/steps/<sid>/call/book")
@allow(Can.DO_FOR_THEM)
def book_for_them(ref: str, sid: str) -> Any:
    step, form = _step(ref, sid, locked=True), BookForThemForm()
    if form.validate():
        try:
            call = _book(step, form)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            flash(_("Booked. The invitation is on its way to everybody who joins."), "done")
            return redirect(url_for("calls.desk", ref=call.ref), 303)
    return _arrange(_step(ref, sid), book_form=form), 422


def _book(step: Step, form: BookForThemForm) -> Call:
    check_running(step.onboarding)
    guest = _chosen(step, [form.guest.data or ""])
    return queries.wanted_for(step).book(
        step.onboarding,
        form.chosen,
        host=form.host.data or None,
        people=list(dict.fromkeys([*guest, *_chosen(step, form.people.data or [])])),
        by=current_user,
        join_link=form.join_link.data or None,
    )


@bp.post("/staff/accounts/<ref>/steps/<sid>/call/held")
@allow(Can.LOG_CALL)
def log(ref: str, sid: str) -> Any:
    """A call that took place without having been booked here."""
    step, form = _step(ref, sid, locked=True), LoggedForm()
    _fill(form, step)
    if form.validate():
        try:
            call = _log(step, form)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            flash(_("Logged. Everybody who joined gets the notes and next steps."), "done")
            return redirect(url_for("calls.desk", ref=call.ref), 303)
    return _arrange(_step(ref, sid), log_form=form), 422


def _log(step: Step, form: LoggedForm) -> Call:
    wanted = queries.wanted_for(step)
    return Call.log(
        step,
        kind=wanted.kind,
        title=wanted.title,
        minutes=wanted.minutes,
        owner=next(staff for staff in _holders(step) if staff.ref == form.held_by.data),
        start=form.began(current_user.zone),
        people=_chosen(step, form.people.data or []),
        notes=form.notes.data,
        next_steps=form.next_steps,
        recording_link=form.recording_link.data or None,
        by=current_user,
    )


# --- The page -----------------------------------------------------------------------------------


def _arrange(step: Step, **forms: Any) -> str:
    """`forms` are those that were refused: ask_form, book_form, log_form."""
    onboarding = step.onboarding
    log_form = forms.get("log_form") or LoggedForm(
        formdata=None, day=web.local_today(), held_by=_first_ref(_holders(step))
    )
    _fill(log_form, step)
    book_form = forms.get("book_form") or BookForThemForm(formdata=None)
    is_open = onboarding.is_running and step.state in queries.OPEN
    # What was typed stays on the page, also when it was refused because nothing can be arranged now.
    is_offered = is_open or "book_form" in forms
    picker = _picker(step, request.values.get("guest"), request.values.get("host")) if is_offered else None
    others = [person for person in _people(step) if picker is None or person.id != picker.guest.id]
    book_form.people.choices = [SelectChoice(person.ref, person.name) for person in others]
    return render_template(
        "calls/arrange.html",
        onboarding=onboarding,
        step=step,
        wanted=queries.wanted_for(step),
        is_open=is_open,
        asked=asking.asked_today(step),
        picker=picker if current_user.may(Can.DO_FOR_THEM) else None,
        guests=_people(step),
        book_form=book_form,
        log_form=log_form,
        tried=set(forms),
        problems=[problem for form in forms.values() for problem in form.problems],
    )


# --- Finding ------------------------------------------------------------------------------------


def _step(ref: str, sid: str, *, locked: bool = False) -> Step:
    """A step of this account that a call belongs to, its onboarding locked first: one at a time changes a road."""
    found = find_or_404(Step, sid)
    if found.onboarding.account.ref != ref or found.spec.call is None:
        abort(404)
    if locked:
        queries.lock(found.onboarding_id)
        return find_or_404(Step, sid)
    return found


def _people(step: Step) -> list[Person]:
    """Who can be invited, whoever has the step and the admins first."""
    found = [person for person in step.onboarding.account.people if person.may_enter]
    return sorted(found, key=lambda person: (person.id != step.assignee_id, not person.is_admin, person.name))


def _chosen(step: Step, refs: list[str]) -> list[Person]:
    found = {person.ref: person for person in _people(step)}
    if set(refs) - set(found):
        raise Refused(not_here(step.onboarding), field="people")
    return [found[ref] for ref in dict.fromkeys(refs)]


def _picker(step: Step, guest: str | None, host: str | None) -> Picker | None:
    """The times for this guest with this host, with the first who can be there in place of one who can't."""
    people, wanted = _people(step), queries.wanted_for(step)
    if not people:
        return None
    chosen = next((person for person in people if person.ref == guest), people[0])
    named = host if host in [one.ref for one in wanted.hosts] else None
    return queries.picker(wanted, chosen, host=named, reader=current_user)


def _holders(step: Step) -> list[Staff]:
    """Who of us may have held the call: whose part it is, their stand-in, the team, whoever logs it."""
    whose = host_for(step, step.onboarding)
    team = [member.staff for member in step.onboarding.team]
    found = [whose, whose and whose.stand_in, *team, current_user._get_current_object()]
    return [one for one in dict.fromkeys(found) if one]


def _first_ref(staff: list[Staff]) -> str | None:
    return staff[0].ref if staff else None


def _fill(form: LoggedForm, step: Step) -> None:
    """The lists of a call to be logged; its fields have ids of their own beside those of the booking."""
    form.called("log").offer(step.onboarding)
    form.held_by.choices = [SelectChoice(one.ref, one.name) for one in _holders(step)]
    form.people.choices = [SelectChoice(one.ref, one.name) for one in _people(step)]
