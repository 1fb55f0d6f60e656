"""Creating an onboarding from a plain form."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from slugify import slugify
from sqlalchemy import Select, select
from wtforms.fields import SelectChoice

from portal import db, errors
from portal.access import Can, Everywhere, Role, allow
from portal.accounts.kinds import PortalRole, Segment, TeamRole
from portal.accounts.models import Account, Person, Product, Staff, User
from portal.activity.models import Verb, record
from portal.desk import bp, queries
from portal.desk.forms import OnboardingForm
from portal.desk.nav import desk_nav
from portal.onboardings.creation import create
from portal.onboardings.models import Onboarding
from portal.onboardings.people import send_invitation
from portal.playbooks.document import PROGRAMMES
from portal.playbooks.models import Playbook, PlaybookVersion

PARTS = {
    "consultant": TeamRole.CONSULTANT,
    "integration_specialist": TeamRole.INTEGRATION_SPECIALIST,
    "csm": TeamRole.CSM,
    "account_executive": TeamRole.ACCOUNT_EXECUTIVE,
}


@bp.get("/staff/onboardings/new")
@allow(Can.CREATE_ONBOARDING)
def new() -> Any:
    return _page(_form(fresh=True))


def _form(*, fresh: bool = False) -> OnboardingForm:
    form = OnboardingForm(formdata=None) if fresh else OnboardingForm()
    accounts = db.session.scalars(_accounts().order_by(Account.name))
    form.account.choices = _choices([("new", _("A new customer")), *((a.ref, a.name) for a in accounts)])
    playbooks = db.session.scalars(
        select(Playbook).where(Playbook.retired_at.is_(None)).order_by(Playbook.name)
    )
    form.playbook.choices = _choices([(book.key, book.name) for book in playbooks])
    form.programme.choices = _choices([(str(days), _("%(days)s days", days=days)) for days in PROGRAMMES])
    for name, role in PARTS.items():
        people = [(staff.ref, staff.name) for staff in queries.staff_with(role)]
        nobody = [] if name == "consultant" else [("", _("nobody yet"))]
        form[name].choices = _choices([*nobody, *people])
        if fresh and current_user.ref in dict(people):
            form[name].data = current_user.ref
    return form


def _choices(pairs: list[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in pairs]


def _accounts() -> Select[Any]:
    """The customers that this viewer sees: all, or those an account executive sold."""
    scope = current_user.account_ids(Can.CREATE_ONBOARDING)
    query = select(Account)
    return query if isinstance(scope, Everywhere) else query.where(Account.id.in_(scope))


def _page(form: OnboardingForm, status: int = 200) -> Any:
    return render_template("desk/new.html", nav=desk_nav("new"), form=form, problems=form.problems), status


@bp.post("/staff/onboardings/new")
@allow(Can.CREATE_ONBOARDING)
def make() -> Any:
    form = _form()
    if not form.validate():
        return _page(form, 422)
    try:
        onboarding = _make(form)
    except errors.Refused as refusal:
        db.session.rollback()
        form = _form()
        if refusal.field in form:
            form[refusal.field].errors = [*form[refusal.field].errors, str(refusal)]
        else:
            form.form_errors.append(str(refusal))
        return _page(form, 409)
    flash(_said(onboarding), "done")
    return redirect(url_for("desk.account", ref=onboarding.account.ref, o=onboarding.ref), 303)


def _said(onboarding: Onboarding) -> str:
    admins = [person.called for person in onboarding.account.people if person.is_admin and person.is_active]
    if not admins:
        return _("Created, and open. Nobody at %(company)s is invited yet.", company=onboarding.account.name)
    return _("Created, and open. The invitation is on its way to %(names)s.", names=", ".join(admins))


def _make(form: OnboardingForm) -> Onboarding:
    account = _account(form)
    playbook = db.session.scalars(select(Playbook).where(Playbook.key == form.playbook.data)).one()
    _refuse_second(account, playbook)
    chosen = {role: _staff(form[name].data) for name, role in PARTS.items() if form[name].data}
    if current_user.roles == {Role.ACCOUNT_EXECUTIVE}:
        # They see what they sold, so this one has to be theirs.
        chosen[TeamRole.ACCOUNT_EXECUTIVE] = current_user
    admin = _admin(form, account)
    onboarding = create(
        account,
        playbook.latest,
        product=db.session.scalars(select(Product).order_by(Product.core.desc(), Product.id)).first()
        or _product(playbook),
        programme=int(form.programme.data),
        start_date=form.start_date.data,
        team=chosen,
        by=current_user,
    )
    onboarding.quote = form.quote.data or None
    if admin is not None:
        send_invitation(onboarding, admin, by=current_user)
    onboarding.prepare(by=current_user)
    return onboarding


def _refuse_second(account: Account, playbook: Playbook) -> None:
    """A second click must not make a second road; another playbook may, for another product."""
    db.session.execute(select(Account.id).where(Account.id == account.id).with_for_update())
    same = (
        select(Onboarding.id)
        .join(PlaybookVersion, PlaybookVersion.id == Onboarding.playbook_version_id)
        .where(Onboarding.account_id == account.id, PlaybookVersion.playbook_id == playbook.id)
        .where(Onboarding.state.in_(queries.LIVE))
    )
    if db.session.scalar(same.limit(1)):
        raise errors.Refused(
            _("%(name)s is on this road already. Open their page instead.", name=account.name),
            field="account",
        )


def _product(playbook: Playbook) -> Product:
    key = playbook.latest.document.products[0]
    product = Product(key=key, name=key.replace("_", " ").capitalize())
    db.session.add(product)
    return product


def _account(form: OnboardingForm) -> Account:
    if form.account.data != "new":
        return db.session.scalars(select(Account).where(Account.ref == form.account.data)).one()
    slug = slugify(form.name.data, max_length=80) or f"customer-{db.new_ref().lower()}"
    if db.session.scalar(select(Account.id).where(Account.slug == slug)):
        raise errors.Refused(
            _("%(name)s is a customer already. Choose it from the list.", name=form.name.data),
            field="account",
        )
    account = Account(
        name=form.name.data,
        slug=slug,
        external_id=slug,
        segment=Segment(form.segment.data),
        country=form.country.data or None,
        time_zone=form.time_zone.data or "UTC",
    )
    db.session.add(account)
    db.session.flush()
    record(account, Verb.ACCOUNT_CREATED, by=current_user)
    return account


def _staff(ref: str) -> Staff:
    return db.session.scalars(select(Staff).where(Staff.ref == ref)).one()


def _admin(form: OnboardingForm, account: Account) -> Person | None:
    """The customer's admin, when one is named."""
    if not form.admin_email.data:
        return None
    known = User.by_email(form.admin_email.data)
    if isinstance(known, Person) and known.account_id == account.id:
        return known
    if known is not None:
        sentence = _(
            "%(email)s already belongs to someone here; ask them to use another address first.",
            email=form.admin_email.data,
        )
        raise errors.Refused(sentence, field="admin_email")
    name = form.admin_name.data or form.admin_email.data
    person = Person(
        account=account,
        account_id=account.id,
        name=name,
        called=name.split()[0][:60],
        email=form.admin_email.data,
        portal_role=PortalRole.ADMIN,
        stakeholder_roles=["champion"],
        learning_style=[],
    )
    db.session.add(person)
    db.session.flush()
    return person
