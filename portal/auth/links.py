"""Making links that sign somebody in: asked for on the sign-in page, sent with an invitation, printed by a command."""

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select

from portal import clock, db
from portal.accounts.models import Person, User
from portal.activity.models import Audience, Verb, record
from portal.auth import letters
from portal.auth.models import Purpose, SignInLink
from portal.errors import Refused


def invite(person: Person, by: User, *, items: int = 0, minutes: int = 0, next_path: str = "/") -> SignInLink:
    """Invite `person` in a letter from `by`, in the person's language, with a link that lives 7 days.

    `items` and `minutes` are what waits for them already; the letter names them when there are any. Inviting
    again sends a new link and the old one dies. Raises Refused for somebody who left.
    """
    invited(person, by)
    link = SignInLink.issue(person, Purpose.INVITATION, by=by, next_path=next_path)
    letters.put_invitation(link, by, items=items, minutes=minutes)
    return link


def invited(person: Person, by: User) -> None:
    """Keep that `by` invited `person` now. Raises Refused for somebody who left."""
    if not person.is_active:
        raise Refused(
            _("%(name)s has left this road. Add them again before inviting them.", name=person.name)
        )
    again = {"again": True} if person.invited_at else None
    person.invited_at, person.invited_by_id = clock.now(), by.id
    record(person, Verb.PERSON_INVITED, by=by, after=again, personal={"whom": person.name})


def link_for(user: User) -> str:
    """An absolute single-use link for `user`, made at once and living 10 minutes. Raises Refused for one who left."""
    if not user.may_enter:
        raise Refused(_("%(name)s has left, or isn't invited yet, and can't sign in.", name=user.name))
    link = SignInLink.issue(user, Purpose.SIGN_IN)
    token, _code = link.mint()
    db.session.flush()
    record(user, Verb.SIGNIN_LINK_MADE, by=None, audience=Audience.STAFF)
    return letters.address_of(token)


def nobody_yet() -> bool:
    """Whether this install has no user at all."""
    return db.session.scalar(select(User.id).limit(1)) is None


def contact() -> str:
    """The address that people write to when they can't get in."""
    address: str = current_app.config["PORTAL"].mail_from
    return address


def why_spent(found: SignInLink | None) -> str:
    """Why a link doesn’t open the door any more, in a sentence that tells only its holder’s own facts."""
    if found is None or found.expires_at is None:
        return _("This link isn’t complete, or it isn’t one of ours.")
    zone, locale = found.user.zone, letters.locale_of(found.user)
    if found.used_at:
        return _(
            "This link was used on %(when)s. Each link works once.",
            when=letters.moment(found.used_at, zone, locale),
        )
    if found.revoked_at:
        return _("A newer link was made for you after this one, and it took its place.")
    return _("This link worked until %(when)s.", when=letters.moment(found.expires_at, zone, locale))
