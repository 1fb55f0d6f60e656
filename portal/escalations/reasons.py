"""The reasons of a case: what holds, what holds no more, and what holds again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from portal import clock, db
from portal.escalations.models import Escalation, EscalationReason, TriggerFiring


@dataclass(frozen=True)
class Why:
    """One reason: a word (a reason of health, a trigger, or `person` with `{"text": …}`) and its evidence as it is now;
    `trigger` is the one that saw it."""

    code: str
    evidence: dict[str, Any]
    trigger: str | None = None


def reason_of(case: Escalation, why: Why) -> EscalationReason:
    """It as a row of this case."""
    return EscalationReason(
        account_id=case.account_id, code=why.code, trigger=why.trigger, evidence=why.evidence, at=clock.now()
    )


def is_same(reason: EscalationReason, why: Why) -> bool:
    """Whether this is that reason once more; what people write is as different as their words."""
    own_words = why.code == "person" and reason.evidence.get("text") != why.evidence.get("text")
    return (reason.code, reason.trigger) == (why.code, why.trigger) and not own_words


def holds_again(reason: EscalationReason, why: Why) -> None:
    """It came back, with the evidence of now."""
    reason.cleared_on, reason.evidence, reason.at = None, why.evidence, clock.now()


def note_clear(case: Escalation) -> None:
    """A case is clear since the last of its reasons is; what a person asked for never clears by itself."""
    days = [reason.cleared_on for reason in case.reasons]
    case.clear_since = max(day for day in days if day) if days and all(days) else None


def settle_all_but(case: Escalation, whys: Sequence[Why], today: date) -> None:
    """A resolved case is about these now, and about what its triggers still see. The rest went with its resolution:
    nothing would ever say of it that it holds no more."""
    lasting = set(
        db.session.scalars(
            select(TriggerFiring.key).where(
                TriggerFiring.escalation_id == case.id, TriggerFiring.cleared_on.is_(None)
            )
        )
    )
    for reason in case.reasons:
        why = next((one for one in whys if is_same(reason, one)), None)
        if why is not None:
            holds_again(reason, why)
        elif reason.trigger not in lasting and reason.cleared_on is None:
            reason.cleared_on = today
