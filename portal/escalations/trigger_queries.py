"""What triggers did and would do, read for their pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from portal import clock, db
from portal.access import visible
from portal.escalations import trigger_rules as rules
from portal.escalations.models import Escalation, TriggerFiring
from portal.health.models import FactsDay
from portal.onboardings.models import Onboarding
from portal.onboardings.states import OnboardingState
from portal.playbooks.trigger_set import TriggerSpec

WINDOW = timedelta(days=90)
# An evening's facts are today's until the next evening; those of somebody on the other side of the world, a day more.
FRESH = timedelta(days=2)
WITH_FACTS = (OnboardingState.PREPARING, OnboardingState.ACTIVE)


@dataclass(frozen=True)
class Tally:
    """How often one fired in the last 90 days, how many of these were judged and right, and how many last now."""

    fired: int = 0
    judged: int = 0
    right: int = 0
    lasting: int = 0


def tallies() -> dict[str, Tally]:
    """By key; one statement. Counts only: whose they are is nobody's secret among staff."""
    since = clock.now() - WINDOW
    recent = TriggerFiring.fired_at >= since
    rows = (
        select(
            TriggerFiring.key,
            func.count().filter(recent),
            func.count().filter(recent, Escalation.trigger_right.is_not(None)),
            func.count().filter(recent, Escalation.trigger_right.is_(True)),
            func.count().filter(TriggerFiring.cleared_on.is_(None)),
        )
        .outerjoin(Escalation, Escalation.id == TriggerFiring.escalation_id)
        .where(recent | TriggerFiring.cleared_on.is_(None))
        .group_by(TriggerFiring.key)
    )
    return {key: Tally(*counts) for key, *counts in db.session.execute(rows)}


@dataclass(frozen=True)
class Match:
    """One onboarding of which a condition is true, with the facts of its last evening."""

    onboarding: Onboarding
    facts: Mapping[str, Any]


def matching(spec: TriggerSpec) -> list[Match]:
    """Of which of the viewer's it is true on the last evening. Two statements, and one more where it asks for several
    evenings in a row."""
    latest = _evenings(spec.for_days)
    found = {
        one: facts[0]
        for one, facts in latest.items()
        if facts[0].get("state") != rules.ON_HOLD and rules.has_lasted(spec, facts[0], facts[1:])
    }
    rows = (
        visible(Onboarding)
        .where(Onboarding.id.in_(found), Onboarding.state.in_(WITH_FACTS))
        .options(joinedload(Onboarding.account), joinedload(Onboarding.product))
    )
    return [Match(road, found[road.id]) for road in db.session.scalars(rows)]


def _evenings(n: int) -> dict[int, list[dict[str, Any]]]:
    """The last n evenings of everything that has one, the latest first."""
    today = clock.today()
    rows = (
        select(FactsDay.onboarding_id, FactsDay.day, FactsDay.facts)
        .where(FactsDay.day > today - FRESH - timedelta(days=n))
        .order_by(FactsDay.day.desc(), FactsDay.id)
    )
    found: dict[int, list[dict[str, Any]]] = {}
    days: dict[int, date] = {}
    for road, day, facts in db.session.execute(rows):
        first = days.setdefault(road, day)
        if first >= today - FRESH and day > first - timedelta(days=n):
            found.setdefault(road, []).append(facts)
    return found


def last_firings(key: str, most: int) -> list[TriggerFiring]:
    """The latest that fired among the viewer's, with the cases they led to; one statement."""
    rows = (
        visible(TriggerFiring)
        .where(TriggerFiring.key == key, TriggerFiring.fired_at.is_not(None))
        .order_by(TriggerFiring.fired_at.desc(), TriggerFiring.id.desc())
        .limit(most)
        .options(
            joinedload(TriggerFiring.onboarding).joinedload(Onboarding.account),
            joinedload(TriggerFiring.escalation).joinedload(Escalation.owner),
        )
    )
    return list(db.session.scalars(rows))


def fired_since(key: str) -> list[tuple[datetime, bool | None]]:
    """When it fired in the last 90 days, and whether that was judged right; one statement."""
    rows = (
        select(TriggerFiring.fired_at, Escalation.trigger_right)
        .outerjoin(Escalation, Escalation.id == TriggerFiring.escalation_id)
        .where(TriggerFiring.key == key, TriggerFiring.fired_at >= clock.now() - WINDOW)
        .order_by(TriggerFiring.fired_at)
    )
    return [(at, right) for at, right in db.session.execute(rows) if at is not None]
