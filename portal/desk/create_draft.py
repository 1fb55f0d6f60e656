"""From the filled-in form to an onboarding: a draft with its people named, or opened to the customer at once."""

from flask_babel import gettext as _
from sqlalchemy import select

from portal import db, errors
from portal.access import Role, viewer
from portal.accounts.kinds import PortalRole, Segment, StakeholderRole, TeamRole
from portal.accounts.models import Account, Person, Product, Staff
from portal.accounts.opening import open_account
from portal.desk import create_choices
from portal.desk.forms import AFTER_FIRST, AS_USUAL, KnownCustomerForm, NewCustomerForm, OnboardingFields
from portal.desk.people_views import name_for_later
from portal.onboardings.creation import create
from portal.onboardings.models import Onboarding
from portal.onboardings.staggered import start_after, start_of
from portal.onboardings.states import LIVE
from portal.playbooks.models import Playbook
from portal.usage.products import new_product


def told(account: Account) -> list[Person]:
    """The admins who can be written to and sign in."""
    return [one for one in account.people if one.is_admin and one.may_enter and one.is_reachable]


def make(form: OnboardingFields) -> Onboarding:
    """A draft as the form asks for it; whom it names is invited when it starts. Raises Refused."""
    account = _account(form)
    first = _first_of(account) if _waits(form) else None
    playbook = db.session.scalars(select(Playbook).where(Playbook.key == form.playbook.data)).one()
    onboarding = create(
        account,
        playbook.latest,
        product=_product(playbook),
        programme=_programme(form, account, playbook),
        start_date=start_of(first) if first else form.start_date.data,
        team=_team(form),
        by=viewer(),
    )
    if first is not None:
        start_after(onboarding, first, by=viewer())
    onboarding.quote = form.quote.data or None
    if form.admin_email.data:
        name_for_later(
            onboarding,
            form.admin_name.data,
            form.admin_email.data,
            role=PortalRole.ADMIN,
            stakeholder_roles=[StakeholderRole.CHAMPION],
        )
    elif not told(account):
        raise errors.Refused(
            _("Nobody at %(name)s is an admin yet. Name one; somebody has to be invited.", name=account.name),
            field="admin_name",
        )
    return onboarding


def _waits(form: OnboardingFields) -> bool:
    return isinstance(form, KnownCustomerForm) and form.begins.data == AFTER_FIRST


def _first_of(account: Account) -> Onboarding:
    """What this customer is on now: their core product's onboarding, else the oldest one."""
    rows = (
        select(Onboarding)
        .join(Product, Product.id == Onboarding.product_id)
        .where(Onboarding.account_id == account.id, Onboarding.state.in_(LIVE))
        .order_by(Product.core.desc(), Onboarding.id)
    )
    first = db.session.scalars(rows.limit(1)).first()
    if first is None:
        raise errors.Refused(
            _("%(name)s is on no road now. Let this one begin on a date.", name=account.name), field="begins"
        )
    return first


def _programme(form: OnboardingFields, account: Account, playbook: Playbook) -> int:
    if form.programme.data == AS_USUAL:
        return create_choices.usual_programme(account.segment, playbook.latest.document)
    return int(form.programme.data)


def _team(form: OnboardingFields) -> dict[TeamRole, Staff]:
    refs = {role: form[name].data for name, role in create_choices.PARTS.items() if form[name].data}
    rows = db.session.scalars(select(Staff).where(Staff.ref.in_(refs.values())))
    found = {staff.ref: staff for staff in rows}
    team = {role: found[ref] for role, ref in refs.items()}
    if viewer().roles == {Role.ACCOUNT_EXECUTIVE}:
        # They see what they sold, so this one has to be theirs.
        team[TeamRole.ACCOUNT_EXECUTIVE] = viewer()
    return team


def _product(playbook: Playbook) -> Product:
    """The product that the playbook is about; the first one that there is at all is the core."""
    keys = playbook.latest.document.products
    known = db.session.scalars(select(Product).order_by(Product.core.desc(), Product.id)).all()
    if found := next((product for product in known if product.key in keys), None):
        return found
    product = new_product(keys[0], keys[0].replace("_", " ").capitalize(), core=not known)
    db.session.add(product)
    return product


def _account(form: OnboardingFields) -> Account:
    if isinstance(form, KnownCustomerForm):
        return db.session.scalars(create_choices.accounts().where(Account.ref == form.account.data)).one()
    assert isinstance(form, NewCustomerForm)
    return open_account(
        form.name.data,
        segment=Segment(form.segment.data),
        country=form.country.data,
        time_zone=form.time_zone.data,
        by=viewer(),
    )
