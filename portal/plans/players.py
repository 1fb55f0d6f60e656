"""Who does what on either side, as the plan says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.accounts.kinds import PortalRole, StakeholderRole, TeamRole
from portal.accounts.models import Person, Staff, User, provider
from portal.accounts.words import TEAM_ROLES
from portal.onboardings.models import Onboarding
from portal.onboardings.states import StepState
from portal.onboardings.words import facts
from portal.plans.document import Player
from portal.plans.words import OURS_DO
from portal.scope.models import Scope
from portal.scope.rules import NeedKind
from portal.scope.words import hours

FEW = 3  # Modules that a line names.
ORDER = {PortalRole.ADMIN: 0, PortalRole.TEAMMATE: 1, PortalRole.SPONSOR: 2}

Written = Mapping[str, Mapping[str, str]]  # By the key of a part, what was written of whoever plays it.


class Part(NamedTuple):
    """Somebody in one part; one of ours may play two. `key` is what their words are kept by."""

    key: str
    user: User
    player: Player


def parts_of(
    onboarding: Onboarding, scope: Scope, theirs: Sequence[Player], ours: Sequence[Player]
) -> list[Part]:
    """Everybody whom the plan names, each with their line of it."""
    keyed: list[tuple[str, User]] = [(one.ref, one) for one in taking_part(onboarding, scope)]
    keyed += [(_key(role, staff), staff) for role, staff in team_of(onboarding)]
    lines = [*theirs, *ours]
    return [Part(key, user, line) for (key, user), line in zip(keyed, lines, strict=True)]


def theirs_of(onboarding: Onboarding, scope: Scope, written: Written) -> tuple[Player, ...]:
    """The customer's people who have a part in it."""
    time = _time(scope)
    return tuple(
        _player(
            person,
            _part(person),
            _does(onboarding, person),
            hours(time.get(person.id, 0)),
            written.get(person.ref, {}),
        )
        for person in taking_part(onboarding, scope)
    )


def taking_part(onboarding: Onboarding, scope: Scope) -> list[Person]:
    """Admins first, sponsors last; of the others those who have something to do or to bring."""
    busy = {step.assignee_id for step in onboarding.steps if step.state is not StepState.SKIPPED}
    busy |= {player.id for need in scope.wanted if (player := scope.player(need))}
    here = [person for person in onboarding.account.people if person.may_enter]
    found = [person for person in here if person.portal_role is not PortalRole.TEAMMATE or person.id in busy]
    return sorted(found, key=lambda person: (ORDER[person.portal_role], person.id))


def ours_of(onboarding: Onboarding, written: Written) -> tuple[Player, ...]:
    """Those of us who work on it or take over after it."""
    return tuple(
        _player(
            staff, str(TEAM_ROLES[role]), str(OURS_DO[role]), _reach(role), written.get(_key(role, staff), {})
        )
        for role, staff in team_of(onboarding)
    )


def team_of(onboarding: Onboarding) -> list[tuple[TeamRole, Staff]]:
    """Each of us that the plan names, by part."""
    return [(role, staff) for role in OURS_DO if (staff := onboarding.on_team(role))]


def _key(role: TeamRole, staff: Staff) -> str:
    return f"{role.value}-{staff.ref}"


def _player(who: Person | Staff, part: str, does: str, time: str, own: Mapping[str, str]) -> Player:
    return Player(name=who.name, part=part, does=own.get("does") or does, time=own.get("time") or time)


def _part(person: Person) -> str:
    decides = StakeholderRole.DECISION_MAKER in person.stakeholder_roles
    return facts(
        [
            _("decides") if decides else "",
            _("sponsor") if person.portal_role is PortalRole.SPONSOR else "",
            person.job_title,
            _("admin of the portal") if person.is_admin else "",
        ]
    )


def _does(onboarding: Onboarding, person: Person) -> str:
    if person.is_admin:
        return _("Agrees goals and plan, says when you are done")
    if person.portal_role is PortalRole.SPONSOR:
        return _("Stands behind the plan, and helps where something is in the way")
    modules = dict.fromkeys(
        step.module.title
        for step in onboarding.steps
        if step.assignee_id == person.id and step.visible and step.state is not StepState.SKIPPED
    )
    titles = list(modules)
    more = len(titles) - FEW
    rest = ngettext("%(num)s more", "%(num)s more", more) if more > 0 else ""
    return facts([*titles[:FEW], rest]) or _("Takes part when a colleague asks")


def _time(scope: Scope) -> dict[int, int]:
    """The minutes a week that were confirmed for each person."""
    found: dict[int, int] = {}
    for need in scope.wanted:
        player = scope.player(need)
        if need.kind is NeedKind.PEOPLE and need.is_confirmed and player:
            found[player.id] = found.get(player.id, 0) + (need.minutes or 0)
    return found


def _reach(role: TeamRole) -> str:
    if role is TeamRole.CSM:
        return _("after graduation")
    count = provider().reply_hours
    return ngettext("within %(num)s working hour", "within %(num)s working hours", count)
