"""What staff do with the prerequisites of one road: say how one stands, change it, decide about a gap."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from portal import web
from portal.access import Can, allow, find_or_404, viewer
from portal.calls.cards import kept_in_pause
from portal.errors import Refused
from portal.forms import EmptyForm, Form
from portal.onboardings.models import Onboarding
from portal.onboardings.queries import onboarding_of
from portal.readiness.prerequisite_asking import add_own
from portal.readiness.prerequisite_desk import staff_part
from portal.readiness.prerequisite_forms import (
    ChangeForm,
    ForThemForm,
    OwnForm,
    PauseForm,
    WhyForm,
    WithoutForm,
)
from portal.readiness.prerequisite_rules import Status
from portal.readiness.prerequisite_views import bp
from portal.readiness.prerequisites import Prerequisite


def _road(ref: str, *, lock: bool = False) -> Onboarding:
    return onboarding_of(ref, request.args.get("o"), lock=lock)


def _one(ref: str, prerequisite: str) -> Prerequisite:
    road = _road(ref, lock=True)
    return find_or_404(Prerequisite, prerequisite, onboarding_id=road.id)


def _page(road: Onboarding, status: int = 200, tried: dict[tuple[str, str], Form] | None = None) -> Any:
    part = staff_part(road, tried, request.args.get("back", ""))
    problems = [problem for form in (tried or {}).values() for problem in form.problems]
    return render_template(
        "readiness/prerequisites_staff.html",
        onboarding=road,
        account=road.account,
        part=part,
        problems=problems,
    ), status


@bp.get("/staff/accounts/<ref>/prerequisites")
@allow(Can.SEE_DESK)
def desk(ref: str) -> Any:
    return _page(_road(ref))


def _attempt(ref: str, key: tuple[str, str], form: Form, act: Callable[[], str]) -> Any:
    """Do `act` once the form is right, and go back to where it was sent from with the sentence it returns; else the
    page with the form open, and why."""
    if not form.validate():
        return _page(_road(ref), 422, {key: form})
    try:
        said = act()
    except Refused as refusal:
        status = form.refuse(refusal)
        return _page(_road(ref), status, {key: form})
    flash(said, "done")
    return redirect(_way_back(ref), 303)


def _way_back(ref: str) -> str:
    oid, back = request.args.get("o", ""), request.args.get("back")
    if back == "today":
        return url_for("desk.today")
    if back == "overview":
        return url_for("desk.account", ref=ref, o=oid)
    if back == "readiness":
        return url_for("desk.account", ref=ref, o=oid, tab="readiness")
    return url_for("prerequisites.desk", ref=ref, o=oid)


@bp.post("/staff/accounts/<ref>/prerequisites/add")
@allow(Can.EDIT_WHOLE_ROAD)
def add(ref: str) -> Any:
    """Ask for something that the playbook doesn't know."""
    road, form = _road(ref, lock=True), OwnForm()

    def act() -> str:
        texts = (form.title.data, form.enough.data, form.guidance.data)
        one = add_own(road, *texts, due_on=form.due_on.data, blocking=form.blocking.data, by=viewer())
        return _("“%(title)s” stands on their page.", title=one.title)

    return _attempt(ref, ("", "own"), form, act)


@bp.post("/staff/accounts/<ref>/prerequisites/<prerequisite>")
@allow(Can.DO_FOR_THEM)
def say_for_them(ref: str, prerequisite: str) -> Any:
    """They told us that it is ready, or that it isn't."""
    one, form = _one(ref, prerequisite), ForThemForm()

    def act() -> str:
        one.say(Status(form.status.data), by=viewer())
        if one.is_ready:
            return _("“%(title)s” is ready; it says that you said so.", title=one.title)
        return _("“%(title)s” is not ready; it says that you said so.", title=one.title)

    return _attempt(ref, (prerequisite, "say"), form, act)


@bp.post("/staff/accounts/<ref>/prerequisites/<prerequisite>/change")
@allow(Can.EDIT_WHOLE_ROAD)
def change(ref: str, prerequisite: str) -> Any:
    one, form = _one(ref, prerequisite), ChangeForm()
    people = one.onboarding.account.people
    form.offer(people)

    def act() -> str:
        person = next((each for each in people if each.ref == form.person.data), None)
        wanted = {"due_on": form.due_on.data, "blocking": form.blocking.data, "assignee": person}
        one.change(**wanted, seen=form.seen.data or "", by=viewer())
        return _("“%(title)s” is due %(date)s.", title=one.title, date=web.day(one.due_on, "EEEdMMM"))

    return _attempt(ref, (prerequisite, "change"), form, act)


@bp.post("/staff/accounts/<ref>/prerequisites/<prerequisite>/leave-out")
@allow(Can.EDIT_WHOLE_ROAD)
def leave_out(ref: str, prerequisite: str) -> Any:
    one, form = _one(ref, prerequisite), WhyForm()

    def act() -> str:
        one.leave_out(form.reason.data, by=viewer())
        return _("“%(title)s” isn't asked for any more.", title=one.title)

    return _attempt(ref, (prerequisite, "why"), form, act)


@bp.post("/staff/accounts/<ref>/prerequisites/<prerequisite>/bring-back")
@allow(Can.EDIT_WHOLE_ROAD)
def bring_back(ref: str, prerequisite: str) -> Any:
    one = _one(ref, prerequisite)

    def act() -> str:
        one.bring_back(by=viewer())
        return _("“%(title)s” is asked for again.", title=one.title)

    return _attempt(ref, (prerequisite, "back"), EmptyForm(), act)


@bp.post("/staff/accounts/<ref>/prerequisites/<prerequisite>/hold")
@allow(Can.HOLD)
def hold(ref: str, prerequisite: str) -> Any:
    """Pause until it is there, as somebody decided."""
    one, form = _one(ref, prerequisite), PauseForm()

    def act() -> str:
        one.hold(form.reason.data, form.review_on.data, by=viewer())
        if kept := kept_in_pause(one.onboarding, str(get_locale())):
            flash(kept, "warn")
        return _("On hold. They get a letter that says what ends the pause.")

    return _attempt(ref, (prerequisite, "pause"), form, act)


@bp.post("/staff/accounts/<ref>/prerequisites/<prerequisite>/without")
@allow(Can.HOLD)
def go_without(ref: str, prerequisite: str) -> Any:
    """Begin though it isn't there."""
    one, form = _one(ref, prerequisite), WithoutForm()

    def act() -> str:
        one.go_without(form.reason.data, by=viewer())
        return _("You go on without “%(title)s”. The reason stands beside it.", title=one.title)

    return _attempt(ref, (prerequisite, "without"), form, act)
