"""The thread of an onboarding: what both companies write to each other, linked to steps."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import JSON, ForeignKey, Index, Text, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock, db
from portal.accounts.models import Staff, User, provider
from portal.activity.models import Audience, Verb, record
from portal.calendars import WorkingHours
from portal.db import Addressed, Base, OwnedRow
from portal.errors import Refused
from portal.messages import letters, rules
from portal.messages.rules import LONGEST
from portal.onboardings.models import Onboarding
from portal.onboardings.once import Once
from portal.onboardings.steps import Step


class Message(Base, OwnedRow, Addressed, Once):
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
        if again := cls.just_written(onboarding, by, step_id=step.id if step else None, body=text):
            return again
        people = people_of(onboarding)
        names = {user.id: (user.name, user.called) for user in people if user.id != by.id}
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
        personal = {"what": step.title if step else None}
        record(message, Verb.MESSAGE_WRITTEN, by=by, onboarding=onboarding, personal=personal)
        thread = Thread.of(onboarding)
        askers = thread.askers(step) if by.is_staff else []
        told = letters.receivers(message, people, askers)
        letters.written(message, told, askers)
        thread.follow(message, told)
        return message


class Thread(Base, OwnedRow):
    """Where the thread of one onboarding stands, kept for lists: what the customer wrote since we last did.

    `question` is the first of these messages, `unanswered` their number and `asked` whoever of us is to answer; the
    account's day by which we said we would stands on the onboarding. Nothing is set while we spoke last.
    """

    __tablename__ = "thread"

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"), unique=True)
    question_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    asked_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    awaits_reply_since: Mapped[datetime | None]
    unanswered: Mapped[int] = mapped_column(default=0)

    onboarding: Mapped[Onboarding] = relationship()
    question: Mapped[Message | None] = relationship()
    asked: Mapped[Staff | None] = relationship()

    @classmethod
    def of(cls, onboarding: Onboarding) -> "Thread":
        """The thread of this onboarding. Whoever records something first holds its account's chain, so that two
        first messages never begin it twice."""
        found = db.session.scalar(select(cls).where(cls.onboarding_id == onboarding.id))
        if found is None:
            found = cls(account_id=onboarding.account_id, onboarding=onboarding, unanswered=0)
            db.session.add(found)
        return found

    def askers(self, step: Step | None) -> list[User]:
        """Who waits for what we write now: those who asked about this step, else whoever asked anything."""
        if self.question_id is None:
            return []
        rows = select(Message).where(
            Message.onboarding_id == self.onboarding_id, Message.id >= self.question_id
        )
        asked = [one for one in db.session.scalars(rows.order_by(Message.id)) if not one.author.is_staff]
        about = [one.author for one in asked if step is not None and one.step_id == step.id]
        found = about or [one.author for one in asked]
        return [user for user in dict.fromkeys(found) if user.may_enter]

    def follow(self, message: Message, told: Sequence[User]) -> None:
        """Take note of a new message; `told` are those whom it concerns.

        What names colleagues of the writer's own company only is no question to the other, and no answer either: of
        ours, the first one named is to answer from then on.
        """
        ours = [user for user in told if isinstance(user, Staff)]
        if message.author.is_staff:
            if self.question and ours and len(ours) == len(told):
                self.asked = ours[0]
            else:
                self._settle()
        elif ours or not message.mentions:
            self.unanswered += 1
            if self.question is None:
                self._ask(message, ours)

    def _ask(self, message: Message, ours: Sequence[Staff]) -> None:
        self.question, self.awaits_reply_since = message, message.created_at
        self.asked = ours[0] if ours else None
        self.onboarding.expect_answer(by=self._answer_due(message.created_at))

    def pass_on(self, before: Staff, to: Staff) -> None:
        """Whatever one of us was asked, a colleague is to answer."""
        if self.asked is before:
            self.asked = to

    def close(self, *, by: User) -> None:
        """Staff say that nothing of what was written needs an answer. Raises Refused when nothing waits for one."""
        if self.question is None:
            raise Refused(_("Nothing waits for an answer here; somebody was quicker."))
        record(
            self.question,
            Verb.ANSWER_NOT_NEEDED,
            by=by,
            onboarding=self.onboarding,
            personal={"whom": self.question.author.name},
            audience=Audience.STAFF,
        )
        self._settle()

    def _settle(self) -> None:
        self.question = self.asked = self.awaits_reply_since = None
        self.unanswered = 0
        self.onboarding.expect_answer(by=None)

    def _answer_due(self, since: datetime) -> date:
        account, asked = self.onboarding.account, self.asked
        if asked is None:
            return since.astimezone(account.zone).date()
        hours = WorkingHours(asked.work_start, asked.work_end, asked.calendar)
        moment = rules.answer_due(since, provider().reply_hours, hours, asked.zone)
        return moment.astimezone(account.zone).date()


def people_of(onboarding: Onboarding) -> list[User]:
    """Whoever can be addressed in this thread: the account's people and the team, stand-ins included."""
    found: list[User] = [person for person in onboarding.account.people if person.may_enter]
    for member in onboarding.team:
        found += [one for one in (member.staff, member.staff.acting) if one.is_active]
    return list(dict.fromkeys(found))
