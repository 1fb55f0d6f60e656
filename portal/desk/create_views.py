"""Creating an onboarding from a plain form: for a new customer, or for one that is here already."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from portal import db, errors, web
from portal.access import Can, allow, viewer
from portal.accounts import places
from portal.accounts.kinds import TeamRole
from portal.accounts.words import SEGMENTS
from portal.desk import bp, create_choices, create_draft, create_preview
from portal.desk.forms import AS_USUAL, KnownCustomerForm, NewCustomerForm, OnboardingFields
from portal.desk.loads import load_of_each
from portal.desk.nav import desk_nav
from portal.onboardings.models import Onboarding
from portal.onboardings.people import invite_named
from portal.onboardings.staggered import may_start
from portal.onboardings.states import OnboardingState
from portal.onboardings.words import facts, listed

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
        form.account.choices = create_choices.pairs(
            [("", _("Choose the customer")), *create_choices.customers()]
        )
    elif isinstance(form, NewCustomerForm):
        form.country.choices = create_choices.pairs(create_choices.countries())
    books = create_choices.playbooks()
    form.playbook.choices = create_choices.pairs((book.key, book.name) for book in books)
    lengths = [(str(days), _("%(days)s days", days=days)) for days in create_choices.programmes(books)]
    form.programme.choices = create_choices.pairs([(AS_USUAL, _("As usual for their size")), *lengths])
    _offer_team(form, fresh=fresh)
    if fresh:
        form.start_date.data = create_choices.proposed_start(viewer())
    return form


def _offer_team(form: OnboardingFields, *, fresh: bool) -> None:
    load = load_of_each()
    for name, role in create_choices.PARTS.items():
        people = create_choices.players(role, load)
        nobody = _("Choose the consultant") if role is TeamRole.CONSULTANT else _("Nobody yet")
        form[name].choices = create_choices.pairs([("", nobody), *people])
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
        _("%(size)s %(days)s days", size=SEGMENTS[size], days=days)
        for size, days in create_choices.USUAL.items()
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
    if form.go.data == "change":
        return _page(form)
    if not form.validate():
        return _page(form, 422)
    try:
        onboarding = create_draft.make(form)
        if form.go.data != "draft" and may_start(onboarding):
            _start(onboarding)
    except errors.Refused as refusal:
        return _page(form, form.refuse(refusal, email="admin_email"), instead=_instead(refusal, form))
    if form.go.data == "preview":
        return _preview(form, onboarding)
    flash(_said(onboarding, form), "done")
    return redirect(url_for("desk.account", ref=onboarding.account.ref, o=onboarding.ref), 303)


def _instead(refusal: errors.Refused, form: OnboardingFields) -> dict[str, str] | None:
    """Where the reader finds what is there already, when that is why nothing was made."""
    if refusal.field == "account" and isinstance(form, KnownCustomerForm):
        return {"text": _("Open their page"), "url": url_for("desk.account", ref=form.account.data)}
    if refusal.field == "name" and isinstance(form, NewCustomerForm):
        return {"text": _("A customer we already have"), "url": url_for("desk.new", customer=KNOWN)}
    return None


def _start(onboarding: Onboarding) -> None:
    """Open a draft to the customer: whom it names is invited, then its admins are welcomed."""
    invite_named(onboarding, by=viewer())
    onboarding.prepare(by=viewer())


def _preview(form: OnboardingFields, onboarding: Onboarding) -> Any:
    """What would come of it: it was made in full, is looked at, and is taken back. Nothing was sent."""
    shown = create_preview.of(onboarding)
    db.session.rollback()
    return render_template(
        "desk/preview.html",
        nav=desk_nav("new"),
        shown=shown,
        action=url_for("desk.make", customer=KNOWN if isinstance(form, KnownCustomerForm) else None),
        sent=[(name, value) for name, value in request.form.items() if name not in ("csrf_token", "go")],
    )


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
    if onboarding.starts_after is not None and onboarding.state is OnboardingState.DRAFT:
        said.append(
            _(
                "It is a draft that waits for the first value of %(product)s and moves with it.",
                product=onboarding.starts_after.product.name,
            )
        )
    elif onboarding.state is OnboardingState.DRAFT:
        said.append(_("It is a draft: nobody is told anything until you open the portal to them."))
    elif form.admin_email.data:
        said.append(_("The invitation is on its way to %(email)s.", email=form.admin_email.data))
    else:
        names = listed(person.called for person in create_draft.told(account))
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
        said.append(create_preview.day_off(onboarding.start_date, first, account))
    return " ".join(said)
