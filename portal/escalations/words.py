"""Cases in words: why, who is asked and why, what stands on the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext, to_user_timezone

from portal import clock, web
from portal.accounts.kinds import TeamRole
from portal.accounts.words import TEAM_ROLES
from portal.health.facts import DAYS
from portal.health.facts import FACTS as NAMES
from portal.health.rules import Reason
from portal.health.words import reason_text

if TYPE_CHECKING:
    from portal.escalations.models import Escalation, EscalationReason

STATES = {
    "open": _l("Nobody is on it yet"),
    "acknowledged": _l("Somebody is on it"),
    "working": _l("Being worked on"),
    "waiting_on_customer": _l("Waiting on the customer"),
    "resolved": _l("Resolved"),
    "dismissed": _l("False alarm"),
}
# What each reason is called where there is room for a few words.
REASONS = {
    "R1": _l("Too long in this stage"),
    "R2": _l("Behind the plan"),
    "R3": _l("Milestones late"),
    "R4": _l("Frustration"),
    "R5": _l("A surprise"),
    "R6": _l("Calls missed or missing"),
    "R7": _l("Low use"),
    "R8": _l("First value is late"),
    "R9": _l("Many support tickets"),
    "R10": _l("Something isn't ready"),
    "R11": _l("A success criterion is behind"),
    "R12": _l("Champion or sponsor silent or gone"),
    "R13": _l("Trouble with assessments"),
    "R14": _l("An integration fails"),
    "R15": _l("Expectations aren't settled"),
    "R16": _l("Kickoff isn't booked"),
    "stalled": _l("Nothing moves on their turn"),
    "ghosting": _l("No sign of life on their turn"),
    "engaged": _l("Signs in, finishes nothing"),
    "help": _l("They asked for a person"),
    "never_came": _l("Nobody has signed in"),
    "blocker": _l("Something technical is in the way"),
    "person": _l("A colleague asked for help"),
    "by_hand": _l("A colleague sees it at risk"),
}


def reason_title(reason: EscalationReason) -> str:
    """What a reason is called."""
    if reason.code == "person":
        text = str(reason.evidence.get("text") or REASONS["person"])
        return text if len(text) <= 80 else text[:79].rstrip() + "…"
    return str(REASONS.get(reason.code, REASONS["stalled"]))


def evidence(reason: EscalationReason) -> str:
    """What it is based on, with its numbers, as it was when the reason came."""
    if reason.code == "person":
        who = reason.evidence.get("who")
        return _("%(who)s asked for help", who=who) if who else _("A colleague asked for help")
    return _of_health(reason) or ", ".join(
        filter(None, (_fact(name, value) for name, value in reason.evidence.items()))
    )


def _of_health(reason: EscalationReason) -> str:
    """What health says of it, where it was health that saw it; empty for what a trigger saw in the plain facts."""
    for level in ("risk", "watch"):
        try:
            return reason_text(Reason(reason.code, level, reason.evidence))
        except KeyError:
            continue
    return ""


def sentence(reason: EscalationReason) -> str:
    """A reason and what it is based on, in one line."""
    found = evidence(reason)
    return (
        _("%(what)s: %(facts)s.", what=reason_title(reason), facts=found)
        if found
        else f"{reason_title(reason)}."
    )


def short(case: Escalation) -> str:
    """The first reason that still holds."""
    return reason_title(case.holding[0]) if case.holding else ""


def newest(case: Escalation) -> str:
    return reason_title(case.reasons[-1])


def _fact(name: str, value: Any) -> str:
    """One fact in words; nothing for what only says of whom a trigger speaks, and for what is so or isn't."""
    known = NAMES.get(name)
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or (known and known.kind == DAYS and value < 0)
    ):
        return ""
    if say := FACTS.get(name):
        return say(int(value))
    return f"{known.label}: {int(value)}" if known else ""


def _silent(n: int) -> str:
    return ngettext("silent for %(num)s working day", "silent for %(num)s working days", n)


def _late(n: int) -> str:
    return ngettext("%(num)s working day late", "%(num)s working days late", n)


def _pace(n: int) -> str:
    return ngettext("%(num)s point behind the plan", "%(num)s points behind the plan", -n) if n < 0 else ""


FACTS: Mapping[str, Callable[[int], str]] = {
    "silent_days": _silent,
    "pace": _pace,
    "milestone_late_days": _late,
    "prerequisite_late_days": _late,
    "first_value_late_by": _late,
    "gap_days": _late,
    "stage_age_days": lambda n: ngettext("%(num)s day in this stage", "%(num)s days in this stage", n),
    "stage_budget_days": lambda n: ngettext("%(num)s day planned", "%(num)s days planned", n),
    "milestones_late": lambda n: ngettext("%(num)s milestone late", "%(num)s milestones late", n),
    "kickoff_missing_days": lambda n: ngettext(
        "%(num)s working day after the start", "%(num)s working days after the start", n
    ),
    "active_percent": lambda n: _("%(n)s%% of people active", n=n),
    "activated_percent": lambda n: _("%(n)s%% of people activated", n=n),
    "usage_fall_percent": lambda n: _("use fell by %(n)s%% in a week", n=n),
    "tickets": lambda n: ngettext("%(num)s support ticket", "%(num)s support tickets", n),
    "no_shows": lambda n: ngettext("%(num)s call missed", "%(num)s calls missed", n),
    "invited_days": lambda n: ngettext("invited %(num)s day ago", "invited %(num)s days ago", n),
}


# --- Who ------------------------------------------------------------------------------------------


def why_owner(case: Escalation) -> str:
    """Why this person is asked, in a sentence; empty where nobody is."""
    owner, before = case.owner, case.instead_of
    if owner is None:
        return _("Nobody could be asked: no CS leader is here.")
    if before is not None:
        if before.is_away and before.away_until is not None:
            until = web.day(before.away_until, "dMMM")
            return _(
                "%(who)s is away until %(date)s; %(name)s stands in.",
                who=before.called,
                date=until,
                name=owner.called,
            )
        return _("%(name)s stands in for %(who)s.", name=owner.called, who=before.called)
    match case.owner_because:
        case "lead":
            return _("%(name)s is asked as the lead.", name=owner.called)
        case "leader":
            return _("%(name)s is asked as a CS leader.", name=owner.called)
        case "pool":
            return _(
                "Nobody on the team has this part, so %(name)s is asked: same region, fewest open cases.",
                name=owner.called,
            )
        case "given":
            return _("A colleague gave it to %(name)s.", name=owner.called)
        case "taken":
            return _("%(name)s took it.", name=owner.called)
    part = next((one.role for one in case.onboarding.team if one.staff is owner), None)
    return _("%(name)s is asked as the %(part)s.", name=owner.called, part=part_word(part)) if part else ""


def part_word(part: TeamRole) -> str:
    words: Mapping[str, Any] = TEAM_ROLES
    name = str(words[part.value])
    return name if name.isupper() else name[:1].lower() + name[1:]


# --- The clock ------------------------------------------------------------------------------------


def clock_text(until: datetime | None, left: timedelta | None = None) -> str:
    """What stands on the clock: “2 h over”, “1 h 40 left”, “today 17:00”, “tomorrow”, “Fri 13 Mar”. `left` is what of
    it is working time."""
    if until is None:
        return ""
    now = clock.now()
    if until <= now:
        return _("%(time)s over", time=span(left if left is not None else now - until))
    if left is not None and left < timedelta(hours=4) and until - now < timedelta(hours=20):
        return _("%(time)s left", time=span(left))
    day = _day(until)
    return (
        _("today %(time)s", time=web.clock_time(until))
        if day == 0
        else _("tomorrow")
        if day == 1
        else web.day(until, "EEEdMMM")
    )


def _day(moment: datetime) -> int:
    return (to_user_timezone(moment).date() - to_user_timezone(clock.now()).date()).days


WORKDAY = 8 * 60


def span(time: timedelta) -> str:
    """Working time: “40 min”, “2 h”, “1 h 40”, and in working days of eight hours from two of them on."""
    minutes = max(1, int(abs(time).total_seconds()) // 60)
    if minutes >= 2 * WORKDAY:
        return ngettext("%(num)s day", "%(num)s days", minutes // WORKDAY)
    if minutes < 60:
        return _("%(n)s min", n=minutes)
    hours, rest = divmod(minutes, 60)
    return _("%(h)s h %(min)s", h=hours, min=f"{rest:02}") if rest and hours < 8 else _("%(h)s h", h=hours)
