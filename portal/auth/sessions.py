"""Who is looking: our own server-side sessions behind Flask-Login's `current_user`."""

from functools import cache

from flask import Flask, Request, Response, after_this_request, current_app, g, request
from flask import session as form_session
from flask_login import LoginManager
from sqlalchemy import Select, and_, bindparam, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import joinedload

from portal import clock, db
from portal.accounts.models import Person, Provider, Staff, User
from portal.accounts.provider import keep
from portal.activity.models import Audience, Verb, record
from portal.auth import passwords, rules, seeing, tokens
from portal.auth.models import Session, revoke_links
from portal.auth.seeing import CustomerView
from portal.notifications.notices import unread_of

manager = LoginManager()
manager.session_protection = (
    None  # It would write into the form cookie on every answer; ours are on the server.
)


def init_app(app: Flask) -> None:
    """Let `current_user` be the viewer on every request to `app`."""
    manager.init_app(app)
    manager.request_loader(_viewer)
    # Flask-Login's own cookie is never written; were it read, a foreign one would hide ours.
    app.config["REMEMBER_COOKIE_NAME"] = "__Host-unused"
    app.teardown_request(_trace)
    seeing.init_app(app)
    passwords.prepare()


def cookie_name() -> str:
    """The name of the session cookie: browsers accept `__Host-` only over https."""
    return "__Host-session" if current_app.config["PORTAL"].secure else "session"


# --- On every request ---------------------------------------------------------------------------


def _viewer(incoming: Request) -> User | None:
    token = incoming.cookies.get(cookie_name())
    if not token:
        return None
    found = db.session.execute(_session_and_user(), {"token_hash": tokens.digest(token)}).first()
    if found is None:
        return None
    session, user, view, home, g.unread = found
    keep(home)
    if not user.may_enter or not session.is_living(user.is_staff):
        return None
    g.session_id, g.session_seen_at, g.session_began_at = session.id, session.seen_at, session.created_at
    return seeing.eyes(view, user)


@cache  # Every request asks it.
def _session_and_user() -> Select[Session, User, CustomerView, Provider, int]:
    """Every page names the provider and some say how much there is to read, so both come along."""
    return (
        select(Session, User, CustomerView, Provider, unread_of(User.id))
        .join(User, Session.user_id == User.id)
        .outerjoin(CustomerView, and_(CustomerView.session_id == Session.id, CustomerView.ended_at.is_(None)))
        .outerjoin(Provider, Provider.id == 1)
        .where(Session.token_hash == bindparam("token_hash"))
        .options(joinedload(Person.account))
    )


def _trace(error: BaseException | None) -> None:
    """Note that the session was used, at most every five minutes, apart from what the request did.

    Nobody waits for this: while somebody else is writing, it is left to the next request.
    """
    seen_at = g.get("session_seen_at")
    if error or seen_at is None or clock.now() < seen_at + rules.SEEN_EVERY:
        return
    try:
        with db.transaction(hasty=True):
            touch = update(Session).where(Session.id == g.session_id, Session.ended_at.is_(None))
            db.session.execute(touch.values(seen_at=clock.now()))
    except OperationalError:
        current_app.logger.info("the database is busy: the time a session was last seen was not kept")


def current_session_id() -> int | None:
    """The id of the session this request came with."""
    found: int | None = g.get("session_id")
    return found


def is_fresh() -> bool:
    """Whether this browser was signed in within the last 10 minutes."""
    began_at = g.get("session_began_at")
    return began_at is not None and clock.now() < began_at + rules.FRESH


# --- Signing in and out -------------------------------------------------------------------------


def sign_in(user: User) -> None:
    """Make this browser `user`'s: a session under a new id, whatever it was before."""
    _end_this_one()
    form_session.clear()  # A form opened before signing in doesn't count after it.
    session, token = Session.begin(
        user, user_agent=request.headers.get("User-Agent", ""), ip=request.remote_addr or ""
    )
    if isinstance(user, Person) and user.joined_at is None:
        user.joined_at = clock.now()
        record(user, Verb.PERSON_JOINED, by=user)
    record(user, Verb.SIGNED_IN, by=user, audience=Audience.STAFF)
    seconds = int((session.ends_at - clock.now()).total_seconds())

    @after_this_request
    def give(response: Response) -> Response:
        _set_cookie(response, token, seconds)
        return response


def sign_out() -> None:
    """End the session of this browser, if it has one, and forget its cookie."""
    _end_this_one()
    form_session.clear()

    @after_this_request
    def take(response: Response) -> Response:
        _set_cookie(response, "", 0)
        return response


def _end_this_one() -> None:
    token = request.cookies.get(cookie_name())
    session = token and db.session.scalar(select(Session).where(Session.token_hash == tokens.digest(token)))
    if session and session.ended_at is None:
        session.end()
        owner = db.session.get_one(User, session.user_id)
        if isinstance(owner, Staff):
            seeing.end(session.id, by=owner)
        record(owner, Verb.SIGNED_OUT, by=owner, audience=Audience.STAFF)


def _set_cookie(response: Response, value: str, seconds: int) -> None:
    secure = current_app.config["PORTAL"].secure
    response.set_cookie(
        cookie_name(), value, max_age=seconds, path="/", httponly=True, secure=secure, samesite="Lax"
    )


# --- Ending others ------------------------------------------------------------------------------


def end_sessions(user: User, *, but: int | None = None) -> int:
    """End every session of `user`, save the one with the id `but`; their unused links die too. Returns how many."""
    living = select(Session).where(Session.user_id == user.id, Session.ended_at.is_(None))
    ended = [session for session in db.session.scalars(living) if session.id != but]
    for session in ended:
        session.end()
    revoke_links(user)
    return len(ended)
