"""Evenings and mornings of triggers, on real rows."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from types import SimpleNamespace
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from portal import db, jobs
from portal.escalations import trigger_acts, trigger_run
from portal.escalations.models import Escalation, TriggerFiring
from portal.health import jobs as health
from portal.health import standing
from portal.health.models import FactsDay
from portal.onboardings.models import Onboarding

MONDAY, TUESDAY, FRIDAY = date(2026, 3, 9), date(2026, 3, 10), date(2026, 3, 13)


def at(clock: Any, day: date, hour: int) -> None:
    """That hour in Lisbon, which is UTC's until 29 March."""
    db.session.commit()
    clock.at(datetime.combine(day, time(hour), UTC))


def evening(clock: Any, day: date) -> None:
    """The facts of the day are kept, and triggers look at them."""
    at(clock, day, 19)
    health.evening()
    trigger_run.evaluate()
    db.session.expire_all()


def morning(clock: Any, day: date, hour: int = 10) -> None:
    """What is due fires."""
    at(clock, day, hour)
    trigger_acts.fire_due()
    db.session.expire_all()


def answered() -> int:
    """Do the jobs that triggers are waiting with; how many."""
    db.session.commit()
    done = 0
    while claim := jobs.claim():
        if claim.kind == "triggers.answer":
            trigger_acts.answer(claim)
            done += 1
        else:
            with claim.finish():
                pass
    db.session.expire_all()
    return done


def firings(key: str | None = None) -> Sequence[TriggerFiring]:
    rows = select(TriggerFiring).order_by(TriggerFiring.id)
    return db.session.scalars(rows.filter_by(key=key) if key else rows).all()


def the_case() -> Escalation:
    return db.session.scalars(select(Escalation)).one()


def no_case() -> bool:
    return db.session.scalars(select(Escalation)).first() is None


def the_facts_are(monkeypatch: Any, road: Onboarding, day: date, **facts: Any) -> None:
    """What was true of the road that evening, and is of whoever looks again."""
    known = {
        "state": "active",
        "touch": "low",
        "segment": "smb",
        "programme": 45,
        "stage": "training",
        **facts,
    }
    db.session.query(FactsDay).filter_by(onboarding_id=road.id, day=day).delete()
    db.session.add(FactsDay(account_id=road.account_id, onboarding_id=road.id, day=day, facts=known))
    found = SimpleNamespace(as_json=lambda _road, _today: known, verdict=SimpleNamespace(reasons=()))
    monkeypatch.setattr(standing, "look", lambda ids: dict.fromkeys(ids, found))
    db.session.commit()


def looked(clock: Any, day: date) -> None:
    """Triggers look at the evening that `the_facts_are` has made."""
    at(clock, day, 19)
    trigger_run.evaluate()
    db.session.expire_all()


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are made meanwhile."""
    made: list[str] = []

    def note(*call: Any) -> None:
        made.append(call[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield made
    finally:
        event.remove(Engine, "before_cursor_execute", note)
