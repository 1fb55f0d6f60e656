"""What the preferences page shows of a user's sessions, and when people were last here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import g
from flask_babel import gettext as _
from sqlalchemy import func, select

from portal import clock, db
from portal.accounts.models import User
from portal.activity.models import Activity
from portal.auth import rules
from portal.auth.models import Session
from portal.auth.sessions import current_session_id


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One browser in which somebody is signed in. `ref` goes into POST /sessions/<ref>/end."""

    ref: str
    device: str
    ip: str
    began_at: datetime
    seen_at: datetime
    is_this: bool


def sessions_of(user: User) -> list[OpenSession]:
    """The living sessions of `user`, this one first, then the last used; none for whoever sees the pages as they do."""
    if g.get("seeing") and not user.is_staff:
        return []
    rows = db.session.scalars(
        select(Session)
        .where(Session.user_id == user.id, Session.ended_at.is_(None), Session.ends_at > clock.now())
        .order_by(Session.seen_at.desc(), Session.id.desc())
    )
    here = current_session_id()
    shown = [
        OpenSession(
            row.ref, device_words(row.user_agent), row.ip, row.created_at, row.seen_at, row.id == here
        )
        for row in rows
        if row.is_living(user.is_staff)
    ]
    return sorted(shown, key=lambda session: not session.is_this)


def device_words(user_agent: str) -> str:
    """“Firefox on Windows”, or as much of it as the browser told."""
    browser, system = rules.device(user_agent)
    if browser and system:
        return _("%(browser)s on %(system)s", browser=browser, system=system)
    return browser or system or _("A browser that gives no name")


def last_seen(user_ids: Sequence[int]) -> dict[int, datetime]:
    """When each of these users was last here: their browser, or else the last thing they did. One statement."""
    used = select(func.max(Session.seen_at)).where(Session.user_id == User.id).scalar_subquery()
    last = select(Activity.at).where(Activity.actor_id == User.id).order_by(Activity.id.desc()).limit(1)
    rows = db.session.execute(
        select(User.id, used, last.scalar_subquery()).where(User.id.in_(user_ids))
    ).all()
    return {user_id: max(filter(None, moments)) for user_id, *moments in rows if any(moments)}
