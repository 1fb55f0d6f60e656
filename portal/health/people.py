"""What the facts say of the people of one onboarding: who came, who is seen, who is missing."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from portal.accounts.kinds import StakeholderRole
from portal.calls.rules import CallState
from portal.health.sources import PersonLine, Sources
from portal.onboardings.models import Onboarding


def people_facts(
    road: Onboarding, read: Sources, today: date, now: datetime, signalled: Collection[str]
) -> dict[str, Any]:
    """By the names of `facts`. `signalled` are the roles that somebody of ours noticed the loss of."""
    people = read.people[road.account_id]
    here = [one for one in people if one.left_at is None and one.asked]
    champions = [one for one in here if StakeholderRole.CHAMPION in one.roles]
    sponsors = [one for one in here if one.is_sponsor]
    gone = [
        one
        for one in people
        if one.left_at is not None and road.started_at and one.left_at >= road.started_at
    ]
    invited = [one.invited_at for one in here if one.invited_at is not None]
    first = min(invited).astimezone(road.account.zone).date() if invited else None
    return {
        "invited_days": (today - first).days if first else None,
        "anyone_signed_in": any(one.joined_at is not None for one in people),
        "champion_silent_days": _silent(road, read, champions, today),
        "champion_left": "champion" in signalled or _lost(gone, champions, _is_champion),
        "sponsor_left": "sponsor" in signalled or _lost(gone, sponsors, _is_sponsor),
        "sponsor_missing": _missing(road, read, sponsors, now),
    }


def _is_champion(one: PersonLine) -> bool:
    return StakeholderRole.CHAMPION in one.roles


def _is_sponsor(one: PersonLine) -> bool:
    return one.is_sponsor


def _lost(gone: Iterable[PersonLine], left: Collection[PersonLine], plays: Any) -> bool:
    """Whether somebody who played the part went, and nobody plays it now."""
    return not left and any(plays(one) for one in gone)


def _silent(road: Onboarding, read: Sources, champions: Iterable[PersonLine], today: date) -> int | None:
    """Days since the one who was here last was seen. Before the portal was open, and on hold, nobody is missed."""
    if not road.is_running or road.started_at is None:
        return None
    zone = road.account.zone
    held = [pause.until for pause in road.pauses if pause.until is not None]
    since = max([road.started_at.astimezone(zone).date(), *held])
    days = []
    for one in champions:
        traces = [read.seen_at.get(one.id), one.invited_at, one.joined_at]
        seen = [trace.astimezone(zone).date() for trace in traces if trace is not None]
        visited = read.visited_on.get(one.id)
        days.append((today - max([since, *seen, *([visited] if visited else [])])).days)
    return max(0, min(days)) if days else None


def _missing(road: Onboarding, read: Sources, sponsors: Collection[PersonLine], now: datetime) -> str:
    """What the sponsor, or any of them, should have come for and has not: the kickoff, then their signature."""
    absent = {one.id for one in sponsors if one.joined_at is None}
    if absent & read.unsigned[road.id]:
        return "signing"
    begun = any(
        call.kind == "kickoff" and (call.state is CallState.HELD or call.start <= now)
        for call in read.calls[road.id]
    )
    return "kickoff" if begun and absent and len(absent) == len(sponsors) else ""
