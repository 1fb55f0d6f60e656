"""The few words that say what an account, a person or a part in a team is."""

from datetime import timedelta
from enum import StrEnum, auto

# How long an invitation opens the door, and keeps its address.
INVITATION_LIFE = timedelta(days=7)


class Segment(StrEnum):
    """How large the customer is; sets defaults only."""

    SMB = auto()
    MID_MARKET = auto()
    ENTERPRISE = auto()


class Touch(StrEnum):
    """How much runs by itself and when people act."""

    LOW = auto()
    MID = auto()
    HIGH = auto()


TOUCH_OF = {Segment.SMB: Touch.LOW, Segment.MID_MARKET: Touch.MID, Segment.ENTERPRISE: Touch.HIGH}


class PortalRole(StrEnum):
    """What a person may do on their company's road."""

    ADMIN = auto()
    TEAMMATE = auto()
    SPONSOR = auto()


class StakeholderRole(StrEnum):
    """What a person means to the purchase; one may hold several."""

    DECISION_MAKER = auto()
    CHAMPION = auto()
    END_USER = auto()
    IT_CONTACT = auto()
    BILLING_CONTACT = auto()


class TeamRole(StrEnum):
    """The part a staff member plays in one onboarding."""

    CONSULTANT = auto()
    INTEGRATION_SPECIALIST = auto()
    CSM = auto()
    ACCOUNT_EXECUTIVE = auto()
