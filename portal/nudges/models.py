"""Follow-ups as rows: planned, perhaps approved, sent, and what came of them."""

from datetime import datetime, timedelta
from enum import StrEnum, auto

from flask_babel import gettext as _
from sqlalchemy import ForeignKey, Index, String, Text, select, text, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock, db
from portal.accounts.models import Person, Staff, User
from portal.activity.models import Audience, Verb, record
from portal.db import Addressed, Base, BigId, OwnedRow, Word, one_of
from portal.errors import Refused
from portal.jobs import insert_if_new
from portal.nudges.rules import Rung, Stop
from portal.nudges.wording import Draft
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step

OPEN = text("state IN ('planned', 'needs_approval')")
SUBJECT, BODY = 50, 2000  # Letters, at most.
SECOND_CLICK = timedelta(seconds=10)


class NudgeState(StrEnum):
    """Product.md 2.3; `superseded` is one that was overtaken before it was sent, by whatever they did."""

    PLANNED = auto()
    NEEDS_APPROVAL = auto()
    SENT = auto()
    ACTED = auto()
    REPLIED = auto()
    BOUNCED = auto()
    SUPERSEDED = auto()
    SKIPPED = auto()


WAITING = (NudgeState.PLANNED, NudgeState.NEEDS_APPROVAL)
LEFT = (NudgeState.SENT, NudgeState.ACTED, NudgeState.REPLIED, NudgeState.BOUNCED)


class Nudge(Base, OwnedRow, Addressed):
    """One follow-up to one person. `rung` says which of the ladder: `invite_3`, `day_3`, `day_7`, `day_12`; or
    `engaged` or `by_hand`. `quiet_since` tells one silence from the next, so that each rung is climbed once in each.

    `edited_at`: a person changed the text, which then stays as it is. `link_id` is the invitation that its letter
    carries. `answer` is what they said is in the way, a word of `BLOCK_REASONS`."""

    __tablename__ = "nudge"
    __table_args__ = (
        one_of("state", NudgeState),
        Index("uq_nudge_open", "onboarding_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("uq_nudge_rung", "onboarding_id", "rung", "quiet_since", unique=True),
        Index(None, "state", "planned_for"),
    )

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"))
    rung: Mapped[str] = mapped_column(String(16))
    quiet_since: Mapped[datetime]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    step_id: Mapped[int | None] = mapped_column(ForeignKey("step.id"))
    state: Mapped[NudgeState] = mapped_column(Word(NudgeState), default=NudgeState.PLANNED)
    subject: Mapped[str] = mapped_column(String(80))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    planned_for: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    edited_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    letter_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("letter.id"))
    link_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("sign_in_link.id"))
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None] = mapped_column(String(60))
    answer: Mapped[str | None] = mapped_column(String(20))
    dismissed_at: Mapped[datetime | None]

    onboarding: Mapped[Onboarding] = relationship()
    person: Mapped[Person] = relationship()
    step: Mapped[Step | None] = relationship()
    by: Mapped[Staff | None] = relationship(foreign_keys=[by_id])
    decided_by: Mapped[Staff | None] = relationship(foreign_keys=[decided_by_id])

    # --- Reading ---

    @property
    def why(self) -> Rung:
        """Its rung."""
        return Rung(self.rung)

    @property
    def is_waiting(self) -> bool:
        """Whether it can be changed, sent or left out."""
        return self.state in WAITING

    @property
    def about(self) -> str:
        """The key of its letter in the outbox."""
        return f"nudge:{self.id}"

    # --- Becoming ---

    @classmethod
    def plan(
        cls,
        onboarding: Onboarding,
        rung: Rung,
        since: datetime,
        person: Person,
        step: Step | None,
        draft: Draft,
        at: datetime,
        *,
        needs_approval: bool = False,
    ) -> bool:
        """Plan it, once in each silence and one at a time for each road: the database says whether it is new."""
        return insert_if_new(
            cls,
            account_id=onboarding.account_id,
            onboarding_id=onboarding.id,
            rung=rung.value,
            quiet_since=since,
            person_id=person.id,
            step_id=step.id if step else None,
            state=NudgeState.NEEDS_APPROVAL if needs_approval else NudgeState.PLANNED,
            subject=draft.subject[:SUBJECT],
            body=draft.body[:BODY],
            planned_for=at,
        )

    @classmethod
    def write(
        cls, onboarding: Onboarding, person: Person, step: Step | None, draft: Draft, *, by: Staff, rung: Rung
    ) -> "Nudge":
        """One of ours writes it: what the ladder had planned here gives way. A second click writes nothing twice."""
        same = select(cls).filter_by(
            onboarding_id=onboarding.id,
            by_id=by.id,
            person_id=person.id,
            subject=draft.subject,
            body=draft.body,
        )
        again = db.session.scalar(same.where(cls.created_at > clock.now() - SECOND_CLICK).limit(1))
        if again is not None:
            return again
        if planned := cls.waiting_of(onboarding):
            planned.supersede(Stop.BY_PERSON)
            db.session.flush()
        nudge = cls(
            account_id=onboarding.account_id,
            onboarding=onboarding,
            rung=rung.value,
            quiet_since=clock.now(),
            person=person,
            step=step,
            state=NudgeState.PLANNED,
            subject=draft.subject,
            body=draft.body,
            planned_for=clock.now(),
            by=by,
            edited_at=clock.now(),
        )
        db.session.add(nudge)
        db.session.flush()
        nudge.say(Verb.FOLLOW_UP_WRITTEN, by)
        return nudge

    @classmethod
    def waiting_of(cls, onboarding: Onboarding) -> "Nudge | None":
        """What is planned for this road and not sent, one at most."""
        rows = select(cls).where(cls.onboarding_id == onboarding.id, cls.state.in_(WAITING))
        return db.session.scalar(rows.with_for_update())

    def edit(self, draft: Draft, *, by: Staff) -> None:
        """Change its text, which is then nobody else's to renew. Raises Refused once it isn't waiting any more."""
        self.check_waiting()
        if (self.subject, self.body) == (draft.subject, draft.body):
            return
        self.subject, self.body, self.edited_at = draft.subject, draft.body, clock.now()
        self.say(Verb.FOLLOW_UP_CHANGED, by)

    def renew(self, draft: Draft, step: Step | None) -> None:
        """Write it anew with what is true now, unless a person chose its words."""
        if self.edited_at is None:
            self.subject, self.body, self.step = draft.subject[:SUBJECT], draft.body[:BODY], step

    def approve(self, *, by: Staff) -> None:
        """A person lets it go; twice is once. Raises Refused once it isn't waiting any more."""
        self.check_waiting()
        if self.state is NudgeState.PLANNED and self.decided_by is not None:
            return
        self.state, self.decided_by = NudgeState.PLANNED, by
        self.say(Verb.FOLLOW_UP_APPROVED, by)

    def skip(self, *, by: Staff) -> None:
        """A person leaves it out: this rung doesn't come again in this silence."""
        self.check_waiting()
        self.state, self.decided_by, self.ended_at = NudgeState.SKIPPED, by, clock.now()
        self.say(Verb.FOLLOW_UP_SKIPPED, by)

    def mark_sent(self, letter_id: int | None) -> None:
        """Its letter is in the outbox, or its line in the reader's digest."""
        self.state, self.sent_at, self.letter_id = NudgeState.SENT, clock.now(), letter_id
        self.say(Verb.FOLLOW_UP_SENT, self.decided_by or self.by)

    def put_off(self, until: datetime) -> None:
        """It leaves later."""
        self.planned_for = until

    def supersede(self, why: Stop) -> None:
        """It is overtaken; its rung doesn't come again in this silence."""
        self.end(NudgeState.SUPERSEDED, why)

    def end(self, state: NudgeState, why: Stop | None = None) -> None:
        """What came of it."""
        self.state, self.ended_at, self.ended_because = state, clock.now(), why.value if why else None

    def take_reply(self, *, by: Staff) -> None:
        """One of ours says that they answered by another way. Raises Refused where nothing was sent."""
        if self.state is not NudgeState.SENT:
            raise Refused(_("This follow-up doesn't wait for an answer."))
        self.end(NudgeState.REPLIED, Stop.REPLIED)
        self.say(Verb.FOLLOW_UP_ANSWERED, by)

    def dismiss(self, *, by: Person) -> None:
        """Its reader doesn't want to see it on their home any more. Twice is once."""
        gone = update(Nudge).where(Nudge.id == self.id, Nudge.dismissed_at.is_(None))
        if db.session.execute(gone.values(dismissed_at=clock.now()).returning(Nudge.id)).first():
            self.say(Verb.FOLLOW_UP_PUT_AWAY, by)

    def check_waiting(self) -> None:
        """Refuse what was sent, left out or overtaken."""
        if not self.is_waiting:
            raise Refused(_("This follow-up isn't waiting any more; the page says what became of it."))

    def say(self, verb: Verb, by: User | None) -> None:
        record(
            self,
            verb,
            by=by,
            onboarding=self.onboarding,
            after={"rung": self.rung},
            personal={"whom": self.person.name, "what": self.subject},
            audience=Audience.STAFF,
        )
