"""Creating an onboarding from a plain form: for a new customer, or for one that is here already."""

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import select

from portal import calendars, db, errors, web
from portal.access import Can, Role, allow, viewer
from portal.accounts import places
from portal.accounts.kinds import PortalRole, Segment, StakeholderRole, TeamRole
from portal.accounts.models import Account, Person, Product, Staff
from portal.accounts.opening import open_account
from portal.accounts.words import SEGMENTS
from portal.desk import bp, choices
from portal.desk.forms import AS_USUAL, KnownCustomerForm, NewCustomerForm, OnboardingFields
from portal.desk.nav import desk_nav
from portal.desk.people_views import bring_in
from portal.onboardings.creation import create
from portal.onboardings.models import Onboarding
from portal.onboardings.words import facts, listed
from portal.playbooks.models import Playbook

KNOWN = "known"  # In the address: the customer is here already.


# --- The page -----------------------------------------------------------------------------------


@bp.get("/staff/onboardings/new")
@allow(Can.CREATE_ONBOARDING)
def new() -> Any:
    return _page(_form(fresh=True))


def _form(*, fresh: bool = False) -> OnboardingFields:
    """The form of the way that the address asks for, with what can be chosen; `fresh` with what we propose."""
    kind = KnownCustomerForm if request.args.get("customer") == KNOWN else NewCustomerForm
    form = kind(formdata=None) if fresh else kind()
    if isinstance(form, KnownCustomerForm):
        form.account.choices = choices.pairs([("", _("Choose the customer")), *choices.customers()])
    elif isinstance(form, NewCustomerForm):
        form.country.choices = choices.pairs(choices.countries())
    books = choices.playbooks()
    form.playbook.choices = choices.pairs((book.key, book.name) for book in books)
    lengths = [(str(days), _("%(days)s days", days=days)) for days in choices.programmes(books)]
    form.programme.choices = choices.pairs([(AS_USUAL, _("As usual for their size")), *lengths])
    _offer_team(form, fresh=fresh)
    if fresh:
        form.start_date.data = choices.proposed_start(viewer())
    return form


def _offer_team(form: OnboardingFields, *, fresh: bool) -> None:
    load = choices.loads()
    for name, role in choices.PARTS.items():
        people = choices.players(role, load)
        nobody = _("Choose the consultant") if role is TeamRole.CONSULTANT else _("Nobody yet")
        form[name].choices = choices.pairs([("", nobody), *people])
        if fresh and viewer().ref in dict(people):
            form[name].data = viewer().ref


def _page(form: OnboardingFields, status: int = 200, *, instead: dict[str, str] | None = None) -> Any:
    """`instead` is the way on where what was asked for is there already."""
    known = isinstance(form, KnownCustomerForm)
    ways = [
        {"text": _("A new customer"), "url": url_for("desk.new"), "current": not known},
        {
            "text": _("A customer we already have"),
            "url": url_for("desk.new", customer=KNOWN),
            "current": known,
        },
    ]
    return render_template(
        "desk/new.html",
        nav=desk_nav("new"),
        form=form,
        known=known,
        ways=ways,
        action=url_for("desk.make", customer=KNOWN if known else None),
        programme_hints=_programme_hints(),
        zones=[] if known else places.zones(),
        today=web.local_today(),
        problems=form.problems,
        instead=instead,
    ), status


def _programme_hints() -> dict[str, str]:
    usual = [
        _("%(size)s %(days)s days", size=SEGMENTS[size], days=days) for size, days in choices.USUAL.items()
    ]
    return {
        AS_USUAL: facts(usual),
        "30": _("SMB with one integration or none"),
        "45": _("SMB and mid-market"),
        "60": _("when it is urgent"),
        "90": _("the standard"),
        "120": _("enterprise, several departments"),
    }


# --- Making it ----------------------------------------------------------------------------------


@bp.post("/staff/onboardings/new")
@allow(Can.CREATE_ONBOARDING)
def make() -> Any:
    form = _form()
    if not form.validate():
        return _page(form, 422)
    try:
        onboarding = _make(form)
    except errors.Refused as refusal:
        return _page(form, form.refuse(refusal, email="admin_email"), instead=_instead(refusal, form))
    flash(_said(onboarding, form), "done")
    return redirect(url_for("desk.account", ref=onboarding.account.ref, o=onboarding.ref), 303)


def _instead(refusal: errors.Refused, form: OnboardingFields) -> dict[str, str] | None:
    """Where the reader finds what is there already, when that is why nothing was made."""
    if refusal.field == "account" and isinstance(form, KnownCustomerForm):
        return {"text": _("Open their page"), "url": url_for("desk.account", ref=form.account.data)}
    if refusal.field == "name" and isinstance(form, NewCustomerForm):
        return {"text": _("A customer we already have"), "url": url_for("desk.new", customer=KNOWN)}
    return None


def _said(onboarding: Onboarding, form: OnboardingFields) -> str:
    """What was made, who hears of it, and what we took upon ourselves to fill in."""
    account = onboarding.account
    said = [
        _(
            "Created: %(days)s days from %(date)s.",
            days=onboarding.programme,
            date=web.day(onboarding.start_date),
        )
    ]
    if form.admin_email.data:
        said.append(_("The invitation is on its way to %(email)s.", email=form.admin_email.data))
    else:
        names = listed(person.called for person in _told(account))
        said.append(_("The welcome letter is on its way to %(names)s.", names=names))
    if isinstance(form, NewCustomerForm) and not form.time_zone.data and account.country:
        where = places.country_name(account.country, get_locale())
        words = (
            _("Dates follow %(zone)s, the main time zone of %(country)s.")
            if places.has_several_zones(account.country)
            else _("Dates follow %(zone)s, the time zone of %(country)s.")
        )
        said.append(words % {"zone": account.time_zone, "country": where})
    if (first := account.calendar.next_working_day(onboarding.start_date)) != onboarding.start_date:
        said.append(_day_off(onboarding.start_date, first, account))
    return " ".join(said)


def _day_off(start: date, first: date, account: Account) -> str:
    """That nobody works there on the day of the start, and on which day somebody does."""
    if account.country and start in calendars.public_holidays(account.country, start.year):
        where = places.country_name(account.country, get_locale())
        return _(
            "%(date)s is a holiday in %(country)s; the first working day is %(first)s.",
            date=web.day(start, "dMMMM"),
            country=where,
            first=web.day(first),
        )
    return _(
        "%(date)s is a day off there; the first working day is %(first)s.",
        date=web.day(start),
        first=web.day(first),
    )


def _told(account: Account) -> list[Person]:
    """The admins who can be written to and sign in."""
    return [one for one in account.people if one.is_admin and one.may_enter and one.is_reachable]


def _make(form: OnboardingFields) -> Onboarding:
    account = _account(form)
    playbook = db.session.scalars(select(Playbook).where(Playbook.key == form.playbook.data)).one()
    onboarding = create(
        account,
        playbook.latest,
        product=_product(playbook),
        programme=_programme(form, account, playbook),
        start_date=form.start_date.data,
        team=_team(form),
        by=viewer(),
    )
    onboarding.quote = form.quote.data or None
    if form.admin_email.data:
        bring_in(
            onboarding,
            form.admin_name.data,
            form.admin_email.data,
            role=PortalRole.ADMIN,
            stakeholder_roles=[StakeholderRole.CHAMPION],
        )
    elif not _told(account):
        raise errors.Refused(
            _("Nobody at %(name)s is an admin yet. Name one; somebody has to be invited.", name=account.name),
            field="admin_name",
        )
    onboarding.prepare(by=viewer())
    return onboarding


def _programme(form: OnboardingFields, account: Account, playbook: Playbook) -> int:
    if form.programme.data == AS_USUAL:
        return choices.usual_programme(account.segment, playbook.latest.document)
    return int(form.programme.data)


def _team(form: OnboardingFields) -> dict[TeamRole, Staff]:
    refs = {role: form[name].data for name, role in choices.PARTS.items() if form[name].data}
    rows = db.session.scalars(select(Staff).where(Staff.ref.in_(refs.values())))
    found = {staff.ref: staff for staff in rows}
    team = {role: found[ref] for role, ref in refs.items()}
    if viewer().roles == {Role.ACCOUNT_EXECUTIVE}:
        # They see what they sold, so this one has to be theirs.
        team[TeamRole.ACCOUNT_EXECUTIVE] = viewer()
    return team


def _product(playbook: Playbook) -> Product:
    """The product we sell first; the one that the playbook is about when none is set up."""
    if found := db.session.scalars(select(Product).order_by(Product.core.desc(), Product.id)).first():
        return found
    key = playbook.latest.document.products[0]
    product = Product(key=key, name=key.replace("_", " ").capitalize())
    db.session.add(product)
    return product


def _account(form: OnboardingFields) -> Account:
    if isinstance(form, KnownCustomerForm):
        return db.session.scalars(choices.accounts().where(Account.ref == form.account.data)).one()
    assert isinstance(form, NewCustomerForm)
    return open_account(
        form.name.data,
        segment=Segment(form.segment.data),
        country=form.country.data,
        time_zone=form.time_zone.data,
        by=viewer(),
    )
