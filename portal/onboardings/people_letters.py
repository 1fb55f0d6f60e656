"""Letters about who joins: a teammate's suggestion, and an address that somebody asked for elsewhere."""

from flask_babel import gettext as _

from portal.accounts.models import Person, User
from portal.notifications.rules import Kind
from portal.onboardings.letters import admins
from portal.onboardings.models import Onboarding
from portal.onboardings.paper import Words, post


def person_suggested(onboarding: Onboarding, person: Person, by: User) -> None:
    """To the admins: somebody proposes a colleague."""

    def write(_reader: User) -> Words:
        return Words(
            subject=_("%(who)s suggests a colleague", who=by.called)[:50],
            preheader=_("One tap invites them, or leaves them out."),
            paragraphs=[
                _(
                    "%(who)s thinks %(name)s (%(email)s) should be on the road.",
                    who=by.called,
                    name=person.name,
                    email=person.shown_email,
                )
            ],
            button=_("Decide"),
            path=f"/o/{onboarding.ref}/people",
            because=_("You get this because you are an admin of this onboarding."),
        )

    for admin in admins(onboarding):
        post(admin, Kind.HELP_ASKED, onboarding, write, about=f"suggested:{person.id}")


def _own_invitation(owner: User) -> list[str]:
    if not isinstance(owner, Person) or owner.joined_at is not None:
        return []
    return [_("The invitation to the onboarding of %(company)s still holds.", company=owner.account.name)]


def address_asked_for(owner: User, onboarding: Onboarding) -> None:
    """To the owner of an address that another company wanted to invite; the page told them nothing."""

    def write(_reader: User) -> Words:
        return Words(
            subject=_("Somebody tried to invite your address"),
            preheader=_("Nothing has changed; you have nothing to do."),
            paragraphs=[
                _("Another company asked us to invite %(email)s to their onboarding.", email=owner.email),
                _("Your address belongs to you here already, so we did nothing and told them nothing."),
                *_own_invitation(owner),
            ],
            button=_("Go to your start page"),
            path="/",
            because=_("You get this because your address was entered on an invitation."),
        )

    post(owner, Kind.SECURITY, onboarding, write)
