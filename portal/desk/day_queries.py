"""What My day reads beside what waits on us: whom the reader stands in for, their calls, and what customers did."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import defer, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from portal import db
from portal.access import visible
from portal.accounts.models import Account, Staff, User
from portal.activity.models import Activity, Audience, Verb
from portal.calls.models import Call, CallAttendee
from portal.calls.rules import CallState
from portal.desk import queries
from portal.onboardings.models import Onboarding
from portal.onboardings.states import RUNNING, OnboardingState
from portal.onboardings.steps import Step

# What a customer does that moves something; the rest is in each account's history.
MOVES = (
    Verb.STEP_SUBMITTED,
    Verb.STEP_COMPLETED,
    Verb.STEP_BLOCKED,
    Verb.STEP_UNBLOCKED,
    Verb.SKIP_ASKED,
    Verb.PERSON_JOINED,
    Verb.DOCUMENT_SHARED,
    Verb.CALL_BOOKED,
    Verb.CALL_MOVED,
    Verb.CALL_CANCELLED,
)


def owing_of(whose: Sequence[Staff]) -> list[Onboarding]:
    """These people's onboardings in which anything waits on us, with what their waits are worked out from."""
    rows = queries.owing(*whose).options(
        joinedload(Onboarding.account),
        joinedload(Onboarding.holds),
        joinedload(Onboarding.playbook_version),
        joinedload(Onboarding.next_step).options(joinedload(Step.assignee), defer(Step.data)),
        defer(Onboarding.meter),
    )
    found = list(db.session.scalars(rows).unique())
    queries.load_teams(found)
    return found


def optional_of(whose: Sequence[Staff]) -> list[Step]:
    """Open steps that these people have in hand and that the road does not need."""
    rows = (
        visible(Step)
        .join(Onboarding, Onboarding.id == Step.onboarding_id)
        .where(
            Step.assignee_id.in_([one.id for one in whose]),
            Step.ours_since.is_not(None),
            Step.required.is_(False),
            Onboarding.state.in_(RUNNING),
        )
        .options(
            joinedload(Step.onboarding).options(
                joinedload(Onboarding.account), joinedload(Onboarding.playbook_version)
            )
        )
    )
    return list(db.session.scalars(rows))


def drafts_of(whose: Sequence[Staff]) -> list[Onboarding]:
    """The drafts of these people, the earliest start first."""
    rows = (
        visible(Onboarding)
        .where(Onboarding.id.in_(queries.of_teams(*whose)), Onboarding.state == OnboardingState.DRAFT)
        .options(
            joinedload(Onboarding.account),
            joinedload(Onboarding.product),
            joinedload(Onboarding.starts_after).joinedload(Onboarding.account),
        )
        .order_by(Onboarding.start_date, Onboarding.id)
    )
    return list(db.session.scalars(rows))


def calls_between(whose: Sequence[Staff], since: datetime, until: datetime) -> list[Call]:
    """What these people hold from `since` until before `until`, in that order."""
    rows = (
        visible(Call)
        .where(
            Call.owner_id.in_([one.id for one in whose]),
            Call.start >= since,
            Call.start < until,
            Call.state.in_((CallState.SCHEDULED, CallState.HELD)),
        )
        .options(
            joinedload(Call.onboarding).joinedload(Onboarding.account),
            selectinload(Call.attendees).joinedload(CallAttendee.user),
        )
        .order_by(Call.start, Call.id)
    )
    return list(db.session.scalars(rows))


def customers_did(whose: Sequence[Staff], since: datetime, most: int) -> list[tuple[Activity, Account, str]]:
    """The last things that customers of these people did since this moment, latest first, each with its account and
    the ref of its onboarding."""
    rows = (
        select(Activity, Account, Onboarding.ref)
        .join(Onboarding, Onboarding.id == Activity.onboarding_id)
        .join(Account, Account.id == Onboarding.account_id)
        .join(User, User.id == Activity.actor_id)
        .where(
            Onboarding.id.in_(queries.of_teams(*whose)),
            Onboarding.customer_moved_at >= since,
            Activity.at >= since,
            Activity.audience == Audience.CUSTOMER,
            Activity.verb.in_(MOVES),
            User.kind == "person",
        )
        .order_by(Activity.id.desc())
        .limit(most)
    )
    return [(activity, account, ref) for activity, account, ref in db.session.execute(rows)]


def load_handed_in(steps: Sequence[Step]) -> None:
    """Put in place what was handed in with these steps, and by whom; two statements."""
    rows = select(Step.id, Step.data).where(Step.id.in_([step.id for step in steps]))
    data: dict[int, dict[str, Any]] = dict(db.session.execute(rows).all())
    people = select(User).where(User.id.in_([step.submitted_by_id for step in steps]))
    found: dict[int | None, User] = {user.id: user for user in db.session.scalars(people)}
    for step in steps:
        set_committed_value(step, "data", data[step.id])
        set_committed_value(step, "submitted_by", found.get(step.submitted_by_id))
