"""The doors: a link by mail, a code, a password; and the way out."""

from typing import Any

import structlog
from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
)
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import select

from portal import db
from portal.access import Can, allow, public
from portal.accounts.models import User
from portal.activity.models import Audience, Verb, record
from portal.auth import jobs, links, passwords, rules, sessions, throttle
from portal.auth.forms import CodeForm, EmptyForm, NewPasswordForm, PasswordForm, SignInForm
from portal.auth.models import Session, SignInLink
from portal.errors import Refused
from portal.forms import Form

bp = Blueprint("auth", __name__)
log = structlog.get_logger(__name__)

WAYS: dict[str, type[SignInForm]] = {"link": SignInForm, "code": CodeForm, "password": PasswordForm}


# --- The sign-in page ---------------------------------------------------------------------------


@bp.get("/login")
@public
def login() -> Any:
    goal = rules.local_path(request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(goal, 303)
    if links.nobody_yet():
        return render_template("auth/first_start.html")
    way = request.args.get("with", "link")
    way = way if way in WAYS else "link"
    return _door(way, WAYS[way](formdata=None, data={"next": goal}))


@bp.get("/login/code")
@bp.get("/login/password")
@bp.get("/login/again")
@public
def back_to_login() -> Any:
    way = request.path.rpartition("/")[2]
    return redirect(f"/login?with={way}" if way in WAYS else "/login", 303)


@bp.post("/login")
@public
def ask_for_link() -> Any:
    form = SignInForm()
    if not form.validate():
        return _door("link", form, 422)
    wait = throttle.spend(rules.LINKS, form.email.data)
    if wait:
        return _wait("link", form, wait)
    jobs.mail_link(User.by_email(form.email.data), form.goal)
    code = CodeForm(formdata=None, data={"email": form.email.data, "next": form.goal})
    return render_template("auth/sent.html", form=code, problems=[])


@bp.post("/login/code")
@public
def use_code() -> Any:
    form = CodeForm()
    if not form.validate():
        return _door("code", form, 422)
    with db.transaction():
        wait = throttle.spend(rules.CODES, form.email.data)
        user = None if wait else User.by_email(form.email.data)
        counted = SignInLink.count_try(user.id if user else 0)
    if wait:
        return _wait("code", form, wait)
    mailed = [db.session.get_one(SignInLink, link_id) for link_id in counted]
    link = next((one for one in mailed if one.fits_code(form.code.data)), None)
    if link is None or not link.consume():
        _failed(user, "code")
        form.code.errors = [
            _("This code doesn’t fit, or its 10 minutes are over. Check it, or ask for a new letter.")
        ]
        return _door("code", form, 422)
    sessions.sign_in(link.user)
    return redirect(form.goal if form.goal != "/" else link.next_path, 303)


@bp.post("/login/password")
@public
def use_password() -> Any:
    form = PasswordForm()
    if not form.validate():
        return _door("password", form, 422)
    with db.transaction():
        wait = throttle.spend(rules.PASSWORDS, form.email.data)
        user = None if wait else User.by_email(form.email.data)
    if wait:
        return _wait("password", form, wait)
    # Between the two transactions, so that nobody's write waits for this slow comparison.
    if not passwords.check_password(user, form.password.data) or user is None:
        _failed(user, "password")
        form.password.errors = [
            _("Address and password don’t fit together. Try again, or let us mail you a link.")
        ]
        return _door("password", form, 422)
    sessions.sign_in(db.session.get_one(User, user.id))
    return redirect(form.goal, 303)


def _door(way: str, form: Form, status: int = 200) -> Response:
    if way == "password" and status == 422:
        form.password.data = None
    page = render_template(
        f"auth/with_{way}.html",
        form=form,
        problems=form.problems,
        demo=current_app.config["PORTAL"].demo,
        contact=links.contact(),
    )
    return make_response(page, status)


def _wait(way: str, form: SignInForm, seconds: int) -> Response:
    form.form_errors.append(_too_often(seconds))
    return _retry_after(_door(way, form, 429), seconds)


def _retry_after(response: Response, seconds: int) -> Response:
    response.headers["Retry-After"] = str(seconds)
    return response


def _too_often(seconds: int) -> str:
    return ngettext(
        "That was often in a short time. Try again in %(num)s minute. A link that was mailed to you less than"
        " 10 minutes ago works all the same.",
        "That was often in a short time. Try again in %(num)s minutes. A link that was mailed to you less than"
        " 10 minutes ago works all the same.",
        -(-seconds // 60),
    )


def _failed(user: User | None, way: str) -> None:
    """Keep that it went wrong, although the request changes nothing else."""
    log.info("sign-in failed", way=way, user=user.id if user else None)
    db.session.rollback()
    with db.transaction():
        jobs.remember_failure(user, way, request.remote_addr or "")


# --- A link from a letter -----------------------------------------------------------------------


@bp.get("/login/<token>")
@public
def link(token: str) -> Any:
    found = SignInLink.by_token(token)
    if found is None or not found.is_open:
        return _spent(token, found)
    return render_template("auth/link.html", token_text=token, link=found, problems=[])


@bp.post("/login/<token>")
@public
def use_link(token: str) -> Any:
    found = SignInLink.by_token(token)
    if not EmptyForm().validate():
        abort(400)
    if found is None or not found.consume():
        return _spent(token, found)
    sessions.sign_in(found.user)
    return redirect(found.next_path, 303)


@bp.post("/login/<token>/again")
@public
def send_again(token: str) -> Any:
    """A new link to the address of an old one, which stays out of the page and out of the URL."""
    found = SignInLink.by_token(token)
    wait = throttle.spend(rules.LINKS, found.address if found else token[:64])
    if wait:
        return _wait("link", SignInForm(formdata=None, data={"next": "/"}), wait)
    jobs.mail_link(found.user if found else None, found.next_path if found else "/")
    return render_template("auth/sent.html", form=None, problems=[])


def _spent(token: str, found: SignInLink | None) -> Response:
    page = render_template(
        "auth/spent.html", token_text=token, found=found, why=links.why_spent(found), problems=[]
    )
    return make_response(page, 410)


# --- Leaving, and looking after one's own sessions ----------------------------------------------


@bp.post("/logout")
@public
def logout() -> Any:
    sessions.sign_out()
    flash(_("You are signed out."), "done")
    return redirect("/login", 303)


@bp.post("/sessions/<ref>/end")
@allow(Can.SET_PREFERENCES)
def end_session(ref: str) -> Any:
    row = db.session.scalar(select(Session).where(Session.ref == ref, Session.user_id == current_user.id))
    if row is None:
        abort(404)
    if row.ended_at is None:
        row.end()
        record(current_user, Verb.SESSION_ENDED, by=current_user, audience=Audience.STAFF)
    flash(_("That browser is signed out."), "done")
    return redirect("/preferences", 303)


@bp.post("/sessions/end-others")
@allow(Can.SET_PREFERENCES)
def end_other_sessions() -> Any:
    ended = sessions.end_sessions(current_user, but=sessions.current_session_id())
    record(
        current_user, Verb.SESSION_ENDED, by=current_user, after={"others": ended}, audience=Audience.STAFF
    )
    flash(
        ngettext("%(num)s other browser is signed out.", "%(num)s other browsers are signed out.", ended)
        if ended
        else _("You are signed in here only."),
        "done",
    )
    return redirect("/preferences", 303)


# --- A password for staff -----------------------------------------------------------------------


@bp.get("/password")
@allow(Can.SET_PREFERENCES)
def password() -> Any:
    return _password_page(NewPasswordForm(formdata=None))


@bp.post("/password")
@allow(Can.SET_PREFERENCES)
def set_password() -> Any:
    form = NewPasswordForm()
    if not current_user.is_staff or not form.validate():
        return _password_page(form, 422)
    if _asks_for_current():
        with db.transaction():
            wait = throttle.spend(rules.PASSWORDS, current_user.email)
        if wait:
            form.form_errors.append(_too_often(wait))
            return _retry_after(_password_page(form, 429), wait)
        if not passwords.check_password(current_user, form.current.data or ""):
            form.current.errors = [
                _("This is not your password until now. Sign out and in by link if you forgot it.")
            ]
            return _password_page(form, 422)
    owner = db.session.get_one(User, current_user.id)
    try:
        passwords.set_password(owner, form.password.data)
    except Refused as refusal:
        return _password_page(form, form.refuse(refusal))
    sessions.end_sessions(owner, but=sessions.current_session_id())
    flash(_("Your password is set. Every other browser is signed out."), "done")
    return redirect("/preferences", 303)


def _asks_for_current() -> bool:
    """Whoever signed in a moment ago has shown who they are; a browser left open has not."""
    return current_user.password_hash is not None and not sessions.is_fresh()


def _password_page(form: NewPasswordForm, status: int = 200) -> Response:
    if not current_user.is_staff:
        abort(404)
    page = render_template(
        "auth/password.html",
        form=form,
        problems=form.problems,
        asks_for_current=_asks_for_current(),
        nav=[{"label": _("Preferences"), "url": "/preferences", "icon": "settings", "current": False}],
    )
    return make_response(page, status)
