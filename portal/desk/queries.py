"""What the staff's pages read: what the rows of a list need besides, one onboarding with everything."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, SelectBase, and_, or_, select, union
from sqlalchemy.orm import defer, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from portal import clock, db
from portal.access import visible
from portal.accounts.kinds import TeamRole
from portal.accounts.models import Staff, TeamMember
from portal.calls.models import Call
from portal.calls.rules import CallState
from portal.criteria.queries import Standing, standing_columns
from portal.criteria.road_step import asked_for
from portal.escalations.models import Escalation
from portal.escalations.queries import is_open_about
from portal.handoffs.models import Handoff
from portal.onboardings.models import Onboarding
from portal.onboardings.queries import onboarding_of as onboarding_of
from portal.onboardings.standing import CHANGE
from portal.onboardings.states import RUNNING, StepState
from portal.onboardings.steps import Step
from portal.plans.queries import InShort, short_columns

# Somebody asked, or something of ours waits; the next step can be one for both sides that one of us has in hand, such
# as a call that they host, until it is booked or the customer was asked for a time.
ASKED = Onboarding.answer_due_on.is_not(None)
HOSTED = and_(
    Step.assignee_id.in_(select(Staff.id)),
    Step.call_on.is_(None),
    Step.asked_on.is_(None),
)
IN_THE_WAY = and_(Step.required, Step.state == StepState.BLOCKED, Step.blocked_by != CHANGE)
OURS = and_(Step.required, Step.ours_since.is_not(None))

# --- What a page of the list needs besides ------------------------------------------------------


def load_teams(onboardings: Sequence[Onboarding]) -> None:
    """Put the team of each of these onboardings in place, stand-ins included, with one statement."""
    rows = select(TeamMember).where(TeamMember.onboarding_id.in_([one.id for one in onboardings]))
    rows = rows.options(joinedload(TeamMember.staff).joinedload(Staff.stand_in))
    found: dict[int, list[TeamMember]] = {one.id: [] for one in onboardings}
    # Put in order here: asked for it, SQLite walks the whole table in that order instead of looking these up.
    for member in sorted(db.session.scalars(rows), key=lambda member: member.id):
        found[member.onboarding_id].append(member)
    for one in onboardings:
        set_committed_value(one, "team", found[one.id])


def of_teams(*whose: Staff) -> Select[int]:
    """The ids of the onboardings on whose teams these people are."""
    return select(TeamMember.onboarding_id).where(TeamMember.staff_id.in_([one.id for one in whose]))


def owing(*whose: Staff) -> Select[Any]:
    """Those of these people's onboardings in which anything waits on us at all."""
    return owing_of(of_teams(*whose))


def owing_of(mine: SelectBase, steps: ColumnElement[bool] = OURS) -> Select[Any]:
    """Of the onboardings with these ids, those that have a question, a call to log or to move, one of `steps`, or a
    next step that one of us hosts.

    Each is asked for by itself, from an index, and joined before all that a caller wants with them: as a condition on
    them, PostgreSQL would go through every step of everybody's and join every onboarding that there is.
    """
    ids = mine.cte("mine")
    here, running = Onboarding.id.in_(select(ids)), Onboarding.state.in_(RUNNING)
    of_step = select(Onboarding.id).where(here, running)
    found = union(
        select(Onboarding.id).where(here, ASKED),
        select(Call.onboarding_id).where(Call.onboarding_id.in_(select(ids)), *to_see_to()),
        of_step.join(Step, Step.onboarding_id == Onboarding.id).where(steps),
        of_step.join(Step, Step.id == Onboarding.next_step_id).where(HOSTED),
    ).subquery()
    return visible(Onboarding).join(found, found.c.id == Onboarding.id)


def unfinished_of(onboardings: Sequence[Onboarding]) -> dict[int, list[Step]]:
    """The open steps of each of these onboardings that are ours or blocked, as far as they count; one statement."""
    rows = (
        select(Step)
        .where(
            Step.onboarding_id.in_([one.id for one in onboardings if one.is_running]),
            or_(OURS, IN_THE_WAY),
        )
        .options(joinedload(Step.assignee), joinedload(Step.module), defer(Step.data))
    )
    whole = {one.id: one for one in onboardings}
    found: dict[int, list[Step]] = {one.id: [] for one in onboardings}
    for step in db.session.scalars(rows):
        set_committed_value(step, "onboarding", whole[step.onboarding_id])
        found[step.onboarding_id].append(step)
    return found


def calls_to_see_to(onboardings: Sequence[Onboarding]) -> dict[int, list[Call]]:
    """The calls of each of these onboardings that have begun and that nobody has logged, and those that need another
    time; one statement."""
    whole = {one.id: one for one in onboardings}
    found: dict[int, list[Call]] = {one.id: [] for one in onboardings}
    hosts = joinedload(Call.owner), joinedload(Call.next_host).joinedload(Staff.stand_in)
    rows = select(Call).where(Call.onboarding_id.in_(whole), *to_see_to()).options(*hosts)
    for call in db.session.scalars(rows):
        set_committed_value(call, "onboarding", whole[call.onboarding_id])
        found[call.onboarding_id].append(call)
    return found


def to_see_to() -> tuple[ColumnElement[bool], ...]:
    """What `Call.waits_for_its_log` and `Call.needs_time` say of a row, for a query."""
    return Call.state == CallState.SCHEDULED, or_(Call.start <= clock.now(), Call.next_host_id.is_not(None))


# --- One onboarding -----------------------------------------------------------------------------


def others_of(
    onboarding: Onboarding,
) -> tuple[list[Onboarding], Handoff | None, Standing | None, InShort | None, Escalation | None]:
    """The account's other onboardings that this viewer sees, newest first, and of this one the hand-off, how its
    results stand (None where it asks for none), its plan (None where nobody has begun one) and the case that is open;
    one statement."""
    asks = asked_for(onboarding)
    query = (
        visible(Onboarding)
        .add_columns(
            Handoff, Escalation, *short_columns(onboarding), *(standing_columns(onboarding) if asks else ())
        )
        .outerjoin(Handoff, and_(Handoff.onboarding_id == Onboarding.id, Onboarding.id == onboarding.id))
        .outerjoin(Escalation, and_(is_open_about(Onboarding.id), Onboarding.id == onboarding.id))
        .where(Onboarding.account_id == onboarding.account_id)
        .options(joinedload(Onboarding.product), joinedload(Handoff.author), joinedload(Escalation.owner))
        .order_by(Onboarding.id.desc())
    )
    rows = db.session.execute(query).all()
    handoff = next((row[1] for row in rows if row[1] is not None), None)
    case = next((row[2] for row in rows if row[2] is not None), None)
    standing = Standing(*rows[0][5:]) if asks and rows else None
    plan = InShort(rows[0][3], rows[0][4]) if rows and rows[0][3] else None
    return [row[0] for row in rows if row[0].id != onboarding.id], handoff, standing, plan, case


def staff_with(role: TeamRole) -> list[Staff]:
    """Who can play this part."""
    found = db.session.scalars(select(Staff).where(Staff.left_at.is_(None)).order_by(Staff.name))
    return [staff for staff in found if role.value in staff.staff_roles]
