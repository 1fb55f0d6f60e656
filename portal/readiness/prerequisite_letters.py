"""Letters about what is to be ready: it is yours, a pause that waits for it, and both sponsors are asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from flask_babel import ngettext

from portal import db
from portal.accounts.kinds import PortalRole, StakeholderRole, TeamRole
from portal.accounts.models import Person, Staff, User
from portal.notifications import letters as notifications
from portal.notifications.rules import Kind
from portal.onboardings.letters import admins, everyone
from portal.onboardings.paper import PREHEADER, SUBJECT, Row, Section, Words, address, fitted, post
from portal.onboardings.words import minutes
from portal.web import day

if TYPE_CHECKING:
    from portal.onboardings.holds import Hold
    from portal.onboardings.models import Onboarding
    from portal.readiness.prerequisite_record import PrerequisiteRow as Prerequisite


def asked(one: Prerequisite, by: User | None) -> None:
    """To its owner, else the admins: something is asked for that wasn't before."""
    _give(one, by, lambda: _asked_why(one))


def handed(one: Prerequisite, by: User) -> None:
    """To whoever has it now; what the one before them hasn't got yet is taken back."""

    def given() -> str:
        return _("%(name)s gave you “%(title)s” to get ready.", name=by.called, title=one.title)

    _give(one, by, given)


def forget(one: Prerequisite) -> None:
    """Take back what has not left yet: nobody asks for it any more."""
    notifications.withdraw(f"prerequisite:{one.id}")


def held(one: Prerequisite, hold: Hold, by: User) -> None:
    """To its owner and the admins: why the onboarding pauses, what ends the pause, and the template."""
    road = one.onboarding
    readers = dict.fromkeys([person for person in (one.owner, *admins(road)) if person is not None])

    def write(_reader: User) -> Words:
        date = day(hold.review_on, "dMMMM")
        said = [
            _("I'd rather pause until %(date)s than start without “%(title)s”.", date=date, title=one.title)
        ]
        ends = _("What ends the pause: %(what)s", what=one.enough)
        if one.minutes:
            ends += " " + _("It takes about %(time)s.", time=minutes(one.minutes))
        return Words(
            subject=fitted(SUBJECT, lambda what: _("A pause until %(what)s", what=what), date),
            preheader=fitted(
                PREHEADER, lambda what: _("“%(what)s” ends it, at any time", what=what), one.title
            ),
            paragraphs=[*said, ends, *([one.guidance] if one.guidance else [])],
            button=_("It's ready"),
            path=_path(road),
            because=_("You get this because this onboarding waits for it."),
            quote=hold.reason,
            sections=_files(one),
            closing=[
                _(
                    "Nothing is due while we pause. Say when it is there, and we go on, before %(date)s too.",
                    date=date,
                )
            ],
        )

    for reader in readers:
        post(reader, Kind.READINESS_HOLD, road, write, about=f"prerequisite:{one.id}:hold", reply_to=by)


def sponsors_asked(one: Prerequisite) -> list[User]:
    """To the sponsors of both sides, once: what is missing, since when, what helps. Returns who is asked."""
    road = one.onboarding
    theirs, ours = sponsors_there(road), sponsor_here(road)
    for reader in theirs:
        post(
            reader,
            Kind.SPONSORS_ASKED,
            road,
            lambda to: _to_theirs(one),
            about=f"prerequisite:{one.id}:sponsors",
        )
    if ours is not None:
        post(
            ours, Kind.SPONSORS_ASKED, road, lambda to: _to_ours(one), about=f"prerequisite:{one.id}:sponsors"
        )
    return [*theirs, *([ours] if ours else [])]


def sponsors_there(onboarding: Onboarding) -> list[Person]:
    """The customer's sponsors; without any, whoever decides there."""
    here = [person for person in everyone(onboarding) if person.may_enter]
    sponsors = [person for person in here if person.portal_role is PortalRole.SPONSOR]
    return sponsors or [one for one in here if StakeholderRole.DECISION_MAKER in one.stakeholder_roles]


def sponsor_here(onboarding: Onboarding) -> Staff | None:
    """Ours: the owner's lead, else whoever sold it, else the owner."""
    owner = onboarding.owner
    lead = db.session.get(Staff, owner.lead_id) if owner and owner.lead_id else None
    ours = lead or onboarding.on_team(TeamRole.ACCOUNT_EXECUTIVE) or owner
    return ours.acting if ours else None


# --- Their words ----------------------------------------------------------------------------------


def _asked_why(one: Prerequisite) -> str:
    asked = _("Before we begin we need one thing from you: “%(title)s”.", title=one.title)
    return f"{asked} " + _("It is needed because %(why)s.", why=one.because) if one.because else asked


def _give(one: Prerequisite, by: User | None, first: Callable[[], str]) -> None:
    road = one.onboarding
    about = f"prerequisite:{one.id}"
    notifications.withdraw(about)
    owner = one.owner
    readers: list[User] = [owner] if owner else list(admins(road))

    def write(_reader: User) -> Words:
        due = [_("It is due on %(date)s.", date=day(one.due_on))] if one.due_on else []
        time = [_("It takes about %(time)s.", time=minutes(one.minutes))] if one.minutes else []
        return Words(
            subject=fitted(SUBJECT, lambda title: _("To get ready: %(title)s", title=title), one.title),
            preheader=one.enough[:PREHEADER],
            paragraphs=[
                first(),
                _("Enough is: %(what)s", what=one.enough),
                *([one.guidance] if one.guidance else []),
                " ".join([*due, *time]),
            ],
            button=_("Open it"),
            path=_path(road),
            because=_("You get this because it is yours to get ready."),
            sections=_files(one),
            closing=[_("If something is in the way, say so there and we help.")],
        )

    if road.is_running:
        for reader in readers:
            if by is None or reader.id != by.id:
                post(reader, Kind.PREREQUISITE, road, write, about=about, reply_to=by)


def _to_theirs(one: Prerequisite) -> Words:
    road, owner = one.onboarding, one.owner
    return Words(
        subject=fitted(SUBJECT, lambda title: _("Needed from your side: %(title)s", title=title), one.title),
        preheader=_("One thing keeps the start waiting. A word from you helps."),
        paragraphs=[
            _late(one),
            _("Enough is: %(what)s", what=one.enough),
            _(
                "%(name)s has it in hand. A word from you, or an hour of somebody's, would help.",
                name=owner.name,
            )
            if owner
            else _("Nobody has it in hand yet. A name from you would help."),
        ],
        button=_("Look at it"),
        path=_path(road),
        because=_("You get this because you are the sponsor of this onboarding."),
        quote=one.in_the_way,
    )


def _to_ours(one: Prerequisite) -> Words:
    road = one.onboarding
    company, names = road.account.name, ", ".join(person.name for person in sponsors_there(road))
    return Words(
        subject=fitted(SUBJECT, lambda name: _("%(name)s: a word to their sponsor", name=name), company),
        preheader=fitted(
            PREHEADER, lambda title: _("“%(title)s” keeps the start waiting", title=title), one.title
        ),
        paragraphs=[
            _late(one),
            _("Enough is: %(what)s", what=one.enough),
            _("We have written to %(names)s as well. A call from you helps.", names=names)
            if names
            else _("They have no sponsor here. Find somebody who decides, and talk to them."),
        ],
        button=_("Open the account"),
        path=f"/staff/accounts/{road.account.ref}/prerequisites?o={road.ref}",
        because=_("You get this because you answer for this onboarding on our side."),
        quote=one.in_the_way,
    )


def _late(one: Prerequisite) -> str:
    return ngettext(
        "“%(title)s” was planned for %(date)s, %(num)s working day ago, and the work can't begin without it.",
        "“%(title)s” was planned for %(date)s, %(num)s working days ago, and the work can't begin without it.",
        one.late,
        title=one.title,
        date=day(one.due_on),
    )


def _files(one: Prerequisite) -> list[Section]:
    """Its template, where it has one."""
    if not one.file:
        return []
    url = address(f"{_path(one.onboarding)}/{one.ref}/file")
    return [Section(_("A template for it"), [Row(one.file, url=url)])]


def _path(onboarding: Onboarding) -> str:
    return f"/o/{onboarding.ref}/prerequisites"
