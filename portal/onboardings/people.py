"""A customer's people come and go: added, suggested, given another role, removed.

An address that belongs to somebody at another company is never told apart from a free one: the answer to the
page is the same, and the owner of the address is mailed (product.md 2.2).
"""

from flask_babel import gettext as _
from sqlalchemy import func, select, update

from portal import db
from portal.accounts.kinds import PortalRole
from portal.accounts.models import Person, User
from portal.activity.models import Verb, record
from portal.auth import sessions
from portal.auth.links import invite
from portal.errors import Refused
from portal.onboardings.creation import assign_by_role
from portal.onboardings.models import Onboarding
from portal.onboardings.people_letters import address_asked_for, person_suggested
from portal.onboardings.steps import Step

MOST_PEOPLE = 500


def add_person(
    onboarding: Onboarding,
    *,
    name: str,
    email: str,
    job_title: str | None,
    role: PortalRole,
    stakeholder_roles: list[str],
    by: User,
) -> None:
    """Invite somebody; one of the same company who is there already is refused in words."""
    known = User.by_email(email)
    if isinstance(known, Person) and known.account_id == onboarding.account_id:
        _refuse_or_return(known)
        person = known
    elif known is not None:
        address_asked_for(known, onboarding)
        return
    else:
        _check_room(onboarding)
        person = _newcomer(onboarding, name, email)
        db.session.add(person)
    person.job_title, person.portal_role, person.stakeholder_roles = job_title, role, stakeholder_roles
    db.session.flush()
    assign_by_role(onboarding)
    send_invitation(onboarding, person, by=by)


def _refuse_or_return(person: Person) -> None:
    """Somebody who left may come back; somebody who is here is not invited twice by this form."""
    if person.may_enter:
        raise Refused(
            _("%(name)s is on the list already. Send the invitation again from there.", name=person.name),
            field="email",
        )
    person.left_at = person.joined_at = None


def _check_room(onboarding: Onboarding) -> None:
    count = select(func.count()).select_from(Person).where(Person.account_id == onboarding.account_id)
    if (db.session.scalar(count) or 0) >= MOST_PEOPLE:
        raise Refused(_("There are %(most)s people here already. Remove some first.", most=MOST_PEOPLE))


def suggest_person(onboarding: Onboarding, name: str, email: str, *, by: User) -> None:
    """A teammate's suggestion: a person who is not invited, and can't sign in, until an admin says so."""
    known = User.by_email(email)
    if isinstance(known, Person) and known.account_id == onboarding.account_id:
        if known.is_active:
            raise Refused(_("%(name)s is on the list already.", name=known.name), field="email")
        person = known
        person.left_at = person.invited_at = person.joined_at = None
    elif known is not None:
        address_asked_for(known, onboarding)
        return
    else:
        _check_room(onboarding)
        person = _newcomer(onboarding, name, email)
        db.session.add(person)
    # Whatever they were before: what a teammate proposes is a teammate.
    person.portal_role, person.stakeholder_roles = PortalRole.TEAMMATE, []
    person.suggested_by_id = by.id
    db.session.flush()
    record(person, Verb.PERSON_SUGGESTED, by=by, onboarding=onboarding, personal={"whom": person.name})
    person_suggested(onboarding, person, by)


def _newcomer(onboarding: Onboarding, name: str, email: str) -> Person:
    return Person(
        account=onboarding.account,
        account_id=onboarding.account_id,
        name=name,
        called=name.split()[0][:60],
        email=email,
        stakeholder_roles=[],
        learning_style=[],
    )


def set_roles(person: Person, role: PortalRole, stakeholder_roles: list[str], *, by: User) -> None:
    """Change what somebody may do; the last admin stays one."""
    before = person.portal_role
    if before is PortalRole.ADMIN and role is not PortalRole.ADMIN and person.is_last_admin:
        raise Refused(_("%(name)s is the only admin. Make someone else an admin first.", name=person.name))
    person.portal_role, person.stakeholder_roles = role, stakeholder_roles
    if role is PortalRole.SPONSOR:
        # A sponsor reads and signs; what had their name on it is free for others.
        theirs = update(Step).where(Step.assignee_id == person.id, Step.done_at.is_(None))
        db.session.execute(theirs.values(assignee_id=None))
    record(
        person,
        Verb.ROLE_CHANGED,
        by=by,
        before={"role": before},
        after={"role": role},
        personal={"whom": person.name},
    )


def remove_person(onboarding: Onboarding, person: Person, *, by: User) -> list[Step]:
    """Off the road: sessions end at once, open items lose the name. Returns the items of this road that did."""
    person.leave()
    sessions.end_sessions(person)
    freed = [step for step in onboarding.steps if step.assignee_id == person.id and not step.is_closed]
    for step in freed:
        step.assignee = None
    elsewhere = (
        update(Step).where(Step.assignee_id == person.id, Step.done_at.is_(None)).values(assignee_id=None)
    )
    db.session.execute(elsewhere)
    record(person, Verb.PERSON_REMOVED, by=by, onboarding=onboarding, personal={"whom": person.name})
    return freed


def send_invitation(onboarding: Onboarding, person: Person, *, by: User) -> None:
    """The invitation names what waits for them already."""
    waiting = [step for step in onboarding.steps if step.assignee_id == person.id and not step.is_closed]
    minutes = sum(step.minutes for step in waiting)
    invite(person, by, items=len(waiting), minutes=minutes, next_path=f"/o/{onboarding.ref}")
