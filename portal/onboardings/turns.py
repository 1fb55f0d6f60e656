"""Whose turn it is in an onboarding, and where it stands among others: the order of the staff's list."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum

from portal.onboardings.states import RUNNING, OnboardingState


class Turn(IntEnum):
    """Who has to move, those who need us first."""

    US = 0
    CUSTOMER = 1
    BLOCKED = 2
    NOBODY = 3
    DRAFT = 4
    HOLD = 5
    OVER = 6

    @property
    def key(self) -> str:
        """The word for addresses."""
        return self.name.lower()


# Where somebody can still be expected to move.
MOVING = (Turn.US, Turn.CUSTOMER, Turn.BLOCKED, Turn.NOBODY)


@dataclass(frozen=True, slots=True)
class TurnFacts:
    """What a turn follows from. Dates are the account's: `ours_on` is the first day that we named, `next_on` that of
    the next step, `answer_on` the one by which a question of theirs is to be answered (None: nothing is asked).

    `hosted`: somebody of ours has the next step in hand, such as a call for both sides. `blocked` holds the dates of
    what counts and is blocked, `unlogged_on` the day of the first call that is over and that nobody logged.
    """

    state: OnboardingState
    ball: str
    ours_on: date | None
    next_on: date | None
    answer_on: date | None
    hosted: bool
    unlogged_on: date | None
    blocked: tuple[date | None, ...]
    review_on: date | None
    ended_at: datetime


def turn_of(facts: TurnFacts, today: date) -> Turn:
    """Whose turn it is on this date of the account.

    It waits on us where the customer spoke last, where the next step is in our hands, where a call is to be logged,
    where nobody else can move, and where the day that we named comes no later than theirs or has passed: a broken
    promise comes first, whoever else could move. Where nobody can move, something may be in the way.
    """
    if facts.answer_on is not None:
        return Turn.US
    if facts.state not in RUNNING:
        return RESTING.get(facts.state, Turn.OVER)
    if facts.ball == "us" or facts.hosted or facts.unlogged_on or _our_day_is_first(facts, today):
        return Turn.US
    if facts.ball == "customer":
        return Turn.CUSTOMER
    return Turn.BLOCKED if facts.blocked else Turn.NOBODY


RESTING = {OnboardingState.DRAFT: Turn.DRAFT, OnboardingState.ON_HOLD: Turn.HOLD}


def _our_day_is_first(facts: TurnFacts, today: date) -> bool:
    if facts.ours_on is None:
        return False
    return facts.ours_on < today or (facts.next_on is not None and facts.ours_on <= facts.next_on)


def order_of(facts: TurnFacts, turn: Turn) -> int:
    """Where it stands among those of its turn, the lowest first: by the day that matters there, those without one
    last; of what is over, the newest first."""
    if turn is Turn.OVER:
        return -int(facts.ended_at.timestamp())
    return (_day(facts, turn) or date.max).toordinal()


def _day(facts: TurnFacts, turn: Turn) -> date | None:
    if turn is Turn.US:
        hosted = facts.next_on if facts.hosted else None
        return _first(hosted, facts.unlogged_on, facts.answer_on, facts.ours_on) or facts.next_on
    if turn is Turn.BLOCKED:
        return _first(*facts.blocked)
    return facts.review_on if turn is Turn.HOLD else facts.next_on


def _first(*days: date | None) -> date | None:
    found: Iterable[date] = (day for day in days if day is not None)
    return min(found, default=None)
