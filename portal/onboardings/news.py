"""Whether a line that waits for a digest is still news."""

import re

from portal import db
from portal.accounts.models import Staff, User
from portal.notifications.models import DigestItem
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step

ABOUT_STEP = re.compile(r"step:(\d+):(\w+)")


def is_news(item: DigestItem, reader: User) -> bool:
    """Whether a line still says something true: a step that was finished meanwhile needs no reminder."""
    about = ABOUT_STEP.fullmatch(item.about or "")
    if about is None:
        return True
    step = db.session.get(Step, int(about[1]))
    if step is None:
        return False
    still = {
        "assigned": reader.id in _holders(step) and not step.is_closed,
        "before": step.with_them,
        "after": step.with_them,
        "returned": step.with_them,
        "late": step.with_us,
        "handed_in": step.state is StepState.SUBMITTED,
        "blocked": step.state is StepState.BLOCKED,
        "skip_asked": step.asked_to_skip is not None,
    }
    return still.get(about[2], True)


def _holders(step: Step) -> set[int | None]:
    """Whoever has it, and who does it in their place while they are away."""
    assignee = step.assignee
    return {step.assignee_id, assignee.acting.id} if isinstance(assignee, Staff) else {step.assignee_id}
