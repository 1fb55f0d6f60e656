"""A draft starts on another day than it was made for."""

from datetime import date

from flask_babel import gettext as _

from portal import web
from portal.accounts.models import User
from portal.activity.models import Audience, Verb, record
from portal.errors import Refused
from portal.onboardings import beside, milestones, planning, wave_dates
from portal.onboardings.creation import check_start_date, date_steps
from portal.onboardings.models import Onboarding
from portal.onboardings.states import OnboardingState
from portal.playbooks.rules import budgets_for


def restart(onboarding: Onboarding, start_date: date, *, by: User | None) -> None:
    """Let a draft start on another day: every date is worked out anew. Raises Refused for what has been opened to the
    customer already, whose dates are shifted, and for a day that has passed."""
    account, document = onboarding.account, onboarding.playbook_version.document
    if onboarding.state is not OnboardingState.DRAFT:
        raise Refused(_("This onboarding has started. Shift its dates instead."))
    check_start_date(account, start_date)
    before, windows = (
        onboarding.start_date,
        planning.windows(budgets_for(document, onboarding.programme), start_date),
    )
    onboarding.start_date = start_date
    onboarding.target_graduation = account.calendar.next_working_day(windows["graduation"].ends)
    onboarding.first_value_due = planning.first_value_due(windows["graduation"], account.calendar)
    for stage in onboarding.stages:
        stage.planned_start, stage.planned_end = windows[stage.key].starts, windows[stage.key].ends
    wave_dates.move_by(onboarding, start_date - before)
    for step in onboarding.steps:
        step.due_on = step.first_due_on = None
    date_steps(onboarding)
    milestones.restart(onboarding)
    for one in beside.dated(onboarding):
        one.redate()
    record(
        onboarding,
        Verb.START_MOVED,
        by=by,
        onboarding=onboarding,
        before={"start_date": before},
        after={"start_date": start_date},
        audience=Audience.STAFF,
    )
    onboarding.settle()


def check_start(draft: Onboarding) -> None:
    """Refuse to open a draft whose day 0 has passed: its dates would be late before anybody has seen them."""
    if draft.start_date < draft.account.today:
        day_0 = web.day(draft.start_date, "dMMMM")
        raise Refused(_("Its start, %(date)s, has passed. Choose another day first.", date=day_0))
