"""What changed on a road lately, kept as facts for the line under the customer's meter (product.md 4.5)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from portal.onboardings.states import OnboardingState, ScopeChange

if TYPE_CHECKING:
    from portal.onboardings.models import Onboarding

TOLD_FOR: Final = timedelta(days=14)
MOST: Final = 60


def note(
    onboarding: Onboarding, change: ScopeChange, why: str, *, stage: str | None, title: str = "", **facts: Any
) -> None:
    """Keep what changed and why; `words.SCOPE_CHANGES` says it in each reader's language. `stage` is the key of the
    stage it happened in, None for the whole road. Of a draft nothing is kept: nobody has seen it yet."""
    if onboarding.state is OnboardingState.DRAFT:
        return
    today = onboarding.account.today
    new = {"on": today.isoformat(), "code": change.value, "stage": stage, "title": title, "why": why, **facts}
    onboarding.changes = [*lately(onboarding), new][-MOST:]


def lately(onboarding: Onboarding) -> list[dict[str, Any]]:
    """The changes of the last two weeks, oldest first."""
    since = onboarding.account.today - TOLD_FOR
    return [one for one in onboarding.changes or [] if date.fromisoformat(one["on"]) >= since]
