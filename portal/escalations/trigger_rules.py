"""Pure: whether a trigger's condition holds, and what has become of it since the evening before (product.md 2.10).

Facts are one evening's, by the names of `health.facts`; a fact that is None or missing is unknown, and nothing is known
to hold of it. Days are the account's.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, auto
from typing import Any

from portal.playbooks.trigger_set import Action, Condition, Scope, TriggerSpec

Facts = Mapping[str, Any]
ON_HOLD = "on_hold"


class Outcome(StrEnum):
    """What an evening means for one trigger in one onboarding."""

    NOTHING = auto()
    ENTERED = auto()
    HELD = auto()
    CLEARED = auto()
    # It ends without having cleared: a hold began, or whoever had its case has closed it.
    ENDED = auto()


@dataclass(frozen=True)
class Firing:
    """One time that a trigger was entered. `fired_on` is None until it fired, `ended_on` while it lasts; `has_case`
    when it has led to a case, `case_closed` once that is resolved or dismissed."""

    entered_on: date
    fired_on: date | None = None
    ended_on: date | None = None
    has_case: bool = False
    case_closed: bool = False

    @property
    def in_a_case(self) -> bool:
        """Whether it is a reason of an open case, which waits to hear that it holds no more."""
        return self.has_case and not self.case_closed


# --- Conditions ---------------------------------------------------------------------------------


def holds(condition: Condition, facts: Facts) -> bool:
    """Whether a condition holds of these facts."""
    if condition.any:
        return any(holds(inner, facts) for inner in condition.any)
    if condition.all:
        return all(holds(inner, facts) for inner in condition.all)
    value, wanted = facts.get(condition.fact or ""), condition.value
    match condition.test:
        case "is":
            return value is not None and bool(value == wanted)
        case "is_not":
            return bool(value != wanted)
        case "includes":
            return any(one in (value or ()) for one in _several(wanted))
        case "lacks":
            return not any(one in (value or ()) for one in _several(wanted))
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    tests: dict[str, bool] = {
        "below": value < wanted,
        "at_most": value <= wanted,
        "at_least": value >= wanted,
        "above": value > wanted,
    }
    return tests[condition.test]


def _several(wanted: Any) -> tuple[Any, ...]:
    return wanted if isinstance(wanted, tuple) else (wanted,)


def all_hold(conditions: Sequence[Condition], facts: Facts) -> bool:
    """Whether each of these holds; of none, yes."""
    return all(holds(condition, facts) for condition in conditions)


def in_scope(scope: Scope, facts: Facts) -> bool:
    """Whether the trigger is about such an onboarding at all."""
    asked = (
        (scope.touch, "touch"),
        (scope.segments, "segment"),
        (scope.programmes, "programme"),
        (scope.stages, "stage"),
    )
    return all(not allowed or facts.get(fact) in allowed for allowed, fact in asked)


def is_true(spec: TriggerSpec, facts: Facts) -> bool:
    """Whether its condition holds now; one that waits for something to happen is never true of an evening."""
    return bool(spec.when) and in_scope(spec.scope, facts) and all_hold(spec.when, facts)


def has_lasted(spec: TriggerSpec, facts: Facts, before: Sequence[Facts]) -> bool:
    """Whether it has held for as many evenings in a row as it asks for. `before` has the latest evening first."""
    earlier = before[: spec.for_days - 1]
    enough = len(earlier) == spec.for_days - 1
    return enough and all(is_true(spec, one) for one in (facts, *earlier))


def has_cleared(spec: TriggerSpec, facts: Facts) -> bool:
    """Whether what made it fire is over."""
    if spec.a_person_clears:
        return False
    if spec.clears_when:
        return not in_scope(spec.scope, facts) or all_hold(spec.clears_when, facts)
    return not is_true(spec, facts)


# --- One evening --------------------------------------------------------------------------------


def judge(
    spec: TriggerSpec,
    today: date,
    facts: Facts,
    *,
    on: bool = True,
    before: Sequence[Facts] = (),
    lasting: Firing | None = None,
    last_fired: date | None = None,
) -> Outcome:
    """What this evening means. `lasting` is the firing that hasn't ended, `last_fired` the day of the last that fired.

    On hold nothing is entered and what lasts ends, so that what is still true when the hold ends is entered then; what
    has opened a case lasts on, so that the case hears when it is over, and what happened during the hold waits for its
    end. One whose case was closed ends, and while it holds on it is entered again once the cool-down is over.
    """
    if facts.get("state") == ON_HOLD:
        ends = lasting is not None and not spec.at_once and not lasting.in_a_case
        return Outcome.ENDED if ends else Outcome.NOTHING
    if lasting:
        if has_cleared(spec, facts):
            return Outcome.CLEARED
        return Outcome.ENDED if lasting.case_closed else Outcome.HELD
    if not on or spec.at_once or not may_fire_again(spec, today, last_fired):
        return Outcome.NOTHING
    return Outcome.ENTERED if has_lasted(spec, facts, before) else Outcome.NOTHING


def may_fire_again(spec: TriggerSpec, today: date, last_fired: date | None) -> bool:
    """Whether its cool-down is over."""
    return last_fired is None or (today - last_fired).days >= spec.again_after


def still_fires(spec: TriggerSpec, facts: Facts, *, fired: bool) -> bool:
    """Whether it is to act now: not on hold, still true, or, once it has fired, not cleared."""
    if facts.get("state") == ON_HOLD:
        return False
    return not has_cleared(spec, facts) if fired or spec.at_once else is_true(spec, facts)


def due_actions(
    spec: TriggerSpec,
    facts: Facts,
    done: Collection[int],
    worked: Callable[[], int],
) -> list[int]:
    """The places of the actions that are to be done now. `worked` counts the working days since it fired."""
    return [
        place
        for place, action in enumerate(spec.then)
        if place not in done and _is_due(action, facts, worked)
    ]


def _is_due(action: Action, facts: Facts, worked: Callable[[], int]) -> bool:
    if action.touch and facts.get("touch") not in action.touch:
        return False
    if not all_hold(action.when, facts):
        return False
    return not action.after or worked() >= action.after


def evidence(spec: TriggerSpec, facts: Facts) -> dict[str, Any]:
    """What of the facts its conditions read, for the case and for whoever asks later why."""
    conditions = [*spec.when, *spec.clears_when, *(one for action in spec.then for one in action.when)]
    names = dict.fromkeys(leaf.fact for condition in conditions for leaf in condition.leaves())
    return {name: facts[name] for name in names if name and facts.get(name) is not None}
