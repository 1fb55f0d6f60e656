"""One onboarding's facts, worked out of what `sources` has read. Nothing here asks the database."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import ceil, floor
from typing import Any, Final

from portal.calls.minimum import MINIMUM
from portal.calls.rules import CallState, Side
from portal.health.facts import Facts
from portal.health.people import people_facts
from portal.health.promised import promised_facts
from portal.health.sources import CALL_KINDS, Sources, StepLine
from portal.health.thresholds import Thresholds
from portal.onboardings import progress
from portal.onboardings.models import Onboarding
from portal.onboardings.planning import Pause
from portal.onboardings.signals import SignalKind
from portal.onboardings.snapshot import weight_done
from portal.onboardings.states import FINAL, OnboardingState, StepState
from portal.onboardings.wave_keys import of_playbook
from portal.usage.queries import Use
from portal.usage.rules import window

# Where a call of the minimum belongs that no item of the road asks for (product.md 2.4).
STAGE_OF: Final = {
    "kickoff": "expectations",
    "integration_scope": "expectations",
    "module_discussion": "training",
}


def facts_of(road: Onboarding, read: Sources, use: Use | None, limits: Thresholds, now: datetime) -> Facts:
    """The facts of `road` at `now`."""
    return Facts(**_Day(road, read, limits, now).everything(use))


class _Day:
    """One onboarding on one day of its account's."""

    def __init__(self, road: Onboarding, read: Sources, limits: Thresholds, now: datetime) -> None:
        self.road, self.read, self.limits, self.now = road, read, limits, now
        account = road.account
        self.zone, self.calendar = account.zone, account.calendar
        self.today = self.on(now)
        self.steps = read.steps[road.id]
        self.plan = road.stored_plan
        self.details: dict[str, Any] = {}

    def on(self, moment: datetime) -> date:
        """The account's date of a moment."""
        return moment.astimezone(self.zone).date()

    def working(self, since: date) -> int:
        """Working days that have gone by since then."""
        return self.calendar.working_days_between(since, self.today)

    def everything(self, use: Use | None) -> dict[str, Any]:
        road, account = self.road, self.road.account
        theirs = [step for step in self.steps if self._is_theirs(step)]
        owed = any(self._is_owed(step) for step in self.steps) and road.is_running
        overdue = sum(self._is_overdue(step) for step in self.steps) if road.is_running else 0
        return {
            "state": road.state.value,
            "segment": account.segment.value,
            "touch": account.touch.value,
            "programme": road.programme,
            "stage": road.current_stage,
            "day": (self.today - road.start_date).days,
            **self._stage(),
            "percent": road.percent,
            "pace": floor(  # Ten and a half behind is more than ten behind.
                progress.pace(road.progress, self.today, self.plan, road.pauses, road.stored_shares)
            ),
            "overdue_items": overdue,
            "customers_turn": bool(theirs) and road.is_running,
            "waiting_on_us": owed and not theirs,
            "blocked": any(step.counts and step.state == StepState.BLOCKED and not step.asks_change
                           for step in self.steps),
            **self._milestones(),
            **self._signals(),
            **self._calls(),
            **self._use(use),
            **self._value(overdue),
            **promised_facts(road, self.read, self.today, self.details),
            **people_facts(road, self.read, self.today, self.now, self._signalled()),
            **self._silence(theirs, use),
            **self._beginning(),
            **self._slow(theirs),
            "details": self.details,
        }  # fmt: skip

    # --- Steps --------------------------------------------------------------------------------------

    def _is_theirs(self, step: StepLine) -> bool:
        """Whether the customer can move it: not where its call is over and nobody has logged it."""
        return step.counts and step.with_them and not self._is_unlogged(step)

    def _is_owed(self, step: StepLine) -> bool:
        return step.counts and (step.with_us or self._is_unlogged(step))

    def _is_unlogged(self, step: StepLine) -> bool:
        return step.call_on is not None and step.call_on < self.today and not step.is_closed

    def _is_overdue(self, step: StepLine) -> bool:
        return step.counts and not step.is_closed and step.due_on is not None and step.due_on < self.today

    def _stage(self) -> dict[str, int]:
        """Its age counts from the later of its opening and its planned first day: what opens early isn't late."""
        key = self.road.current_stage
        window, leg = self.plan[key], self._leg(key)
        since = max(window.starts, self._opened_on(key) or window.starts)
        total = sum(weight for ticks in leg["groups"] for _key, _word, weight in ticks)
        held = self._held(since, self.today + timedelta(days=1))
        age = (self.today - since).days + 1 - held
        return {
            "stage_age_days": max(0, age),
            "stage_budget_days": window.days - self._held(window.starts, window.ends + timedelta(days=1)),
            "stage_done_percent": weight_done(leg) * 100 // total if total else 100,
        }

    def _leg(self, key: str) -> dict[str, Any]:
        return next(leg for leg in self.road.meter["stages"] if leg["key"] == key)

    def _opened_on(self, key: str) -> date | None:
        opened = (line.opened_at for line in self.read.stages[self.road.id].values() if line.key == key)
        return next((self.on(moment) for moment in opened), None)

    def _held(self, first: date, end: date) -> int:
        """Days on hold from `first` to before `end`."""
        pauses: Iterable[Pause] = self.road.pauses
        return sum(
            max(0, (min(end, one.until or end) - max(first, one.since)).days)
            for one in pauses
            if one.since < end
        )

    def _milestones(self) -> dict[str, int]:
        late = [one for one in self.read.milestones[self.road.id] if one.due_on < self.today]
        if not late or not self.road.is_running:
            return {}
        first = min(late, key=lambda one: one.due_on)
        self.details["milestone"] = first.title
        return {"milestones_late": len(late), "milestone_late_days": self.working(first.due_on)}

    def _slow(self, theirs: Collection[StepLine]) -> dict[str, Any]:
        """The item of theirs that has been open for longest against the days planned for it, of those that somebody
        looked at."""
        visits, stages = self.read.step_visits[self.road.id], self.read.stages[self.road.id]
        found = []
        for step in theirs:
            line = stages.get(step.stage_id)
            if line is None or step.first_due_on is None or not visits.get(step.ref):
                continue
            since = max(self.on(line.opened_at), self.plan[line.key].starts)
            planned = max(1, self.calendar.working_days_between(since, step.first_due_on))
            ratio = round(max(0, self.working(since)) / planned, 1)
            found.append((min(visits[step.ref], 2), ratio, visits[step.ref]))
        if not found:
            return {}
        _enough, ratio, days = max(found)
        return {"slow_step_ratio": ratio, "slow_step_visits": days}

    # --- Silence ------------------------------------------------------------------------------------

    def _silence(self, theirs: Collection[StepLine], use: Use | None) -> dict[str, Any]:
        """Working days since they last moved anything, while something of theirs is past its day: who has done all
        that is due isn't silent. Days before it was their turn, or on hold, don't count."""
        road, moved = self.road, self._moved_at()
        life = max(filter(None, (moved, self._seen_at(use))), default=None)
        said: dict[str, Any] = {"life_days": max(0, self.working(self.on(life))) if life else None}
        if road.is_running and any(step.is_awaited(self.today) for step in theirs):
            turn = road.ball_since if road.ball == "customer" else None
            since = max(filter(None, (moved, turn, road.started_at)), default=road.created_at)
            ended = max((pause.until for pause in road.pauses if pause.until), default=date.min)
            said["silent_days"] = max(0, self.working(max(self.on(since), ended)))
        return said

    def _moved_at(self) -> datetime | None:
        """When they last moved anything: an item, an answer, a result, the plan; wrote, shared a file, came to a
        call; or an item finished itself because they used the product."""
        road = self.road
        calls = (call.start for call in self.read.calls[road.id] if call.state is CallState.HELD)
        used = (step.done_at for step in self.steps if step.done_via == "usage")
        every = (road.customer_moved_at, self.read.said_at.get(road.id), *calls, *used)
        return max(filter(None, every), default=None)

    def _seen_at(self, use: Use | None) -> datetime | None:
        people = self.read.people[self.road.account_id]
        seen = [self.read.seen_at[one.id] for one in people if one.id in self.read.seen_at]
        return max([*seen, *([use.last_at] if use and use.last_at else [])], default=None)

    # --- Talks --------------------------------------------------------------------------------------

    def _signals(self) -> dict[str, int]:
        kinds = self.read.signals[self.road.id]
        return {
            "frustration": kinds.count(SignalKind.FRUSTRATION),
            "surprise": kinds.count(SignalKind.SURPRISE),
        }

    def _signalled(self) -> set[str]:
        """Which roles somebody noticed the loss of."""
        roles = {SignalKind.CHAMPION_LEFT: "champion", SignalKind.SPONSOR_LEFT: "sponsor"}
        return {roles[kind] for kind in self.read.signals[self.road.id] if kind in roles}

    def _calls(self) -> dict[str, int]:
        """Missed by them and not held since, each kind for itself; and what nobody has booked."""
        calls = self.read.calls[self.road.id]
        missed = 0
        for kind in {call.kind for call in calls}:
            of_kind = [call for call in calls if call.kind == kind]
            held = max((n for n, call in enumerate(of_kind) if call.state is CallState.HELD), default=-1)
            missed += sum(
                call.state is CallState.NO_SHOW and call.side is Side.CUSTOMER for call in of_kind[held + 1 :]
            )
        missing = [kind for kind in MINIMUM if self.road.is_running and self._is_missing(kind)]
        self.details["missing_calls"] = missing
        return {"no_shows": missed, "calls_missing": len(missing)}

    def _is_missing(self, kind: str) -> bool:
        """Whether it is neither held nor booked though its stage is far enough."""
        steps = self._steps_about(kind)
        if self._is_arranged(kind) or any(step.is_done for step in steps):
            return False
        if not steps and kind == "integration_scope" and self.road.id not in self.read.technical:
            return False
        stages = self.read.stages[self.road.id]
        keys = [stages[step.stage_id].key for step in steps if step.stage_id in stages]
        window = self.plan[keys[-1] if keys else STAGE_OF[kind]]
        gone = Fraction((self.today - window.starts).days + 1, window.days) * 100
        return gone >= self.limits.call_percent

    def _steps_about(self, kind: str) -> list[StepLine]:
        version = self.road.playbook_version
        found = []
        for step in self.steps:
            if step.kind in CALL_KINDS and step.state != StepState.SKIPPED:
                call = version.step(of_playbook(step.key)).call
                if call is not None and call.kind == kind:
                    found.append(step)
        return found

    def _is_arranged(self, kind: str) -> bool:
        kept = (CallState.SCHEDULED, CallState.HELD)
        return any(call.kind == kind and call.state in kept for call in self.read.calls[self.road.id])

    def _beginning(self) -> dict[str, int | None]:
        """A kickoff that nobody booked, and Training without a signed plan."""
        road, found = self.road, dict[str, int | None]()
        to_hold = any(not step.is_closed for step in self._steps_about("kickoff"))
        if road.state is OnboardingState.ACTIVE and to_hold and not self._is_arranged("kickoff"):
            found["kickoff_missing_days"] = max(0, self.working(road.start_date))
        opened = self._opened_on("training")
        unsigned = any(step.kind == "sign" and step.state not in FINAL for step in self.steps)
        if opened is not None and unsigned and road.signed_version is None and road.is_running:
            found["unsigned_training_days"] = max(0, self.working(opened))
        return found

    # --- Use and value ------------------------------------------------------------------------------

    def _use(self, use: Use | None) -> dict[str, Any]:
        """Nothing counted is unknown, not nothing: each fact is known once this account's own counts reach back over
        what it is judged by."""
        road, seats = self.road, self.road.account.licensed_seats
        live = (self.today - road.went_live_on).days if road.went_live_on else None
        found: dict[str, Any] = {"seats": seats, "live_days": live}
        if use is None or use.counted is None or use.counted > self.today:
            return found
        before, week = use.week_before.per_working_day, use.week.per_working_day
        fall = round((before - week) / before * 100, 6) if before else None
        found |= {
            "tickets": use.tickets,
            "week_events": use.week.events,
            "before_events": use.week_before.events,
            # A fall by half and a little is more than by half.
            "usage_fall_percent": max(0, ceil(fall)) if fall is not None else None,
        }
        if use.people_counted is None or use.people_counted > self.today:
            return found
        found |= {"week_people": use.week.people, "before_people": use.week_before.people}
        if use.people_counted <= window(self.today).first:
            found |= _of_seats("active", use.active_30d, seats)
        judged = self.today - timedelta(days=self.limits.activated_calendar_days)
        if road.product.activation_actions and use.people_counted <= judged:
            found |= _of_seats("activated", use.activated, seats)
        return found

    def _value(self, overdue: int) -> dict[str, Any]:
        """First value: that of the wave which is to see it next, where there are waves. While every item is in time,
        its day stands; otherwise today's progress says when it comes."""
        road = self.road
        whose: list[Any] = (
            [one for one in road.waves_on if one.first_value_on is None] if road.waves_on else [road]
        )
        if not whose or (not road.waves_on and road.first_value_on is not None):
            return {"first_value_seen": True}
        due = min(one.first_value_due for one in whose)
        found: dict[str, Any] = {"first_value_due_in": self.calendar.working_days_between(self.today, due)}
        if not overdue:
            return found | {"first_value_late_by": 0}
        ahead = progress.forecast(
            due, road.progress, self.plan, road.pauses, self.today, self.calendar, road.stored_shares
        )
        return found | {"first_value_late_by": max(0, self.calendar.working_days_between(due, ahead))}


def _of_seats(what: str, people: int, seats: int | None) -> dict[str, int | None]:
    """So many people, and the share of the seats that is."""
    return {f"{what}_people": people, f"{what}_percent": people * 100 // seats if seats else None}
