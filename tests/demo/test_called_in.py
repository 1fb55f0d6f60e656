"""Cases in the demo: each sort that the queue shows, and two years of those that are over."""

import pytest
from sqlalchemy import func, select

from portal import clock, db
from portal.escalations import plays
from portal.escalations.models import Escalation, EscalationState, PlayTick
from portal.escalations.queries import overdue
from portal.nudges.models import Nudge, NudgeState

OPEN = Escalation.resolved_at.is_(None)


def count(*conditions) -> int:
    return db.session.scalar(select(func.count()).select_from(Escalation).where(*conditions)) or 0


@pytest.mark.parametrize(
    ("state", "least"),
    [
        (EscalationState.OPEN, 2),
        (EscalationState.ACKNOWLEDGED, 1),
        (EscalationState.WORKING, 2),
        (EscalationState.WAITING_ON_CUSTOMER, 1),
        (EscalationState.RESOLVED, 8),
        (EscalationState.DISMISSED, 1),
    ],
)
def test_every_state_is_there(demo, state, least):
    assert count(Escalation.state == state) >= least


def test_one_has_run_out_and_two_are_with_a_leader(demo):
    assert count(OPEN, overdue()) >= 1
    assert count(OPEN, Escalation.level == 3) >= 2


def test_everybody_who_is_asked_is_somebody_and_every_play_exists(demo):
    assert count(OPEN, Escalation.owner_id.is_(None)) == 0
    used = set(db.session.scalars(select(Escalation.play)))
    assert len(used) > 4
    assert used <= set(plays.shipped())


def test_what_is_over_says_what_was_learned(demo):
    over = list(db.session.scalars(select(Escalation).where(Escalation.state == EscalationState.RESOLVED)))
    by_people = [one for one in over if one.resolved_by_id is not None]
    assert all(one.cause and one.helped and one.trigger_right is not None for one in by_people)
    assert len({one.cause for one in by_people}) == len(by_people) >= 8
    assert min(one.opened_at for one in over).year <= clock.now().year - 1
    assert {True, False} <= {one.trigger_right for one in by_people}


def test_plays_are_half_ticked(demo):
    assert db.session.scalar(select(func.count()).select_from(PlayTick)) > 10


def test_follow_ups_wait_for_approval_each_with_its_letter(demo):
    waiting = list(db.session.scalars(select(Nudge).where(Nudge.state == NudgeState.NEEDS_APPROVAL)))
    assert len(waiting) >= 1
    assert all(one.subject and one.body and one.person.is_reachable for one in waiting)
