"""Letters about a hand-off: to whoever is to accept it, and back to whoever wrote it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from portal.accounts.models import Staff, User
from portal.notifications.rules import Kind
from portal.onboardings.paper import PREHEADER, SUBJECT, Words, fitted, post

if TYPE_CHECKING:
    from portal.handoffs.models import Handoff


def submitted(handoff: Handoff, by: Staff) -> None:
    """To the owner, or their stand-in: it is complete and waits."""
    owner = handoff.onboarding.owner
    if owner is None or owner.acting.id == by.id:
        return
    company = handoff.onboarding.account.name

    def write(_reader: User) -> Words:
        return Words(
            subject=fitted(
                SUBJECT, lambda name: _("The hand-off of %(company)s is yours", company=name), company
            ),
            preheader=_("Why they bought, what was promised, who matters. About 5 minutes."),
            paragraphs=[
                _("%(who)s has written down why %(company)s bought.", who=by.name, company=company),
                _("Accept it, or return it with what you still need."),
            ],
            button=_("Read the hand-off"),
            path=f"/staff/handoffs/{handoff.ref}",
            because=_("You get this because you own this onboarding."),
            quote=handoff.quote,
        )

    _post(owner.acting, handoff, write, by)


def returned(handoff: Handoff, by: Staff) -> None:
    """To whoever wrote it: what is still needed."""
    company = handoff.onboarding.account.name

    def write(_reader: User) -> Words:
        return Words(
            subject=fitted(
                SUBJECT, lambda name: _("%(company)s: one more thing to write", company=name), company
            ),
            preheader=_("Your hand-off came back with what is still needed."),
            paragraphs=[_("%(who)s returned your hand-off and needs this:", who=by.name)],
            button=_("Complete it"),
            path=f"/staff/handoffs/{handoff.ref}",
            because=_("You get this because you wrote this hand-off."),
            quote=handoff.returned_why,
        )

    _post(handoff.author, handoff, write, by)


def accepted(handoff: Handoff, by: Staff) -> None:
    """To whoever wrote it: they can let go."""
    company = handoff.onboarding.account.name

    def write(_reader: User) -> Words:
        return Words(
            subject=fitted(SUBJECT, lambda name: _("%(company)s is in good hands", company=name), company),
            preheader=_("%(who)s accepted your hand-off.", who=by.name)[:PREHEADER],
            paragraphs=[_("%(who)s accepted your hand-off of %(company)s.", who=by.name, company=company)],
            button=_("Open the account"),
            path=f"/staff/accounts/{handoff.onboarding.account.ref}?o={handoff.onboarding.ref}",
            because=_("You get this because you wrote this hand-off."),
        )

    _post(handoff.author, handoff, write, by)


def _post(to: Staff, handoff: Handoff, write: Callable[[User], Words], by: Staff) -> None:
    if to.id != by.id:
        post(to, Kind.HANDOFF, handoff.onboarding, write, about=f"handoff:{handoff.ref}", reply_to=by)
