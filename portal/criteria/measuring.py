"""How far an agreed result has come: what was measured, and who said that it is met."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock, db, web
from portal.accounts.models import User
from portal.activity.models import Verb
from portal.criteria.numbers import written
from portal.criteria.record import CriterionRecord
from portal.criteria.rules import OVER, Achievement, Evidence, Pace, forecast_on, pace_of, reached
from portal.db import Addressed, Base, OwnedRow, Word, one_of
from portal.errors import Refused
from portal.onboardings.once import SECOND_CLICK
from portal.onboardings.record import check_running
from portal.uploads import Document

if TYPE_CHECKING:
    from portal.onboardings.models import Onboarding


class Measurement(Base, OwnedRow, Addressed):
    """A value on a day, with where it was seen."""

    __tablename__ = "measurement"
    __table_args__ = (Index(None, "criterion_id", "on"), one_of("source", Evidence))

    criterion_id: Mapped[int] = mapped_column(ForeignKey("success_criterion.id"))
    value: Mapped[Decimal]
    on: Mapped[date]
    source: Mapped[Evidence] = mapped_column(Word(Evidence))
    note: Mapped[str | None] = mapped_column(String(300))
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    at: Mapped[datetime] = mapped_column(default=clock.now)

    by: Mapped[User] = relationship()
    document: Mapped[Document | None] = relationship()


class Measured(CriterionRecord):
    """The achievement axis of a result. Nothing moves on it before a wording is in force."""

    __abstract__ = True

    @property
    def last(self) -> Measurement | None:
        """The newest value: of the latest day, and of that day the one that was put in last."""
        return self.measurements[-1] if self.measurements else None

    @property
    def pace(self) -> Pace | None:
        """How it goes today; None while nothing is tracked."""
        terms = self.in_force
        if terms is None or self.achievement is not Achievement.TRACKING:
            return None
        return pace_of(terms, terms.checkpoints, self.measurements, self.onboarding.account.today)

    @property
    def expected_on(self) -> date | None:
        """When the straight line through the last two days meets the target."""
        return forecast_on(self.in_force, self.measurements) if self.in_force else None

    @property
    def is_there(self) -> bool:
        """Whether the newest value is the target or beyond."""
        return bool(self.in_force and self.last and reached(self.in_force, self.last.value))

    @property
    def may_be_measured(self) -> bool:
        return self.in_force is not None and self.achievement not in OVER

    @property
    def may_be_met(self) -> bool:
        """Whether the customer can confirm it now."""
        return self.achievement is Achievement.TRACKING and self.is_there

    @property
    def may_be_missed(self) -> bool:
        """Whether it can be said that it isn't met: its day is over and it isn't there."""
        terms, today = self.in_force, self.onboarding.account.today
        tracked = self.achievement is Achievement.TRACKING and not self.is_there
        return bool(tracked and terms and terms.target_on < today)

    # --- What people do ---

    def measure(
        self,
        value: Decimal,
        on: date,
        *,
        by: User,
        source: Evidence = Evidence.STATEMENT,
        note: str | None = None,
        document: Document | None = None,
    ) -> Measurement:
        """Keep a value of a day. Sent twice, as by two clicks, it is kept once. Raises Refused."""
        check_measurable(self.onboarding)
        self._check_value(on)
        for one in self.measurements:
            same = (one.value, one.on, one.note, one.by_id) == (value, on, note, by.id)
            if same and clock.now() - one.at < SECOND_CLICK:
                return one
        row = Measurement(
            account_id=self.account_id, value=value, on=on, source=source, note=note, document=document, by=by
        )
        self.measurements.append(row)
        db.session.flush()
        self.measurements.sort(key=lambda one: (one.on, one.id))
        if self.achievement is Achievement.NOT_STARTED:
            self._become(Achievement.TRACKING)
        self._say(Verb.CRITERION_MEASURED, by, value=value)
        return row

    def _check_value(self, on: date) -> None:
        terms, today = self.in_force, self.onboarding.account.today
        if terms is None:
            raise Refused(_("Nothing is agreed here yet, so there is nothing to measure."))
        if not self.may_be_measured:
            raise Refused(_("“%(what)s” is settled, so nothing is measured any more.", what=terms.statement))
        if on > today:
            raise Refused(_("That day is still to come. Choose the day it was measured."), field="on")
        if on < today - timedelta(days=366):
            raise Refused(_("That is more than a year ago. Choose a later day."), field="on")

    def meet(self, *, by: User) -> None:
        """The customer confirms that they got there; a second time changes nothing. Raises Refused without a value
        that shows it."""
        check_measurable(self.onboarding)
        terms = self.in_force
        if self.achievement is Achievement.MET:
            return
        if terms is None or not self.measurements:
            raise Refused(_("Nothing is measured yet. Put in the value that shows it first."))
        if not self.is_there and self.last:
            raise Refused(
                _(
                    "The last value is %(value)s and the target %(target)s. Put in a newer one, or suggest a change.",
                    value=written(self.last.value, terms.unit),
                    target=written(terms.target, terms.unit),
                )
            )
        self._become(Achievement.MET)
        self.met_by, self.met_at = by, clock.now()
        self._say(Verb.CRITERION_MET, by)

    def miss(self, why: str, *, by: User) -> None:
        """Its day is over and it isn't met: both can then agree to other terms. A second time changes nothing. Raises
        Refused before that day."""
        check_measurable(self.onboarding)
        if self.achievement is Achievement.NOT_MET:
            return
        if not self.may_be_missed:
            terms = self.in_force
            day = web.day(terms.target_on, "dMMMM") if terms else ""
            raise Refused(_("Its day is %(day)s and isn't over yet, or it is there already.", day=day))
        self._become(Achievement.NOT_MET)
        self.unmet_why = why
        self._say(Verb.CRITERION_NOT_MET, by, why)


def check_measurable(onboarding: Onboarding) -> None:
    """Refuse to measure what is paused, hasn't begun or was cancelled; after graduation it goes on."""
    if not onboarding.graduated:
        check_running(onboarding)
