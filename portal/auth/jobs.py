"""What the worker does for signing in: letters that were asked for, attempts that failed, and tidying up.

A request leaves the same row for an address that somebody here has and for one that nobody has, and the worker
finds out which it was. So neither the answer nor the time it takes tells who is a customer.
"""

from datetime import timedelta

from sqlalchemy import delete, or_

from portal import clock, db, jobs
from portal.accounts.models import User
from portal.activity.models import Audience, Verb, record
from portal.auth import letters
from portal.auth.models import Session, SignInLink, Throttle

KEEP = timedelta(days=90)


def mail_link(user: User | None, next_path: str) -> None:
    """Mail a sign-in link and a code to `user`; nothing happens for nobody, at the same cost."""
    jobs.put("auth.mail_link", {"user": user.id if user else None, "next": next_path})


@jobs.handles("auth.mail_link")
def _mail_link(claim: jobs.Claim) -> None:
    with claim.finish():
        user = db.session.get(User, claim.payload["user"] or 0)
        link = SignInLink.ask_for(user, claim.payload["next"]) if user and user.may_enter else None
        if link:
            letters.put_sign_in(link)


def remember_failure(user: User | None, way: str, ip: str) -> None:
    """Keep that somebody failed to sign in as `user`; nothing is kept for nobody, at the same cost."""
    jobs.put("auth.failed", {"user": user.id if user else None, "way": way, "ip": ip})


@jobs.handles("auth.failed")
def _remember_failure(claim: jobs.Claim) -> None:
    with claim.finish():
        user = db.session.get(User, claim.payload["user"] or 0)
        if user:
            seen = {"ip": claim.payload["ip"]}
            way = claim.payload["way"]
            record(user, Verb.SIGN_IN_FAILED, by=None, after=way, personal=seen, audience=Audience.STAFF)


def tidy() -> None:
    """Remove counts whose window is over, and links and sessions that ended 90 days ago. Once a day is enough."""
    moment = clock.now()
    ended = or_(Session.ended_at <= moment - KEEP, Session.ends_at <= moment - KEEP)
    with db.transaction():
        db.session.execute(delete(Throttle).where(Throttle.ends_at <= moment))
        db.session.execute(delete(SignInLink).where(SignInLink.created_at <= moment - KEEP))
        db.session.execute(delete(Session).where(ended))
