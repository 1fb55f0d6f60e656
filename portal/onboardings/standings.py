"""The labels of an onboarding's health, in the order in which they are looked for (product.md 2.8)."""

from enum import StrEnum


class Health(StrEnum):
    """The first that applies."""

    ON_HOLD = "on_hold"
    WAITING_ON_US = "waiting_on_us"
    STALLED = "stalled"
    AT_RISK = "at_risk"
    WATCH = "watch"
    ON_TRACK = "on_track"


class Quiet(StrEnum):
    """The two ways of being stalled: no sign of life at all, or signs of life and nothing finished."""

    GHOSTING = "ghosting"
    ENGAGED = "engaged"
