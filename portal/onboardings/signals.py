"""Signals: what somebody of ours noticed at a customer, in a sentence, and what came of it."""

from datetime import datetime
from enum import StrEnum, auto

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock, db, web
from portal.accounts.models import Person, Staff, User
from portal.activity.models import Audience, Verb, record
from portal.db import Addressed, Base, OwnedRow, Word, one_of
from portal.errors import Refused
from portal.onboardings.models import Onboarding
from portal.onboardings.notes import check_part
from portal.onboardings.once import Once
from portal.onboardings.steps import Step

LONGEST = 400


class SignalKind(StrEnum):
    """What was noticed."""

    FRUSTRATION = auto()
    SURPRISE = auto()
    PRAISE = auto()
    BLOCKER = auto()
    CHAMPION_LEFT = auto()
    SPONSOR_LEFT = auto()


KINDS = {
    SignalKind.FRUSTRATION: _l("Frustration"),
    SignalKind.SURPRISE: _l("A surprise"),
    SignalKind.PRAISE: _l("Praise"),
    SignalKind.BLOCKER: _l("A blocker"),
    SignalKind.CHAMPION_LEFT: _l("Champion left"),
    SignalKind.SPONSOR_LEFT: _l("Sponsor left"),
}
LEFT = {SignalKind.CHAMPION_LEFT, SignalKind.SPONSOR_LEFT}
# Praise asks for nothing: it stands in the history.
CALLING = set(SignalKind) - {SignalKind.PRAISE}


class Signal(Base, OwnedRow, Addressed, Once):
    """One signal. It asks for attention until somebody says what came of it."""

    __tablename__ = "signal"
    __table_args__ = (one_of("kind", SignalKind), Index(None, "onboarding_id", "settled_at"))

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"))
    step_id: Mapped[int | None] = mapped_column(ForeignKey("step.id"))
    kind: Mapped[SignalKind] = mapped_column(Word(SignalKind))
    text: Mapped[str] = mapped_column(String(LONGEST))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    outcome: Mapped[str | None] = mapped_column(String(LONGEST))

    onboarding: Mapped[Onboarding] = relationship()
    step: Mapped[Step | None] = relationship()
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    author: Mapped[Staff] = relationship(foreign_keys=[author_id])
    settled_by: Mapped[Staff | None] = relationship(foreign_keys=[settled_by_id])

    @classmethod
    def give(
        cls,
        onboarding: Onboarding,
        kind: SignalKind,
        text: str,
        *,
        by: User,
        step: Step | None = None,
        person: Person | None = None,
    ) -> "Signal":
        """Record it. `person` is who left, when somebody did; they are not marked as gone by this. Raises Refused where
        `by` writes about technical modules only and it is about none."""
        check_part(onboarding, step, by)
        about = step.id if step else None
        if again := cls.just_written(onboarding, by, step_id=about, kind=kind, text=text):
            return again
        signal = cls(
            account_id=onboarding.account_id,
            onboarding=onboarding,
            step_id=about,
            kind=kind,
            text=text,
            person_id=person.id if person and kind in LEFT else None,
            author=by,
        )
        db.session.add(signal)
        db.session.flush()
        said = {"what": step.title if step else None, "why": text}
        after = {"kind": kind}
        record(
            signal, Verb.SIGNAL_RECORDED, by=by, onboarding=onboarding, after=after, personal=said,
            audience=Audience.STAFF,
        )  # fmt: skip
        return signal

    def settle(self, outcome: str, *, by: Staff) -> None:
        """Say what came of it: it asks for attention no more. Raises Refused when somebody was quicker."""
        if self.settled_by is not None:
            raise Refused(
                _(
                    "%(name)s settled this on %(date)s: “%(what)s”",
                    name=self.settled_by.name,
                    date=web.day(self.settled_at),
                    what=self.outcome,
                )
            )
        self.settled_at, self.settled_by, self.outcome = clock.now(), by, outcome
        record(
            self, Verb.SIGNAL_SETTLED, by=by, onboarding=self.onboarding, after={"kind": self.kind},
            personal={"why": outcome, "text": self.text}, audience=Audience.STAFF,
        )  # fmt: skip
