"""What a version that was sent does by itself as days pass: it asks once more, and it runs out.

Each run finds all that is due, so a worker that was away catches up, and a second run finds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from sqlalchemy import exists, select

from portal import clock, db
from portal.accounts.models import Account
from portal.onboardings.jobs import for_each_account
from portal.onboardings.models import Onboarding
from portal.onboardings.states import RUNNING
from portal.plans import letters
from portal.plans.models import Plan, PlanSigner, PlanVersion
from portal.plans.rules import TO_SIGN, PlanState

FIRST_REMINDER: Final = 3  # Working days after it became their turn.
LAST_REMINDER: Final = 1  # Working days before nobody can sign it any more.


def expire() -> None:
    """Close the versions that nobody signed in time, and tell both sides."""
    anywhere = clock.now().date() + timedelta(days=1)  # The latest date that any zone has now.
    late = select(PlanVersion.account_id).where(
        PlanVersion.state == PlanState.SENT, PlanVersion.expires_on < anywhere
    )
    for_each_account(late, _expire)


def _expire(account: Account) -> None:
    for version in _waiting(account):
        version.expire()


def remind() -> None:
    """Ask those once more whose turn it is: when three working days have passed, and when one is left."""
    for_each_account(select(PlanVersion.account_id).where(PlanVersion.state.in_(TO_SIGN)), _remind)


def _remind(account: Account) -> None:
    for version in _waiting(account):
        if version.is_overdue:
            continue
        for signer in version.turn_of:
            if reminder_due(version, signer, account):
                signer.reminded_at = clock.now()
                letters.reminder(version, signer)


def reminder_due(version: PlanVersion, signer: PlanSigner, account: Account) -> bool:
    """Whether a day has come on which this signer is asked once more, and they haven't been since."""
    passed = [day for day in _days(version, signer, account) if day <= account.today]
    if not passed:
        return False
    asked = signer.reminded_at
    return asked is None or asked.astimezone(account.zone).date() < max(passed)


def _days(version: PlanVersion, signer: PlanSigner, account: Account) -> Iterator[date]:
    calendar = account.calendar
    if signer.asked_at is not None:
        yield calendar.add_working_days(signer.asked_at.astimezone(account.zone).date(), FIRST_REMINDER)
    if version.state is PlanState.SENT and version.expires_on is not None:
        yield calendar.add_working_days(version.expires_on, -LAST_REMINDER)


def _waiting(account: Account) -> Iterator[PlanVersion]:
    """The version that waits on each running road of this account; the road is locked, as for every signature, and none
    on which nothing waits."""
    waits = exists().where(PlanVersion.onboarding_id == Onboarding.id, PlanVersion.state.in_(TO_SIGN))
    roads = select(Onboarding).where(
        Onboarding.account_id == account.id, Onboarding.state.in_(RUNNING), waits
    )
    for road in db.session.scalars(roads.order_by(Onboarding.id).with_for_update(of=Onboarding)):
        if (version := Plan.of(road).to_sign) is not None:
            yield version
