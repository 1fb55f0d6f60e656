"""What My day reads beside what waits on us: whom the reader stands in for, their calls, and what customers did."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, or_, select, union
from sqlalchemy.orm import defer, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from portal import db
from portal.access import visible
from portal.accounts.kinds import TeamRole
from portal.accounts.models import Account, Person, Staff, TeamMember, User
from portal.activity.models import Activity, Audience, Verb
from portal.calls.models import Call, CallAttendee
from portal.calls.rules import CallState
from portal.desk import queries
from portal.handoffs.models import Handoff
from portal.handoffs.rules import HandoffState
from portal.onboardings.holds import Hold
from portal.onboardings.models import Onboarding
from portal.onboardings.states import OnboardingState, StepState
from portal.onboardings.steps import Step
from portal.plans.models import PlanVersion
from portal.plans.queries import Waiting, for_us, short
from portal.readiness.prerequisite_desk import Gap, gaps_from, to_decide
from portal.readiness.prerequisites import Prerequisite

TOOK_PLACE = (CallState.SCHEDULED, CallState.HELD)  # Or is to.
# What a customer does that moves something; the rest is in each account's history.
MOVES = (
    Verb.STEP_SUBMITTED,
    Verb.STEP_COMPLETED,
    Verb.STEP_BLOCKED,
    Verb.STEP_UNBLOCKED,
    Verb.SKIP_ASKED,
    Verb.PERSON_JOINED,
    Verb.DOCUMENT_SHARED,
    Verb.PREREQUISITE_READY,
    Verb.PREREQUISITE_HELP,
    Verb.CALL_BOOKED,
    Verb.CALL_MOVED,
    Verb.CALL_CANCELLED,
)


def owing_of(whose: Sequence[Staff]) -> list[Onboarding]:
    """These people's onboardings in which anything waits on us, with what their waits are worked out from."""
    mine = union(queries.of_teams(*whose), select(Step.onboarding_id).where(_optional(whose)))
    rows = queries.owing_of(mine, or_(queries.OURS, _optional(whose))).options(
        joinedload(Onboarding.account),
        joinedload(Onboarding.holds),
        joinedload(Onboarding.playbook_version),
        joinedload(Onboarding.next_step).options(joinedload(Step.assignee), defer(Step.data)),
        defer(Onboarding.meter),
    )
    found = list(db.session.scalars(rows).unique())
    queries.load_teams(found)
    return found


def _optional(whose: Sequence[Staff]) -> ColumnElement[bool]:
    """The open steps that these people have in hand and that the road does not need."""
    mine = Step.assignee_id.in_([one.id for one in whose])
    return and_(mine, Step.ours_since.is_not(None), Step.required.is_(False))


def steps_of(owing: Sequence[Onboarding], whose: Sequence[Staff]) -> list[Step]:
    """The open steps of these onboardings that are ours or blocked, and the optional ones that these people have in
    hand, each with its onboarding; what was handed in comes with its answers and who sent it. One statement."""
    whole = {one.id: one for one in owing if one.is_running}
    handed_in = case((Step.state == StepState.SUBMITTED, Step.data))
    rows = (
        select(Step, handed_in)
        .where(
            Step.onboarding_id.in_(whole),
            or_(queries.OURS, queries.IN_THE_WAY, _optional(whose)),
        )
        .options(
            joinedload(Step.assignee),
            joinedload(Step.submitted_by),
            joinedload(Step.module),
            defer(Step.data),
        )
    )
    found = []
    for step, data in db.session.execute(rows):
        set_committed_value(step, "onboarding", whole[step.onboarding_id])
        if data is not None:
            set_committed_value(step, "data", data)
        found.append(step)
    return found


@dataclass(frozen=True)
class Sold:
    """An onboarding and its hand-off; whether one of these people owns it, and whether one of them sold it."""

    onboarding: Onboarding
    handoff: Handoff | None
    is_owned: bool
    is_sold: bool


def sold_to(whose: Sequence[Staff]) -> tuple[list[Sold], list[Gap], list[tuple[Waiting, bool]]]:
    """The drafts of these people, and whatever has a hand-off that they have to accept or to complete; the earliest
    start first; what isn't ready in what they own, about which they are to decide; and the plans that may wait for
    them, each with whether they own its road. One statement."""
    ids = [one.id for one in whose]
    owned, sold = _plays(ids, TeamRole.CONSULTANT), _plays(ids, TeamRole.ACCOUNT_EXECUTIVE)
    came_back = and_(Handoff.state == HandoffState.RETURNED, Handoff.author_id.in_(ids))
    theirs = or_(
        and_(Onboarding.state == OnboardingState.DRAFT, Onboarding.id.in_(queries.of_teams(*whose))),
        and_(Handoff.state == HandoffState.SUBMITTED, owned),
        came_back,
    )
    plan, of_plan, to_sign = for_us(ids)
    # Nothing else can be among them, and these few are found from an index.
    mine = union(queries.of_teams(*whose), select(Handoff.onboarding_id).where(came_back), to_sign)
    rows = (
        visible(Onboarding)
        .add_columns(Handoff, owned, sold, theirs, Prerequisite, Hold, *plan)
        .outerjoin(Handoff, Handoff.onboarding_id == Onboarding.id)
        .outerjoin(Prerequisite, and_(Prerequisite.onboarding_id == Onboarding.id, to_decide(), owned))
        .outerjoin(Hold, Hold.id == Prerequisite.hold_id)
        .outerjoin(PlanVersion, of_plan)
        .where(
            Onboarding.id.in_(mine),
            or_(theirs, Prerequisite.id.is_not(None), PlanVersion.id.is_not(None)),
            Onboarding.state != OnboardingState.CANCELLED,
        )
        .options(
            joinedload(Onboarding.playbook_version),
            joinedload(Prerequisite.said_by),
            joinedload(Onboarding.account),
            joinedload(Onboarding.product),
            joinedload(Onboarding.starts_after).joinedload(Onboarding.account),
            joinedload(Handoff.author),
            joinedload(Handoff.decided_by),
            *short(),
        )
        .order_by(Onboarding.start_date, Onboarding.id, PlanVersion.n)
    )
    return _told_apart(db.session.execute(rows))


def _told_apart(rows: Iterable[Any]) -> tuple[list[Sold], list[Gap], list[tuple[Waiting, bool]]]:
    """Each thing once, however many others stand beside it."""
    found, gaps, plans = {}, {}, {}
    for road, handoff, is_owned, is_sold, is_theirs, one, hold, version, *stands in rows:
        if is_theirs:
            found[road.id] = Sold(road, handoff, is_owned, is_sold)
        if one is not None:
            set_committed_value(one, "onboarding", road)
            gaps[one.id] = (one, hold)
        if version is not None:
            set_committed_value(version, "onboarding", road)
            plans[version.id] = (Waiting(version, *stands), is_owned)
    return list(found.values()), gaps_from(list(gaps.values())), list(plans.values())


def _plays(ids: list[int], role: TeamRole) -> ColumnElement[bool]:
    """Whether one of these people plays this role in an onboarding that the statement reads."""
    here = TeamMember.onboarding_id == Onboarding.id
    return exists().where(here, TeamMember.staff_id.in_(ids), TeamMember.role == role)


def calls_of(
    whose: Sequence[Staff], owing: Sequence[Onboarding], since: datetime, until: datetime
) -> tuple[list[Call], list[Call]]:
    """What these people hold from `since` until before `until`, and the calls of these onboardings that have begun and
    that nobody has logged, or that need another time; both in that order. One statement."""
    ids, whole = {one.id for one in whose}, {one.id: one for one in owing}
    held = and_(Call.owner_id.in_(ids), Call.start >= since, Call.start < until, Call.state.in_(TOOK_PLACE))
    rows = (
        visible(Call)
        .where(or_(held, and_(Call.onboarding_id.in_(whole), *queries.to_see_to())))
        .options(
            joinedload(Call.onboarding).options(joinedload(Onboarding.account), defer(Onboarding.meter)),
            joinedload(Call.owner),
            joinedload(Call.next_host).joinedload(Staff.stand_in),
            joinedload(Call.attendees).joinedload(CallAttendee.user),
        )
        .order_by(Call.start, Call.id)
    )
    found = list(db.session.scalars(rows).unique())
    ahead = [call for call in found if call.owner_id in ids and since <= call.start < until]
    theirs = [call for call in found if call.onboarding_id in whole]
    return ahead, [call for call in theirs if call.waits_for_its_log or call.needs_time]


def load_people(onboardings: Sequence[Onboarding]) -> None:
    """Put the customer's people of each of these onboardings in place; one statement, none where there are none."""
    if not onboardings:
        return
    accounts = {one.account_id: one.account for one in onboardings}
    people: dict[int, list[Person]] = {key: [] for key in accounts}
    rows = select(Person).where(Person.account_id.in_(accounts)).order_by(Person.id)
    for person in db.session.scalars(rows):
        people[person.account_id].append(person)
    for key, account in accounts.items():
        set_committed_value(account, "people", people[key])


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
