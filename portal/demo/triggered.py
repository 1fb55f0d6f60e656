"""What triggers did: each case that one of them opened is a time that it fired; and what waits for them is answered."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal import clock, db, jobs
from portal.activity.models import Activity
from portal.demo import post
from portal.demo.days import Days
from portal.escalations import trigger_acts, trigger_run
from portal.escalations.models import Escalation, EscalationReason, TriggerFiring
from portal.health import jobs as health
from portal.health import standing
from portal.health.models import FactsDay
from portal.jobs import Job
from portal.playbooks.triggers import standard


def tell(days: Days) -> None:
    """Everything that triggers have to do with, up to yesterday's end; what they find then fires in the morning."""
    with clock.frozen(days.end - timedelta(minutes=15)):
        _keep_an_earlier_evening(days)
        trigger_run.evaluate()
        with db.transaction(), post.unwritten():
            _remember()
            _answer()


def _keep_an_earlier_evening(days: Days) -> None:
    """What was true the evening before: some triggers ask for two in a row."""
    noted = select(FactsDay.onboarding_id).order_by(FactsDay.onboarding_id)
    with clock.frozen(days.end - timedelta(hours=44)), db.transaction():
        found = standing.look(db.session.scalars(noted).all())
        health.note(found, dict.fromkeys(found, days.today - timedelta(days=2)))


def _remember() -> None:
    """A firing for each reason that a trigger gave a case: entered the evening before, over when the case is."""
    rows = (
        select(EscalationReason, Escalation)
        .join(Escalation, Escalation.id == EscalationReason.escalation_id)
        .where(EscalationReason.trigger.is_not(None))
        .order_by(EscalationReason.id)
        .options(joinedload(Escalation.onboarding))
    )
    specs = {spec.key: spec for spec in standard().triggers}
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    lasting = {
        (one.onboarding_id, one.key): one
        for one in db.session.scalars(select(TriggerFiring).where(TriggerFiring.cleared_on.is_(None)))
    }
    for reason, case in db.session.execute(rows):
        spec = specs[str(reason.trigger)]
        zone = case.onboarding.account.zone
        entered = reason.at.astimezone(zone).date() - timedelta(days=0 if spec.at_once else 1)
        over = reason.cleared_on or (case.resolved_at.astimezone(zone).date() if case.resolved_at else None)
        done = [place for place, action in enumerate(spec.then) if (action.level or 1) <= case.level]
        if over is None and (entering := lasting.get((case.onboarding_id, spec.key))):
            entering.entered_on, entering.fired_at, entering.fire_at = entered, reason.at, None
            entering.done, entering.escalation = done, case
            continue
        found.setdefault(
            (case.onboarding_id, spec.key, entered),
            {
                "account_id": case.account_id, "onboarding_id": case.onboarding_id, "key": spec.key,
                "entered_on": entered, "fired_at": reason.at, "cleared_on": over, "facts": reason.evidence,
                "done": done, "escalation_id": case.id,
            },
        )  # fmt: skip
    if found:
        jobs.insert_new(TriggerFiring, list(found.values()))


def _answer() -> None:
    """What waits for an answer of theirs gets it now: the worker that starts afterwards has no past to answer for."""
    waiting = select(Job).where(Job.kind == "triggers.answer", Job.done_at.is_(None)).order_by(Job.id)
    for job in db.session.scalars(waiting).all():
        trigger_acts.respond(db.session.get_one(Activity, job.payload["activity"]))
        job.done_at = clock.now()
