"""The two requests by which somebody signs, alike for both sides: agree to sign what was read, then say once more who
one is. Each side has its own pages and addresses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, make_response, redirect, render_template, request
from flask_babel import gettext as _

from portal import db
from portal.access import viewer
from portal.accounts.models import User
from portal.auth import reauth
from portal.auth.reauth import TooOften
from portal.errors import Conflict, Refused
from portal.onboardings.models import Onboarding
from portal.plans import reading
from portal.plans.forms import AgainForm, SignForm
from portal.plans.models import Plan, PlanVersion


@dataclass(frozen=True)
class SigningPlace:
    """Where somebody signs: how their road is found (locked or not), the page of the plan with what was refused on it,
    the template that asks who they are, and the addresses of both."""

    find: Callable[[bool], Onboarding]
    page: Callable[..., Any]
    template: str
    plan_url: str
    confirm_url: str


def agree(place: SigningPlace) -> Any:
    """Both boxes are ticked and a name is typed: a code is on its way."""
    form = SignForm()
    version = last_sent(place.find(True))
    if version.signature(viewer()) is not None:
        return _signed_already(place)
    if not form.validate():
        return place.page(422, form=form)
    seen = ""
    try:
        read = reading.proven(form.shown.data or "", viewer())
        seen = read.version
        version.consent(form.typed_name.data, read=read, by=viewer())
        db.session.flush()
        reauth.ask(viewer(), version.about, _what(version))
    except Refused as refusal:
        status = form.refuse(refusal)
        return place.page(status, form=form, refusal=refusal, read=seen)
    return redirect(place.confirm_url, 303)


def ask_again(place: SigningPlace) -> Any:
    """The page that asks who they are; back to the plan for whoever has nothing to say it for."""
    version = last_sent(place.find(False))
    if not _agreed(version):
        return redirect(place.plan_url, 303)
    return _confirm_page(place, version, AgainForm(formdata=None))


def confirm(place: SigningPlace) -> Any:
    """They said who they are, or want another code."""
    form = AgainForm()
    version = last_sent(place.find(False))
    if not form.validate():
        return _confirm_page(place, version, form, 422)
    if version.signature(viewer()) is not None:
        return _signed_already(place)
    try:
        check_meant(version, form.version.data)
        version.check_open()
        if not _agreed(version):
            raise Refused(_("Read the plan, tick both boxes and type your name before you sign."))
    except Refused as refusal:
        status = form.refuse(refusal)
        return place.page(status, refusal=refusal, read=form.version.data or "")
    if form.way.data == "again":
        return _another(place)
    return _identify(place, form, version)


def _identify(place: SigningPlace, form: AgainForm, version: PlanVersion) -> Any:
    by_password = form.way.data == "password" and reauth.has_password(viewer())
    try:
        said: dict[str, str] = {}
        name = "password" if by_password else "code"
        said[name] = form[name].data or ""
        if not said[name]:
            raise Refused(_("Enter your password") if by_password else _("Enter the 6 digits"), field=name)
        proof = reauth.confirm(viewer(), version.about, **said)
    except Refused as refusal:
        status, now = form.refuse(refusal), last_sent(place.find(False))
        if now.signature(viewer()) is not None:  # By a click of theirs that was a moment faster.
            return _signed_already(place)
        response = _confirm_page(place, now, form, status)
        if isinstance(refusal, TooOften):
            response.headers["Retry-After"] = str(refusal.seconds)
        return response
    try:  # In a session of its own since then: who signs what is looked up anew, and locked.
        version = last_sent(place.find(True))
        check_meant(version, form.version.data)
        by = db.session.get_one(User, viewer().id)
        agent = request.headers.get("User-Agent", "")
        new = version.sign(proof, by=by, ip=request.remote_addr or "", user_agent=agent)
    except Refused as refusal:
        status = form.refuse(refusal)
        return place.page(status, refusal=refusal, read=form.version.data or "")
    return _signed(place) if new else _signed_already(place)


def _another(place: SigningPlace) -> Any:
    version = last_sent(place.find(True))
    sent = reauth.ask(viewer(), version.about, _what(version))
    flash(
        _("A new code is on its way.") if sent else _("A code is on its way already. Look into your mail."),
        "info",
    )
    return redirect(place.confirm_url, 303)


def _confirm_page(place: SigningPlace, version: PlanVersion, form: AgainForm, status: int = 200) -> Any:
    signer = version.signer(viewer())
    if signer is None or signer.typed_name is None:
        return redirect(place.plan_url, 303)
    form.version.data = version.ref
    form.password.data = None
    page = render_template(
        place.template,
        onboarding=version.onboarding,
        account=version.onboarding.account,
        version=version,
        signer=signer,
        form=form,
        problems=form.problems,
        may_password=reauth.has_password(viewer()),
        plan_url=place.plan_url,
        confirm_url=place.confirm_url,
    )
    return make_response(page, status)


# --- What both need -------------------------------------------------------------------------------


def last_sent(onboarding: Onboarding) -> PlanVersion:
    """The version that the road's pages are about once one was sent; 404 before."""
    return Plan.of(onboarding).last_sent or abort(404)


def check_meant(version: PlanVersion, ref: str | None) -> None:
    """Refuse what was decided about another version than the last one. Raises Conflict."""
    if ref != version.ref:
        raise Conflict(_("Version %(n)s has come since you opened the plan.", n=version.n))


def _agreed(version: PlanVersion) -> bool:
    signer = version.signer(viewer())
    return signer is not None and signer.consented_at is not None and signer in version.turn_of


def _what(version: PlanVersion) -> str:
    return _("%(title)s, for %(company)s", title=version.title, company=version.onboarding.account.name)


def _signed(place: SigningPlace) -> Any:
    flash(_("Signed. Thank you."), "done")
    return redirect(place.plan_url, 303)


def _signed_already(place: SigningPlace) -> Any:
    flash(_("You have signed this version already."), "info")
    return redirect(place.plan_url, 303)
