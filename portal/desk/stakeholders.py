"""A customer's people as staff look at them: who decides, who champions it, who is silent, who never came."""

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from portal import clock, web
from portal.accounts.kinds import PortalRole, StakeholderRole
from portal.accounts.models import Person
from portal.accounts.words import PORTAL_ROLES, STAKEHOLDER_ROLES, TEAM_ROLES
from portal.auth.queries import last_seen
from portal.desk.forms import InviteForm
from portal.desk.waits import Open
from portal.onboardings.models import Onboarding
from portal.onboardings.people import those_taken
from portal.onboardings.words import facts

SILENT = timedelta(days=14)  # A champion who isn't seen for so long is worth a word (product.md 2.8, R12).


def people_of(now: Open) -> dict[str, Any]:
    """The tab: the map, everybody in a table, and our own people."""
    rows, everybody = people_rows(now.onboarding), now.onboarding.account.people
    team = [(member.staff, str(TEAM_ROLES[member.role])) for member in now.onboarding.team]
    return {
        "people": rows,
        "taken": {person.ref for person in those_taken([one for one in everybody if one.is_active])},
        "parts": _map(rows),
        "team": team,
        "invite_form": InviteForm(formdata=None).called("invite"),
    }


def people_rows(onboarding: Onboarding) -> list[dict[str, Any]]:
    """Everybody of the customer's, those who are here first."""
    seen = last_seen([person.id for person in onboarding.account.people])
    people = sorted(onboarding.account.people, key=lambda person: not person.is_active)
    return [_row(person, seen.get(person.id)) for person in people]


def _row(person: Person, seen: datetime | None) -> dict[str, Any]:
    never = person.is_active and person.joined_at is None
    return {
        "name": person.name,
        "email": person.shown_email,
        "role": str(PORTAL_ROLES[person.portal_role]),
        "who": facts(STAKEHOLDER_ROLES[role] for role in person.stakeholder_roles),
        "parts": _parts(person),
        "job": person.job_title or "",
        "seen": _seen_text(person, seen),
        "here": person.is_active,
        "never": never,
        "silent": never or (person.is_active and _is_silent(person, seen)),
        "invited": person.invited_at is not None,
        "ref": person.ref,
    }


def _parts(person: Person) -> set[str]:
    sponsor = {"sponsor"} if person.portal_role is PortalRole.SPONSOR else set()
    return sponsor | set(person.stakeholder_roles)


def _is_silent(person: Person, seen: datetime | None) -> bool:
    champion = StakeholderRole.CHAMPION in person.stakeholder_roles
    return champion and (seen or person.joined_at or clock.now()) < clock.now() - SILENT


def _seen_text(person: Person, seen: datetime | None) -> str:
    """When they were last here; of those who never were, since when they are invited."""
    if person.left_at is not None:
        if person.joined_at is not None:
            return _("left %(date)s", date=web.short_day(person.left_at))
        return _("invitation withdrawn") if person.invited_at else _("left out")
    if person.joined_at is not None:
        return _ago(seen or person.joined_at)
    if person.invited_at is not None:
        return _("invited %(date)s, never here", date=web.short_day(person.invited_at))
    return _("not invited")


def _ago(seen: datetime) -> str:
    said = web.short_day(seen)
    return _("seen today") if said == web.short_day(clock.now()) else _("seen %(date)s", date=said)


# --- The map ------------------------------------------------------------------------------------


def _map(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Who plays each part; the parts that every onboarding needs stand there even when nobody does."""
    needed = [
        (StakeholderRole.DECISION_MAKER, _("Decides")),
        (StakeholderRole.CHAMPION, _("Champions it")),
        (StakeholderRole.IT_CONTACT, _("IT contact")),
        (PortalRole.SPONSOR, _("Sponsors and signs")),
    ]
    others = [(StakeholderRole.BILLING_CONTACT, _("Billing")), (StakeholderRole.END_USER, _("Will use it"))]
    here = [row for row in rows if row["here"]]
    parts = [
        {"title": title, "people": [row for row in here if key in row["parts"]], "needed": must}
        for listed, must in ((needed, True), (others, False))
        for key, title in listed
    ]
    return [part for part in parts if part["needed"] or part["people"]]
