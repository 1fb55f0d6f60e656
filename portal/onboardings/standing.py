"""Where a step stands, from a few of its columns: the same for the row itself and for its line in an outline."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from portal.onboardings.planning import StepFacts
from portal.onboardings.states import CUSTOMERS_TURN, FINAL, WORKABLE, StepState

CHANGE = "change"  # What a step is blocked by while we answer what the customer wants changed.


class Standing:
    """What can be read of a step without its neighbours, its texts or its playbook."""

    __slots__ = ()

    if TYPE_CHECKING:
        id: Any
        stage_id: Any
        module_id: Any
        key: Any
        position: Any
        owner_side: Any
        required: Any
        visible: Any
        is_gate: Any
        early_start: Any
        weight: Any
        minutes: Any
        milestone_place: Any
        wave_n: Any
        waiting: Any
        ours_since: Any
        state: Any
        due_on: Any
        snoozed_until: Any
        asked_on: Any
        call_on: Any
        submitted_at: Any
        assignee_id: Any
        blocked_by: Any
        blocked_at: Any

    @property
    def counts(self) -> bool:
        """Whether the meter counts it: required, visible to the customer, not left out."""
        return bool(self.required and self.visible and self.state != StepState.SKIPPED)

    @property
    def is_done(self) -> bool:
        return bool(self.state == StepState.DONE)

    @property
    def is_closed(self) -> bool:
        return self.state in FINAL

    @property
    def is_customers(self) -> bool:
        """Whether it is theirs to do, now or at another time, with us or alone."""
        return bool(self.owner_side != "us")

    @property
    def asks_change(self) -> bool:
        """Whether the customer said what should change before they agree: that is ours to answer, not in their way."""
        return bool(self.state == StepState.BLOCKED and self.blocked_by == CHANGE)

    @property
    def awaits_answer(self) -> bool:
        """Whether the customer is in the middle of it and what they suggested last is ours to answer."""
        return bool(self.state == StepState.IN_PROGRESS and self.waiting)

    @property
    def with_them(self) -> bool:
        """Whether the customer can move it now; `steps.WITH_THEM` asks the database the same."""
        return self.state in CUSTOMERS_TURN and not self.with_us

    def is_awaited(self, today: date) -> bool:
        """Whether the customer should have moved it by now: it is past its day, or has none, and was not put off. Calls
        come on theirs. `steps.awaited` asks the database the same."""
        late = self.due_on is None or self.due_on < today
        put_off = self.snoozed_until is not None and self.snoozed_until > today
        return bool(self.counts and self.with_them and self.call_on is None and late and not put_off)

    @property
    def with_us(self) -> bool:
        """Whether the provider has the ball."""
        if self.state == StepState.SUBMITTED or self.asks_change:
            return True
        return self.state in WORKABLE and bool(self.waiting or self.owner_side == "us")

    @property
    def is_arranged(self) -> bool:
        """Whether its call is booked, or the customer was asked for a time: until then its host is to see to it."""
        return self.call_on is not None or self.asked_on is not None

    @property
    def asleep_until(self) -> date | None:
        """Until which day nobody can do anything about it: the customer put it off, or its call is booked."""
        return max(filter(None, (self.snoozed_until, self.call_on)), default=None)

    @property
    def facts(self) -> StepFacts:
        """This step as the pure rules see it."""
        return StepFacts(
            self.key,
            self.state,
            "us" if self.waiting else self.owner_side,
            self.weight,
            self.minutes,
            self.due_on,
            self.milestone_place,
            self.position,
            self.required,
            self.visible,
            self.asleep_until,
        )
