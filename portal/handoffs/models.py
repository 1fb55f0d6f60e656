"""The hand-off of one onboarding from whoever sold it to whoever delivers it."""

from collections.abc import Mapping
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock, db, seals
from portal.accounts.models import Staff, User
from portal.activity.models import Audience, Verb, record
from portal.db import Addressed, Base, OwnedRow, Word, one_of
from portal.errors import Conflict, Refused
from portal.handoffs import letters
from portal.handoffs.rules import (
    LONGEST,
    LONGEST_QUOTE,
    REQUIRED,
    WITH_SALES,
    HandoffState,
    completeness,
    may_become,
    missing,
)
from portal.handoffs.words import FIELDS
from portal.onboardings.models import Onboarding
from portal.onboardings.states import OnboardingState

FREE = (*REQUIRED, "quoted_by")


class Handoff(Base, OwnedRow, Addressed):
    """Why they bought, as sales knows it. Once it is accepted its customer reads what is TOLD, the quote on their home;
    the rest they never do."""

    __tablename__ = "handoff"
    __table_args__ = (one_of("state", HandoffState),)

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"), unique=True)
    state: Mapped[HandoffState] = mapped_column(Word(HandoffState), default=HandoffState.DRAFT, index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    reason: Mapped[str | None] = mapped_column(String(LONGEST))
    problem: Mapped[str | None] = mapped_column(String(LONGEST))
    promised_impact: Mapped[str | None] = mapped_column(String(LONGEST))
    quote: Mapped[str | None] = mapped_column(String(LONGEST_QUOTE))
    quoted_by: Mapped[str | None] = mapped_column(String(120))
    stakeholders: Mapped[str | None] = mapped_column(String(LONGEST))
    promised_dates: Mapped[str | None] = mapped_column(String(LONGEST))
    surprises: Mapped[str | None] = mapped_column(String(LONGEST))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    submitted_at: Mapped[datetime | None]
    returned_why: Mapped[str | None] = mapped_column(String(LONGEST))
    returns: Mapped[int] = mapped_column(default=0)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None]

    onboarding: Mapped[Onboarding] = relationship()
    author: Mapped[Staff] = relationship(foreign_keys=[author_id])
    decided_by: Mapped[Staff | None] = relationship(foreign_keys=[decided_by_id])

    # --- Reading ---

    @property
    def texts(self) -> dict[str, str | None]:
        """What is written, by field."""
        return {name: getattr(self, name) for name in FREE}

    @property
    def percent(self) -> int:
        """How complete it is."""
        return completeness(self.texts)

    @property
    def missing(self) -> list[str]:
        """What it lacks, as the form calls it."""
        return [str(FIELDS[name]) for name in missing(self.texts)]

    @property
    def seal(self) -> str:
        """A short word that differs when anything in it, or where it is, does."""
        return seals.of(self.state.value, self.texts)

    @property
    def with_sales(self) -> bool:
        """Whether it is being written."""
        return self.state in WITH_SALES

    # --- Becoming ---

    @classmethod
    def begin(cls, onboarding: Onboarding, *, by: Staff) -> "Handoff":
        """An empty one, with what the customer was quoted with already. Whoever comes second finds the first's."""
        found = db.session.scalar(select(cls).where(cls.onboarding_id == onboarding.id))
        if found is not None:
            return found
        if onboarding.state not in (OnboardingState.DRAFT, OnboardingState.PREPARING, OnboardingState.ACTIVE):
            raise Refused(_("This onboarding doesn't run, so there is nothing to hand over."))
        handoff = cls(
            account_id=onboarding.account_id,
            onboarding=onboarding,
            author=by,
            quote=onboarding.quote,
            quoted_by=onboarding.quoted_by,
        )
        db.session.add(handoff)
        db.session.flush()
        handoff._say(Verb.HANDOFF_BEGUN, by)
        return handoff

    def save(self, texts: Mapping[str, str], *, seen: str, by: Staff) -> bool:
        """Keep what is written, complete or not; returns whether anything is different. `seen` is the seal of what its
        writer saw. Raises Conflict when somebody else wrote meanwhile, Refused when it isn't with sales."""
        if not self.with_sales:
            raise Refused(_("This hand-off is submitted, so its words stay as they are."))
        wanted = {name: texts.get(name) or None for name in FREE}
        if wanted == self.texts:
            return False
        if seen != self.seal:
            raise Conflict(_("Somebody else wrote meanwhile. Both are below; send yours again to keep it."))
        changed = [name for name in FREE if wanted[name] != getattr(self, name)]
        for name in changed:
            setattr(self, name, wanted[name])
        self._say(Verb.HANDOFF_WRITTEN, by, fields=len(changed))
        return True

    def submit(self, *, by: Staff) -> None:
        """Give it to the owner. Raises Refused, naming what is missing."""
        self._may(HandoffState.SUBMITTED)
        if self.missing:
            raise Refused(
                _(
                    "These are still missing: %(what)s Write them, or keep the hand-off as it is for later.",
                    what=" ".join(self.missing),
                )
            )
        self.state, self.submitted_at, self.author = HandoffState.SUBMITTED, clock.now(), by
        self._say(Verb.HANDOFF_SUBMITTED, by)
        letters.submitted(self, by)

    def give_back(self, why: str, *, by: Staff) -> None:
        """Return it with what is still needed."""
        self._may(HandoffState.RETURNED)
        self.state, self.returned_why, self.returns = HandoffState.RETURNED, why, self.returns + 1
        self._decide(by)
        self._say(Verb.HANDOFF_RETURNED, by, why=why)
        letters.returned(self, by)

    def accept(self, *, by: Staff) -> None:
        """Take it over; what they said stands on their home, unless they have said it themselves already."""
        self._may(HandoffState.ACCEPTED)
        self.state = HandoffState.ACCEPTED
        self._decide(by)
        road = self.onboarding
        if not road.quote:
            road.quote, road.quoted_by = self.quote, self.quoted_by
            road.quoted_on = (
                self.submitted_at.astimezone(road.account.zone).date() if self.submitted_at else None
            )
        self._say(Verb.HANDOFF_ACCEPTED, by)
        letters.accepted(self, by)

    def _decide(self, by: Staff) -> None:
        self.decided_by, self.decided_at = by, clock.now()

    def _may(self, then: HandoffState) -> None:
        if not may_become(self.state, then):
            raise Refused(_("This hand-off has moved on meanwhile. Look at it again."))

    def _say(self, verb: Verb, by: User, *, why: str | None = None, fields: int | None = None) -> None:
        personal = {"what": self.onboarding.account.name, **({"why": why} if why else {})}
        after = {"complete": self.percent, **({"fields": fields} if fields else {})}
        record(
            self,
            verb,
            by=by,
            onboarding=self.onboarding,
            after=after,
            personal=personal,
            audience=Audience.STAFF,
        )


def check_accepted(onboarding: Onboarding) -> None:
    """Refuse to open the portal while a hand-off that was begun isn't accepted (product.md 2.3)."""
    handoff = db.session.scalar(select(Handoff).where(Handoff.onboarding_id == onboarding.id))
    if handoff is None or handoff.state is HandoffState.ACCEPTED:
        return
    if handoff.state is HandoffState.SUBMITTED:
        raise Refused(_("Accept the hand-off first, or return it with what is missing."))
    raise Refused(
        _(
            "%(name)s is still writing the hand-off, %(percent)s %% complete. It is accepted before the portal opens.",
            name=handoff.author.called,
            percent=handoff.percent,
        )
    )
