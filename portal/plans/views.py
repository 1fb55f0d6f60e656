"""The customer reads the plan from the first day, says what should be different, and signs it (W6)."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from portal.access import Can, allow, viewer
from portal.errors import Refused
from portal.forms import EmptyForm, Form
from portal.onboardings import queries
from portal.plans import ceremony, talk
from portal.plans.ceremony import SigningPlace, check_meant, last_sent
from portal.plans.forms import PARTS, CommentForm, DeclineForm, OtherForm, SignForm
from portal.plans.models import PlanVersion
from portal.plans.page import Tried, page_of

bp = Blueprint("plans", __name__)


@bp.get("/o/<oid>/plan")
@allow(Can.SEE_ROAD)
def show(oid: str) -> Any:
    return _page(oid, Tried())


def _page(oid: str, tried: Tried, status: int = 200) -> Any:
    onboarding = queries.onboarding_or_404(oid)
    return render_template("plans/show.html", **page_of(onboarding, viewer(), tried)), status


def _back(oid: str, said: str, category: str = "done") -> Any:
    flash(said, category)
    return redirect(url_for("plans.show", oid=oid), 303)


# --- Signing --------------------------------------------------------------------------------------


def _place(oid: str) -> SigningPlace:
    def page(
        status: int, *, form: SignForm | None = None, refusal: Refused | None = None, read: str = ""
    ) -> Any:
        return _page(oid, Tried.to_sign(form, refusal, read), status)

    return SigningPlace(
        find=lambda lock: queries.onboarding_or_404(oid, lock=lock),
        page=page,
        template="plans/confirm.html",
        plan_url=url_for("plans.show", oid=oid),
        confirm_url=url_for("plans.confirm", oid=oid),
    )


@bp.post("/o/<oid>/plan/sign")
@allow(Can.SIGN_PLAN)
def sign(oid: str) -> Any:
    return ceremony.agree(_place(oid))


@bp.get("/o/<oid>/plan/sign/confirm")
@allow(Can.SIGN_PLAN)
def confirm(oid: str) -> Any:
    return ceremony.ask_again(_place(oid))


@bp.post("/o/<oid>/plan/sign/confirm")
@allow(Can.SIGN_PLAN)
def confirmed(oid: str) -> Any:
    return ceremony.confirm(_place(oid))


# --- Saying something else ------------------------------------------------------------------------


def _try(oid: str, name: str, form: Form, act: Callable[[], str], read: str = "") -> Any:
    """Do `act` once the form is right; else the page again, with what was typed."""
    if not form.validate():
        return _page(oid, Tried({name: form}, form.problems), 422)
    try:
        said = act()
    except Refused as refusal:
        status = form.refuse(refusal)
        return _page(oid, Tried({name: form}, form.problems, refusal, read), status)
    return _back(oid, said)


def _meant(oid: str, ref: str | None) -> PlanVersion:
    version = last_sent(queries.onboarding_or_404(oid, lock=True))
    check_meant(version, ref)
    return version


@bp.post("/o/<oid>/plan/comment")
@allow(Can.SIGN_PLAN)
def comment(oid: str) -> Any:
    onboarding = queries.onboarding_or_404(oid, lock=True)
    form = CommentForm().called("comment")

    def act() -> str:
        talk.comment(onboarding, str(PARTS[form.part.data]), form.body.data, by=viewer())
        owner = onboarding.owner
        return _(
            "Sent. %(name)s answers here and in the messages.",
            name=owner.acting.called if owner else _("Your team"),
        )

    return _try(oid, "comment", form, act)


@bp.post("/o/<oid>/plan/decline")
@allow(Can.SIGN_PLAN)
def decline(oid: str) -> Any:
    form = DeclineForm().called("decline")

    def act() -> str:
        version = _meant(oid, form.version.data)
        if not version.decline(form.why.data, by=viewer()):
            return _("You have said so already.")
        return _("You declined version %(n)s. A person writes or calls you today.", n=version.n)

    return _try(oid, "decline", form, act, form.version.data or "")


@bp.post("/o/<oid>/plan/other")
@allow(Can.SIGN_PLAN)
def other(oid: str) -> Any:
    version = last_sent(queries.onboarding_or_404(oid, lock=True))
    people = {person.ref: person for person in version.onboarding.account.people}
    form = OtherForm().called("other").offer(list(people.values()))

    def act() -> str:
        check_meant(version, form.version.data)
        to = people[form.to.data]
        if not version.hand_on(to, by=viewer()):
            return _("%(name)s was asked already.", name=to.called)
        return _("%(name)s was asked to sign in your place.", name=to.called)

    return _try(oid, "other", form, act, form.version.data or "")


@bp.post("/o/<oid>/plan/fresh")
@allow(Can.SIGN_PLAN)
def fresh(oid: str) -> Any:
    form = EmptyForm()

    def act() -> str:
        version = last_sent(queries.onboarding_or_404(oid, lock=True))
        if not version.ask_fresh(by=viewer()):
            return _("A fresh copy was asked for already.")
        return _("Asked. You get a letter when it can be signed.")

    return _try(oid, "fresh", form, act)
