"""A second product waits for the first (product.md 2.12): its draft starts once the first one's value was seen."""

from datetime import date

from flask_babel import gettext as _

from portal.accounts.models import User
from portal.errors import Refused
from portal.onboardings.models import Onboarding
from portal.onboardings.restarting import restart
from portal.onboardings.states import LIVE


def start_after(draft: Onboarding, first: Onboarding, *, by: User | None) -> None:
    """Let this draft follow `first`, another live onboarding of the same customer."""
    if first.account_id != draft.account_id or first.id == draft.id or first.state not in LIVE:
        raise Refused(_("Choose an onboarding of this customer that is under way."), field="after")
    draft.starts_after = first
    draft.starts_after_id = first.id
    day = start_of(first)
    if day != draft.start_date:
        restart(draft, day, by=by)


def start_of(first: Onboarding) -> date:
    """The first working day after its first value, or after the day for which that is planned; never one that has
    passed."""
    calendar = first.account.calendar
    seen = first.first_value_on or first.first_value_due
    return max(calendar.add_working_days(seen, 1), first.account.soonest)


def draw_up(draft: Onboarding) -> bool:
    """Date a draft by the first value of what it waits for, as that stands now. Returns whether its start moved."""
    first = draft.starts_after
    if first is None or draft.start_date == start_of(first):
        return False
    restart(draft, start_of(first), by=None)
    return True


def may_start(draft: Onboarding) -> bool:
    """Whether what it waits for has been seen, or will not come any more."""
    first = draft.starts_after
    return first is None or first.first_value_on is not None or first.state not in LIVE
