"""An onboarding comes into being: its road copied from a playbook version, every date worked out."""

from collections.abc import Collection, Mapping
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from portal import db
from portal.accounts.kinds import PortalRole, StakeholderRole, TeamRole
from portal.accounts.models import Account, Person, Product, Staff, TeamMember, User
from portal.activity.models import Verb, record
from portal.errors import Refused
from portal.onboardings import beside, milestones, planning, progress
from portal.onboardings.models import Onboarding
from portal.onboardings.settling import redate
from portal.onboardings.stages import Module, Stage
from portal.onboardings.states import LIVE
from portal.onboardings.steps import Step
from portal.onboardings.words import listed
from portal.playbooks.document import ModuleSpec, StepSpec
from portal.playbooks.models import PlaybookVersion
from portal.playbooks.rules import budgets_for, steps_for


def create(
    account: Account,
    version: PlaybookVersion,
    *,
    product: Product,
    programme: int,
    start_date: date,
    team: Mapping[TeamRole, Staff],
    by: User | None,
) -> Onboarding:
    """A draft onboarding with its whole road. Raises Refused when the start is past, the playbook doesn't fit, or the
    customer is on a road of this playbook already."""
    _check(account, version, programme, start_date, team)
    _refuse_second(account, version)
    windows = planning.windows(budgets_for(version.document, programme), start_date)
    onboarding = Onboarding(
        account=account,
        account_id=account.id,
        product=product,
        playbook_version=version,
        programme=programme,
        contract_date=account.contract_signed_on,
        start_date=start_date,
        target_graduation=account.calendar.next_working_day(windows["graduation"].ends),
        first_value_due=planning.first_value_due(windows["graduation"], account.calendar),
        team=[TeamMember(account_id=account.id, staff=staff, role=role) for role, staff in team.items()],
    )
    db.session.add(onboarding)
    db.session.flush()
    modules = steps_for(version.document, programme, account.segment.value)
    _lay_road(onboarding, windows, modules)
    db.session.flush()
    date_steps(onboarding)
    milestones.hang(onboarding)
    assign_by_role(onboarding)
    beside.lay(onboarding)
    record(onboarding, Verb.ONBOARDING_CREATED, by=by, onboarding=onboarding, after={"programme": programme})
    onboarding.settle()
    db.session.flush()
    return onboarding


def date_steps(onboarding: Onboarding) -> None:
    """The dates that the rules give, or today where Welcome is planned from before."""
    soonest = onboarding.account.soonest
    for step in onboarding.steps:
        date_first(step, soonest)


def check_start_date(account: Account, start_date: date) -> None:
    if start_date < account.today:
        raise Refused(_("The start date has passed. Choose today or later."), field="start_date")


def _check(
    account: Account,
    version: PlaybookVersion,
    programme: int,
    start_date: date,
    team: Mapping[TeamRole, Staff],
) -> None:
    document = version.document
    check_start_date(account, start_date)
    if programme not in document.programmes:
        lengths = listed(document.programmes, "or")
        raise Refused(
            _("This playbook runs %(lengths)s days. Choose one of these.", lengths=lengths), field="programme"
        )
    if account.segment.value not in document.segments:
        raise Refused(
            _("This playbook isn't made for customers of this size. Choose another."), field="playbook"
        )
    if TeamRole.CONSULTANT not in team:
        raise Refused(
            _("Choose the onboarding consultant; someone has to own this onboarding."), field="consultant"
        )
    gone = [staff.name for staff in team.values() if not staff.is_active]
    if gone:
        raise Refused(_("%(name)s doesn't work here any more. Choose someone else.", name=gone[0]))


def _refuse_second(account: Account, version: PlaybookVersion) -> None:
    """A second click must not make a second road; another playbook may, for another product.

    Whoever asks is alone with the account until the transaction ends, so that two clicks can't both find none.
    """
    alone = select(Account.id).where(Account.id == account.id).with_for_update(key_share=True)
    db.session.execute(alone)
    same = (
        select(Onboarding.id)
        .join(PlaybookVersion, PlaybookVersion.id == Onboarding.playbook_version_id)
        .where(Onboarding.account_id == account.id, PlaybookVersion.playbook_id == version.playbook_id)
        .where(Onboarding.state.in_(LIVE))
    )
    if db.session.scalar(same.limit(1)):
        raise Refused(
            _("%(name)s is on this road already. Open their page instead.", name=account.name),
            field="account",
        )


def _lay_road(onboarding: Onboarding, windows: planning.Plan, modules: Collection[ModuleSpec]) -> None:
    shares = onboarding.playbook_version.document.stage_shares
    position = 0
    for place, key in enumerate(planning.STAGES):
        window = windows[key]
        stage = Stage(
            account_id=onboarding.account_id,
            key=key,
            position=place,
            share=getattr(shares, key),
            planned_start=window.starts,
            planned_end=window.ends,
        )
        onboarding.stages.append(stage)
        for spec in (module for module in modules if module.stage == key):
            module = Module(
                account_id=onboarding.account_id,
                onboarding_id=onboarding.id,
                key=spec.key,
                position=position,
                title=spec.title,
                outcome=spec.outcome,
                included_because="always",
            )
            stage.modules.append(module)
            for step_spec in spec.steps:
                onboarding.steps.append(step_of(step_spec, stage, module, position))
                position += 1
        stage.measure = progress.start(stage.weights()[1])


def step_of(spec: StepSpec, stage: Stage, module: Module, position: int) -> Step:
    """The step of a road that its playbook describes with `spec`."""
    return Step(
        account_id=stage.account_id,
        stage=stage,
        module=module,
        key=spec.key,
        position=position,
        title=spec.title,
        kind=spec.kind,
        owner_side=spec.owner_side,
        required=spec.required,
        visible=spec.visible,
        is_gate=spec.gate,
        needs_review=spec.review,
        early_start=spec.early_start,
        weight=spec.effective_weight,
        minutes=spec.minutes,
        data={},
    )


def date_first(step: Step, soonest: date) -> None:
    """Its date by its playbook, where that hasn't passed: nothing is late on the day it is put on a road."""
    redate(step)
    if step.due_on and step.due_on < soonest:
        step.due_on = step.first_due_on = soonest


# --- Who does it --------------------------------------------------------------------------------

STAKEHOLDER_OF = {"it_contact": StakeholderRole.IT_CONTACT, "end_users": StakeholderRole.END_USER}


def assign_by_role(onboarding: Onboarding) -> None:
    """Give each step that nobody has yet to whoever plays its default role; nobody, when that is not known."""
    people = list(
        db.session.scalars(
            select(Person)
            .where(Person.account_id == onboarding.account_id, Person.left_at.is_(None))
            .order_by(Person.id)
        )
    )
    for step in onboarding.steps:
        if step.assignee_id is None and step.own is None and not step.is_closed:
            step.assignee = player_of(step.module.role or step.spec.assignee, onboarding, people)
            step.assignee_id = step.assignee.id if step.assignee else None


def player_of(role: str, onboarding: Onboarding, people: list[Person]) -> User | None:
    if role in set(TeamRole):
        return onboarding.on_team(TeamRole(role))
    if role == "admin":
        return next((person for person in people if person.is_admin), None)
    if role == "sponsor":
        return next((person for person in people if person.portal_role is PortalRole.SPONSOR), None)
    wanted = STAKEHOLDER_OF[role]
    workers = (
        person for person in people if person.portal_role is not PortalRole.SPONSOR
    )  # Sponsors only read.
    return next((person for person in workers if wanted in person.stakeholder_roles), None)
