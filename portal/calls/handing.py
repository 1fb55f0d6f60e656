"""What becomes of booked calls when one of ours takes over from another, and when their onboarding is cancelled."""

from __future__ import annotations

from sqlalchemy import select

from portal import clock, db
from portal.accounts.models import Staff, User
from portal.activity.models import Audience, Verb, record
from portal.calendars import Span
from portal.calls import rules
from portal.calls.diaries import diary, host_for, is_away_at, one_at_a_time
from portal.calls.letters import News
from portal.calls.models import REASON, Call, taken
from portal.calls.rules import CallState
from portal.onboardings.models import Onboarding


def pass_on(onboarding: Onboarding, before: Staff, to: Staff, *, by: User) -> list[Call]:
    """`to` holds from now on what `before` was to hold here, as far as it is part of what `to` has; to be done once the
    team has changed. Whoever is to join hears of it.

    Returns the calls that need another time, because `to` has none then: they stay with whoever holds them until they
    are moved. One that has begun is `to`'s to log.
    """
    one_at_a_time(to)
    booked = select(Call).where(Call.onboarding_id == onboarding.id, Call.state == CallState.SCHEDULED)
    theirs = [
        call
        for call in db.session.scalars(booked.order_by(Call.start, Call.id))
        if _goes_along(call, before, to)
    ]
    return [call for call in theirs if not _taken_over(call, to, by)]


def _goes_along(call: Call, before: Staff, to: Staff) -> bool:
    """Whether it was to be held by `before`, or in their place while they are away, and is no other part of theirs."""
    holds = call.next_host or call.owner
    whose = host_for(call.step, call.onboarding)
    if holds is before:
        return whose is to or before not in [member.staff for member in call.onboarding.team]
    return holds is before.stand_in and whose is to and is_away_at(before, call.start)


def _taken_over(call: Call, to: Staff, by: User) -> bool:
    """Let `to` hold it, when they can; False when it needs another time for that."""
    if call.owner is to:
        call.next_host = None
        return True
    if not call.is_ahead:
        call.next_host = to
        return True
    if not _is_free(to, call.span):
        call.next_host = to
        record(
            call, Verb.CALL_NEEDS_TIME, by=by, onboarding=call.onboarding, personal={"whom": to.name},
            audience=Audience.STAFF,
        )  # fmt: skip
        return False
    former = call.give_to(to)
    call.sequence += 1
    record(call, Verb.CALL_PASSED_ON, by=by, onboarding=call.onboarding, personal={"whom": to.name})
    call.tell(News.PASSED_ON, by=by, former=former)
    return True


def _is_free(staff: Staff, span: Span) -> bool:
    """Whether they work and have no other call in this whole span."""
    own = diary(staff)
    return rules.both_at_work(own, own, span) and not rules.overlaps(span, taken(staff, clock.now()))


# --- Cancelled ----------------------------------------------------------------------------------


def call_off(onboarding: Onboarding, reason: str, *, by: User) -> list[Call]:
    """Cancel every call of this onboarding that is ahead; returns them, soonest first."""
    ahead = select(Call).where(
        Call.onboarding_id == onboarding.id, Call.state == CallState.SCHEDULED, Call.start > clock.now()
    )
    calls = list(db.session.scalars(ahead.order_by(Call.start, Call.id)))
    for call in calls:
        call.cancel(reason[:REASON], by=by)
    return calls
