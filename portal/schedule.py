"""The whole timetable on one page: name, how often, which function.

Whoever takes an entry moves its `next_run` first, by compare-and-set, so of many workers one does it. A run that
fails is not repeated until its next time: each function finds all that is due, so nothing is forgotten.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import String, select, update
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock, db, jobs, mail, uploads
from portal.activity import heads
from portal.auth import jobs as auth
from portal.auth import seeing
from portal.db import Base
from portal.desk import jobs as desk
from portal.escalations import jobs as escalations
from portal.escalations import trigger_acts, trigger_run
from portal.health import jobs as health
from portal.nudges import ladder
from portal.onboardings import jobs as onboardings
from portal.plans import expiring, printing
from portal.plans import jobs as plans
from portal.readiness import prerequisite_jobs as prerequisites
from portal.road import jobs as road
from portal.usage import jobs as usage
from portal.usage import reacting

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

log = structlog.get_logger(__name__)


class ScheduledRun(Base):
    """When an entry was last taken, and when its next time is."""

    __tablename__ = "scheduled_run"

    name: Mapped[str] = mapped_column(String(64), unique=True)
    last_run: Mapped[datetime]
    next_run: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timetable. The function opens its own transactions, one account at a time where it
    touches customers, and running it twice changes nothing the second time."""

    name: str
    every: timedelta
    function: Callable[[], object]


TIMETABLE = [
    Entry("jobs.sweep", MINUTE, jobs.sweep),
    Entry("mail.sweep", MINUTE, mail.sweep),
    Entry("jobs.prune", DAY, jobs.prune),
    Entry("auth.tidy", DAY, auth.tidy),
    Entry("activity.note_heads", HOUR, heads.note),
    Entry("auth.end_overdue_views", 5 * MINUTE, seeing.end_overdue),
    Entry("uploads.sweep", DAY, lambda: _whole(uploads.sweep)),
    Entry("onboardings.begin_due", 15 * MINUTE, onboardings.begin_due),
    Entry("onboardings.draw_up_followers", HOUR, onboardings.draw_up_followers),
    Entry("onboardings.pass_turns", 15 * MINUTE, onboardings.pass_turns),
    Entry("onboardings.remind", HOUR, onboardings.remind),
    Entry("onboardings.promise_late", HOUR, onboardings.promise_late),
    Entry("triggers.evaluate", 15 * MINUTE, trigger_run.evaluate),
    Entry("triggers.fire", 5 * MINUTE, trigger_acts.fire_due),
    Entry("escalations.pass_clocks", 5 * MINUTE, escalations.pass_clocks),
    Entry("health.refresh_changed", 5 * MINUTE, health.refresh_changed),
    Entry("health.evening", HOUR, health.evening),
    Entry("plans.sweep_seals", MINUTE, plans.sweep),
    Entry("plans.expire", HOUR, expiring.expire),
    Entry("plans.remind", HOUR, expiring.remind),
    Entry("plans.sweep", DAY, lambda: _whole(printing.sweep)),
    Entry("readiness.ask_sponsors", DAY, prerequisites.ask_sponsors),
    Entry("nudges.plan_due", HOUR, ladder.plan_due),
    Entry("nudges.send_due", 5 * MINUTE, ladder.send_due),
    Entry("usage.look_again", HOUR, reacting.look_again),
    Entry("usage.resolve", MINUTE, usage.resolve),
    Entry("usage.find_people", HOUR, usage.find_people),
    Entry("usage.prune", DAY, usage.prune),
    Entry("desk.send_mornings", 5 * MINUTE, desk.send_mornings),
    Entry("road.send_digests", 15 * MINUTE, road.send_digests),
]


def _whole(function: Callable[[], object]) -> None:
    """Run a function that leaves the transaction to its caller."""
    with db.transaction():
        function()


def run_due(timetable: list[Entry] | None = None, stop: Callable[[], bool] = lambda: False) -> int:
    """Do the entries that are due until `stop()` says so; returns how many. Give it to `worker.work`."""
    entries = TIMETABLE if timetable is None else timetable
    waiting = _waiting()
    due = (entry for entry in entries if entry.name not in waiting)
    return sum(_run(entry) for entry in due if not stop() and _taken(entry))


def _waiting() -> set[str]:
    """The entries whose next time has not come: one read, so that an idle worker asks for no lock."""
    with db.reading():
        return set(db.session.scalars(select(ScheduledRun.name).where(ScheduledRun.next_run > clock.now())))


def _taken(entry: Entry) -> bool:
    now = clock.now()
    times = {"last_run": now, "next_run": now + entry.every}
    with db.transaction():
        if jobs.insert_if_new(ScheduledRun, name=entry.name, **times):
            return True
        due = update(ScheduledRun).where(ScheduledRun.name == entry.name, ScheduledRun.next_run <= now)
        result = db.session.execute(due.values(**times).returning(ScheduledRun.id))
        return result.first() is not None


def _run(entry: Entry) -> int:
    try:
        entry.function()
    except Exception as error:  # noqa: BLE001 — one entry must not keep the others from running
        log.error("timetable entry failed", entry=entry.name, error=jobs.place_of(error))
    return 1
