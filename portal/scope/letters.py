"""The letter that both lists wait for an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _

from portal.access import Can
from portal.accounts.models import Staff, User
from portal.notifications import letters as notifications
from portal.notifications.rules import Kind
from portal.onboardings.letters import everyone
from portal.onboardings.paper import Row, Section, Words, post

if TYPE_CHECKING:
    from portal.scope.models import Scope

FEW = 5  # Lines of what is not in; the page has them all.


def waits(scope: Scope, by: Staff) -> None:
    """To whoever can agree for the customer: what is in, what is not, and what they bring. An earlier letter that
    hasn't left is taken back."""
    forget(scope)

    def write(_reader: User) -> Words:
        return _words(scope, by)

    for person in everyone(scope.onboarding):
        if person.may(Can.AGREE_SCOPE):
            post(person, Kind.SCOPE, scope.onboarding, write, about=_about(scope), reply_to=by)


def forget(scope: Scope) -> None:
    """Nothing waits any more, so a letter that says so doesn't leave."""
    notifications.withdraw(_about(scope))


def _about(scope: Scope) -> str:
    return f"scope:{scope.onboarding_id}"


def _words(scope: Scope, by: Staff) -> Words:
    again = bool(scope.since_agreed)
    said = (
        _(
            "%(who)s changed what you agreed. What you agreed stays in force until you agree the new list.",
            who=by.called,
        )
        if again
        else _(
            "%(who)s wrote down what is in, what is not and why, and what we need from you.", who=by.called
        )
    )
    no = [Row(item.statement) for item in scope.standing if item.side == "not_in"][:FEW]
    needs = [Row(need.what) for need in scope.unanswered][:FEW]
    titled = [(_("Not in this onboarding"), no), (_("What we need from you"), needs)]
    return Words(
        subject=_("Your list has changed") if again else _("What is in, and what is not: your answer"),
        preheader=_("About 10 minutes to read, ask and agree."),
        paragraphs=[said, _("Agree it, or ask about any line; you can also say what you can't release.")],
        button=_("Read the list"),
        path=f"/o/{scope.onboarding.ref}/scope",
        because=_("You get this because you can agree it for your company."),
        sections=[Section(title, rows) for title, rows in titled if rows],
    )
