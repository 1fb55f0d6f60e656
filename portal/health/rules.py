"""How an onboarding stands, from its facts alone (product.md 2.8): one label, and every reason whatever the label.

Where an item is past its date, the road is behind; while every item's date is ahead, the plan is kept, however its
items are spread over its days. So what is reckoned from the plan's straight lines (R2, the forecast of R8, the first
warning of R1) speaks only when an item is overdue: an onboarding exactly on plan is never at risk.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from portal.health.facts import Facts
from portal.health.thresholds import Thresholds
from portal.onboardings.standings import Health, Quiet
from portal.onboardings.states import OnboardingState

WATCH, RISK = "watch", "risk"

# The states in which health is kept; before day 0 and after the end there is none.
KEPT: Final = frozenset({OnboardingState.ACTIVE, OnboardingState.ON_HOLD})


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: its code in product.md 2.8, `watch` or `risk`, and the numbers it rests on, limits among them."""

    code: str
    level: str
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """“R3:risk”."""
        return f"{self.code}:{self.level}"

    @property
    def is_ours_to_book(self) -> bool:
        """Whether it is a call that nobody booked: a reminder for the consultant, which changes no label."""
        return self.code == "R6" and "missing" in self.evidence

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "level": self.level, "evidence": dict(self.evidence)}

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Reason":
        """It as it was stored."""
        return cls(stored["code"], stored["level"], stored["evidence"])


@dataclass(frozen=True, slots=True)
class Verdict:
    """The label, which way they are quiet where they are stalled, every reason, and what the label itself rests on."""

    label: Health
    quiet: Quiet | None
    reasons: tuple[Reason, ...]
    evidence: Mapping[str, Any] = field(default_factory=dict)


def assess(facts: Facts, limits: Thresholds) -> Verdict:
    """The first label that applies. At risk: any risk, or as many reasons to watch as make one together."""
    reasons = tuple(_reasons(facts, limits))
    quiet = quiet_of(facts, limits)
    said = (
        {"silent": facts.silent_days, "life": facts.life_days, "limit": limits.stalled_after} if quiet else {}
    )
    return Verdict(_label(facts, limits, reasons, quiet), quiet, reasons, said)


def quiet_of(facts: Facts, limits: Thresholds) -> Quiet | None:
    """Whether they are stalled, and which way: any sign of life within the window tells the two apart."""
    if facts.state != OnboardingState.ACTIVE or not facts.customers_turn or facts.silent_days is None:
        return None
    if facts.silent_days < limits.stalled_after:
        return None
    return Quiet.ENGAGED if is_engaged(facts, limits) else Quiet.GHOSTING


def is_engaged(facts: Facts, limits: Thresholds) -> bool:
    """Whether any sign of life lies within the days after which they are stalled."""
    return facts.life_days is not None and facts.life_days < limits.stalled_after


def _label(facts: Facts, limits: Thresholds, reasons: tuple[Reason, ...], quiet: Quiet | None) -> Health:
    if facts.state == OnboardingState.ON_HOLD:
        return Health.ON_HOLD
    if facts.waiting_on_us:
        return Health.WAITING_ON_US
    if quiet is not None:
        return Health.STALLED
    counted = [reason for reason in reasons if not reason.is_ours_to_book]
    if any(reason.level == RISK for reason in counted):
        return Health.AT_RISK
    if len({reason.code for reason in counted}) >= limits.watches_make_risk:
        return Health.AT_RISK
    return Health.WATCH if counted else Health.ON_TRACK


# --- The reasons ----------------------------------------------------------------------------------


def _reasons(facts: Facts, limits: Thresholds) -> Iterator[Reason]:
    yield from _pace(facts, limits)
    yield from _feeling(facts)
    yield from _calls(facts, limits)
    yield from _use(facts, limits)
    yield from _ready(facts, limits)
    yield from _people(facts, limits)
    yield from _beginning(facts, limits)


def _over(code: str, value: int | None, watch: int, risk: int, **evidence: Any) -> Iterator[Reason]:
    """More than one limit is a risk, more than the other one to watch."""
    if value is not None and value > risk:
        yield Reason(code, RISK, {"value": value, "limit": risk, **evidence})
    elif value is not None and value > watch:
        yield Reason(code, WATCH, {"value": value, "limit": watch, **evidence})


def _pace(facts: Facts, limits: Thresholds) -> Iterator[Reason]:
    """R1 to R3: the time that passed, against what is done."""
    age, budget = facts.stage_age_days, facts.stage_budget_days
    said = {"age": age, "budget": budget, "done": facts.stage_done_percent, "stage": facts.stage}
    late = facts.overdue_items > 0
    if budget and age * 100 > budget * limits.stage_risk_percent:
        yield Reason("R1", RISK, {**said, "limit": limits.stage_risk_percent})
    elif (
        budget
        and late
        and age * 100 > budget * limits.stage_watch_percent
        and facts.stage_done_percent < limits.stage_done_percent
    ):
        yield Reason("R1", WATCH, {**said, "limit": limits.stage_watch_percent})
    if late:
        yield from _over(
            "R2", -facts.pace, limits.pace_watch_points, limits.pace_risk_points, overdue=facts.overdue_items
        )
    if facts.milestones_late:
        risk = facts.milestone_late_days > limits.milestone_days
        risk = risk or facts.milestones_late >= limits.milestones_many
        said = {
            "count": facts.milestones_late,
            "days": facts.milestone_late_days,
            "limit": limits.milestone_days,
        }
        yield Reason("R3", RISK if risk else WATCH, {**said, **_detail(facts, "milestone")})


def _feeling(facts: Facts) -> Iterator[Reason]:
    """R4 and R5: what somebody of ours noticed and nobody has settled."""
    if facts.frustration:
        yield Reason("R4", RISK, {"value": facts.frustration})
    if facts.surprise:
        yield Reason("R5", RISK, {"value": facts.surprise})


def _calls(facts: Facts, limits: Thresholds) -> Iterator[Reason]:
    missed = facts.no_shows
    if missed >= limits.no_shows_risk:
        yield Reason("R6", RISK, {"value": missed, "limit": limits.no_shows_risk})
    elif missed >= limits.no_shows_watch:
        yield Reason("R6", WATCH, {"value": missed, "limit": limits.no_shows_watch})
    if facts.calls_missing:
        said = {"missing": facts.details.get("missing_calls", []), "limit": limits.call_percent}
        yield Reason("R6", WATCH, said)


def _use(facts: Facts, limits: Thresholds) -> Iterator[Reason]:
    """R7 to R9: whether they use it, when it brings something, how much help it takes."""
    live = facts.live_days
    if live is not None:
        since = {"live": live, "seats": facts.seats}
        active, activated = facts.active_percent, facts.activated_percent
        if live >= limits.active_calendar_days and active is not None and active < limits.active_percent:
            said = {"active": active, "people": facts.active_people, "limit": limits.active_percent}
            yield Reason("R7", RISK, {**since, **said})
        elif (
            live >= limits.activated_calendar_days
            and activated is not None
            and activated < limits.activated_percent
        ):
            said = {
                "activated": activated,
                "people": facts.activated_people,
                "limit": limits.activated_percent,
            }
            yield Reason("R7", WATCH, {**since, **said})
    if not facts.first_value_seen:
        due, late = facts.first_value_due_in, facts.first_value_late_by
        if due is not None and due < 0:
            yield Reason("R8", RISK, {"overdue": -due})
        elif late is not None and late > limits.value_days:
            yield Reason("R8", WATCH, {"late": late, "limit": limits.value_days})
    yield from _over("R9", facts.tickets, limits.tickets_watch, limits.tickets_risk)


def _ready(facts: Facts, limits: Thresholds) -> Iterator[Reason]:
    """R10 and R11: what they must have, and what was promised."""
    if facts.gap_days > limits.gap_days:
        yield Reason("R10", RISK, {"days": facts.gap_days, "limit": limits.gap_days, **_detail(facts, "gap")})
    elif facts.prerequisite_late_days > 0:
        yield Reason("R10", WATCH, {"days": facts.prerequisite_late_days, **_detail(facts, "gap")})
    if facts.criterion_forecast_misses:
        yield Reason("R11", RISK, {"value": facts.criterion_forecast_misses, **_detail(facts, "criterion")})
    elif facts.criterion_missed:
        yield Reason("R11", WATCH, {"value": facts.criterion_missed, **_detail(facts, "criterion")})


def _people(facts: Facts, limits: Thresholds) -> Iterator[Reason]:
    """R12: the two people without whom it doesn't go on."""
    if facts.champion_left or facts.sponsor_left:
        yield Reason("R12", RISK, {"left": "champion" if facts.champion_left else "sponsor"})
    elif facts.sponsor_missing == "signing":
        yield Reason("R12", RISK, {"missing": "signing"})
    elif facts.sponsor_missing == "kickoff":
        yield Reason("R12", WATCH, {"missing": "kickoff"})
    silent, limit = facts.champion_silent_days, limits.champion_calendar_days
    if silent is not None and silent >= limit and not facts.champion_left:
        yield Reason("R12", WATCH, {"silent": silent, "limit": limit})


def _beginning(facts: Facts, limits: Thresholds) -> Iterator[Reason]:
    """R15 and R16: what has to stand before the rest."""
    unsigned = facts.unsigned_training_days
    if unsigned is not None and unsigned > limits.unsigned_days:
        yield Reason("R15", RISK, {"value": unsigned, "limit": limits.unsigned_days})
    missing = facts.kickoff_missing_days
    if missing is not None:
        level = RISK if missing > limits.kickoff_days else WATCH
        yield Reason("R16", level, {"value": missing, "limit": limits.kickoff_days})


def _detail(facts: Facts, name: str) -> dict[str, Any]:
    found = facts.details.get(name)
    return {"what": found} if found else {}
