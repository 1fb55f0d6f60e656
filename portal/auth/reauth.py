"""Saying once more who one is, before something that counts: by a code from one's mail, or one's password.

It is bound to the person and to one thing, `about`, a path of this server that nobody follows: what was asked for
another thing, or for signing in, doesn't count here, and a code of here opens no door.
"""

from dataclasses import dataclass
from datetime import datetime

import structlog
from flask import current_app, request
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import clock, db
from portal.accounts.models import User
from portal.auth import jobs, letters, passwords, rules, throttle
from portal.auth.models import Purpose, SignInLink
from portal.errors import Refused

log = structlog.get_logger(__name__)


class TooOften(Refused):
    """Tried too often; `seconds` to wait."""

    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__(
            ngettext(
                "That was often in a short time. Try again in %(num)s minute.",
                "That was often in a short time. Try again in %(num)s minutes.",
                -(-seconds // 60),
            )
        )
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Proof:
    """Somebody showed who they are: `way` is code or password."""

    user_id: int
    about: str
    way: str
    at: datetime


def has_password(user: User) -> bool:
    """Whether this user can say it by a password."""
    return user.password_hash is not None or bool(current_app.config["PORTAL"].demo)


def ask(user: User, about: str, what: str) -> bool:
    """Mail a code that is good for `about`, with `what` as the words for it; whether a letter leaves: not when one is
    on its way, or three of them are good still."""
    link = SignInLink.ask_for(user, about, Purpose.AGAIN)
    if link is None:
        return False
    letters.put_code(link, what)
    return True


def confirm(user: User, about: str, *, code: str = "", password: str = "") -> Proof:
    """Count the attempt, then look at it; a code is used up in the caller's transaction, with what it is for.

    The session begins anew here, so nothing may have been changed before. Raises Refused with field `code` or
    `password`, and TooOften.
    """
    way = "code" if code else "password"
    limit = rules.CODES if code else rules.PASSWORDS
    with db.transaction():
        wait = throttle.spend(limit, user.email)
        counted = SignInLink.count_try(user.id, Purpose.AGAIN) if code and not wait else []
    if wait:
        raise TooOften(wait)
    # Between two transactions, so that nobody's write waits for the slow comparison of a password.
    right = _by_code(user, counted, about, code) if code else passwords.check_password(user, password)
    if not right:
        _failed(user)
        raise Refused(
            _("This code doesn’t fit, or its 10 minutes are over. Check it, or ask for a new one.")
            if code
            else _("This is not your password. Try again, or let us mail you a code."),
            field=way,
        )
    return Proof(user.id, about, way, clock.now())


def _by_code(user: User, counted: list[int], about: str, code: str) -> bool:
    mailed = [db.session.get_one(SignInLink, link_id) for link_id in counted]
    link = next((one for one in mailed if one.fits_code(code)), None)
    return link is not None and link.next_path == about and link.user_id == user.id and link.consume()


def _failed(user: User) -> None:
    """Keep that it went wrong, although the request changes nothing else."""
    log.info("not identified", user=user.id)
    db.session.rollback()
    with db.transaction():
        jobs.remember_failure(user, "again", request.remote_addr or "")
