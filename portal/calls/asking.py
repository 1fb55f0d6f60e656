"""Asking the customer to choose a time for a call that a step waits for."""

from flask_babel import gettext as _

from portal.access import Can
from portal.accounts.models import Person, Staff
from portal.activity.models import Verb, record
from portal.calls import letters
from portal.calls.models import booked_for
from portal.calls.partners import partners_of
from portal.calls.refusals import check_running
from portal.errors import Refused
from portal.notifications.rules import Drop
from portal.onboardings.letters import admins
from portal.onboardings.steps import Step


def ask_for_time(step: Step, title: str, minutes: int, *, by: Staff) -> tuple[list[Person], list[Person]]:
    """Ask the customer by letter to book the call of this step, once a day; those who are written to, and those who
    want no such letters. It is whoever has the step, else the admins. Raises Refused."""
    check_running(step.onboarding)
    if asked_today(step):
        raise Refused(_("They were asked today already. Ask again tomorrow, or call them."))
    if booked_for(step):
        raise Refused(_("“%(title)s” is booked already.", title=title))
    own = step.assignee
    readers = [own] if isinstance(own, Person) and own.may(Can.BOOK_CALL) else admins(step.onboarding)
    told: list[Person] = []
    deaf: list[Person] = []
    for reader in readers:
        answer = letters.ask(step, title, minutes, reader, by=by)
        (deaf if isinstance(answer, Drop) else told).append(reader)
    if told:
        for each in (step, *partners_of(step)):
            each.ask_for_call()
        step.onboarding.settle()
        record(step, Verb.CALL_ASKED, by=by, onboarding=step.onboarding)
    return told, deaf


def asked_today(step: Step) -> bool:
    """Whether the customer was asked today, on their wall, to book the call of this step."""
    return bool(step.asked_on == step.onboarding.account.today)
