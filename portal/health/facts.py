"""What is known of one onboarding on one day: the vocabulary of health's rule, of triggers and of `FactsDay`.

Days are counted as each fact says; a fact that is None does not apply or isn't known.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from flask_babel import lazy_gettext as _l

NUMBER, PERCENT, DAYS, FLAG, WORD = "number", "percent", "days", "flag", "word"


class Fact(NamedTuple):
    """What sort of value it has, what it is called, and what it is counted in."""

    kind: str
    label: Any
    unit: Any = ""


_WORKING, _CALENDAR, _POINTS = _l("working days"), _l("days"), _l("points")

FACTS: Final[Mapping[str, Fact]] = {
    "state": Fact(WORD, _l("state of the onboarding")),
    "segment": Fact(WORD, _l("segment")),
    "touch": Fact(WORD, _l("touch model")),
    "programme": Fact(DAYS, _l("length of the programme"), _CALENDAR),
    "stage": Fact(WORD, _l("current stage")),
    "day": Fact(DAYS, _l("days since day 0"), _CALENDAR),
    "stage_age_days": Fact(DAYS, _l("days in the current stage"), _CALENDAR),
    "stage_budget_days": Fact(DAYS, _l("days planned for the current stage"), _CALENDAR),
    "stage_done_percent": Fact(PERCENT, _l("share of the current stage that is done"), "%"),
    "percent": Fact(PERCENT, _l("share of the onboarding that is done"), "%"),
    "pace": Fact(NUMBER, _l("points ahead of the plan"), _POINTS),
    "overdue_items": Fact(NUMBER, _l("items past their date"), _l("items")),
    "customers_turn": Fact(FLAG, _l("the customer can do something")),
    "waiting_on_us": Fact(FLAG, _l("only we can do something")),
    "blocked": Fact(FLAG, _l("something is in the way of an item")),
    "silent_days": Fact(DAYS, _l("days on which the customer moved nothing on their turn"), _WORKING),
    "life_days": Fact(DAYS, _l("days without any sign of life"), _WORKING),
    "engaged": Fact(FLAG, _l("they give signs of life")),
    "invited_days": Fact(DAYS, _l("days since the first invitation"), _CALENDAR),
    "anyone_signed_in": Fact(FLAG, _l("somebody has signed in")),
    "milestones_late": Fact(NUMBER, _l("milestones that are late"), _l("milestones")),
    "milestone_late_days": Fact(DAYS, _l("days by which a milestone is late"), _WORKING),
    "frustration": Fact(NUMBER, _l("open signals of frustration"), _l("signals")),
    "surprise": Fact(NUMBER, _l("open signals of a surprise"), _l("signals")),
    "no_shows": Fact(NUMBER, _l("calls that the customer missed"), _l("calls")),
    "calls_missing": Fact(NUMBER, _l("calls of the minimum neither held nor booked"), _l("calls")),
    "seats": Fact(NUMBER, _l("seats"), _l("seats")),
    "active_people": Fact(NUMBER, _l("people active in the last 30 days"), _l("people")),
    "active_percent": Fact(PERCENT, _l("share of seats active in the last 30 days"), "%"),
    "activated_people": Fact(NUMBER, _l("people activated"), _l("people")),
    "activated_percent": Fact(PERCENT, _l("share of seats activated"), "%"),
    "live_days": Fact(DAYS, _l("days since go-live"), _CALENDAR),
    "first_value_seen": Fact(FLAG, _l("first value is seen")),
    "first_value_due_in": Fact(DAYS, _l("days until first value is due"), _WORKING),
    "first_value_late_by": Fact(DAYS, _l("days by which first value is forecast to be late"), _WORKING),
    "tickets": Fact(NUMBER, _l("support tickets since the start"), _l("tickets")),
    "prerequisite_late_days": Fact(DAYS, _l("days by which something to have ready is late"), _WORKING),
    "gap_days": Fact(DAYS, _l("days by which something that blocks is late"), _WORKING),
    "criterion_missed": Fact(NUMBER, _l("results behind a checkpoint"), _l("results")),
    "criterion_forecast_misses": Fact(NUMBER, _l("must-have results forecast to miss"), _l("results")),
    "champion_silent_days": Fact(DAYS, _l("days since the champion was seen"), _CALENDAR),
    "champion_left": Fact(FLAG, _l("the champion has left")),
    "sponsor_left": Fact(FLAG, _l("the sponsor has left")),
    "sponsor_missing": Fact(WORD, _l("what the sponsor has not joined for")),
    "unsigned_training_days": Fact(DAYS, _l("days of Training without a signed plan"), _WORKING),
    "kickoff_missing_days": Fact(DAYS, _l("days since day 0 without a booked kickoff"), _WORKING),
    "week_events": Fact(NUMBER, _l("events in the last 7 days"), _l("events")),
    "week_people": Fact(NUMBER, _l("people in the last 7 days"), _l("people")),
    "before_events": Fact(NUMBER, _l("events in the 7 days before those"), _l("events")),
    "before_people": Fact(NUMBER, _l("people in the 7 days before those"), _l("people")),
    "usage_fall_percent": Fact(PERCENT, _l("fall of usage for each working day"), "%"),
    "slow_step_ratio": Fact(NUMBER, _l("times the usual time that one item is open"), _l("times")),
    "slow_step_visits": Fact(DAYS, _l("days on which that item was looked at"), _CALENDAR),
    "health": Fact(WORD, _l("health")),
    "quiet": Fact(WORD, _l("how they are quiet")),
    "reasons": Fact(WORD, _l("reasons of health")),
    "at_risk_days": Fact(DAYS, _l("days at risk"), _WORKING),
    "stalled_days": Fact(DAYS, _l("days stalled"), _WORKING),
}

# What follows from the others by the rule, or from what was stored before.
FOLLOWING: Final = frozenset({"engaged", "health", "quiet", "reasons", "at_risk_days", "stalled_days"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One onboarding, one day. `details` holds what only the evidence of a reason names: titles, not people."""

    state: str
    segment: str
    touch: str
    programme: int
    stage: str
    day: int
    stage_age_days: int = 0
    stage_budget_days: int = 0
    stage_done_percent: int = 0
    percent: int = 0
    pace: int = 0
    overdue_items: int = 0
    customers_turn: bool = False
    waiting_on_us: bool = False
    blocked: bool = False
    silent_days: int | None = None
    life_days: int | None = None
    invited_days: int | None = None
    anyone_signed_in: bool = False
    milestones_late: int = 0
    milestone_late_days: int = 0
    frustration: int = 0
    surprise: int = 0
    no_shows: int = 0
    calls_missing: int = 0
    seats: int | None = None
    active_people: int | None = None
    active_percent: int | None = None
    activated_people: int | None = None
    activated_percent: int | None = None
    live_days: int | None = None
    first_value_seen: bool = False
    first_value_due_in: int | None = None
    first_value_late_by: int | None = None
    tickets: int | None = None
    prerequisite_late_days: int = 0
    gap_days: int = 0
    criterion_missed: int = 0
    criterion_forecast_misses: int = 0
    champion_silent_days: int | None = None
    champion_left: bool = False
    sponsor_left: bool = False
    sponsor_missing: str = ""
    unsigned_training_days: int | None = None
    kickoff_missing_days: int | None = None
    week_events: int | None = None
    week_people: int | None = None
    before_events: int | None = None
    before_people: int | None = None
    usage_fall_percent: int | None = None
    slow_step_ratio: float | None = None
    slow_step_visits: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self, **following: Any) -> dict[str, Any]:
        """Every fact by its name, as `FactsDay` keeps them; `following` are those that the rule adds."""
        own = {name: getattr(self, name) for name in FACTS if name not in FOLLOWING}
        return {**own, **{name: following.get(name) for name in FOLLOWING}}
