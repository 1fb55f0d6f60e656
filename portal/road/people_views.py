"""People, team, documents: the pages about who is here and what they share."""

from collections import Counter
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from portal import uploads
from portal.access import Can, allow, find_or_404
from portal.accounts.kinds import PortalRole
from portal.accounts.models import Person
from portal.accounts.words import PORTAL_ROLES, STAKEHOLDER_ROLES
from portal.errors import Refused
from portal.forms import EmptyForm, Form
from portal.onboardings import files, queries
from portal.onboardings.forms import PersonForm
from portal.onboardings.models import Onboarding
from portal.onboardings.people import add_person, remove_person, send_invitation, set_roles, suggest_person
from portal.onboardings.steps import Step
from portal.onboardings.words import listed
from portal.plans.queries import sealed_of
from portal.road import bp, team
from portal.road.people_forms import RoleForm, ShareForm, SuggestForm

# --- People -------------------------------------------------------------------------------------


@bp.get("/o/<oid>/people")
@allow(Can.INVITE)
def people(oid: str) -> Any:
    return _people(oid, PersonForm(formdata=None))


def _people(
    oid: str,
    form: PersonForm,
    status: int = 200,
    *,
    about: Person | None = None,
    change: Form | None = None,
) -> Any:
    """The page; `about` is whose row was refused, and `change` the form that was sent."""
    onboarding = queries.onboarding_or_404(oid)
    active = [person for person in onboarding.account.people if person.is_active]
    here = [person for person in active if person.may_enter]
    problems = [*form.problems, *(change.problems if change else [])]
    return render_template(
        "road/people.html",
        onboarding=onboarding,
        here=[
            (person, _role_form(person, change if about and about.id == person.id else None))
            for person in here
        ],
        opened=about.ref if about else "",
        suggested=[person for person in active if not person.may_enter],
        gone=[p for p in onboarding.account.people if not p.is_active and _was_here(p)],
        items=_open_items(onboarding),
        form=form,
        problems=problems,
        portal_roles=PORTAL_ROLES,
        stakeholder_roles=STAKEHOLDER_ROLES,
    ), status


def _was_here(person: Person) -> bool:
    """Whether somebody who is gone had ever been let in; a suggestion that was declined had not."""
    return person.suggested_by_id is None or person.invited_at is not None


def _role_form(person: Person, sent: Form | None) -> RoleForm:
    """What this person may do, as it is kept or as it was just sent; every field with an id of its own."""
    kept = {"portal_role": person.portal_role.value, "stakeholder_roles": person.stakeholder_roles}
    form = sent if isinstance(sent, RoleForm) else RoleForm(formdata=None, data=kept)
    for field in form:
        field.id = f"{person.ref}-{field.name}"
    return form


def _open_items(onboarding: Onboarding) -> dict[int, int]:
    """How many open items each person has."""
    return Counter(s.assignee_id for s in onboarding.steps if s.assignee_id and s.visible and not s.is_closed)


def _refused(oid: str, ref: str, refusal: Refused, form: Form) -> Any:
    """The page as it is without the change, with the reason on top and what was typed still there."""
    status = form.refuse(refusal)
    return _people(oid, PersonForm(formdata=None), status, about=find_or_404(Person, ref), change=form)


@bp.post("/o/<oid>/people/invite")
@allow(Can.INVITE)
def invite(oid: str) -> Any:
    """Whatever the address belongs to elsewhere, the answer is the same."""
    onboarding = queries.onboarding_or_404(oid, lock=True)
    form = PersonForm()
    if not form.validate():
        return _people(oid, form, 422)
    try:
        add_person(
            onboarding,
            name=form.name.data,
            email=form.email.data,
            job_title=form.job_title.data or None,
            role=PortalRole(form.portal_role.data),
            stakeholder_roles=form.stakeholder_roles.data or [],
            by=current_user,
        )
    except Refused as refusal:
        return _people(oid, form, form.refuse(refusal))
    said = _(
        "If this address can be invited, the invitation is on its way to %(email)s.", email=form.email.data
    )
    flash(said, "done")
    return redirect(url_for("road.people", oid=oid), 303)


def _person(ref: str) -> Person:
    """A colleague of the viewer's who is here still; one who left is not there any more."""
    person = find_or_404(Person, ref)
    return person if person.is_active else abort(404)


@bp.post("/o/<oid>/people/<ref>")
@allow(Can.INVITE)
def change_person(oid: str, ref: str) -> Any:
    queries.onboarding_or_404(oid, lock=True)
    person, form = _person(ref), RoleForm()
    if not form.validate():
        return _people(oid, PersonForm(formdata=None), 422, about=person, change=form)
    try:
        set_roles(
            person, PortalRole(form.portal_role.data), form.stakeholder_roles.data or [], by=current_user
        )
    except Refused as refusal:
        return _refused(oid, ref, refusal, form)
    flash(_("Saved: %(name)s.", name=person.name), "done")
    # Whoever takes the admin's part from themselves has no business on this page any more.
    still = current_user.may(Can.INVITE)
    return redirect(url_for("road.people" if still else "road.team", oid=oid), 303)


@bp.post("/o/<oid>/people/<ref>/again")
@allow(Can.INVITE)
def invite_again(oid: str, ref: str) -> Any:
    """A fresh invitation; the one before stops working. It also accepts a suggestion."""
    onboarding = queries.onboarding_or_404(oid, lock=True)
    person, form = _person(ref), EmptyForm()
    if not form.validate():
        return _people(oid, PersonForm(formdata=None), 422, change=form)
    if person.joined_at is not None:
        refusal = Refused(_("%(name)s is here already and signs in on their own.", name=person.name))
        return _refused(oid, ref, refusal, form)
    try:
        send_invitation(onboarding, person, by=current_user)
    except Refused as refusal:
        return _refused(oid, ref, refusal, form)
    flash(_("A new invitation is on its way to %(name)s.", name=person.called), "done")
    return redirect(url_for("road.people", oid=oid), 303)


@bp.post("/o/<oid>/people/<ref>/remove")
@allow(Can.INVITE)
def remove(oid: str, ref: str) -> Any:
    """Their sessions end at once; a suggestion that is declined has had none."""
    onboarding = queries.onboarding_or_404(oid, lock=True)
    person, form = _person(ref), EmptyForm()
    if not form.validate():
        return _people(oid, PersonForm(formdata=None), 422, change=form)
    invited = person.may_enter
    try:
        freed = remove_person(onboarding, person, by=current_user)
    except Refused as refusal:
        return _refused(oid, ref, refusal, form)
    flash(
        _said_of_removal(person, freed) if invited else _("%(name)s is not invited.", name=person.name),
        "done",
    )
    return redirect(url_for("road.people", oid=oid), 303)


def _said_of_removal(person: Person, freed: list[Step]) -> str:
    gone = _("%(name)s can't sign in any more.", name=person.name)
    if not freed:
        return gone
    titles = listed([*(f"“{step.title}”" for step in freed[:3]), *(["…"] if len(freed) > 3 else [])])
    free = ngettext(
        "%(num)s item has no name on it now: %(titles)s.",
        "%(num)s items have no name on them now: %(titles)s.",
        len(freed),
        titles=titles,
    )
    return f"{gone} {free}"


@bp.post("/o/<oid>/people/suggest")
@allow(Can.SUGGEST_PERSON)
def suggest(oid: str) -> Any:
    onboarding = queries.onboarding_or_404(oid, lock=True)
    form = SuggestForm()
    if not form.validate():
        return _team(oid, form, 422)
    try:
        suggest_person(onboarding, form.name.data, form.email.data, by=current_user)
    except Refused as refusal:
        return _team(oid, form, form.refuse(refusal))
    flash(_("Thank you. Your admins decide whether to invite %(name)s.", name=form.name.data), "done")
    return redirect(url_for("road.team", oid=oid), 303)


# --- Team ---------------------------------------------------------------------------------------


@bp.get("/o/<oid>/team", endpoint="team")
@allow(Can.SEE_ROAD)
def team_page(oid: str) -> Any:
    return _team(oid, SuggestForm(formdata=None))


def _team(oid: str, form: SuggestForm, status: int = 200) -> Any:
    onboarding = queries.onboarding_or_404(oid)
    return render_template(
        "road/team.html",
        onboarding=onboarding,
        team=team.members(onboarding),
        topics=team.topics(onboarding),
        people=[p for p in onboarding.account.people if p.may_enter],
        portal_roles=PORTAL_ROLES,
        stakeholder_roles=STAKEHOLDER_ROLES,
        form=form,
        problems=form.problems,
    ), status


# --- Documents ----------------------------------------------------------------------------------


@bp.get("/o/<oid>/documents")
@allow(Can.SEE_ROAD)
def documents(oid: str) -> Any:
    return _documents(oid, ShareForm(formdata=None))


def _documents(oid: str, form: ShareForm, status: int = 200, about: Form | None = None) -> Any:
    onboarding = queries.onboarding_or_404(oid)
    found, shelf = uploads.documents(onboarding.id, for_staff=False), files.Shelf(onboarding, current_user)
    names = {
        user.id: user.called for user in [*onboarding.account.people, *(m.staff for m in onboarding.team)]
    }
    return render_template(
        "road/documents.html",
        onboarding=onboarding,
        documents=found,
        plans=sealed_of(onboarding),
        removable={document.id for document in found if shelf.why_stays(document) is None},
        names=names,
        titles={step.id: step for step in onboarding.steps if step.visible},
        form=form,
        problems=(about or form).problems,
    ), status


@bp.post("/o/<oid>/documents/upload")
@allow(Can.SHARE_DOCUMENT)
def share(oid: str) -> Any:
    onboarding = queries.onboarding_or_404(oid, lock=True)
    form = ShareForm()
    if not form.validate():
        return _documents(oid, form, 422)
    try:
        document = files.share(onboarding, request.files.get("file"), by=current_user)
    except Refused as refusal:
        return _documents(oid, form, form.refuse(refusal))
    flash(_("“%(name)s” is shared with everybody on this road.", name=document.name), "done")
    return redirect(url_for("road.documents", oid=oid), 303)


@bp.post("/o/<oid>/documents/<ref>/remove")
@allow(Can.SEE_ROAD)
def remove_document(oid: str, ref: str) -> Any:
    onboarding = queries.onboarding_or_404(oid, lock=True)
    document = find_or_404(uploads.Document, ref, lock=True, onboarding_id=onboarding.id)
    if document.audience is not uploads.Audience.SHARED:
        abort(404)
    form = EmptyForm()
    form.demand()
    try:
        files.Shelf(onboarding, current_user).remove(document)
    except Refused as refusal:
        return _documents(oid, ShareForm(formdata=None), form.refuse(refusal), about=form)
    flash(_("“%(name)s” is removed.", name=document.name), "done")
    return redirect(url_for("road.documents", oid=oid), 303)
