"""The answers act on the road: at once until our consultant has confirmed them or the plan is signed, as proposals
afterwards."""

from typing import TYPE_CHECKING

from flask_babel import gettext as _

from portal import db
from portal.onboardings.signals import Signal, SignalKind
from portal.readiness.effects import EffectState, ReadinessEffect
from portal.readiness.facts import road_facts
from portal.readiness.rules import effects_of

if TYPE_CHECKING:
    from portal.accounts.models import User
    from portal.readiness.models import ReadinessSubmission

OTHERWISE = frozenset({EffectState.CONTESTED, EffectState.DECLINED, EffectState.OVERRULED})


def react(submission: "ReadinessSubmission", *, by: "User | None") -> None:
    """Bring the road in line with what is answered now; doing it twice changes nothing. `by` is who answered."""
    road, settled = submission.onboarding, submission.is_settled
    rows = {row.key: row for row in submission.effects}
    decided = {
        row.target for row in rows.values() if row.kind in ("include", "exclude") and row.state in OTHERWISE
    }
    decisions = effects_of(submission.kit, submission.given, road_facts(road, frozenset(decided)))
    asked: list[ReadinessEffect] = []
    for place, decision in enumerate(decisions):
        new = ReadinessEffect.of(decision)
        row = rows.get(new.key, new)
        row.position, row.minutes = place, decision.minutes
        row.rules, row.because = list(decision.rules), list(decision.because)
        if row is new:
            row.account_id = road.account_id
            submission.effects.append(row)
        asked.append(row)
    db.session.flush()
    waited = _waiting(submission)
    for row in submission.effects:
        if row not in asked:
            row.fall(settled=settled)
    # The first rule's module is put first last, so that it stands before the others'.
    for row in sorted(asked, key=lambda one: -one.position if one.kind == "put_first" else 0):
        row.stand(settled=settled)
    submission.keep_topics()
    road.settle()
    if settled and (new_ones := [row for row in _waiting(submission) if row not in waited]):
        _ask_us(new_ones[0], by)


def _waiting(submission: "ReadinessSubmission") -> list[ReadinessEffect]:
    return [row for row in submission.effects if row.waits_for_us and row.kind != "wave"]


def _ask_us(effect: ReadinessEffect, by: "User | None") -> None:
    """Our consultant finds on their day that something waits to be decided, once."""
    submission = effect.submission
    owner = submission.onboarding.owner
    signals = [one.signal for one in submission.effects if one.signal and one.kind != "signal"]
    if owner is None or any(signal.settled_at is None for signal in signals):
        return
    who = by.called if by else _("Someone")
    if submission.is_confirmed:
        text = _("%(who)s changed answers that were confirmed. Decide in Readiness what changes.", who=who)
    else:
        text = _("%(who)s answered since the plan was signed. Decide in Readiness what changes.", who=who)
    effect.signal = Signal.give(submission.onboarding, SignalKind.SURPRISE, text, by=owner)
