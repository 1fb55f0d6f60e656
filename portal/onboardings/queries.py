"""What pages read of an onboarding, in as few statements as they need."""

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import contains_eager, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from portal import db
from portal.access import find_or_404, visible
from portal.accounts.models import Person, TeamMember, User
from portal.onboardings.models import Milestone, Onboarding
from portal.onboardings.steps import Step


def onboarding_or_404(oid: str, *, lock: bool = False) -> Onboarding:
    """The viewer's onboarding with its whole road and everybody on it, in three statements."""
    query = visible(Onboarding).where(Onboarding.ref == oid)
    query = query.options(joinedload(Onboarding.account), joinedload(Onboarding.playbook_version))
    if lock:
        # One at a time changes a road: whoever comes second sees what the first has done.
        query = query.with_for_update(of=Onboarding)
    onboarding = db.session.scalar(query) or find_or_404(Onboarding, oid)
    load_road(onboarding)
    load_people(onboarding)
    return onboarding


def load_road(onboarding: Onboarding) -> None:
    """Put stages, modules and steps in place with one statement."""
    rows = (
        select(Step)
        .join(Step.module)
        .join(Step.stage)
        .where(Step.onboarding_id == onboarding.id)
        .order_by(Step.position)
        .options(contains_eager(Step.module), contains_eager(Step.stage))
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


def load_people(onboarding: Onboarding) -> None:
    """Put the account's people and the team in place with one statement."""
    rows = db.session.execute(
        select(User, TeamMember)
        .outerjoin(
            TeamMember, and_(TeamMember.staff_id == User.id, TeamMember.onboarding_id == onboarding.id)
        )
        .where(or_(Person.account_id == onboarding.account_id, TeamMember.id.is_not(None)))
        .order_by(User.id)
    ).all()
    people = [user for user, member in rows if isinstance(user, Person)]
    members = sorted((member for _user, member in rows if member is not None), key=lambda member: member.id)
    set_committed_value(onboarding.account, "people", people)
    set_committed_value(onboarding, "team", members)


def onboardings_of_viewer() -> list[Onboarding]:
    """What the viewer's company has running or behind it, newest first."""
    query = visible(Onboarding).options(joinedload(Onboarding.product)).order_by(Onboarding.id.desc())
    return list(db.session.scalars(query))


def load_milestones(onboarding: Onboarding) -> None:
    """Put the milestones in place, for pages that order by them."""
    rows = select(Milestone).where(Milestone.onboarding_id == onboarding.id).order_by(Milestone.position)
    set_committed_value(onboarding, "milestones", list(db.session.scalars(rows)))


def waiting_on_us(onboarding: Onboarding) -> list[Step]:
    """What the customer waits for: our own items that are open, and theirs that we review, oldest date first."""
    ours = [step for step in onboarding.steps if step.visible and step.with_us]
    return sorted(ours, key=lambda step: (step.due_on is None, step.due_on, step.position))
