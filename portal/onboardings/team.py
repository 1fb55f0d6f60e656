"""Who of us plays which part in an onboarding, once it is under way."""

from flask_babel import gettext as _

from portal import web
from portal.accounts.kinds import TeamRole
from portal.accounts.models import Staff, TeamMember, User
from portal.activity.models import Verb, record
from portal.errors import Refused
from portal.onboardings.models import Onboarding
from portal.onboardings.states import LIVE


def assign(onboarding: Onboarding, role: TeamRole, staff: Staff, *, by: User) -> Staff | None:
    """Give a part to somebody of ours, with the open steps that go with it. Returns who played it before.

    Doing it twice changes nothing. Raises Refused when the onboarding is over, or they are away or can't play the part.
    """
    member = next((one for one in onboarding.team if one.role is role), None)
    before = member.staff if member else None
    if before is staff:
        return before
    _check(onboarding, role, staff)
    if member is None:
        onboarding.team.append(TeamMember(account_id=onboarding.account_id, staff=staff, role=role))
    else:
        member.staff = staff
    for step in onboarding.steps:
        free = step.assignee_id is None or (before is not None and step.assignee_id == before.id)
        if free and not step.is_closed and step.spec.assignee == role:
            step.assignee, step.assignee_id = staff, staff.id
    record(
        onboarding,
        Verb.TEAM_ASSIGNED,
        by=by,
        onboarding=onboarding,
        before={"role": role, "staff": before.ref if before else None},
        after={"role": role, "staff": staff.ref},
        personal={"whom": staff.name},
    )
    onboarding.take_turn()
    return before


def _check(onboarding: Onboarding, role: TeamRole, staff: Staff) -> None:
    if onboarding.state not in LIVE:
        raise Refused(_("This onboarding is over, so its team stays as it was."))
    if not staff.is_active or role.value not in staff.staff_roles:
        raise Refused(
            _("%(name)s can't play this part. Choose someone else.", name=staff.name), field="staff"
        )
    if staff.is_away and staff.away_until is not None:
        raise Refused(
            _(
                "%(name)s is away until %(date)s. Choose someone who is here.",
                name=staff.name,
                date=web.day(staff.away_until, "dMMMM"),
            ),
            field="staff",
        )
