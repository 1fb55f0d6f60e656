"""A result as a row: what is kept of it and what can be read from it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from flask_babel import gettext as _
from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column, selectinload

from portal import clock, db
from portal.accounts.models import Person, Staff, User
from portal.activity.models import Verb, record
from portal.criteria.rules import OVER, Achievement, Agreement, Side, Talk, result_may
from portal.criteria.wordings import LONGEST_NOTE, CriterionWording
from portal.criteria.words import span
from portal.db import Addressed, Base, OwnedRow, Word
from portal.errors import Refused

if TYPE_CHECKING:
    from portal.criteria.measuring import Measurement
    from portal.onboardings.models import Onboarding


class CriterionRecord(Base, OwnedRow, Addressed):
    """The columns of a result, and what follows from its wordings."""

    __abstract__ = True

    if TYPE_CHECKING:
        onboarding: Mapped[Onboarding]
        their_owner: Mapped[Person | None]
        our_owner: Mapped[Staff | None]
        met_by: Mapped[User | None]
        withdrawn_by: Mapped[User | None]
        wordings: Mapped[list[CriterionWording]]
        measurements: Mapped[list[Measurement]]

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"))
    n: Mapped[int]
    achievement: Mapped[Achievement] = mapped_column(Word(Achievement), default=Achievement.NOT_STARTED)
    their_owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    our_owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    withdrawn_why: Mapped[str | None] = mapped_column(String(LONGEST_NOTE))
    met_at: Mapped[datetime | None]
    met_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    unmet_why: Mapped[str | None] = mapped_column(String(LONGEST_NOTE))
    adjusted_why: Mapped[str | None] = mapped_column(String(LONGEST_NOTE))

    # --- Reading ---

    @classmethod
    def of(cls, onboarding: Onboarding) -> list[Self]:
        """The results of one onboarding that are not withdrawn, in the order they were added."""
        query = select(cls).where(cls.onboarding_id == onboarding.id, cls.withdrawn_at.is_(None))
        query = query.options(
            selectinload(cls.wordings).selectinload(CriterionWording.checkpoints),
            selectinload(cls.measurements),
        )
        return list(db.session.scalars(query.order_by(cls.n)))

    @property
    def in_force(self) -> CriterionWording | None:
        """The wording that both agreed to."""
        return next((one for one in self.wordings if one.state is Agreement.AGREED), None)

    @property
    def open(self) -> CriterionWording | None:
        """The wording that is being talked about."""
        return next((one for one in self.wordings if one.is_open), None)

    @property
    def shown(self) -> CriterionWording:
        """The wording to read first: what is open, else what is in force, else the last one."""
        return self.open or self.in_force or self.wordings[-1]

    @property
    def before(self) -> CriterionWording | None:
        """What the open wording would replace: the one in force, else the one before it."""
        now = self.open
        if now is None:
            return None
        return self.in_force or next((one for one in reversed(self.wordings) if one.n < now.n), None)

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    @property
    def is_agreed(self) -> bool:
        """Whether a wording is in force, whatever else is proposed."""
        return self.in_force is not None

    @property
    def title(self) -> str:
        """What it is called now."""
        return (self.in_force or self.shown).statement

    @property
    def must_have(self) -> bool:
        return (self.in_force or self.shown).must_have

    @property
    def talk(self) -> Talk:
        """What either side may do with it."""
        now = self.open
        over = self.is_withdrawn or self.achievement in OVER
        state, side = (now.state, now.side) if now else (None, None)
        return Talk(state, side, self.is_agreed, over)

    def _become(self, then: Achievement) -> None:
        if not result_may(self.achievement, then):
            raise Refused(_("This result has moved on meanwhile. Look at it again."))
        self.achievement = then

    def _say(self, verb: Verb, by: User, why: str | None = None, value: Decimal | None = None) -> None:
        if not by.is_staff:
            self.onboarding.customer_moved_at = clock.now()
        terms = self.shown
        what = (
            span(terms, value) if value is not None or verb is not Verb.CRITERION_OWNED else terms.statement
        )
        record(
            self,
            verb,
            by=by,
            onboarding=self.onboarding,
            after={"wording": terms.n, "achievement": self.achievement.value},
            personal={"what": what, **({"why": why} if why else {})},
        )


def side_of(user: User) -> Side:
    """On which side of the table this user sits."""
    return Side.US if user.is_staff else Side.CUSTOMER
