"""Who has a step and by when, in the words in which a reader is told."""

from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext

from portal import web
from portal.accounts.models import User
from portal.onboardings import settling
from portal.onboardings.letters import reviewer
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step

NEAR = 14  # Days within which a date is also said as “in 2 days”.


def holder_of(step: Step) -> User | None:
    """Who has the ball: who writes what an approval waits for, who answers what was handed in, suggested or
    is to be changed, who sends or signs the plan, else who does it."""
    if first := step.waits_for:
        return first.assignee
    ours = step.state is StepState.SUBMITTED or step.asks_change or step.waiting
    return reviewer(step) if ours else step.assignee


def promised_by(step: Step) -> date | None:
    """By when we do what is ours here, as the customer reads it: what they are to sign is sent by the day of writing
    it, while that is ahead."""
    first = step.waits_for if step.kind == "sign" else None
    if first and first.due_on and first.due_on >= step.onboarding.account.today:
        return first.due_on
    return step.promised_on


def name_for(user: User | None, reader: User) -> str:
    """How `reader` reads this name: “you” for themselves."""
    if user is None:
        return ""
    return _("you") if user.id == reader.id else user.called


def by_when(due: date | None, today: date) -> str:
    """“by Thu 12 March, in 2 days”; a date that has passed is “planned for”, never “overdue”."""
    if due is None:
        return ""
    if due < today:
        return _("planned for %(date)s", date=web.day(due))
    return _("today") if due == today else _("by %(when)s", when=when(due, today))


def when(due: date, today: date) -> str:
    """“Thu 12 March, in 2 days”, for a place that says “by” already; far dates stand alone."""
    days = (due - today).days
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow, %(date)s", date=web.day(due))
    if not 0 < days <= NEAR:
        return web.day(due)
    near = ngettext("in %(num)s day", "in %(num)s days", days)
    return _("%(date)s, %(near)s", date=web.day(due), near=near)


def is_about(step: Step) -> bool:
    """Whether the date of this step still hangs on something that hasn't happened."""
    return not step.due_by_hand and settling.planned_due(step).is_about
