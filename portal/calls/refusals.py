"""When no call can be arranged whatever its time: with whom, in which onboarding, and for which step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _

from portal import web
from portal.accounts.models import Person, User
from portal.errors import Refused
from portal.onboardings.models import Onboarding
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step

if TYPE_CHECKING:
    from portal.calls.models import Call


def check_people(onboarding: Onboarding, people: list[Person]) -> None:
    """Refuse a call without anybody of the customer, or with somebody who isn't."""
    if not people:
        raise Refused(
            _("Choose at least one person of %(company)s.", company=onboarding.account.name), field="people"
        )
    for person in people:
        if person.account_id != onboarding.account_id or not person.may_enter:
            raise Refused(not_here(onboarding), field="people")


def not_here(onboarding: Onboarding) -> str:
    """The sentence for somebody who can't be invited; a stranger and nobody at all read the same."""
    return _("Choose people of %(company)s who work on this.", company=onboarding.account.name)


def check_running(onboarding: Onboarding) -> None:
    """Refuse while the onboarding is paused, and when it is over."""
    if hold := onboarding.hold:
        raise Refused(
            _(
                "This onboarding is paused until %(date)s. Book a call for after that.",
                date=web.day(hold.review_on, "dMMMM"),
            )
        )
    if not onboarding.is_running:
        raise Refused(_("This onboarding is over, so no call can be booked. Write to your team instead."))


def check_step(step: Step, booked: Call | None, by: User) -> None:
    """Refuse a second call for a step, one for a step that is somebody else's, and one for a step that isn't open."""
    if booked is not None:
        raise Refused(
            _(
                "“%(title)s” is booked already. Move that call when another time suits better.",
                title=booked.title,
            )
        )
    if not step.workable_by(by):
        who = step.assignee.called if step.assignee else _("us")
        raise Refused(
            _("“%(title)s” is with %(who)s. Ask an admin to hand it to you.", title=step.title, who=who)
        )
    if step.state is StepState.LOCKED:
        raise Refused(_("“%(title)s” isn't open yet. It %(opens)s.", title=step.title, opens=step.opens_when))
