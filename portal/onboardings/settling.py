"""What follows from the steps by itself: stages open and complete, milestones are reached, lists get their columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from portal import clock, db
from portal.accounts.models import User
from portal.activity.models import Verb, record
from portal.onboardings import planning, progress
from portal.onboardings.links import Links, links_of
from portal.onboardings.outline import Outline
from portal.onboardings.snapshot import snapshot, weight_done
from portal.onboardings.states import FINAL, OnboardingState, StageState, StepState
from portal.onboardings.turns import TurnFacts, order_of, turn_of

if TYPE_CHECKING:
    from portal.onboardings.models import Onboarding
    from portal.onboardings.record import StepRecord as Step
    from portal.onboardings.stages import Stage
    from portal.onboardings.standing import Standing


def settle(onboarding: Onboarding, *, finished: Step | None = None, road: Outline | None = None) -> None:
    """Bring all that is derived from the steps of `onboarding` up to date. Doing it twice changes nothing.

    `finished` is the step that was just done: those whose dates count from it get them now. `road` is the outline
    that the caller has read already.
    """
    road, links = road or Outline(onboarding), links_of(onboarding)
    if finished is not None:
        _date_followers(finished, road, links)
    if onboarding.is_running or onboarding.state is OnboardingState.GRADUATED:
        while _moved_on(road):
            pass
    # A step that no milestone needs, finished, reaches none; unless with it everything ends.
    if finished is None or finished.key in links.in_milestones or not onboarding.is_running:
        _reach_milestones(onboarding, road)
    ours, decided = _note_sides(road, links)
    before = onboarding.next_step_id
    _store(onboarding, road, links)
    brought = finished is not None and finished.done_via != "customer" and onboarding.next_step_id != before
    _pass_ball(onboarding, road, ours, anew=decided or brought)
    take_turn(onboarding, road)


def _moved_on(road: Outline) -> bool:
    """Open and complete what can be; whether anything changed, so that it is looked at again."""
    pairs = zip(road.stages, [None, *road.stages[:-1]], strict=True)
    return True in [_advance(stage, previous, road) for stage, previous in pairs]


def _advance(stage: Stage, previous: Stage | None, road: Outline) -> bool:
    if stage.is_complete:
        return False
    changed = False
    if not stage.is_open and previous is not None and _may_open(stage, previous, road):
        stage.unlock()
        date_from_opening(stage, road)
        record(stage, Verb.STAGE_OPENED, by=None, onboarding=stage.onboarding, personal={"what": stage.key})
        changed = True
    early = previous is not None and previous.is_open
    if stage.is_open or early:
        locked = [step for step in road.of(stage) if step.state == StepState.LOCKED]
        for row in road.rows(step for step in locked if stage.is_open or step.early_start):
            row.state, changed = StepState.READY, True
    steps = road.of(stage)
    if stage.state is StageState.OPEN and any(step.state != StepState.READY for step in steps):
        stage.become(StageState.IN_PROGRESS)
    if stage.state is StageState.IN_PROGRESS and all(step.is_closed for step in steps if step.required):
        stage.complete()
        changed = True
    return changed


def _may_open(stage: Stage, previous: Stage, road: Outline) -> bool:
    """The gates of the stage before are done; without gates it has to be complete (product.md 2.4)."""
    onboarding = stage.onboarding
    if onboarding.state is not OnboardingState.ACTIVE or not previous.is_open:
        return False
    if stage.key == "graduation" and onboarding.went_live_on is not None:
        return True
    gates = [step for step in road.of(previous) if step.is_gate]
    return all(gate.is_done for gate in gates) if gates else previous.is_complete


# --- Dates --------------------------------------------------------------------------------------


def date_from_opening(stage: Stage, road: Outline) -> None:
    """Steps whose days count from the opening of their stage get them now."""
    dated = links_of(stage.onboarding).from_opening
    for step in road.rows(step for step in road.of(stage) if step.key in dated):
        redate(step)


def _date_followers(finished: Step, road: Outline, links: Links) -> None:
    keys = links.followers.get(finished.key, ())
    if not keys:
        return
    for step in road.rows(step for step in road.called(keys) if not step.is_closed):
        redate(step, after=finished)


def redate(step: Step, *, after: Step | None = None) -> None:
    """Give `step` the date that its due rule says now, unless somebody set it by hand; `after` as in `planned_due`."""
    if step.due_by_hand:
        return
    step.due_on = planned_due(step, after=after).on
    step.first_due_on = step.first_due_on or step.due_on


def planned_due(step: Step, *, after: Step | None = None) -> planning.Due:
    """What the due rule of `step` says at this moment, and whether that date is only “about”.

    `after` is the step that the rule counts from, where the caller has it; else it is looked up.
    """
    onboarding, zone, rule = step.onboarding, step.onboarding.account.zone, step.spec.due_rule
    if step.spec.records == "first_value":  # The day that the meter and every alarm look at (product.md 2.4).
        return planning.Due((step.wave or onboarding).first_value_due, not step.stage.is_open)
    since = rule.step or ""  # As the playbook calls it, whichever wave's it is.
    first = after or (step.beside(since) if since else None)
    opened, wave = step.stage.opened_at, step.wave
    return planning.due(
        rule,
        start=wave.day_0 if wave else onboarding.start_date,
        window=wave.window_of(step)
        if wave
        else planning.Window(step.stage.planned_start, step.stage.planned_end),
        opened=opened.astimezone(zone).date() if opened else None,
        done={since: first.done_at.astimezone(zone).date()} if first and first.done_at else {},
        planned={since: first.due_on} if first and first.due_on else {},
        calendar=onboarding.account.calendar,
    )


def promised_on(step: Standing, onboarding: Onboarding) -> date | None:
    """By when we said we would do what is ours in `step`; None while nothing is, or no day was named.

    What was handed in or suggested, and what they want changed, is looked at within `REVIEW_WITHIN` working days,
    whenever it was due (product.md 2.3); a pause since then moves that day as it moves every other.
    """
    if not step.with_us:
        return None
    since = step.blocked_at if step.asks_change else step.submitted_at
    if step.awaits_answer:
        since = step.ours_since or clock.now()
    elif not (step.asks_change or step.state == StepState.SUBMITTED):
        since = None
    if since is None:
        due_on: date | None = step.due_on
        return due_on
    account = onboarding.account
    handed_in = since.astimezone(account.zone).date()
    promised = account.calendar.add_working_days(handed_in, planning.REVIEW_WITHIN)
    for pause in onboarding.pauses:
        if pause.until is not None and pause.until > handed_in:
            promised = planning.shifted(promised, pause, account.calendar)
    return promised


# --- Milestones and stored columns --------------------------------------------------------------


def _reach_milestones(onboarding: Onboarding, road: Outline) -> None:
    today = onboarding.account.today
    for milestone in onboarding.milestones:
        there = road.called(milestone.step_keys)
        reached = all(step.is_closed for step in there) and any(step.is_done for step in there)
        if reached and milestone.reached_on is None:
            milestone.reached_on = today
            record(
                milestone,
                Verb.MILESTONE_REACHED,
                by=None,
                onboarding=onboarding,
                personal={"what": milestone.title},
            )
        elif not reached:
            milestone.reached_on = None


def _note_sides(road: Outline, links: Links) -> tuple[list[Standing], bool]:
    """Keep which agreement has to wait for something of ours, and since when each step is with us: those that are,
    and whether something handed in was decided just now.

    A plan that is written may wait for us all the same, so from then on whoever changes it says whose turn it is.
    """
    for step in road.called(links.shows):
        first = next(iter(road.called([links.shows[step.key]])), None)
        waiting = first is not None and not first.is_closed
        if step.waiting is not waiting and (waiting or step.key not in links.signed):
            road.rows([step])[0].waiting = waiting
    ours, passed = [], []
    for step in road:
        with_us = step.with_us
        if with_us:
            ours.append(step.id)
        if with_us is (step.ours_since is None):
            passed.append(step)
    rows = road.rows(passed)
    for row in rows:
        row.ours_since = clock.now() if row.with_us else None
    return road.these(ours), any(row.submitted_at and not row.with_us for row in rows)


def _store(onboarding: Onboarding, road: Outline, links: Links) -> None:
    stages = road.stages
    onboarding.meter = meter = snapshot(onboarding, road, links.first_value)
    told = zip(stages, meter["stages"], strict=True)
    fractions = {
        stage.key: progress.fraction(stage.measure, weight_done(in_short)) for stage, in_short in told
    }
    onboarding.progress = progress.overall(fractions, onboarding.shares)
    onboarding.percent = progress.shown(onboarding.progress, graduated=onboarding.graduated)
    onboarding.current_stage = [s.key for s in stages if s.is_open or s.position == 0][-1]
    onboarding.items_total = sum(stage["total"] for stage in meter["stages"])
    onboarding.items_done = sum(stage["done"] for stage in meter["stages"])
    left = {step.id: step.facts for step in road if step.state not in FINAL}
    onboarding.minutes_left = progress.minutes_left(left.values())
    held = {key for step in road if step.with_us for key in links.followers.get(step.key, ())}
    today = onboarding.account.today
    chosen = planning.next_step(left.values(), today, held) if onboarding.is_running else None
    next_id = next((step_id for step_id, facts in left.items() if facts is chosen), None)
    if next_id != onboarding.next_step_id:
        onboarding.next_step_id = next_id
        db.session.expire(onboarding, ["next_step"])


def _pass_ball(onboarding: Onboarding, road: Outline, ours: Sequence[Standing], *, anew: bool) -> None:
    """Whose move it is and since when, and what we promised first.

    It is ours since our first step came to us, and theirs since we last passed it to them: when the side changed or,
    which `anew` says, when we decided on what they had handed in, or finished what brought them another next step.
    What they finish themselves, and what we finish beside their next step, leaves their turn as long as it was.

    An overdue promise of ours passes no ball by itself: `take_turn` looks at it, as the day comes.
    """
    owed = [step for step in ours if step.required] if onboarding.is_running else []
    promised = {step.id: promised_on(step, onboarding) for step in owed}
    first = min(owed, key=lambda step: (promised[step.id] or date.max, step.position), default=None)
    theirs = road.these([onboarding.next_step_id])[0] if onboarding.next_step_id else None
    ball = "customer" if theirs else "us" if first else "nobody"
    if onboarding.state is OnboardingState.ON_HOLD:
        ball = onboarding.ball  # A pause passes no ball: it goes on where it stopped.
    if ball != onboarding.ball or onboarding.ball_since is None or (anew and ball == "customer"):
        onboarding.ball, onboarding.ball_since = ball, clock.now()
    if first and ball == "us":
        onboarding.ball_since = first.ours_since
    onboarding.our_due_on = promised[first.id] if first else None
    onboarding.next_due_on = (theirs.due_on if theirs else None) or onboarding.our_due_on


# --- Whose turn ---------------------------------------------------------------------------------


def take_turn(onboarding: Onboarding, road: Outline) -> None:
    """Store whose turn it is today, and where the staff's list puts it; `turns` has the rule."""
    facts = _turn_facts(onboarding, road)
    onboarding.turn = turn_of(facts, onboarding.account.today)
    onboarding.turn_order = order_of(facts, onboarding.turn)


def _turn_facts(onboarding: Onboarding, road: Outline) -> TurnFacts:
    in_the_way = (s for s in road if s.required and s.state == StepState.BLOCKED and not s.asks_change)
    today, pause = onboarding.account.today, onboarding.hold
    over = (step.call_on for step in road if step.call_on is not None and step.call_on < today)
    return TurnFacts(
        state=onboarding.state,
        ball=onboarding.ball,
        ours_on=onboarding.our_due_on,
        next_on=onboarding.next_due_on,
        answer_on=onboarding.answer_due_on,
        hosted=_is_hosted(onboarding, road),
        unlogged_on=min(over, default=None),
        blocked=tuple(step.due_on for step in in_the_way),
        review_on=pause.review_on if pause else None,
        ended_at=onboarding.graduated_at or onboarding.ball_since or onboarding.created_at,
    )


def _is_hosted(onboarding: Onboarding, road: Outline) -> bool:
    """Whether somebody of ours has the next step in hand, and is to see to it now."""
    if onboarding.next_step_id is None:
        return False
    (step,) = road.these([onboarding.next_step_id])
    if step.is_arranged:
        return False
    who = db.session.get(User, step.assignee_id) if step.assignee_id else None
    return who is not None and who.is_staff
