"""What pages read of an onboarding, in as few statements as they need."""

from collections.abc import Iterable

from flask import abort
from sqlalchemy import and_, bindparam, case, or_, select
from sqlalchemy.orm import contains_eager, defer, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from portal import clock, db
from portal.access import visible
from portal.accounts.models import Account, Person, TeamMember, User
from portal.onboardings.models import Onboarding
from portal.onboardings.record import UNDO_WITHIN
from portal.onboardings.stages import Stage
from portal.onboardings.states import LIVE, StepState
from portal.onboardings.steps import Step
from portal.onboardings.waves import Wave

AT_HAND = 30


def onboarding_or_404(oid: str, *, lock: bool = False) -> Onboarding:
    """The viewer's onboarding with its whole road and everybody on it, in three statements."""
    onboarding = onboarding_and_people_or_404(oid, lock=lock)
    load_road(onboarding)
    return onboarding


def onboarding_and_people_or_404(oid: str, *, lock: bool = False) -> Onboarding:
    """The viewer's onboarding with everybody on it, but none of its steps: two statements, however long the road."""
    query = visible(Onboarding).where(Onboarding.ref == oid)
    query = query.options(joinedload(Onboarding.account), joinedload(Onboarding.playbook_version))
    if lock:
        # One at a time changes a road: whoever comes second sees what the first has done. After the wait the
        # database looks again at the locked row only, so nothing that may have changed is joined to it.
        query = query.with_for_update(of=Onboarding)
    else:
        query = query.options(joinedload(Onboarding.holds))
    onboarding = db.session.scalars(query).unique().one_or_none() or abort(404)
    load_people(onboarding)
    return onboarding


def onboarding_of(account_ref: str, oid: str | None, *, lock: bool = False) -> Onboarding:
    """The onboarding of this account that is asked for, else the newest that is running, else the newest; or 404."""
    query = (
        visible(Onboarding)
        .join(Account, Account.id == Onboarding.account_id)
        .where(Account.ref == account_ref)
        .options(joinedload(Onboarding.account), joinedload(Onboarding.playbook_version))
    )
    if oid:
        query = query.where(Onboarding.ref == oid)
    if lock:
        # One at a time changes a road: whoever comes second sees what the first has done.
        query = query.with_for_update(of=Onboarding)
    else:
        query = query.options(joinedload(Onboarding.holds))
    live = case((Onboarding.state.in_(LIVE), 0), else_=1)
    rows = db.session.scalars(query.order_by(live, Onboarding.id.desc()).limit(1))
    found = rows.unique().first() or abort(404)
    load_road(found)
    load_people(found)
    return found


def step_to_change(oid: str, sid: str) -> Step:
    """A visible step of the viewer's onboarding, else 404. The road stays locked until the change is kept; of the
    other steps, and of people, nothing is read: `load_rest` does that for a page."""
    query = visible(Onboarding).where(Onboarding.ref == oid).with_for_update(of=Onboarding)
    query = query.options(joinedload(Onboarding.playbook_version), defer(Onboarding.meter))
    onboarding = db.session.scalars(query).one_or_none() or abort(404)
    rows = db.session.execute(_STEP_AND_STAGES, {"road": onboarding.id, "ref": sid}).all()
    step: Step = next((step for _stage, step in rows if step), None) or abort(404)
    stages = [stage for stage, _step in rows]
    set_committed_value(onboarding, "stages", stages)
    set_committed_value(step, "onboarding", onboarding)
    set_committed_value(step, "stage", next(stage for stage in stages if stage.id == step.stage_id))
    for stage in stages:
        set_committed_value(stage, "onboarding", onboarding)
    return step


_STEP_AND_STAGES = (
    select(Stage, Step)
    .outerjoin(Step, and_(Step.stage_id == Stage.id, Step.ref == bindparam("ref"), Step.visible))
    .where(Stage.onboarding_id == bindparam("road"))
    .order_by(Stage.position)
)


def load_rest(onboarding: Onboarding) -> None:
    """Put in place what `step_to_change` left out."""
    if "steps" not in onboarding.__dict__:
        load_road(onboarding)
        load_people(onboarding)


# Made once: putting a statement of this size together costs as much as reading the rows.
_AT_HAND = (
    select(Step)
    .join(Step.stage)
    .where(
        Step.onboarding_id == bindparam("road"),
        Step.visible,
        Step.state != StepState.SKIPPED,
        or_(bindparam("wave") == 0, Step.wave_n.is_(None), Step.wave_n == bindparam("wave")),
        or_(
            Stage.key == bindparam("current_stage"),
            Step.state.not_in((StepState.LOCKED, StepState.DONE)),
            and_(Step.done_by_id == bindparam("reader"), Step.done_at > bindparam("just_now")),
        ),
    )
    .order_by(
        case(
            (Step.id == bindparam("next"), 0),
            (and_(Step.assignee_id == bindparam("reader"), Step.state != StepState.DONE), 1),
            (Step.state.in_((StepState.SUBMITTED, StepState.BLOCKED)), 2),
            else_=3,
        ),
        Step.position,
    )
    .limit(AT_HAND)
    .options(
        contains_eager(Step.stage),
        *map(
            defer, (Step.data, Step.data_at, Step.data_by_id, Step.gain, Step.skip_reason, Step.reopen_reason)
        ),
    )
)


def steps_at_hand(onboarding: Onboarding, reader: User, wave: Wave | None = None) -> list[Step]:
    """What a home lists: the current stage, whatever has begun or waits, and what the reader just finished.

    Only of what concerns `wave`, where one is given. At most `AT_HAND`, those that matter to the reader first, then
    in the order of the road; one statement.
    """
    asked = {
        "road": onboarding.id,
        "current_stage": onboarding.current_stage,
        "reader": reader.id,
        "just_now": clock.now() - UNDO_WITHIN,
        "next": onboarding.next_step_id or 0,
        "wave": wave.n if wave else 0,
    }
    steps = sorted(db.session.scalars(_AT_HAND, asked), key=lambda step: step.position)
    for step in steps:
        set_committed_value(step, "onboarding", onboarding)
        set_committed_value(step.stage, "onboarding", onboarding)
    return steps


def load_road(onboarding: Onboarding) -> None:
    """Put stages, modules and steps in place with one statement; what was answered is read when it is asked for."""
    rows = (
        select(Step)
        .join(Step.module)
        .join(Step.stage)
        .where(Step.onboarding_id == onboarding.id)
        .order_by(Step.position)
        .options(contains_eager(Step.module), contains_eager(Step.stage), defer(Step.data))
        .execution_options(populate_existing=True)
    )
    steps = list(db.session.scalars(rows))
    stages = sorted({step.stage for step in steps}, key=lambda stage: stage.position)
    set_committed_value(onboarding, "steps", steps)
    set_committed_value(onboarding, "stages", stages)
    for step in steps:
        set_committed_value(step, "onboarding", onboarding)
    for stage in stages:
        set_committed_value(stage, "onboarding", onboarding)
        own = [step for step in steps if step.stage is stage]
        set_committed_value(stage, "steps", own)
        set_committed_value(stage, "modules", list(dict.fromkeys(step.module for step in own)))
    for module in dict.fromkeys(step.module for step in steps):
        set_committed_value(module, "steps", [step for step in steps if step.module is module])


_PEOPLE = (
    select(User, TeamMember)
    .outerjoin(
        TeamMember, and_(TeamMember.staff_id == User.id, TeamMember.onboarding_id == bindparam("road"))
    )
    .where(or_(Person.account_id == bindparam("account"), TeamMember.id.is_not(None)))
    .order_by(User.id)
)


def load_people(onboarding: Onboarding) -> None:
    """Put the account's people and the team in place with one statement."""
    asked = {"road": onboarding.id, "account": onboarding.account_id}
    rows = db.session.execute(_PEOPLE, asked).all()
    people = [user for user, member in rows if isinstance(user, Person)]
    for user, member in rows:
        if member is not None:
            set_committed_value(member, "staff", user)
    members = sorted((member for _user, member in rows if member is not None), key=lambda member: member.id)
    set_committed_value(onboarding.account, "people", people)
    set_committed_value(onboarding, "team", members)


def onboardings_of_viewer() -> list[Onboarding]:
    """What the viewer's company has running or behind it, newest first."""
    query = visible(Onboarding).options(joinedload(Onboarding.product)).order_by(Onboarding.id.desc())
    return list(db.session.scalars(query))


def waiting_on_us(steps: Iterable[Step]) -> list[Step]:
    """What the customer waits for: our own items that are open, and theirs that we review, oldest date first."""
    ours = [step for step in steps if step.visible and step.with_us]
    return sorted(ours, key=lambda step: (step.due_on is None, step.due_on, step.position))
