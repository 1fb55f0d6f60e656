"""The customer's page of what to have ready: one press says how each stands."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, send_from_directory, url_for
from flask_babel import gettext as _

from portal import web
from portal.access import Can, allow, find_or_404, viewer
from portal.errors import NotYours, Refused
from portal.onboardings.models import Onboarding
from portal.onboardings.queries import onboarding_or_404
from portal.readiness.prerequisite_forms import GiveForm, WordForm
from portal.readiness.prerequisite_page import page
from portal.readiness.prerequisite_rules import Status
from portal.readiness.prerequisites import Prerequisite

bp = Blueprint("prerequisites", __name__)


@bp.get("/o/<oid>/prerequisites")
@allow(Can.SEE_ROAD)
def index(oid: str) -> Any:
    return page(onboarding_or_404(oid), viewer())


@bp.post("/o/<oid>/prerequisites/<ref>")
@allow(Can.COMPLETE_STEP)
def say(oid: str, ref: str) -> Any:
    """Ready, not ready, or in need of help: the last word counts, and whoever speaks over a colleague is told."""
    road = onboarding_or_404(oid, lock=True)
    one, form = _of(road, ref), WordForm()
    if not form.validate():
        return page(road, viewer(), 422, {(ref, "word"): form})
    before = one.said_by if form.seen.data != one.seal else None
    try:
        _check_yours(one)
        status = Status(form.status.data)
        words = form.words.data if status is Status.NEED_HELP else None
        changed = one.say(status, by=viewer(), words=words)
    except Refused as refusal:
        status_code = form.refuse(refusal)
        return page(onboarding_or_404(oid), viewer(), status_code, {(ref, "word"): form})
    if changed and before is not None and before.id != viewer().id:
        text = _("%(name)s had said something else a moment ago. Yours stands now.", name=before.called)
        flash(text, "warn")
    flash(_said(one), "done")
    return redirect(url_for("prerequisites.index", oid=oid), 303)


def _said(one: Prerequisite) -> str:
    road = one.onboarding
    name = road.owner.acting.called if road.owner else _("your team")
    if one.status is Status.NEED_HELP:
        return _("Sent to %(name)s. They answer in the messages.", name=name)
    if one.ends_hold:
        return _("Noted: you're ready early. %(name)s says when we go on.", name=name)
    if one.is_ready:
        return _("Noted: “%(title)s” is ready.", title=one.title)
    return _("Noted: “%(title)s” is not ready yet.", title=one.title)


@bp.post("/o/<oid>/prerequisites/<ref>/hand")
@allow(Can.HAND_STEP)
def hand(oid: str, ref: str) -> Any:
    """Give it to a colleague, who gets a letter."""
    road = onboarding_or_404(oid, lock=True)
    one, form, people = _of(road, ref), GiveForm(), road.account.people
    form.offer(people, [])
    if not form.validate():
        return page(road, viewer(), 422, {(ref, "hand"): form})
    try:
        one.hand_to(next(person for person in people if person.ref == form.person.data), by=viewer())
    except Refused as refusal:
        status = form.refuse(refusal)
        return page(onboarding_or_404(oid), viewer(), status, {(ref, "hand"): form})
    name = one.assignee.called if one.assignee else ""
    flash(_("%(name)s sees to “%(title)s” now.", name=name, title=one.title), "done")
    return redirect(url_for("prerequisites.index", oid=oid), 303)


@bp.get("/o/<oid>/prerequisites/<ref>/file")
@allow(Can.SEE_ROAD)
def file(oid: str, ref: str) -> Any:
    """The template that the playbook hands out for it."""
    one = _of(find_or_404(Onboarding, oid), ref)
    if not one.file:
        abort(404)
    return send_from_directory(web.PLAYBOOK_FILES, one.file, as_attachment=True)


def _of(road: Onboarding, ref: str) -> Prerequisite:
    return find_or_404(Prerequisite, ref, onboarding_id=road.id)


def _check_yours(one: Prerequisite) -> None:
    if not one.workable_by(viewer()):
        who = one.owner.called if one.owner else _("your onboarding team")
        raise NotYours(_("This one is with %(who)s. Ask them, or an admin of your company.", who=who))
