"""Letters about results: it is your turn, and it is agreed. One for all that waits, so a newer proposal replaces a
letter that has not left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.accounts.kinds import PortalRole
from portal.accounts.models import User
from portal.criteria.rules import Agreement, Side
from portal.criteria.words import span
from portal.notifications import letters as notifications
from portal.notifications.rules import Kind
from portal.onboardings.letters import everyone
from portal.onboardings.paper import PREHEADER, SUBJECT, Row, Section, Words, fitted, post
from portal.onboardings.record import UNDO_MINUTES

if TYPE_CHECKING:
    from portal.criteria.record import CriterionRecord
    from portal.onboardings.models import Onboarding


def turn(onboarding: Onboarding, criteria: Sequence[CriterionRecord], by: User) -> None:
    """To whoever can answer on the side that something waits for now; what waited for the other is taken back."""
    here = Side.US if by.is_staff else Side.CUSTOMER
    for side in Side:
        waiting = [one for one in criteria if one.talk.turn is side]
        about = f"criteria:{onboarding.id}:turn:{side.value}"
        readers = _ours(onboarding, waiting) if side is Side.US else _theirs(onboarding)
        due = [to for to in readers if side is not here or notifications.leaves(to, about)]
        notifications.withdraw(about)
        for to in due if waiting else ():
            post(
                to,
                Kind.CRITERIA_TURN,
                onboarding,
                lambda reader, waiting=waiting: _turn(onboarding, waiting, reader),  # type: ignore[misc]
                about=about,
                wait_minutes=UNDO_MINUTES,
                reply_to=None if by.is_staff else by,
            )


def agreed(onboarding: Onboarding, criteria: Sequence[CriterionRecord], by: User) -> None:
    """To both sides, but not to whoever agreed: what is agreed by now."""
    about = f"criteria:{onboarding.id}:agreed"
    notifications.withdraw(about)
    there = [one for one in criteria if one.is_agreed]
    for to in [*_theirs(onboarding), *_ours(onboarding, there)]:
        if to.id != by.id:
            post(
                to,
                Kind.CRITERIA_AGREED,
                onboarding,
                lambda reader: _agreed(onboarding, there, by, reader),
                about=about,
                wait_minutes=UNDO_MINUTES,
                reply_to=None if by.is_staff else by,
            )


def _theirs(onboarding: Onboarding) -> list[User]:
    deciding = (PortalRole.ADMIN, PortalRole.SPONSOR)
    return [person for person in everyone(onboarding) if person.portal_role in deciding]


def _ours(onboarding: Onboarding, criteria: Sequence[CriterionRecord]) -> list[User]:
    """Whoever of us looks after these, else the owner; their stand-ins while they are away."""
    found = {one.our_owner or onboarding.owner for one in criteria} or {onboarding.owner}
    acting = {staff.acting.id: staff.acting for staff in found if staff is not None}
    return [acting[key] for key in sorted(acting)]


# --- What they say ------------------------------------------------------------------------------


def _turn(onboarding: Onboarding, waiting: Sequence[CriterionRecord], reader: User) -> Words:
    newest = max((one.shown for one in waiting), key=lambda one: one.at)
    asked = newest.state is Agreement.CHANGES_REQUESTED
    quote, who = (newest.asked, newest.asked_by or newest.by) if asked else (newest.note, newest.by)
    n = len(waiting)
    said = ngettext(
        "%(who)s wrote about a result that both of you will be judged by. It is your turn.",
        "%(who)s wrote about results that both of you will be judged by. %(num)s of them wait for you.",
        n,
        who=who.called,
    )
    return Words(
        subject=_subject(onboarding, reader, newest.statement, _("Your turn: %(what)s")),
        preheader=_("Agree, or suggest something else. About 5 minutes.")[:PREHEADER],
        paragraphs=[said],
        sections=[Section(_("Waiting for you"), [Row(span(one.shown)) for one in waiting])],
        quote=quote,
        button=_("Look at it"),
        path=_path(onboarding, reader),
        because=_because(reader),
    )


def _agreed(onboarding: Onboarding, there: Sequence[CriterionRecord], by: User, reader: User) -> Words:
    n = len(there)
    said = ngettext(
        "%(who)s agreed. %(num)s result stands for both sides now, word for word.",
        "%(who)s agreed. %(num)s results stand for both sides now, word for word.",
        n,
        who=by.called,
    )
    return Words(
        subject=_subject(onboarding, reader, there[-1].title if there else "", _("Agreed: %(what)s")),
        preheader=_("What both sides will be judged by."),
        paragraphs=[said],
        sections=[Section(_("Agreed"), [Row(span(one.in_force)) for one in there if one.in_force])],
        button=_("Read what is agreed"),
        path=_path(onboarding, reader),
        because=_because(reader),
    )


def _subject(onboarding: Onboarding, reader: User, what: str, sentence: str) -> str:
    if reader.is_staff:
        what = f"{onboarding.account.name}, {what}"
    return fitted(SUBJECT, lambda name: sentence % {"what": name}, what)


def _path(onboarding: Onboarding, reader: User) -> str:
    if reader.is_staff:
        return f"/staff/accounts/{onboarding.account.ref}/goals?o={onboarding.ref}"
    return f"/o/{onboarding.ref}/success"


def _because(reader: User) -> str:
    if reader.is_staff:
        return _("You get this because you look after these results.")
    return _("You get this because you can agree to results for your company.")
