"""Notes that our team keeps about an onboarding, or about one of its steps. No customer ever reads one."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock, db
from portal.access import Can
from portal.accounts.models import Staff, User
from portal.activity.models import Audience, Verb, record
from portal.db import Addressed, Base, OwnedRow
from portal.errors import Refused
from portal.onboardings.links import links_of
from portal.onboardings.models import Onboarding
from portal.onboardings.once import Once
from portal.onboardings.steps import Step

LONGEST = 2000


class Note(Base, OwnedRow, Addressed, Once):
    """One note. Its author may correct it on the day on which it was written; the record keeps what it said before."""

    __tablename__ = "note"
    __table_args__ = (Index(None, "onboarding_id", "id"),)

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"))
    step_id: Mapped[int | None] = mapped_column(ForeignKey("step.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    corrected_at: Mapped[datetime | None]

    onboarding: Mapped[Onboarding] = relationship()
    step: Mapped[Step | None] = relationship()
    author: Mapped[Staff] = relationship()

    @classmethod
    def write(cls, onboarding: Onboarding, body: str, *, by: User, step: Step | None = None) -> "Note":
        """Keep a note. Raises Refused where `by` writes about technical modules only and it is about none."""
        check_part(onboarding, step, by)
        about = step.id if step else None
        if again := cls.just_written(onboarding, by, step_id=about, body=body):
            return again
        note = cls(
            account_id=onboarding.account_id,
            onboarding=onboarding,
            step_id=about,
            author=by,
            body=body,
        )
        db.session.add(note)
        db.session.flush()
        said = {"what": step.title if step else None, "text": body}
        record(note, Verb.NOTE_WRITTEN, by=by, onboarding=onboarding, personal=said, audience=Audience.STAFF)
        return note

    def correctable_by(self, user: User) -> bool:
        """Whether it is theirs and of today, on their own wall."""
        written = self.created_at.astimezone(user.zone).date()
        return self.author_id == user.id and written == clock.today(str(user.zone))

    def correct(self, body: str, *, by: User) -> None:
        """Other words for it. Raises Refused when it isn't theirs, or not of today."""
        if self.author_id != by.id:
            raise Refused(_("This note is %(name)s's. Write one of your own.", name=self.author.name))
        if not self.correctable_by(by):
            raise Refused(_("A note can be corrected on its own day only. Write a new one."))
        if body == self.body:
            return
        said = {"what": self.step.title if self.step else None, "before": self.body, "after": body}
        self.body, self.corrected_at = body, clock.now()
        record(
            self,
            Verb.NOTE_CORRECTED,
            by=by,
            onboarding=self.onboarding,
            personal=said,
            audience=Audience.STAFF,
        )


# --- Who reads and writes what (product.md 2.2) ---------------------------------------------------


def reads_all(user: User, onboarding: Onboarding) -> bool:
    """Whether every note and signal of this onboarding is for them; an integration specialist reads what is about
    the technical modules, and what they wrote themselves."""
    return onboarding.account_id in user.account_ids(Can.READ_NOTES)


def technical(onboarding: Onboarding) -> list[Step]:
    """The steps of the modules that an integration specialist answers for."""
    modules = links_of(onboarding).technical
    return [step for step in onboarding.steps if step.module.key in modules]


def check_part(onboarding: Onboarding, step: Step | None, by: User) -> None:
    """Refuse what is about nothing that `by` may write of."""
    if reads_all(by, onboarding) or (step is not None and step in technical(onboarding)):
        return
    raise Refused(_("Choose the technical step that it is about."), field="step")
