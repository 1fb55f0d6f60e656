"""What follows from what customers did: steps complete themselves, first value is dated."""

from collections.abc import Sequence

from sqlalchemy import exists, select

from portal import db, jobs
from portal.accounts.models import Account
from portal.onboardings.fact_days import note_day
from portal.onboardings.jobs import for_each_account
from portal.onboardings.models import Onboarding
from portal.onboardings.states import FINAL, RUNNING, OnboardingState
from portal.onboardings.steps import Step
from portal.onboardings.waves import Wave
from portal.usage.meaning import measure, metrics_of, value_day
from portal.usage.models import UsageDay

WATCHED = RUNNING | {OnboardingState.ON_HOLD}


@jobs.handles("usage.react")
def _react(claim: jobs.Claim) -> None:
    with claim.finish():
        react(claim.payload["account_id"])


def react(account_id: int) -> None:
    """Look at what was seen in this account, and let its roads follow. Doing it twice changes nothing.

    Drafts and what is over stay as they are. On hold a fact is kept, and the items wait until it ends.
    """
    roads = select(Onboarding).where(Onboarding.account_id == account_id, Onboarding.state.in_(WATCHED))
    for road in db.session.scalars(roads.order_by(Onboarding.id).with_for_update()):
        waves: Sequence[Wave | None] = road.waves_on or (None,)
        for wave in waves:
            _see_value(road, wave)
        for step in [one for one in road.steps if one.kind == "usage" and _waits(one)]:
            if (found := measure(step)).on is not None:
                step.be_seen(found.on, ", ".join(metrics_of(step)))


def look_again() -> None:
    """What waits for a number of seats, a go-live or the end of a pause has nothing new to react to: once an hour, all
    roads are looked at where something can still be seen."""
    waiting = exists().where(
        Step.onboarding_id == Onboarding.id, Step.kind == "usage", Step.state.not_in(FINAL)
    )
    used = exists().where(UsageDay.account_id == Onboarding.account_id)
    rows = select(Onboarding.account_id).where(Onboarding.state.in_(RUNNING), waiting, used)
    for_each_account(rows, _look)


def _look(account: Account) -> None:
    react(account.id)


def _see_value(road: Onboarding, wave: Wave | None) -> None:
    """Date first value by the first value event; the step that records it is done by that, whatever its kind asks, but
    one that looks for something of its own."""
    shows = [one for one in road.steps if one.spec.records == "first_value" and one.wave in (wave, None)]
    step = next(iter(shows), None)
    if step is not None and step.reopen_reason:
        return  # Somebody decided that it wasn't so yet, so somebody says when it is.
    whose = wave or road
    on = whose.first_value_on or value_day(road, wave)
    if on is None:
        return
    if whose.first_value_on is None:
        note_day(road, "first_value", on, wave)
    if step is not None and step.kind != "usage" and _waits(step):
        step.be_seen(on, ", ".join(road.product.value_events))


def _waits(step: Step) -> bool:
    """Whether it may complete itself now."""
    return not step.is_closed and not step.reopen_reason and step.onboarding.is_running
