"""Who of us carries how much: the team against its capacity, and one person's onboardings to hand over."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import format_datetime
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from portal import clock, db, web
from portal.access import visible
from portal.accounts.models import Staff, TeamMember
from portal.accounts.words import STAFF_ROLES, TEAM_ROLES
from portal.desk.loads import load_of_each, loaded
from portal.onboardings.models import Onboarding
from portal.onboardings.states import LIVE
from portal.onboardings.steps import WITH_US, Step
from portal.onboardings.words import STAGE_TITLES, facts


@dataclass(frozen=True)
class Load:
    """One of us in the table. `share` is what they carry of what they can, in per cent, at most 150."""

    staff: Staff
    url: str
    roles: str
    carried: int
    share: int
    over: bool
    waiting: int
    here: str


def loads() -> list[Load]:
    """Everybody who works with customers, whoever carries most of what they can first. Three statements."""
    rows = select(Staff).where(Staff.left_at.is_(None)).options(joinedload(Staff.stand_in))
    people = [one for one in db.session.scalars(rows) if one.staff_roles != ["site_admin"]]
    carried, waiting = load_of_each(), _waiting()
    found = [_load(one, carried.get(one.id, 0), waiting.get(one.id, 0)) for one in people]
    return sorted(found, key=lambda one: (-one.share, one.staff.name))


def _waiting() -> dict[int, int]:
    """How many steps of running onboardings wait for each of us."""
    rows = (
        select(Step.assignee_id, func.count())
        .where(WITH_US, Step.ours_since.is_not(None), Step.assignee_id.in_(select(Staff.id)))
        .group_by(Step.assignee_id)
    )
    return {staff_id: count for staff_id, count in db.session.execute(rows) if staff_id is not None}


def _load(staff: Staff, carried: int, waiting: int) -> Load:
    share = round(100 * carried / staff.capacity) if staff.capacity else 100 if carried else 0
    return Load(
        staff=staff,
        url=url_for("desk.member", ref=staff.ref),
        roles=facts(STAFF_ROLES[role] for role in staff.staff_roles),
        carried=carried,
        share=min(share, 150),
        over=carried > staff.capacity,
        waiting=waiting,
        here=here(staff),
    )


def here(staff: Staff) -> str:
    """“away until 12 Mar, June stands in”, or the time where they are."""
    if staff.is_away and staff.away_until is not None:
        until = web.short_day(staff.away_until)
        if staff.stand_in is None:
            return _("away until %(date)s, nobody stands in", date=until)
        return _("away until %(date)s, %(name)s stands in", date=until, name=staff.stand_in.called)
    now = clock.now().astimezone(staff.zone)
    return _(
        "%(time)s in %(place)s",
        time=format_datetime(now, "HH:mm", rebase=False),
        place=web.city(str(staff.zone)),
    )


# --- One of us ----------------------------------------------------------------------------------


def held_by(staff: Staff) -> list[dict[str, Any]]:
    """The live onboardings on whose team they are, with the parts they play; two statements."""
    rows = (
        visible(Onboarding)
        .where(
            Onboarding.state.in_(LIVE),
            Onboarding.id.in_(select(TeamMember.onboarding_id).where(TeamMember.staff_id == staff.id)),
        )
        .options(joinedload(Onboarding.account), joinedload(Onboarding.product))
    )
    found = list(db.session.scalars(rows.order_by(Onboarding.turn, Onboarding.turn_order, Onboarding.id)))
    parts = select(TeamMember).where(
        TeamMember.staff_id == staff.id, TeamMember.onboarding_id.in_([one.id for one in found])
    )
    played: dict[int, list[str]] = {}
    for member in db.session.scalars(parts.order_by(TeamMember.id)):
        played.setdefault(member.onboarding_id, []).append(str(TEAM_ROLES[member.role]))
    return [
        {
            "ref": one.ref,
            "name": one.account.name,
            "apart": one.product.name,
            "url": url_for("desk.account", ref=one.account.ref, o=one.ref),
            "parts": ", ".join(played.get(one.id, [])),
            "stage": str(STAGE_TITLES[one.current_stage]),
            "percent": one.percent,
            "due": web.short_day(one.next_due_on),
        }
        for one in found
    ]


def colleagues_of(staff: Staff) -> list[tuple[str, str]]:
    """Who can take over or stand in: everybody else, each with what they carry."""
    load = load_of_each()
    rows = select(Staff).where(Staff.left_at.is_(None), Staff.id != staff.id).order_by(Staff.name)
    people: Iterable[Staff] = db.session.scalars(rows)
    return [(one.ref, loaded(one, load)) for one in people if one.staff_roles != ["site_admin"]]
