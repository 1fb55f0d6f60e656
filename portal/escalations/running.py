"""The two clocks of a case: they start, stand still, go on, and begin anew when something was done."""

from datetime import datetime, timedelta

from portal import clock
from portal.escalations import clocks, routing
from portal.escalations.models import Escalation
from portal.health import thresholds


def start(case: Escalation) -> None:
    """Both begin anew, in the owner's working time."""
    shift, limits, now = routing.shift_of(case.owner), _limits(case), clock.now()
    case.acknowledge_by = clocks.reached(now, timedelta(hours=limits.acknowledge_hours), shift)
    case.act_by = clocks.reached(now, limits.act_days * shift.day, shift)
    case.acknowledge_left = case.act_left = case.chased_at = None


def renew(case: Escalation, since: datetime | None = None) -> None:
    """Something was done: the next is due after the same time again."""
    shift = routing.shift_of(case.owner)
    case.act_by = clocks.reached(since or clock.now(), _limits(case).act_days * shift.day, shift)
    case.act_left = case.chased_at = None


def stop(case: Escalation) -> None:
    """They stand still, and keep what they had left."""
    shift, now = routing.shift_of(case.owner), clock.now()

    def left(until: datetime | None) -> int | None:
        return int(clocks.worked(now, until, shift).total_seconds()) if until else None

    if case.acknowledge_by or case.act_by:
        case.acknowledge_left, case.act_left = left(case.acknowledge_by), left(case.act_by)
        case.acknowledge_by = case.act_by = None


def go_on(case: Escalation, since: datetime | None = None) -> None:
    """They run again with what they had left, from `since` on (now, when left out)."""
    shift, begins = routing.shift_of(case.owner), since or clock.now()

    def until(left: int | None) -> datetime | None:
        return None if left is None else clocks.reached(begins, timedelta(seconds=left), shift)

    case.acknowledge_by, case.act_by = until(case.acknowledge_left), until(case.act_left)
    case.acknowledge_left = case.act_left = None


def _limits(case: Escalation) -> thresholds.Thresholds:
    return thresholds.of(case.onboarding.account.segment)
