"""What one customer's answers did to their road, each with its reason, and what people said about it since."""

from datetime import datetime
from enum import StrEnum, auto
from typing import TYPE_CHECKING, Final

from flask_babel import gettext as _
from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock
from portal.accounts.models import Staff, User
from portal.activity.models import Audience, Verb, record
from portal.db import Addressed, Base, OwnedRow, Word, one_of
from portal.errors import Refused
from portal.messages.models import Message
from portal.onboardings.record import check_running
from portal.onboardings.signals import Signal
from portal.onboardings.words import listed
from portal.playbooks.kit import EFFECTS
from portal.readiness import acting
from portal.readiness.rules import Decision

if TYPE_CHECKING:
    from portal.readiness.models import ReadinessSubmission

LONGEST: Final = 400  # Characters of what somebody writes about one.


class EffectState(StrEnum):
    """Where it is. `PROPOSED` waits for our consultant, `CONTESTED` too unless the customer's word was enough;
    `OVERRULED` and `DECLINED` are the consultant's, who knew better than the rule."""

    APPLIED = auto()
    OFFERED = auto()
    TAKEN = auto()
    CONTESTED = auto()
    PROPOSED = auto()
    ACCEPTED = auto()
    DECLINED = auto()
    OVERRULED = auto()
    WITHDRAWN = auto()


BY_PEOPLE: Final = frozenset(
    {EffectState.TAKEN, EffectState.CONTESTED, EffectState.DECLINED, EffectState.OVERRULED}
)
# What the road itself shows, as the customer counts it.
ON_ROAD: Final = ("include", "exclude", "depth", "put_first", "assign")
MODULES: Final = frozenset({*ON_ROAD, "offer"})
INTERNAL: Final = ("signal", "wave")  # What our team is told, or proposed; no customer reads of it.
CONTESTABLE: Final = frozenset({*ON_ROAD, "prerequisite"})
IN_PLAN: Final = frozenset({*MODULES, "prerequisite", "wave"})  # What a signed plan says something of.


class ReadinessEffect(Base, OwnedRow, Addressed):
    """One decision of the rules for one kit, made once: the columns up to `unsure` are those of `rules.Decision`.

    `is_on`: the road has it now, whatever its state says of how that came about. `against_version`: the number of the
    signed plan that says otherwise.
    """

    __tablename__ = "readiness_effect"
    __table_args__ = (
        UniqueConstraint("submission_id", "kind", "target", "beside"),
        one_of("state", EffectState),
    )

    submission_id: Mapped[int] = mapped_column(ForeignKey("readiness_submission.id"))
    kind: Mapped[str] = mapped_column(String(16))
    target: Mapped[str] = mapped_column(String(200))
    beside: Mapped[str] = mapped_column(String(24), default="")
    rules: Mapped[list[str]] = mapped_column(default=list)
    because: Mapped[list[str]] = mapped_column(default=list)
    minutes: Mapped[int] = mapped_column(default=0)
    unsure: Mapped[str | None] = mapped_column(String(64))
    position: Mapped[int] = mapped_column(default=0)
    state: Mapped[EffectState] = mapped_column(Word(EffectState))
    is_on: Mapped[bool] = mapped_column(default=False)
    against_version: Mapped[int | None]
    contested_why: Mapped[str | None] = mapped_column(String(LONGEST))
    contested_at: Mapped[datetime | None]
    contested_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    decided_why: Mapped[str | None] = mapped_column(String(LONGEST))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    # What our team is told by it or, of another kind, that it is to be decided.
    signal_id: Mapped[int | None] = mapped_column(ForeignKey("signal.id"))

    submission: Mapped["ReadinessSubmission"] = relationship(back_populates="effects")
    signal: Mapped[Signal | None] = relationship()
    contested_by: Mapped[User | None] = relationship(foreign_keys=[contested_by_id])
    decided_by: Mapped[Staff | None] = relationship(foreign_keys=[decided_by_id])

    @classmethod
    def of(cls, decision: Decision) -> "ReadinessEffect":
        """A new one, not on the road yet."""
        return cls(
            kind=decision.kind,
            target=decision.target,
            beside=decision.beside or "",
            unsure=decision.unsure,
            state=EffectState.OFFERED if decision.kind == "offer" else EffectState.PROPOSED,
            is_on=False,
        )

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from the others of its kit."""
        return self.kind, self.target, self.beside

    @property
    def reasons(self) -> str:
        """All that stands behind “because”."""
        return listed(self.because)

    @property
    def waits_for_us(self) -> bool:
        """Whether our consultant has to decide about it."""
        return self.state is EffectState.PROPOSED or (self.state is EffectState.CONTESTED and self.is_on)

    @property
    def needs_amendment(self) -> bool:
        """Whether the plan that is signed says otherwise, so that this comes with its next version."""
        signed = self.submission.onboarding.signed_version
        return self.kind in IN_PLAN and signed is not None and self.against_version == signed

    @property
    def order(self) -> tuple[int, int]:
        """Its place among the others: as the kit's rules have it."""
        return self.position, EFFECTS.index(self.kind)

    @property
    def title(self) -> str:
        """What it is about, as its customer calls it."""
        if self.kind in MODULES:
            return acting.spec_of(self).title
        if self.kind == "prerequisite" and (spec := self.submission.kit.prerequisite(self.target)):
            return spec.title
        return self.target

    # --- What the answers do ---

    @property
    def _is_peoples(self) -> bool:
        """Whether people have said what becomes of it: an offer that waits for us was chosen by somebody."""
        return self.state in BY_PEOPLE or (self.kind == "offer" and self.state is EffectState.PROPOSED)

    def stand(self, *, settled: bool) -> None:
        """The answers ask for it. Once they are confirmed or the plan is signed (`settled`) it is only proposed; what
        people decided stays."""
        if self._is_peoples:
            return
        if self.is_on:
            if self.state in (EffectState.PROPOSED, EffectState.WITHDRAWN):
                self.state, self.against_version = EffectState.APPLIED, None
        elif self.kind == "offer":
            self.state = EffectState.OFFERED
        elif settled or self.kind == "wave":
            self._propose()
        else:
            self._do(EffectState.APPLIED)

    def fall(self, *, settled: bool) -> None:
        """The answers don't ask for it any more. What somebody has begun in stays on the road."""
        if self._is_peoples:
            return
        if not self.is_on:
            self.state, self.against_version = EffectState.WITHDRAWN, None
        elif settled:
            self._propose()
        elif self.state is not EffectState.WITHDRAWN:
            self.is_on = not acting.undo(self, _("your answers are different now"))
            self.state = EffectState.WITHDRAWN

    def _do(self, then: EffectState) -> None:
        """Nothing is lost where the road can't have it any more: it waits for our consultant."""
        try:
            acting.do(self, self.reasons)
        except Refused:
            self._propose()
        else:
            self.is_on, self.state = True, then

    def _propose(self) -> None:
        self.state, self.against_version = EffectState.PROPOSED, self.submission.onboarding.signed_version

    # --- What people do about it ---

    def contest(self, why: str, *, by: User) -> bool:
        """The customer says that it isn't right. Before our consultant has confirmed, and the plan is signed, what is
        safe goes back at once, and True is returned; else the consultant decides. Raises Refused when somebody said
        so already."""
        self._check(by)
        if self.state is EffectState.CONTESTED and self.contested_by_id == by.id:
            return not self.is_on  # A second click.
        if self.state is EffectState.CONTESTED:
            who = self.contested_by.called if self.contested_by else _("someone")
            raise Refused(_("%(who)s has said that already. We look at it.", who=who))
        if self.kind not in CONTESTABLE or not self.is_on:
            raise Refused(_("This has changed meanwhile. Look at it again."))
        self.contested_why, self.contested_at, self.contested_by = why, clock.now(), by
        if not self.submission.is_settled and self.kind in ON_ROAD:
            self.is_on = not acting.undo(self, _("you said that it isn't right"), wanted=True)
        self.state = EffectState.CONTESTED
        self._tell(Verb.EFFECT_CONTESTED, by, why)
        Message.write(
            self.submission.onboarding, _("About “%(title)s”: %(why)s", title=self.title, why=why), by=by
        )
        return not self.is_on

    def take(self, *, by: User) -> bool:
        """Somebody at the customer chose what was offered; returns False when it waits for our consultant first, since
        the answers are confirmed or the plan is signed. A second click changes nothing."""
        self._check(by)
        if self.state is EffectState.TAKEN:
            return True
        if self.state is not EffectState.OFFERED:
            raise Refused(_("“%(title)s” isn't offered any more. Look at it again.", title=self.title))
        if self.submission.is_settled:
            self._propose()
        else:
            acting.take(self, _("You chose it."), by=by)
            self.is_on, self.state = True, EffectState.TAKEN
        self._tell(Verb.EFFECT_TAKEN, by)
        return self.is_on

    def decide(self, *, holds: bool, why: str, by: Staff) -> None:
        """Our consultant has the last word: the road has it, or it hasn't. Raises Refused where that is so already, or
        can't be any more."""
        self._check(by)
        was_on = self.is_on
        taken_back = self.state is EffectState.PROPOSED and self.is_on
        if self.state is EffectState.WITHDRAWN:
            raise Refused(_("The answers have changed since, so nothing is to be decided here."))
        if taken_back and not holds:
            self._undo(EffectState.WITHDRAWN)
        elif taken_back:
            self.state = EffectState.DECLINED
        elif holds:
            self._check_new(is_on=True)
            self._accept(why, by)
        elif self.is_on:
            self._undo(EffectState.OVERRULED)
        else:
            self._check_new(is_on=False)
            contested = self.state is EffectState.CONTESTED
            self.state = EffectState.OVERRULED if contested else EffectState.DECLINED
        self.decided_by, self.decided_at, self.decided_why = by, clock.now(), why
        self.against_version = self.submission.onboarding.signed_version if self.is_on is not was_on else None
        self._tell(Verb.EFFECT_ACCEPTED if self.is_on else Verb.EFFECT_DECLINED, by, why)
        others = self.submission.effects
        if not any(one.waits_for_us and one.kind != "wave" for one in others):
            for signal in {one.signal for one in others if one.kind != "signal" and one.signal}:
                if signal.settled_at is None:
                    signal.settle(_("Everything is decided."), by=by)

    def _accept(self, why: str, by: Staff) -> None:
        if self.kind == "offer":
            acting.take(self, why or _("Chosen with you."), by=by)
            self.is_on, self.state = True, EffectState.TAKEN
            return
        if not self.is_on:
            acting.do(self, self.reasons)
        self.is_on, self.state = True, EffectState.ACCEPTED

    def _undo(self, then: EffectState) -> None:
        if not acting.undo(self, _("we looked at it together"), wanted=True):
            raise Refused(
                _(
                    "Somebody has begun “%(title)s”. Leave out its single items on the road instead.",
                    title=self.title,
                )
            )
        self.is_on, self.state = False, then

    def _check(self, by: User) -> None:
        check_running(self.submission.onboarding)

    def _check_new(self, *, is_on: bool) -> None:
        """Refuse a decision that was made already."""
        done = {EffectState.ACCEPTED} if is_on else {EffectState.DECLINED, EffectState.OVERRULED}
        if self.state in done or (is_on and self.is_on and self.state is not EffectState.CONTESTED):
            raise Refused(_("“%(title)s” is decided like that already.", title=self.title))

    def _tell(self, verb: Verb, by: User, why: str = "") -> None:
        road = self.submission.onboarding
        if not by.is_staff:
            road.customer_moved_at = clock.now()
        after = {"kind": self.kind, "state": self.state.value, "on": self.is_on}
        audience = Audience.STAFF if self.kind in INTERNAL else Audience.CUSTOMER
        words = {"what": self.title, "why": why}
        record(self, verb, by=by, onboarding=road, after=after, personal=words, audience=audience)
        self.submission.keep_topics()
        road.settle()
