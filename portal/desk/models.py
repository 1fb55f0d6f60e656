"""What is kept of the desk for each of ours: filters of the list under a name, the mornings on which they were written
to."""

from datetime import date
from typing import Any

from flask import abort
from flask_babel import gettext as _
from sqlalchemy import ForeignKey, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from portal import db
from portal.accounts.models import Staff
from portal.activity.models import Audience, Verb, record
from portal.db import Addressed, Base
from portal.errors import Refused

LONGEST = 60
MOST = 20


class Morning(Base):
    """A morning of one of ours for which it is settled what they get; the constraint makes it one, however many workers
    look."""

    __tablename__ = "morning"
    __table_args__ = (UniqueConstraint("staff_id", "day"),)

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    day: Mapped[date]


class SavedView(Base, Addressed):
    """Filters that one of us has named, as an address says them. Nobody else sees it."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("staff_id", "name"),)

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    name: Mapped[str] = mapped_column(String(LONGEST))
    filters: Mapped[dict[str, Any]]

    @classmethod
    def find_or_404(cls, ref: str, *, of: Staff) -> "SavedView":
        """Their own view with this `ref`, to be changed by nobody else meanwhile; a colleague's looks like a missing
        one."""
        own = select(cls).where(cls.ref == ref, cls.staff_id == of.id)
        found = db.session.scalar(own.with_for_update())
        return found or abort(404)

    @classmethod
    def save(cls, name: str, filters: dict[str, str], *, by: Staff) -> bool:
        """Keep these filters under this name, in place of those that had it. Returns whether some had. Raises Refused
        when there are too many names already."""
        # One at a time saves theirs, so that two clicks make one view.
        db.session.execute(
            select(Staff.id).where(Staff.id == by.id).with_for_update(key_share=True, of=Staff)
        )
        theirs = select(cls).where(cls.staff_id == by.id)
        view = db.session.scalar(theirs.where(cls.name == name))
        if view is not None:
            if view.filters != filters:
                view.filters = filters
                view._say(Verb.VIEW_SAVED, by)
            return True
        count = db.session.scalar(select(func.count()).select_from(theirs.subquery()))
        if count is not None and count >= MOST:
            raise Refused(
                _("You have %(most)s views. Delete one before you save another.", most=MOST), field="name"
            )
        view = cls(staff_id=by.id, name=name, filters=filters)
        db.session.add(view)
        db.session.flush()
        view._say(Verb.VIEW_SAVED, by)
        return False

    def delete(self, *, by: Staff) -> None:
        self._say(Verb.VIEW_DELETED, by)
        db.session.delete(self)

    def _say(self, verb: Verb, by: Staff) -> None:
        record(self, verb, by=by, audience=Audience.STAFF, personal={"what": self.name})
