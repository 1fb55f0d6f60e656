"""What may become of a case, and how urgent it is (product.md 2.3, 2.10)."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum, auto
from typing import Final

HIGHEST: Final = 3
REOPEN_DAYS: Final = 14
CLEAR_DAYS: Final = 2
LONGEST_WAIT: Final = 62  # Days.


class EscalationState(StrEnum):
    """Where it is."""

    OPEN = auto()
    ACKNOWLEDGED = auto()
    WORKING = auto()
    WAITING_ON_CUSTOMER = auto()
    RESOLVED = auto()
    DISMISSED = auto()


class Act(StrEnum):
    """What can be done with a case."""

    TAKE = auto()
    GIVE = auto()
    NOTE = auto()
    WORK = auto()
    WAIT = auto()
    COME_BACK = auto()
    RAISE = auto()
    RESOLVE = auto()
    CLEAR = auto()
    DISMISS = auto()
    REOPEN = auto()


TAKEN: Final = frozenset(
    {EscalationState.ACKNOWLEDGED, EscalationState.WORKING, EscalationState.WAITING_ON_CUSTOMER}
)
UNSETTLED: Final = TAKEN | {EscalationState.OPEN}
SETTLED: Final = frozenset({EscalationState.RESOLVED, EscalationState.DISMISSED})

# From which states each act leads where. None: it stays where it is. Whoever writes, ticks or sends works on it.
_LEADS: Final[dict[Act, tuple[frozenset[EscalationState], EscalationState | None]]] = {
    Act.TAKE: (frozenset({EscalationState.OPEN}), EscalationState.ACKNOWLEDGED),
    Act.GIVE: (UNSETTLED, EscalationState.OPEN),
    Act.NOTE: (UNSETTLED, None),
    Act.WORK: (TAKEN - {EscalationState.WAITING_ON_CUSTOMER}, EscalationState.WORKING),
    Act.WAIT: (TAKEN, EscalationState.WAITING_ON_CUSTOMER),
    Act.COME_BACK: (frozenset({EscalationState.WAITING_ON_CUSTOMER}), EscalationState.WORKING),
    Act.RAISE: (UNSETTLED, EscalationState.OPEN),
    Act.RESOLVE: (TAKEN, EscalationState.RESOLVED),
    Act.CLEAR: (UNSETTLED, EscalationState.RESOLVED),
    Act.DISMISS: (UNSETTLED, EscalationState.DISMISSED),
    Act.REOPEN: (frozenset({EscalationState.RESOLVED}), EscalationState.OPEN),
}


def may(state: EscalationState, act: Act) -> bool:
    """Whether this can be done with a case in `state`."""
    return state in _LEADS[act][0]


def after(state: EscalationState, act: Act) -> EscalationState:
    """The state that follows. Raises ValueError for what may not be done."""
    sources, target = _LEADS[act]
    if state not in sources:
        raise ValueError(f"{act} from {state}")
    return target or state


def reopenable(resolved_at: datetime, now: datetime) -> bool:
    """Whether a resolved case is still the same case when its reason comes back."""
    return now - resolved_at < timedelta(days=REOPEN_DAYS)


def clears_by_itself(state: EscalationState, clear_since: date | None, today: date) -> bool:
    """Whether it resolves itself: none of its reasons has held for two days, and nobody has taken it."""
    return (
        state is EscalationState.OPEN
        and clear_since is not None
        and today - clear_since >= timedelta(days=CLEAR_DAYS)
    )


class Group(StrEnum):
    """The three parts of the queue, in its order."""

    TO_TAKE = auto()
    WORKING = auto()
    WAITING = auto()


def group_of(state: EscalationState) -> Group:
    """Where an unsettled case stands in the queue."""
    if state is EscalationState.OPEN:
        return Group.TO_TAKE
    return Group.WAITING if state is EscalationState.WAITING_ON_CUSTOMER else Group.WORKING


TECHNICAL: Final = frozenset({"R14", "T11", "blocker"})


def is_technical(codes: Iterable[str]) -> bool:
    """Whether an integration specialist is the one to ask."""
    return any(code in TECHNICAL for code in codes)
