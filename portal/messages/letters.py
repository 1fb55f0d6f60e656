"""Letters about a message: to those it names, else to whoever is to answer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from portal.accounts.models import Person, Staff, User
from portal.notifications.rules import Kind
from portal.onboardings.paper import PREHEADER, SUBJECT, Words, fitted, post

if TYPE_CHECKING:
    from portal.messages.models import Message


def written(message: Message, readers: Sequence[User], askers: Sequence[User]) -> None:
    """Tell those whom a new message concerns; `askers` hear at once, because it answers them."""
    for user in readers:
        post(
            user,
            Kind.MESSAGE,
            message.onboarding,
            partial(_words, message),
            about=f"message:{message.ref}",
            reply_to=message.author,
            just_asked=user in askers,
        )


def receivers(message: Message, people: Sequence[User], askers: Sequence[User]) -> list[User]:
    """Those it names, before an absent one of ours their stand-in; for what we wrote also whoever asked what it
    answers and whoever has the step. Else the owner for what a customer wrote, and the customer's admins for what we
    wrote.

    `people` are all who can be addressed in its thread, `askers` those of the customer who wait for an answer.
    """
    named = _with_stand_ins([user for user in people if user.id in message.mentions], message.author)
    if not message.author.is_staff:
        owner = message.onboarding.owner
        return named or ([owner.acting] if owner else [])
    if named and all(user.is_staff for user in named):
        return named  # A word among us answers nobody.
    customers = [user for user in people if isinstance(user, Person)]
    assignee = message.step.assignee_id if message.step else None
    theirs = [user for user in customers if user.id == assignee and not named]
    return list(dict.fromkeys([*named, *askers, *theirs])) or [user for user in customers if user.is_admin]


def _with_stand_ins(named: Sequence[User], author: User) -> list[User]:
    pairs = [(user.acting if isinstance(user, Staff) else user, user) for user in named]
    found = dict.fromkeys(user for pair in pairs for user in pair)
    return [user for user in found if user.id != author.id]


def path_for(message: Message, user: User) -> str:
    """Where this reader answers: staff at the desk, customers at the step it is about, else in the thread."""
    onboarding, step = message.onboarding, message.step
    if user.is_staff:
        about = f"&step={step.ref}" if step else ""
        return f"/staff/accounts/{onboarding.account.ref}/messages?o={onboarding.ref}{about}#{message.ref}"
    if step is None:
        return f"/o/{onboarding.ref}/messages#{message.ref}"
    return f"/o/{onboarding.ref}/steps/{step.ref}#talk"


def _words(message: Message, user: User) -> Words:
    who, title = message.author.called, message.step.title if message.step else ""
    if message.step is None:
        subject = fitted(SUBJECT, lambda name: _("%(name)s wrote to you", name=name), who)
        said = _("%(name)s wrote to you:", name=message.author.name)
    else:
        subject = fitted(SUBJECT, lambda what: _("%(name)s on “%(title)s”", name=who[:20], title=what), title)
        said = _("%(name)s wrote to you about “%(title)s”:", name=message.author.name, title=title)
    return Words(
        subject=subject,
        preheader=" ".join(message.body.split())[:PREHEADER],
        paragraphs=[said],
        button=_("Answer %(name)s", name=who),
        path=path_for(message, user),
        because=_("You get this because the message is meant for you."),
        quote=message.body,
    )
