"""What the day says of an onboarding, asked of its rows; and which reason that leads to."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from portal import clock as clocks
from portal import db
from portal.health.facts import Facts
from portal.health.queries import gather
from portal.health.rules import assess
from portal.health.thresholds import SHIPPED
from portal.onboardings.models import Onboarding

MONDAY = date(2026, 3, 9)


def on(clock: Any, day: date, hour: int = 10) -> None:
    db.session.flush()
    clock.at(datetime.combine(day, time(hour), UTC))


def known(road: Onboarding) -> Facts:
    db.session.flush()
    return gather([road], clocks.now())[road.id]


def said(road: Onboarding, code: str) -> list[str]:
    """How loudly this reason is given."""
    found = assess(known(road), SHIPPED[road.account.segment])
    return [one.level for one in found.reasons if one.code == code and not one.is_ours_to_book]


def days_of(clock: Any, road: Onboarding, days: list[date], fact: str, code: str) -> dict[int, tuple]:
    """On each of these days, by its day of the month: the fact and the levels of the reason."""
    found = {}
    for day in days:
        on(clock, day)
        found[day.day] = getattr(known(road), fact), said(road, code)
    return found


def since(first: date, count: int) -> list[date]:
    return [first + timedelta(days=n) for n in range(count)]
