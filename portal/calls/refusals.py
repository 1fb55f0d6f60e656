"""When no call can be arranged whatever its time: with whom, and in which onboarding."""

from flask_babel import gettext as _

from portal import web
from portal.accounts.models import Person
from portal.errors import Refused
from portal.onboardings.models import Onboarding


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
