"""What else can be done on the step page: it is stuck, not for them, somebody else's, or not for today."""

from datetime import timedelta
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _
from flask_login import current_user

from portal import clock, web
from portal.access import Can, allow
from portal.accounts.models import Person
from portal.forms import EmptyForm
from portal.messages.models import Message
from portal.onboardings import letters
from portal.onboardings.forms import HandForm
from portal.onboardings.steps import Step
from portal.road import bp
from portal.road.forms import BlockForm, DeclineForm, HelpForm, LeaveOutForm, SnoozeForm
from portal.road.step_answers import do, step_or_404, to_home
from portal.road.step_state import helper_of

A_WEEK = timedelta(days=7)


@bp.post("/o/<oid>/steps/<sid>/assign")
@allow(Can.HAND_STEP)
def assign(oid: str, sid: str) -> Any:
    step, form = step_or_404(oid, sid, lock=True), HandForm()
    people = step.onboarding.account.people
    form.offer(people, [])

    def hand() -> None:
        step.hand_to(next(p for p in people if p.ref == form.person.data), by=current_user)

    def said() -> str:
        if step.assignee_id == current_user.id:
            return _("“%(title)s” is yours now.", title=step.title)
        return _handed(step)

    return do(step, "hand", form, hand, said, theirs=False)


def _handed(step: Step) -> str:
    """Who has it now and when the letter reaches them; a warning when that is no earlier than its date."""
    words = {"name": step.assignee.called if step.assignee else "", "title": step.title}
    if isinstance(step.assignee, Person) and step.assignee.joined_at is None:
        # Whether letters reach an address that nobody here has confirmed is for its owner alone to know.
        return _("%(name)s has “%(title)s” now and finds it on coming in by the invitation.", **words)
    leaves, today = letters.assigned_leaves(step), step.onboarding.account.today
    if leaves is None:
        return _("%(name)s has “%(title)s” now. They get no letter about it, so tell them.", **words)
    if leaves <= clock.now():
        return _("%(name)s has “%(title)s” now and gets a letter.", **words)
    on = leaves.astimezone(step.assignee.zone).date() if step.assignee else today
    if on == today:
        said = _("%(name)s has “%(title)s” now and gets a letter later today.", **words)
    else:
        morning = format_date(on, "EEEE") if on - today < A_WEEK else web.day(on)
        said = _("%(name)s has “%(title)s” now and gets a letter on %(day)s morning.", day=morning, **words)
    if step.due_on is None or step.due_on > on:
        return said
    warning = _("It is planned for %(date)s, so tell them yourself too.", date=web.day(step.due_on))
    return f"{said} {warning}"


@bp.post("/o/<oid>/steps/<sid>/block")
@allow(Can.COMPLETE_STEP)
def block(oid: str, sid: str) -> Any:
    step, form = step_or_404(oid, sid, lock=True), BlockForm()

    def change() -> None:
        step.block(form.reason.data, form.detail.data, form.unblocker.data, by=current_user)

    return do(step, "block", form, change, lambda: _("Noted, and %(name)s knows.", name=helper_of(step)))


@bp.post("/o/<oid>/steps/<sid>/unblock")
@allow(Can.COMPLETE_STEP)
def unblock(oid: str, sid: str) -> Any:
    step = step_or_404(oid, sid, lock=True)
    said = _("Good. “%(title)s” can go on.", title=step.title)
    return do(step, "act", EmptyForm(), lambda: step.unblock(by=current_user), lambda: said)


@bp.post("/o/<oid>/steps/<sid>/decline")
@allow(Can.COMPLETE_STEP)
def decline(oid: str, sid: str) -> Any:
    """Not agreed as it stands: what should change goes to the team."""
    step, form = step_or_404(oid, sid, lock=True), DeclineForm()
    owner = step.onboarding.owner
    who = owner.called if owner else ""  # Then the page says so, in the language of whoever reads it.

    def change() -> None:
        step.block("change", form.reason.data, who, by=current_user)

    return do(step, "decline", form, change, lambda: _("The change is with us. We answer here."))


@bp.post("/o/<oid>/steps/<sid>/not-for-us")
@allow(Can.COMPLETE_STEP)
def not_for_us(oid: str, sid: str) -> Any:
    step, form = step_or_404(oid, sid, lock=True), LeaveOutForm()
    said = _("We look at it and answer here. Until then the item stays.")
    return do(
        step, "leave_out", form, lambda: step.ask_to_skip(form.reason.data, by=current_user), lambda: said
    )


@bp.post("/o/<oid>/steps/<sid>/snooze")
@allow(Can.COMPLETE_STEP)
def snooze(oid: str, sid: str) -> Any:
    step, form = step_or_404(oid, sid, lock=True), SnoozeForm()

    def said() -> str:
        said = _("Fine. “%(title)s” comes back on %(date)s.", title=step.title, date=web.day(form.day))
        if step.due_on is None or form.day <= step.due_on:
            return said
        due = web.day(step.due_on, "dMMMM")
        late = _("That is after its date, %(due)s; %(name)s is told.", due=due, name=helper_of(step))
        return f"{said} {late}"

    return do(step, "snooze", form, lambda: step.snooze(form.day, by=current_user), said, onward=to_home)


@bp.post("/o/<oid>/steps/<sid>/help")
@allow(Can.SEE_ROAD)
def ask_help(oid: str, sid: str) -> Any:
    """A question about this step, in the thread."""
    step, form = step_or_404(oid, sid, lock=True), HelpForm()

    def change() -> None:
        Message.write(step.onboarding, form.body.data, by=current_user, step=step)

    said = _("Sent. The answer comes here and by mail.")
    return do(step, "help", form, change, lambda: said, theirs=False)
