"""A customer's people come and go: added, suggested, given another role, removed.

An address that belongs to somebody elsewhere is never told apart from a free one (product.md 2.2). Whoever is
added with it stands on every page like anybody who was invited and hasn't come yet; no letter goes to them and
nobody signs in as them. The invitation becomes a letter to the owner of the address, who reads the truth.

An address belongs to whoever came with it, and to whoever is invited with it as long as the invitation holds.
Somebody who never came gives it up to the next who is invited once the 7 days are over, and when the invitation is
withdrawn: nobody takes away another company's invitation, and nobody keeps its addresses by inviting them first.
"""

from collections.abc import Iterable
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import IntegrityError

from portal import db
from portal.accounts.kinds import PortalRole
from portal.accounts.models import Person, Staff, User
from portal.activity.models import Audience, Verb, record
from portal.addresses import canonical, nobodys_address
from portal.auth import sessions, throttle
from portal.auth.links import invite, invited
from portal.auth.models import revoke_links
from portal.characters import first_name
from portal.errors import Refused
from portal.onboardings.creation import assign_by_role
from portal.onboardings.models import Onboarding
from portal.onboardings.paper import when
from portal.onboardings.people_letters import address_asked_for, person_suggested
from portal.onboardings.steps import Step

MOST_PEOPLE = 500
INVITED_EVERY, OWNER_TOLD_EVERY = timedelta(hours=1), timedelta(days=1)


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
    person = _on_the_list(onboarding, name, email)
    person.job_title, person.portal_role, person.stakeholder_roles = job_title, role, stakeholder_roles
    db.session.flush()
    claim_address(person)  # First, so that letters about what becomes theirs have somewhere to go.
    assign_by_role(onboarding)
    send_invitation(onboarding, person, by=by)


def name_person(
    onboarding: Onboarding,
    *,
    name: str,
    email: str,
    role: PortalRole,
    stakeholder_roles: list[str],
    by: Staff,
) -> None:
    """Put somebody on the list of a draft: they are invited once it starts, and can't sign in before."""
    person = _on_the_list(onboarding, name, email)
    person.invited_at = None
    person.portal_role, person.stakeholder_roles, person.suggested_by_id = role, stakeholder_roles, by.id
    db.session.flush()
    assign_by_role(onboarding)
    record(person, Verb.PERSON_SUGGESTED, by=by, personal={"whom": person.name}, audience=Audience.STAFF)


def invite_named(onboarding: Onboarding, *, by: User) -> list[Person]:
    """Invite those of the company whom staff have named and nobody has invited yet; returns them."""
    rows = (
        select(Person)
        .where(
            Person.suggested_by_id.in_(select(User.id).where(User.kind == "staff")),
            Person.account_id == onboarding.account_id,
            Person.invited_at.is_(None),
            Person.left_at.is_(None),
        )
        .order_by(Person.id)
    )
    named = list(db.session.scalars(rows))
    for person in named:
        send_invitation(onboarding, person, by=by)
    return named


def _on_the_list(onboarding: Onboarding, name: str, email: str) -> Person:
    """Somebody new, or somebody of this company who comes back; who is here already is refused in words."""
    email = canonical(email)
    person = _of_this_company(onboarding, email)
    if person is None:
        return _newcomer(onboarding, name, email)
    _refuse_or_return(person)
    return person


def _of_this_company(onboarding: Onboarding, email: str) -> Person | None:
    """Whoever stands on this company's list with the address, here or gone."""
    same = or_(Person.email == email, Person.asked_email == email)
    return db.session.scalar(select(Person).where(Person.account_id == onboarding.account_id, same))


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
    email = canonical(email)
    person = _of_this_company(onboarding, email)
    if person is None:
        person = _newcomer(onboarding, name, email)
    elif person.is_active:
        raise Refused(_("%(name)s is on the list already.", name=person.name), field="email")
    else:
        person.left_at = person.invited_at = person.joined_at = None
    # Whatever they were before: what a teammate proposes is a teammate.
    person.portal_role, person.stakeholder_roles = PortalRole.TEAMMATE, []
    person.suggested_by_id = by.id
    db.session.flush()
    record(person, Verb.PERSON_SUGGESTED, by=by, personal={"whom": person.name})
    person_suggested(onboarding, person, by)


def _newcomer(onboarding: Onboarding, name: str, email: str) -> Person:
    """Somebody new on this company's list; whose address it isn't gets one that belongs to nobody."""
    _check_room(onboarding)
    person = None if User.by_email(email) else _put_in(onboarding, name, email)
    if person is not None:
        return person
    if colleague := _of_this_company(onboarding, email):
        raise Refused(_("%(name)s is on the list already.", name=colleague.name), field="email")
    person = _put_in(onboarding, name, nobodys_address(), asked_email=email)
    assert person is not None
    return person


def _put_in(onboarding: Onboarding, name: str, email: str, **more: str) -> Person | None:
    """A new row; none when somebody with the same address was quicker, a moment ago."""
    try:
        with db.session.begin_nested():
            person = Person(
                account=onboarding.account,
                account_id=onboarding.account_id,
                name=name,
                called=first_name(name)[:60],
                email=email,
                portal_role=PortalRole.TEAMMATE,
                **more,
            )
            db.session.add(person)
    except IntegrityError:
        return None
    return person


def set_roles(person: Person, role: PortalRole, stakeholder_roles: list[str], *, by: User) -> None:
    """Change what somebody may do; the last admin stays one."""
    if role is not PortalRole.ADMIN:
        person.check_replaceable()
    before = person.portal_role
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


def remove_person(
    onboarding: Onboarding, person: Person, *, by: User, verb: Verb = Verb.PERSON_REMOVED
) -> list[Step]:
    """Off the road: sessions end at once, open items lose the name. Returns the items of this road that did. `verb`
    says whether they were removed or have left their company."""
    person.leave()
    sessions.end_sessions(person)
    freed = [step for step in onboarding.steps if step.assignee_id == person.id and not step.is_closed]
    for step in freed:
        step.assignee = None
    elsewhere = (
        update(Step).where(Step.assignee_id == person.id, Step.done_at.is_(None)).values(assignee_id=None)
    )
    db.session.execute(elsewhere)
    withdrawn = {"withdrawn": True} if person.invited_at and person.joined_at is None else None
    if withdrawn:
        _let_invite_again(person)
    record(person, verb, by=by, after=withdrawn, personal={"whom": person.name})
    return freed


def is_taken(person: Person) -> bool:
    """Whether the address that was asked for this person belongs to somebody else now."""
    return bool(those_taken([person]))


def those_taken(people: Iterable[Person]) -> list[Person]:
    """Those of them whose address belongs to somebody else now, with one statement at most."""
    asked = [person for person in people if person.asked_email]
    if not asked:
        return []
    owners = db.session.scalars(select(User).where(User.email.in_({person.asked_email for person in asked})))
    owned = {owner.email for owner in owners if not owner.gives_way}
    return [person for person in asked if person.asked_email in owned]


def claim_address(person: Person) -> None:
    """Give a person the address they were asked with, unless it belongs to somebody else still."""
    if person.asked_email is None or is_taken(person):
        return
    before = User.by_email(person.asked_email)
    try:
        with db.session.begin_nested():
            if isinstance(before, Person) and not _stood_aside(before):
                return
            person.email, person.asked_email = person.asked_email, None
    except IntegrityError:
        db.session.refresh(person)  # Somebody with the same address was quicker, a moment ago.


def _stood_aside(before: Person) -> bool:
    """Whether who never came gave up the address; not when they are invited again, or come in, at this moment."""
    revoke_links(before)
    db.session.refresh(before, ["joined_at", "invited_at"])
    if not before.gives_way:
        return False
    before.give_up_address()
    db.session.flush()
    return True


def _check_pace(person: Person, by: User) -> None:
    """One invitation an hour for each address, and one more where that one was withdrawn."""
    last = throttle.take(INVITED_EVERY, "invitation", str(person.account_id), person.shown_email)
    if last is not None:
        raise Refused(
            _(
                "The last invitation to %(name)s left on %(last)s. You can send the next one on %(next)s.",
                name=person.name,
                last=when(last, by),
                next=when(last + INVITED_EVERY, by),
            ),
            field="email",
        )


def _let_invite_again(person: Person) -> None:
    """What was withdrawn by mistake can be sent again at once; but once an hour, or it would be a way to fill
    somebody's letterbox."""
    whose = str(person.account_id), person.shown_email
    if throttle.take(INVITED_EVERY, "withdrawn", *whose) is None:
        throttle.forget("invitation", *whose)


def _tell_owner(onboarding: Onboarding, email: str) -> None:
    """Once a day, however often this company asks."""
    owner = User.by_email(email)
    if owner is None or owner.gives_way or not owner.may_enter:
        return
    if throttle.take(OWNER_TOLD_EVERY, "asked for", str(onboarding.account_id), str(owner.id)) is None:
        address_asked_for(owner, onboarding)


def send_invitation(onboarding: Onboarding, person: Person, *, by: User) -> None:
    """The invitation names what waits for them already; whose address it is not hears nothing of it, its owner does.

    Raises Refused within an hour of the last one, in the same words whatever the address is.
    """
    claim_address(person)
    _check_pace(person, by)
    if person.asked_email is not None:
        invited(person, by)
        _tell_owner(onboarding, person.asked_email)
        return
    waiting = [step for step in onboarding.steps if step.assignee_id == person.id and not step.is_closed]
    minutes = sum(step.minutes for step in waiting)
    invite(person, by, items=len(waiting), minutes=minutes, next_path=f"/o/{onboarding.ref}")
