"""The thread of an onboarding: what both companies write to each other, linked to steps."""

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import JSON, ForeignKey, Index, Text, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock, db
from portal.accounts.models import User
from portal.activity.models import Verb, record
from portal.db import Addressed, Base, OwnedRow
from portal.errors import Refused
from portal.messages import letters, rules
from portal.messages.rules import LONGEST
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step

SECOND_CLICK = timedelta(seconds=10)


class Message(Base, OwnedRow, Addressed):
    """One message. There is one thread per onboarding; `step` is what this message is about, if anything."""

    __tablename__ = "message"
    __table_args__ = (Index(None, "onboarding_id", "id"),)

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"))
    step_id: Mapped[int | None] = mapped_column(ForeignKey("step.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    body: Mapped[str] = mapped_column(Text)
    mentions: Mapped[list[Any]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    onboarding: Mapped[Onboarding] = relationship()
    step: Mapped[Step | None] = relationship()
    author: Mapped[User] = relationship()

    @classmethod
    def write(cls, onboarding: Onboarding, body: str, *, by: User, step: Step | None = None) -> "Message":
        """Put a message into the thread and tell those it concerns. Raises Refused when it is empty or too long."""
        text = rules.clean(body)
        if not text:
            raise Refused(_("Write something first."), field="body")
        if len(text) > LONGEST:
            raise Refused(
                _("Keep a message under %(most)s characters; share a file for more.", most=LONGEST),
                field="body",
            )
        if again := cls._just_sent(onboarding, text, by, step):
            return again
        names = {user.id: (user.name, user.called) for user in people_of(onboarding) if user.id != by.id}
        message = cls(
            account_id=onboarding.account_id,
            onboarding=onboarding,
            step=step,
            author=by,
            body=text,
            mentions=rules.mentioned(text, names),
        )
        db.session.add(message)
        db.session.flush()
        record(
            message,
            Verb.MESSAGE_WRITTEN,
            by=by,
            onboarding=onboarding,
            personal={"what": step.title if step else None},
        )
        letters.written(message, people_of(onboarding))
        return message

    @classmethod
    def _just_sent(cls, onboarding: Onboarding, body: str, by: User, step: Step | None) -> "Message | None":
        """The same words by the same person a moment ago: a second click, which is one message."""
        same = select(cls).where(
            cls.onboarding_id == onboarding.id,
            cls.author_id == by.id,
            cls.step_id == (step.id if step else None),
            cls.body == body,
            cls.created_at > clock.now() - SECOND_CLICK,
        )
        return db.session.scalar(same.limit(1))


def people_of(onboarding: Onboarding) -> list[User]:
    """Whoever can be addressed in this thread: the account's people and the team, stand-ins included."""
    found: list[User] = [person for person in onboarding.account.people if person.may_enter]
    for member in onboarding.team:
        found += [one for one in (member.staff, member.staff.acting) if one.is_active]
    return list(dict.fromkeys(found))
