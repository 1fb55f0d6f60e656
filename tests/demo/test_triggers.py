"""The demo's triggers: what opened a case has fired, several did in 90 days, and nothing of the past waits for an
answer."""

from datetime import UTC, datetime, time, timedelta

from sqlalchemy import func, select

from portal import clock, db
from portal.escalations.models import EscalationReason, TriggerFiring
from portal.escalations.trigger_queries import tallies
from portal.health.models import FactsDay
from portal.jobs import Job


def test_every_reason_that_a_trigger_saw_is_a_time_that_it_fired(demo) -> None:
    seen = db.session.execute(
        select(EscalationReason.escalation_id, EscalationReason.trigger).where(
            EscalationReason.trigger.is_not(None)
        )
    ).all()
    fired = set(db.session.execute(select(TriggerFiring.escalation_id, TriggerFiring.key)).all())
    assert set(seen) - fired == set()
    assert len(seen) >= 20


def test_several_triggers_fired_in_the_last_90_days_and_some_were_judged(demo) -> None:
    found = {key: tally for key, tally in tallies().items() if tally.fired}
    assert len(found) >= 3, found
    assert any(tally.right for tally in found.values())
    assert any(tally.lasting for tally in found.values())


def test_two_evenings_are_kept_and_what_they_bring_is_due_from_the_next_working_moment_on(demo) -> None:
    days = db.session.scalars(select(FactsDay.day).distinct().order_by(FactsDay.day)).all()
    today = clock.now().date()
    assert days[-2:] == [today - timedelta(days=2), today - timedelta(days=1)]
    due = db.session.scalars(select(TriggerFiring.fire_at).where(TriggerFiring.fire_at.is_not(None))).all()
    assert due
    assert min(due) >= datetime.combine(today, time(), UTC) - timedelta(hours=1)


def test_nothing_of_the_past_waits_for_an_answer(demo) -> None:
    waiting = select(func.count()).where(Job.kind == "triggers.answer", Job.done_at.is_(None))
    assert db.session.scalar(waiting) == 0
