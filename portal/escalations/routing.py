"""Who is asked: by level, reason and part in the team; a stand-in for who is away, a lead for who is gone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto

from sqlalchemy import func, select

from portal import db
from portal.access import Role
from portal.accounts.kinds import TeamRole, Touch
from portal.accounts.models import Account, Staff, provider
from portal.calendars import Calendar, WorkingHours, zone
from portal.escalations import rules
from portal.escalations.clocks import Shift
from portal.escalations.models import Escalation
from portal.onboardings.models import Onboarding


class Because(StrEnum):
    """Why this person is asked."""

    TEAM = auto()
    POOL = auto()
    LEAD = auto()
    LEADER = auto()
    TAKEN = auto()
    GIVEN = auto()


@dataclass(frozen=True)
class Asked:
    """Who is asked, and why; `instead_of` is who would be, and is away or gone."""

    who: Staff | None
    because: Because | None
    instead_of: Staff | None = None


NOBODY = Asked(None, None)


def role_for(touch: Touch, codes: Iterable[str]) -> TeamRole:
    """Whose matter it is at level 1."""
    if rules.is_technical(codes):
        return TeamRole.INTEGRATION_SPECIALIST
    return TeamRole.CSM if touch is Touch.LOW else TeamRole.CONSULTANT


def is_here(staff: Staff | None) -> bool:
    return staff is not None and staff.is_active and not staff.is_away


def first(member: Staff | None, pool: Sequence[Staff], lead: Staff | None) -> Asked:
    """Level 1: whoever plays the part, else whoever stands in for them, else one of the same role (`pool`, in the order
    in which to ask), else their lead. NOBODY where none of them is here."""
    if is_here(member):
        return Asked(member, Because.TEAM)
    stand_in = member.stand_in if member and member.is_away else None
    if is_here(stand_in):
        return Asked(stand_in, Because.TEAM, member)
    if member is not None and is_here(lead):
        return Asked(lead, Because.LEAD, member)
    found = next((one for one in pool if one is not member), None)
    return Asked(found, Because.POOL, member) if found else NOBODY


def order(people: Iterable[Staff], account: Account, load: dict[int, int]) -> list[Staff]:
    """Those who are here, in the order in which to ask them: of the account's region, then who carries least."""
    region = (account.region or "").casefold()

    def far(one: Staff) -> tuple[bool, float, int]:
        away = region not in [name.casefold() for name in one.regions]
        return bool(region) and away, load.get(one.id, 0) / max(one.capacity, 1), one.id

    return sorted((one for one in people if is_here(one)), key=far)


# --- With the database ----------------------------------------------------------------------------


def ask(
    onboarding: Onboarding,
    level: int,
    *,
    codes: Iterable[str] = (),
    role: TeamRole | None = None,
    before: Staff | None = None,
) -> Asked:
    """Who is asked at this level; `before` is who had the case until now. NOBODY in an install without anybody."""
    account = onboarding.account
    part = role or role_for(account.touch, codes)
    member = onboarding.on_team(part)
    if level == 1:
        lead = _lead(member)
        found = first(member, _pool(account, Role(part.value)), lead)
        if found.who is None and part is not TeamRole.CONSULTANT:
            owner = onboarding.owner
            found = first(owner, [], _lead(owner))
        return found if found.who else _leader(account)
    lead = _lead(before or member or onboarding.owner)
    if level == 2 and lead is not None and lead is not before:
        stand_in = lead.stand_in if lead.is_away else None
        if is_here(lead):
            return Asked(lead, Because.LEAD)
        if is_here(stand_in):
            return Asked(stand_in, Because.LEAD, lead)
    return _leader(account, but=before)


def _lead(staff: Staff | None) -> Staff | None:
    return db.session.get(Staff, staff.lead_id) if staff is not None and staff.lead_id else None


def _leader(account: Account, but: Staff | None = None) -> Asked:
    """A CS leader, somebody else than `but` where there is another."""
    leaders = _pool(account, Role.CS_LEADER)
    found = next((one for one in leaders if one is not but), None) or next(iter(leaders), None)
    return Asked(found, Because.LEADER) if found else NOBODY


def _pool(account: Account, role: Role) -> list[Staff]:
    here = db.session.scalars(select(Staff).where(Staff.left_at.is_(None)).order_by(Staff.id))
    people = [one for one in here if role.value in one.staff_roles]
    open_now = select(Escalation.owner_id, func.count()).where(
        Escalation.resolved_at.is_(None), Escalation.owner_id.in_([one.id for one in people])
    )
    rows = db.session.execute(open_now.group_by(Escalation.owner_id)).all()
    load = {owner: count for owner, count in rows if owner is not None}
    return order(people, account, load)


def shift_of(staff: Staff | None) -> Shift:
    """When this person works; for nobody, the provider's working days."""
    if staff is None:
        return Shift(WorkingHours(calendar=Calendar(country=provider().country)), zone(provider().time_zone))
    return Shift(WorkingHours(staff.work_start, staff.work_end, staff.calendar), staff.zone)
