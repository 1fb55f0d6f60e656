"""What one customer answered in the readiness kit, and where their kit is."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock, db, seals
from portal.accounts.models import Staff, User
from portal.activity.models import Verb, record
from portal.db import Addressed, Base, OwnedRow, Word, one_of
from portal.errors import Conflict, Refused
from portal.onboardings.models import Onboarding
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step
from portal.onboardings.words import listed
from portal.playbooks.kit import Kit, KitQuestion
from portal.readiness.branching import UNKNOWN, Asked, asked, open_fields
from portal.readiness.effects import EffectState, ReadinessEffect
from portal.readiness.kits import check_answerable, closed_words, kit_of, kit_step
from portal.readiness.prerequisites import settle_step
from portal.readiness.reacting import react
from portal.readiness.states import HANDED_IN, WITH_THEM, Source, SubmissionState, may_become

if TYPE_CHECKING:
    from portal.readiness.asks import ReadinessAsk


class ReadinessAnswer(Base, OwnedRow):
    """What stands for one question: `value` for itself, `more` for the smaller ones beside it, by key. Dates are ISO
    text. Of a question that branching closed it stays, so that it is there again when the question is. Whoever isn't
    sure may have written something all the same: it is kept, and decides nothing."""

    __tablename__ = "readiness_answer"
    __table_args__ = (UniqueConstraint("submission_id", "question"), one_of("source", Source))

    submission_id: Mapped[int] = mapped_column(ForeignKey("readiness_submission.id"))
    question: Mapped[str] = mapped_column(String(64))
    value: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    more: Mapped[dict[str, Any]] = mapped_column(default=dict)
    unknown: Mapped[bool] = mapped_column(default=False)
    source: Mapped[Source] = mapped_column(Word(Source), default=Source.PERSON)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    # Whoever answered through a link and has no account.
    by_name: Mapped[str | None] = mapped_column(String(120))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    version: Mapped[int] = mapped_column(default=0)

    submission: Mapped["ReadinessSubmission"] = relationship(back_populates="answers")
    by: Mapped[User | None] = relationship(foreign_keys=[by_id])

    @property
    def said(self) -> dict[str, Any]:
        """It by field key, `UNKNOWN` where they aren't sure; nothing for what is empty."""
        if self.unknown:
            return {self.question: UNKNOWN}
        return {**self.more, **({} if self.value is None else {self.question: self.value})}

    @property
    def is_empty(self) -> bool:
        """Whether it was taken back."""
        return not self.said

    @property
    def author(self) -> str:
        """Who answered, as they are called here."""
        return self.by.called if self.by else self.by_name or _("someone")


class ReadinessSubmission(Base, OwnedRow, Addressed):
    """One onboarding's kit. There is no row until somebody answers, asks or presses start."""

    __tablename__ = "readiness_submission"
    __table_args__ = (one_of("state", SubmissionState),)

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"), unique=True)
    state: Mapped[SubmissionState] = mapped_column(Word(SubmissionState), default=SubmissionState.NOT_STARTED)
    started_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    returned_why: Mapped[str | None] = mapped_column(String(1000))
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    onboarding: Mapped[Onboarding] = relationship()
    answers: Mapped[list[ReadinessAnswer]] = relationship(
        back_populates="submission", order_by=ReadinessAnswer.id, cascade="all, delete-orphan"
    )
    effects: Mapped[list[ReadinessEffect]] = relationship(
        back_populates="submission",
        order_by=[ReadinessEffect.position, ReadinessEffect.id],
        cascade="all, delete-orphan",
    )
    asks: Mapped[list["ReadinessAsk"]] = relationship(back_populates="submission", order_by="ReadinessAsk.id")
    submitted_by: Mapped[User | None] = relationship(foreign_keys=[submitted_by_id])
    confirmed_by: Mapped[Staff | None] = relationship(foreign_keys=[confirmed_by_id])

    # --- Reading ---

    @classmethod
    def of(cls, onboarding: Onboarding) -> "ReadinessSubmission | None":
        """This onboarding's; None while nobody has begun. One statement."""
        return db.session.scalar(select(cls).where(cls.onboarding_id == onboarding.id))

    @property
    def kit(self) -> Kit:
        """The kit that it answers. Raises Refused when its playbook has none."""
        return kit_of(self.onboarding)

    @property
    def step(self) -> Step:
        """The item of the road that it is."""
        return kit_step(self.onboarding)

    @property
    def by_question(self) -> dict[str, ReadinessAnswer]:
        """The answers by question, closed ones included."""
        return {answer.question: answer for answer in self.answers}

    @property
    def asked(self) -> Asked:
        """Which questions are open, and what is given to them."""
        said: dict[str, Any] = {}
        for answer in self.answers:
            said |= answer.said
        return asked(self.kit, said)

    @property
    def given(self) -> dict[str, Any]:
        """The answers to open questions by field key, `UNKNOWN` where they aren't sure: what rules read."""
        return self.asked.given

    @property
    def is_handed_in(self) -> bool:
        """Whether we have it, confirmed or not."""
        return self.state in HANDED_IN

    @property
    def is_confirmed(self) -> bool:
        """Whether our consultant has confirmed it."""
        return self.state is SubmissionState.CONFIRMED

    @property
    def is_settled(self) -> bool:
        """Whether answers only propose something: they are confirmed, or both sides have signed a plan."""
        return self.is_confirmed or self.onboarding.signed_version is not None

    @property
    def seal(self) -> str:
        """Differs when they answered, or said what isn't right, since somebody read it."""
        said = sorted((answer.question, answer.version) for answer in self.answers)
        return seals.of(said, sorted(one.ref for one in self.effects if one.state is EffectState.CONTESTED))

    def keep_topics(self) -> None:
        """Let calls find what the answers want to be talked about."""
        topics = [one for one in self.effects if one.kind == "agenda" and one.is_on]
        topics.sort(key=lambda one: one.order)  # New rows stand behind the others until they are read again.
        self.onboarding.topics = [{"call": one.beside, "text": one.target} for one in topics] or None

    # --- Becoming ---

    @classmethod
    def begin(cls, onboarding: Onboarding) -> "ReadinessSubmission":
        """This onboarding's, made now unless it is there. The road stays locked until the change is kept, so of two
        who begin at once the second finds the first's. Raises Refused when nothing may be answered now."""
        db.session.execute(select(Onboarding.id).where(Onboarding.id == onboarding.id).with_for_update())
        check_answerable(onboarding)
        found = cls.of(onboarding)
        if found is None:
            found = cls(account_id=onboarding.account_id, onboarding=onboarding)
            db.session.add(found)
            db.session.flush()
        else:  # What was read before the road was locked may have changed since.
            rows = select(ReadinessAnswer).where(ReadinessAnswer.submission_id == found.id)
            db.session.refresh(found)
            db.session.scalars(rows.execution_options(populate_existing=True)).all()
            db.session.expire(found, ["answers", "asks"])
        return found

    def start(self, *, by: User) -> None:
        """Somebody has begun; the item of the road too. Doing it twice changes nothing."""
        if self.state is SubmissionState.NOT_STARTED:
            self.state, self.started_at = SubmissionState.IN_PROGRESS, clock.now()
        if self.state in WITH_THEM and self.step.state in (StepState.READY, StepState.RETURNED):
            self.step.start(by=by)

    def answer(
        self,
        question: str,
        value: Any = None,
        more: dict[str, Any] | None = None,
        unknown: bool = False,
        *,
        by: User | None,
        seen: int,
        source: Source = Source.PERSON,
        by_name: str | None = None,
    ) -> bool:
        """Keep what stands for this question; returns whether anything is different. An empty one takes it back.

        `seen` is the version that its writer saw, 0 for none. Raises Conflict, with both, when somebody else answered
        differently meanwhile; Refused for a question that isn't asked with the answers so far.
        """
        check_answerable(self.onboarding)
        spec = self.open_question(question)
        if unknown and spec.factual:
            raise Refused(_("We need to know this one. Ask a colleague, or skip it for now."), field=question)
        more = {} if unknown else self._open_more(spec, value, more or {})
        row = self.by_question.get(question) or ReadinessAnswer(
            question=question, more={}, unknown=False, version=0
        )
        if (value, more, unknown) == (row.value, row.more, row.unknown):
            return False
        if seen != row.version:
            yours = {"value": value, "more": more, "unknown": unknown}
            raise Conflict(_changed_meanwhile(row, by), theirs=row, yours=yours)
        if row.version == 0:
            row.account_id = self.account_id
            self.answers.append(row)
        row.value, row.more, row.unknown, row.source = value, more, unknown, source
        row.by, row.by_name, row.at, row.version = by, by_name, clock.now(), row.version + 1
        self._note_answer(row, spec, by)
        return True

    def _note_answer(self, row: ReadinessAnswer, spec: KitQuestion, by: User | None) -> None:
        db.session.flush()
        self.onboarding.customer_moved_at = clock.now()
        verb = Verb.KIT_ANSWERED if row.version == 1 else Verb.KIT_ANSWER_CHANGED
        words = {"what": spec.text, **({"who": row.by_name} if by is None and row.by_name else {})}
        after = {"question": row.question, "version": row.version, "source": row.source.value}
        record(row, verb, by=by, onboarding=self.onboarding, after=after, personal=words)
        if by is not None:
            self.start(by=by)
        self._settle_asks(row.question, by)
        if self.is_handed_in:
            react(self, by=by)

    def _settle_asks(self, question: str, by: User | None) -> None:
        """Whoever was asked and answered here has answered; whoever was asked what isn't asked any more, needn't."""
        still = self.asked.keys
        for ask in self.asks:
            if ask.is_waiting and ask.question not in still:
                ask.revoke()
            elif ask.is_waiting and ask.question == question and by is not None and ask.person_id == by.id:
                ask.answered_here()

    def open_question(self, key: str) -> KitQuestion:
        """The question with this key. Raises Refused when the answers so far close it."""
        found = next((one for one in self.asked.questions if one.key == key), None)
        if found is None:
            raise Refused(closed_words(self.kit, key))
        return found

    def _open_more(self, spec: KitQuestion, value: Any, more: dict[str, Any]) -> dict[str, Any]:
        """Of the smaller answers those that are asked for beside `value` and each other."""
        own = {field.key for field in spec.fields}
        others = {key: one for key, one in self.given.items() if key not in own}
        asked_for = {field.key for field in open_fields(spec, {**others, **more, spec.key: value})}
        return {key: one for key, one in more.items() if key in asked_for and one is not None}

    def submit(self, *, by: User) -> None:
        """Hand it in. Raises Refused, naming what is missing, or when it is with us already."""
        self._may(SubmissionState.SUBMITTED)
        check_answerable(self.onboarding)
        if missing := self.asked.missing:
            raise Refused(
                _(
                    "These still need an answer, or “Not sure yet” where that is offered: %(questions)s.",
                    questions=listed(f"“{question.text}”" for question in missing),
                )
            )
        self.state, self.submitted_at, self.submitted_by = SubmissionState.SUBMITTED, clock.now(), by
        self.returned_why = None
        if self.step.state is StepState.BLOCKED:
            self.step.unblock(by=by)
        self.step.submit(by=by)
        react(self, by=by)
        settle_step(self.onboarding, by=by)

    def send_back(self, why: str, *, by: Staff) -> None:
        """We need something else: `why` says what."""
        self._may(SubmissionState.NEEDS_UPDATE)
        self.state, self.returned_why = SubmissionState.NEEDS_UPDATE, why
        self.step.send_back(why, by=by)

    def confirm(self, *, seen: str | None = None, by: Staff) -> None:
        """It is right: the item of the road is done. Raises Conflict when it isn't what was read (`seal`)."""
        self._may(SubmissionState.CONFIRMED)
        if seen is not None and seen != self.seal:
            raise Conflict(_("They changed something since you opened the page. Read it, then confirm."))
        if contested := [one for one in self.effects if one.state is EffectState.CONTESTED and one.is_on]:
            titles = listed(f"“{one.title}”" for one in contested)
            raise Refused(_("They say that something isn't right. Decide first about %(what)s.", what=titles))
        self.state, self.confirmed_at, self.confirmed_by = SubmissionState.CONFIRMED, clock.now(), by
        self.step.complete(by=by)

    def _may(self, then: SubmissionState) -> None:
        if may_become(self.state, then):
            return
        if then is SubmissionState.SUBMITTED and self.is_handed_in:
            who = self.submitted_by.called if self.submitted_by else _("someone")
            raise Refused(_("%(who)s has sent these answers already. You can still change them.", who=who))
        if then is SubmissionState.SUBMITTED:
            raise Refused(_("Nothing is answered yet. Answer the first question, then send them."))
        raise Refused(_("These answers have moved on meanwhile. Look at them again."))


def _changed_meanwhile(row: ReadinessAnswer, by: User | None) -> str:
    if by is not None and row.by_id == by.id:
        return _("You answered this in another window since. Keep that, or send this again.")
    return _(
        "%(who)s answered this while you were writing. Keep theirs, or send yours again.", who=row.author
    )
