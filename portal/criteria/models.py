"""A result that both sides agree to be judged by: proposed, talked about, agreed, and then measured.

Its columns are in `record`, what either side does about its words in `talking`, what is measured in `measuring`.
"""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import UniqueConstraint, select
from sqlalchemy.orm import Mapped, relationship

from portal import db
from portal.accounts.models import Person, Staff, User
from portal.activity.models import Verb
from portal.criteria import road_step
from portal.criteria.measuring import Measured, Measurement
from portal.criteria.rules import Achievement
from portal.criteria.talking import Talking
from portal.criteria.wanted import Wanted
from portal.criteria.wordings import CriterionCheckpoint, CriterionWording
from portal.db import one_of
from portal.errors import Refused
from portal.onboardings.models import Onboarding

__all__ = ["CriterionCheckpoint", "CriterionWording", "Measurement", "SuccessCriterion"]


class SuccessCriterion(Talking, Measured):
    """One of the two to five results of an onboarding, with every wording that was proposed."""

    __tablename__ = "success_criterion"
    __table_args__ = (UniqueConstraint("onboarding_id", "n"), one_of("achievement", Achievement))

    onboarding: Mapped[Onboarding] = relationship()
    their_owner: Mapped[Person | None] = relationship(foreign_keys="SuccessCriterion.their_owner_id")
    our_owner: Mapped[Staff | None] = relationship(foreign_keys="SuccessCriterion.our_owner_id")
    met_by: Mapped[User | None] = relationship(foreign_keys="SuccessCriterion.met_by_id")
    withdrawn_by: Mapped[User | None] = relationship(foreign_keys="SuccessCriterion.withdrawn_by_id")
    wordings: Mapped[list[CriterionWording]] = relationship(
        back_populates="criterion", order_by="CriterionWording.n", cascade="all, delete-orphan"
    )
    measurements: Mapped[list[Measurement]] = relationship(
        order_by="Measurement.on, Measurement.id", cascade="all, delete-orphan"
    )

    @classmethod
    def add(cls, onboarding: Onboarding, wanted: Wanted, note: str | None, *, by: User) -> SuccessCriterion:
        """Propose another result. The same one twice, as by two clicks, is one. Raises Refused."""
        road_step.check_open(onboarding, by)
        live = cls.of(onboarding)
        for one in live:
            if one.shown.statement.casefold() == wanted.statement.casefold():
                if one._just_written(wanted, by):
                    return one
                raise Refused(
                    _("“%(what)s” is on the list already.", what=wanted.statement), field="statement"
                )
        most = road_step.content(onboarding).most
        if len(live) >= most:
            raise Refused(
                _(
                    "There are %(most)s already, which is as many as can be watched. Change or withdraw one first.",
                    most=most,
                )
            )
        wanted.check(onboarding.account.today)
        taken = db.session.scalars(select(cls.n).where(cls.onboarding_id == onboarding.id)).all()
        criterion = cls(
            account_id=onboarding.account_id,
            onboarding=onboarding,
            n=max(taken, default=0) + 1,
            our_owner=onboarding.owner,
            their_owner=by if isinstance(by, Person) else None,
        )
        db.session.add(criterion)
        criterion._word(wanted, note, by)
        criterion._say(Verb.CRITERION_PROPOSED, by, note)
        criterion._follow(by)
        return criterion

    def own(self, theirs: Person | None, ours: Staff | None, *, by: User) -> None:
        """Who looks after it on each side. Raises Refused on a road that is paused or was cancelled."""
        if (theirs, ours) == (self.their_owner, self.our_owner):
            return
        if not self.onboarding.graduated:
            road_step.check_open(self.onboarding, by)
        self.their_owner, self.our_owner = theirs, ours
        self._say(Verb.CRITERION_OWNED, by)
