"""What the facts say of what they must have ready, and of the results that were agreed."""

from datetime import date
from typing import Any

from portal.criteria import rules
from portal.health.sources import Sources
from portal.onboardings.models import Onboarding
from portal.readiness.prerequisite_rules import days_late


def promised_facts(road: Onboarding, read: Sources, today: date, details: dict[str, Any]) -> dict[str, int]:
    """By the names of `facts`; titles go into `details`."""
    return {**_ready(road, read, today, details), **_criteria(road, read, today, details)}


def _ready(road: Onboarding, read: Sources, today: date, details: dict[str, Any]) -> dict[str, int]:
    late = {}
    for title, facts in read.ready[road.id]:
        days = days_late(facts, today, road.account.calendar, running=road.is_running)
        if days:
            late[facts.blocking, days] = title
    if not late:
        return {}
    details["gap"] = late[max(late)]
    blocking = max((days for blocks, days in late if blocks), default=0)
    return {"prerequisite_late_days": max(days for _blocks, days in late), "gap_days": blocking}


def _criteria(road: Onboarding, read: Sources, today: date, details: dict[str, Any]) -> dict[str, int]:
    """A checkpoint that passed without its value, and a must-have that the line through its last two days misses, or
    whose own day has passed. What nobody has measured is neither."""
    missed = misses = 0
    for terms in read.criteria[road.id]:
        if rules.pace_of(terms, terms.points, terms.readings, today) is not rules.Pace.BEHIND:
            continue
        ahead = rules.forecast(terms, terms.readings)
        short = ahead is not None and not rules.reached(terms, ahead)
        if terms.must_have and (short or terms.target_on < today):
            misses += 1
            details["criterion"] = terms.statement
        else:
            missed += 1
            details.setdefault("criterion", terms.statement)
    return {"criterion_missed": missed, "criterion_forecast_misses": misses}
