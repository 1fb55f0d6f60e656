"""A customer's people, as staff look after them: invited, invited again, an invitation withdrawn."""

from functools import partial
from typing import Any

from flask import abort, request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from portal import errors
from portal.access import Can, allow
from portal.accounts.kinds import PortalRole
from portal.accounts.models import Person, User
from portal.activity.models import Verb
from portal.desk import account as pages
from portal.desk import bp, queries
from portal.desk.forms import InviteForm
from portal.forms import EmptyForm
from portal.onboardings.models import Onboarding
from portal.onboardings.people import add_person, is_taken, name_person, remove_person, send_invitation


@bp.post("/staff/accounts/<ref>/people/invite")
@allow(Can.INVITE_CUSTOMER)
def invite(ref: str) -> Any:
    onboarding, form = _onboarding(ref), InviteForm().called("invite")

    def act() -> str:
        bring_in(
            onboarding,
            form.name.data,
            form.email.data,
            role=PortalRole(form.portal_role.data),
            job_title=form.job_title.data or None,
            stakeholder_roles=form.stakeholder_roles.data or [],
        )
        return _on_its_way(form.email.data)

    return pages.attempt(onboarding, "people", act, invite_form=form)


@bp.post("/staff/accounts/<ref>/people/<person>/<any(again, withdraw):verb>")
@allow(Can.INVITE_CUSTOMER)
def open_invitation(ref: str, person: str, verb: str) -> Any:
    """A fresh invitation, after which the one before is dead; or none any more."""
    onboarding = _onboarding(ref)
    invited = next((one for one in onboarding.account.people if one.ref == person and one.is_active), None)
    if invited is None:
        abort(404)
    act = partial(_again if verb == "again" else _withdraw, onboarding, invited)
    return pages.attempt(onboarding, "people", act, button=EmptyForm())


@bp.post("/staff/accounts/<ref>/people/<person>/left")
@allow(Can.INVITE_CUSTOMER)
def left(ref: str, person: str) -> Any:
    """Somebody is no longer with the customer's company: they come in no more, and their items have no name."""
    onboarding = _onboarding(ref)
    gone = next((one for one in onboarding.account.people if one.ref == person and one.is_active), None)
    if gone is None:
        abort(404)

    def act() -> str:
        freed = remove_person(onboarding, gone, by=current_user, verb=Verb.PERSON_LEFT)
        said = _("%(name)s is marked as gone and can't sign in any more.", name=gone.name)
        if not freed:
            return said
        items = ngettext(
            "%(num)s item has no name on it now.", "%(num)s items have no name on them now.", len(freed)
        )
        return f"{said} {items}"

    return pages.attempt(onboarding, "people", act, button=EmptyForm())


def _onboarding(ref: str) -> Onboarding:
    return queries.onboarding_of(ref, request.args.get("o"), lock=True)


def _on_its_way(email: str) -> str:
    return _("The invitation is on its way to %(email)s.", email=email)


def _belongs_elsewhere(email: str) -> str:
    return _("%(email)s already belongs to someone here; ask them to use another address first.", email=email)


def _again(onboarding: Onboarding, person: Person) -> str:
    if person.joined_at is not None:
        raise errors.Refused(_("%(name)s is here already and signs in on their own.", name=person.name))
    if is_taken(person):
        raise errors.Refused(_belongs_elsewhere(person.shown_email))
    send_invitation(onboarding, person, by=current_user)
    return _on_its_way(person.shown_email)


def _withdraw(onboarding: Onboarding, person: Person) -> str:
    if person.joined_at is not None:
        raise errors.Refused(
            _("%(name)s is here already. Only an admin of theirs removes people.", name=person.name)
        )
    remove_person(onboarding, person, by=current_user)
    return _("Withdrawn: the invitation of %(name)s doesn't open anything any more.", name=person.name)


def bring_in(
    onboarding: Onboarding,
    name: str,
    email: str,
    *,
    role: PortalRole,
    job_title: str | None = None,
    stakeholder_roles: list[str],
) -> None:
    """Invite somebody as the customer's own admins do; but staff, who see every account, are told whose an
    address is not. Raises Refused at the field `email`."""
    _check_free(onboarding, email)
    add_person(
        onboarding,
        name=name,
        email=email,
        job_title=job_title,
        role=role,
        stakeholder_roles=stakeholder_roles,
        by=current_user,
    )


def name_for_later(
    onboarding: Onboarding, name: str, email: str, *, role: PortalRole, stakeholder_roles: list[str]
) -> None:
    """Put somebody on a draft's list who is invited once it starts. Raises Refused at the field `email`."""
    _check_free(onboarding, email)
    name_person(
        onboarding, name=name, email=email, role=role, stakeholder_roles=stakeholder_roles, by=current_user
    )


def _check_free(onboarding: Onboarding, email: str) -> None:
    known = User.by_email(email)
    if known is not None and known.is_staff:
        raise errors.Refused(
            _(
                "%(email)s belongs to %(name)s, who works here. Enter an address of theirs.",
                email=email,
                name=known.name,
            ),
            field="email",
        )
    if isinstance(known, Person) and known.account_id != onboarding.account_id and not known.gives_way:
        raise errors.Refused(_belongs_elsewhere(email), field="email")
