"""What may happen to a version of the plan, and who signs after whom (product.md 2.3)."""

from collections.abc import Collection
from enum import StrEnum, auto
from typing import Final

OPEN_DAYS: Final = 14  # A version that was sent can be signed for so long.


class PlanState(StrEnum):
    """`IN_REVIEW`: the customer was asked to look through the draft. What was sent never changes."""

    DRAFT = auto()
    IN_REVIEW = auto()
    SENT = auto()
    PARTLY_SIGNED = auto()
    SIGNED = auto()
    SUPERSEDED = auto()
    DECLINED = auto()
    EXPIRED = auto()
    VOIDED = auto()


class SignerRole(StrEnum):
    """For whom somebody signs. Sponsors are further signers of their side."""

    CUSTOMER = auto()
    CUSTOMER_SPONSOR = auto()
    PROVIDER = auto()
    PROVIDER_SPONSOR = auto()

    @property
    def is_ours(self) -> bool:
        return self in (SignerRole.PROVIDER, SignerRole.PROVIDER_SPONSOR)

    @property
    def is_sponsor(self) -> bool:
        return self in (SignerRole.CUSTOMER_SPONSOR, SignerRole.PROVIDER_SPONSOR)


class Identified(StrEnum):
    """How a signer said again who they are. `STANDING`: the playbook countersigns for our consultant."""

    CODE = auto()
    PASSWORD = auto()
    STANDING = auto()


WRITABLE: Final = frozenset({PlanState.DRAFT, PlanState.IN_REVIEW})
TO_SIGN: Final = frozenset({PlanState.SENT, PlanState.PARTLY_SIGNED})
COMPLETE: Final = frozenset({PlanState.SIGNED, PlanState.SUPERSEDED})

# A declined version stays as it was read; the next draft begins from it. An expired one is sent again as it is.
_NEXT: Final[dict[PlanState, frozenset[PlanState]]] = {
    PlanState.DRAFT: frozenset({PlanState.IN_REVIEW, PlanState.SENT, PlanState.VOIDED}),
    PlanState.IN_REVIEW: frozenset({PlanState.DRAFT, PlanState.SENT, PlanState.VOIDED}),
    PlanState.SENT: frozenset(
        {PlanState.PARTLY_SIGNED, PlanState.SIGNED, PlanState.DECLINED, PlanState.EXPIRED, PlanState.VOIDED}
    ),
    PlanState.PARTLY_SIGNED: frozenset({PlanState.SIGNED, PlanState.DECLINED, PlanState.VOIDED}),
    PlanState.EXPIRED: frozenset({PlanState.SENT, PlanState.VOIDED}),
    PlanState.SIGNED: frozenset({PlanState.SUPERSEDED}),
    PlanState.SUPERSEDED: frozenset(),
    PlanState.DECLINED: frozenset(),
    PlanState.VOIDED: frozenset(),
}


def version_may(now: PlanState, then: PlanState) -> bool:
    """Whether a version goes from `now` to `then`."""
    return then in _NEXT[now]


def may_sign(role: SignerRole, waiting: Collection[SignerRole]) -> bool:
    """Whether it is the turn of this role; `waiting` are those who have not signed. The customer's side signs first,
    within a side the order is free."""
    return role in waiting and (not role.is_ours or all(other.is_ours for other in waiting))


def next_state(signed: int, of: int) -> PlanState:
    """What a version is once `signed` of its signers have signed. Raises ValueError for none."""
    if not 0 < signed <= of:
        raise ValueError(f"{signed} of {of}")
    return PlanState.SIGNED if signed == of else PlanState.PARTLY_SIGNED
