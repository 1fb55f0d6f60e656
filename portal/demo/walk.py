"""How a customer walks their road by themselves: step after step by its date, at their own pace, until it is time
to stop. Whatever can't be reached before that stays open, so today's lists are what really follows from the past."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from portal.accounts.models import Person, Staff, User
from portal.calendars import at
from portal.calls.models import Call
from portal.calls.partners import attended
from portal.calls.rules import CallState
from portal.demo import acts, agreeing, signing
from portal.demo.days import calendar_of, working
from portal.demo.story import Story
from portal.onboardings.states import CUSTOMERS_TURN, OnboardingState, StepState
from portal.onboardings.steps import Step

OPEN = CUSTOMERS_TURN | {StepState.SUBMITTED}
AFTER_CALL = timedelta(minutes=12)
# No gate says so, but nobody does the left one before the right one.
# What is looked at in a call, and how far towards their targets the results are by then.
MEASURED = {"check_in_1": Decimal("0.3"), "check_in_2": Decimal("0.7"), "value_review": Decimal(1)}
FIRST = {
    "prerequisites": ("readiness_kit",),  # Its answers say what has to be there.
    "plan": ("success_criteria", "scope", "readiness_kit"),
    "import_check": ("import_partners",),
    "past_rewards": ("import_partners",),
    "reward_rules": ("module_discussion",),
    "test_loop": ("crm_connected",),
    "check_in_1": ("go_live",),
    "first_value": ("go_live",),
    "people_activated": ("go_live",),
}
COUNTERSIGN = "countersign"  # In `leave`: we don't sign what they have signed.
RETURNS = (
    "The file has 14 rows without a country. Add it and send the file again; the rest is fine.",
    "Two answers don't fit together yet: the share and how long it lasts. Look at the second one.",
    "We see the account, but not yet as confirmed. Confirm it in the settings and send this again.",
)
RETURNED_KIT = "You say how much time your people have, but not from when. Add that, then send it again."


@dataclass
class Walk:
    """One customer's walk. From `quiet_from` on, nobody at the customer does anything any more.

    `leave` holds the keys of steps that stay as they are, or `COUNTERSIGN`.
    """

    story: Story
    quiet_from: datetime | None = None
    leave: set[str] = field(default_factory=set)
    _until: datetime | None = None
    _late: set[str] = field(default_factory=set)
    _calls: dict[str, Call] = field(default_factory=dict)
    _returned: set[str] = field(default_factory=set)

    def go(self, *, until: datetime) -> None:
        """Walk as far as there is time; a later call goes on from there."""
        self._until, self._late = until, set()
        self._walk()
        self._begin_by(until)
        self._walk()

    def _walk(self) -> None:
        while self.story.road.is_running and (step := self._next()):
            self._do(step)

    # --- Which, and when ---

    def _next(self) -> Step | None:
        there = [step for step in self.story.road.steps if self._doable(step)]
        return min(there, key=lambda step: (step.due_on or date.max, step.position), default=None)

    def _doable(self, step: Step) -> bool:
        if step.state not in OPEN or step.key in self.leave or step.key in self._late or not step.required:
            return False
        if step.waits_for or any(self._waits(key) for key in FIRST.get(step.key, ())):
            return False
        if step.kind == "sign" and (step.waiting and COUNTERSIGN in self.leave):
            return False
        if step.key == "confirm_graduation":
            gates = [gate for gate in step.stage.steps if gate.is_gate and gate is not step]
            if not all(gate.is_closed for gate in gates):
                return False
        return True

    def _waits(self, key: str) -> bool:
        earlier = self.story.road.step_called(key)
        return earlier is not None and not earlier.is_closed

    def _moment(self, step: Step, who: User) -> datetime:
        """When `who` does it: around its date, later the longer a slow customer has been on the road."""
        road, chance = self.story.road, self.story.chance
        due = step.due_on or self.story.last.date()
        if (
            step.kind == "sign" and step.state is StepState.IN_PROGRESS
        ):  # The others sign soon after the first.
            return working(self.story.last + timedelta(hours=chance.randint(2, 22)), who)
        run = max(0, (due - road.start_date).days)
        lag = round(run * self.story.company.pace / 100) + chance.choice((-1, -1, 0, 0, 0, 1))
        day = calendar_of(who).add_working_days(due, lag)
        wall = timedelta(minutes=chance.randint(5, 60 * 7))
        wanted = at(day, who.work_start, who.zone) + wall
        soonest = self.story.last + timedelta(minutes=chance.randint(6, 45))
        return working(max(wanted, soonest), who)

    def _in_time(self, moment: datetime, who: User) -> bool:
        if isinstance(who, Person) and self.quiet_from and moment >= self.quiet_from:
            return False
        return self._until is None or moment <= self._until

    # --- Doing ---

    def _do(self, step: Step) -> None:
        if step.state is StepState.SUBMITTED:
            self._review(step)
        elif step.kind == "attend_call":
            self._meet(step)
        else:
            self._work(step)

    def _work(self, step: Step) -> None:
        who = self._doer(step)
        moment = self._moment(step, who)
        if not self._in_time(moment, who):
            self._late.add(step.key)
            return
        self._begin_by(moment)
        with self.story.at(max(moment, self.story.last)):
            acts.arrive(who)
            if step.kind == "book_call":
                self._book(step, who)
                return
            if step.key == "confirm_graduation":
                agreeing.confirm_results(self.story.road, self.story.admin)
            if step.key == "invite_people":
                self.story.bring_colleagues()
            acts.finish(step, who, self.story.chance, {"reason": self.story.company.quote})
        if step.kind == "sign" and self.story.company.sealed:
            signing.seal_after(self.story)

    def _doer(self, step: Step) -> User:
        if step.kind == "sign" and (signer := signing.next_signer(self.story.road)):
            return signer
        if not step.is_customers:
            return step.assignee if isinstance(step.assignee, Staff) else acts.host_of(step)
        assignee = step.assignee
        stays_out = isinstance(assignee, Person) and assignee.portal_role == "sponsor"
        return assignee if isinstance(assignee, Person) and not stays_out else self.story.admin

    def _book(self, step: Step, who: User) -> None:
        """Book it near its date; where the working days of both sides never meet, it is arranged by mail."""
        road = self.story.road
        guest = who if isinstance(who, Person) else self.story.admin
        wanted = road.start_date if step.kind == "book_call" else step.due_on or road.account.today
        call = acts.book(step, guest, after=self.story.on(wanted, "09:00"))
        if call is None:
            step.complete(by=acts.host_of(step))
        else:
            self._calls[attended(step).key] = call

    def _review(self, step: Step) -> None:
        """Somebody of ours looks at it on the next working day, and sends one in eight back."""
        who, chance = acts.reviewer_of(step), self.story.chance
        moment = working(self.story.last + timedelta(hours=chance.randint(3, 26)), who)
        if not self._in_time(moment, who):
            self._late.add(step.key)
            return
        self._begin_by(moment)
        with self.story.at(max(moment, self.story.last)):
            if step.key not in self._returned and chance.random() < 0.12:
                self._returned.add(step.key)
                acts.send_back(step, RETURNED_KIT if step.kind == "kit" else chance.choice(RETURNS), who)
            else:
                acts.accept(step, who)

    def _meet(self, step: Step) -> None:
        call = self._calls.get(step.key)
        if call is None or call.state is not CallState.SCHEDULED:
            moment = working(self._moment(step, self.story.admin) - timedelta(days=3), self.story.admin)
            moment = max(moment, working(self.story.last + timedelta(minutes=9), self.story.admin))
            if not self._in_time(moment, self.story.admin):
                self._late.add(step.key)
                return
            self._begin_by(moment)
            with self.story.at(max(moment, self.story.last)):
                acts.arrive(self.story.admin)
                self._book(step, self.story.admin)
            return
        moment = max(call.end + AFTER_CALL, self.story.last)
        if not self._in_time(moment, call.owner):
            self._late.add(step.key)
            return
        self._begin_by(moment)
        with self.story.at(max(moment, self.story.last)):
            acts.hold(call, self.story.chance)
            if step.key in MEASURED:
                agreeing.measure(self.story.road, acts.owner(self.story.road), MEASURED[step.key])

    def _begin_by(self, moment: datetime) -> None:
        """Day 0 comes by itself, when it lies before `moment`."""
        road = self.story.road
        if road.state is OnboardingState.PREPARING and self.story.on(road.start_date, "00:05") <= moment:
            self.story.begin()
