"""Seeing as a customer: staff read a customer's pages exactly as one of its people does, and change nothing there.

A view is bound to one session on the server. While it lasts, the address decides whose eyes are used: everything
under /staff is the staff member's own desk, which goes on working, so that what is noticed can be put right beside
it; every other page is read as the person, and takes no change. It is over when it is ended, after an hour, with its
session, and as soon as the person has left.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask, abort, g, request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import ForeignKey, Index, select, text
from sqlalchemy.orm import Mapped, joinedload, mapped_column

from portal import clock, db
from portal.access import Can
from portal.accounts.models import Person, Staff, User
from portal.activity.models import Audience, Verb, record
from portal.auth.models import Session
from portal.db import Base, OwnedRow

AN_HOUR = timedelta(hours=1)
SECOND_CLICK = timedelta(seconds=10)
READING = ("GET", "HEAD", "OPTIONS")
OPEN = text("ended_at IS NULL")


class CustomerView(Base, OwnedRow):
    """One look through a person's eyes, in one session; a session has at most one that isn't ended."""

    __tablename__ = "customer_view"
    __table_args__ = (
        Index("uq_customer_view_open", "session_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    )

    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"))
    began_at: Mapped[datetime] = mapped_column(default=clock.now)
    until: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    def end(self, *, by: Staff | None) -> None:
        """It is over; `by` is None when its hour was. Ending it twice is remembered once."""
        if self.ended_at is not None:
            return
        self.ended_at = clock.now() if by else self.until
        person = db.session.get_one(Person, self.person_id)
        record(
            _Road(self), Verb.CUSTOMER_VIEW_ENDED, by=by, onboarding=_Road(self), after={"at": self.ended_at},
            personal={"whom": person.name}, audience=Audience.STAFF,
        )  # fmt: skip


class _Road:
    """The onboarding of a view as the subject of an activity; this feature knows it by its id only."""

    __tablename__ = "onboarding"

    def __init__(self, view: CustomerView) -> None:
        self.id, self.account_id = view.onboarding_id, view.account_id


@dataclass(frozen=True)
class Seeing:
    """What the banner says: who looks, through whose eyes, at which onboarding, until when."""

    staff: Staff
    person: Person
    onboarding_id: int
    until: datetime

    @property
    def minutes(self) -> int:
        """How long it goes on, at least one."""
        return max(1, round((self.until - clock.now()).total_seconds() / 60))

    @property
    def time_left(self) -> str:
        """“for 52 more minutes”."""
        return ngettext("for %(num)s more minute", "for %(num)s more minutes", self.minutes)

    @property
    def ends_in(self) -> str:
        """“in 52 minutes”."""
        return ngettext("in %(num)s minute", "in %(num)s minutes", self.minutes)


# --- Beginning and ending -----------------------------------------------------------------------


def begin(person: Person, onboarding_id: int, *, by: Staff, session_id: int) -> CustomerView:
    """Look through this person's eyes from now on, in this session; a view that it had is ended first, unless it is the
    same and began a moment ago: a second click, which is one view."""
    db.session.execute(select(Session.id).where(Session.id == session_id).with_for_update(key_share=True))
    if again := _just_begun(person, onboarding_id, session_id):
        return again
    end(session_id, by=by)
    until = clock.now() + AN_HOUR
    view = CustomerView(
        account_id=person.account_id,
        session_id=session_id,
        staff_id=by.id,
        person_id=person.id,
        onboarding_id=onboarding_id,
        until=until,
    )
    db.session.add(view)
    db.session.flush()
    record(
        _Road(view), Verb.CUSTOMER_VIEW_BEGUN, by=by, onboarding=_Road(view), after={"until": until},
        personal={"whom": person.name}, audience=Audience.STAFF,
    )  # fmt: skip
    return view


def _just_begun(person: Person, onboarding_id: int, session_id: int) -> CustomerView | None:
    same = select(CustomerView).where(
        CustomerView.session_id == session_id,
        CustomerView.ended_at.is_(None),
        CustomerView.person_id == person.id,
        CustomerView.onboarding_id == onboarding_id,
        CustomerView.began_at > clock.now() - SECOND_CLICK,
    )
    return db.session.scalar(same)


def end(session_id: int | None, *, by: Staff) -> None:
    """End the view of this session, if it has one."""
    rows = select(CustomerView).where(CustomerView.session_id == session_id, CustomerView.ended_at.is_(None))
    view = db.session.scalar(rows.with_for_update())
    if view is not None:
        view.end(by=by if clock.now() < view.until else None)


def end_overdue() -> None:
    """Note the end of the views whose hour is over. They ended then; this only writes it down."""
    with db.transaction():
        late = select(CustomerView).where(CustomerView.ended_at.is_(None), CustomerView.until <= clock.now())
        for view in db.session.scalars(late.order_by(CustomerView.id).with_for_update(skip_locked=True)):
            view.end(by=None)


# --- On every request ---------------------------------------------------------------------------


def init_app(app: Flask) -> None:
    """Refuse every change outside the desk while somebody looks through other eyes."""
    app.before_request(_refuse_changes)


def eyes(view: CustomerView | None, user: User) -> User:
    """Who reads the page that is asked for: `user`, or the person whose eyes they use."""
    if view is None or not isinstance(user, Staff) or clock.now() >= view.until:
        return user
    if not user.may(Can.SEE_AS_CUSTOMER):
        return user
    person = db.session.get(Person, view.person_id, options=[joinedload(Person.account)])
    if person is None or not person.may_enter:
        return user
    g.seeing = Seeing(user, person, view.onboarding_id, view.until)
    return user if _is_own() else person


def _is_own() -> bool:
    """Whether this address is the staff member's own: the desk, and the way out of everything."""
    return request.path == "/staff" or request.path.startswith("/staff/") or request.path == "/logout"


def _refuse_changes() -> None:
    if request.method in READING or not current_user.is_authenticated:
        return
    seeing: Seeing | None = g.get("seeing")
    if seeing is not None and not _is_own():
        sentence = _(
            "You are reading as %(name)s, so nothing can be changed on these pages. End it first; at your desk you can "
            "act as yourself.",
            name=seeing.person.name,
        )
        abort(403, sentence)
