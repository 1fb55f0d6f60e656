"""One question of the kit that somebody sent to a colleague, and the link that opens it."""

from datetime import datetime, timedelta
from typing import Any, Final

from flask_babel import gettext as _
from sqlalchemy import JSON, ForeignKey, Index, String, func, select, text, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock, db, mail
from portal.accounts.models import Person, User
from portal.activity.models import Verb, record
from portal.addresses import canonical
from portal.auth import tokens
from portal.characters import first_name
from portal.db import Addressed, Base, OwnedRow
from portal.errors import Conflict, Refused
from portal.onboardings.models import Onboarding
from portal.onboardings.once import SECOND_CLICK
from portal.playbooks.kit import KitQuestion
from portal.readiness import letters
from portal.readiness.kits import kit_of, kit_step
from portal.readiness.models import ReadinessSubmission
from portal.readiness.states import Source

LIFE: Final = timedelta(days=30)
LONGEST_NOTE: Final = 400
MOST_A_DAY: Final = 30
WAITING = text("answered_at IS NULL AND revoked_at IS NULL")


class ReadinessAsk(Base, OwnedRow, Addressed):
    """A question on its way to `name` at `email`. `person` is who that is here; somebody else gets no account. The link
    lives from when its letter leaves; only its hash stands here. `seen` is the answer's version when it was asked.

    `aside` is what came back although somebody had answered differently meanwhile, and the version of that answer; it
    decides nothing.
    """

    __tablename__ = "readiness_ask"
    __table_args__ = (
        Index("uq_readiness_ask_waiting", "submission_id", "question", unique=True,
              sqlite_where=WAITING, postgresql_where=WAITING),
    )  # fmt: skip

    submission_id: Mapped[int] = mapped_column(ForeignKey("readiness_submission.id"))
    question: Mapped[str] = mapped_column(String(64))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254))
    note: Mapped[str | None] = mapped_column(String(LONGEST_NOTE))
    seen: Mapped[int] = mapped_column(default=0)
    salt: Mapped[str] = mapped_column(String(43), default=tokens.new)
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    aside: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    submission: Mapped[ReadinessSubmission] = relationship(back_populates="asks")
    asked_by: Mapped[Person] = relationship(foreign_keys=[asked_by_id])
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])

    # --- Reading ---

    @property
    def called(self) -> str:
        """Whom it goes to, as they are called."""
        return self.person.called if self.person else first_name(self.name)

    @property
    def about(self) -> str:
        """By what its letter is found."""
        return f"ask:{self.id}"

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has answered it through the link or taken it back."""
        return self.answered_at is None and self.revoked_at is None

    @property
    def is_over(self) -> bool:
        """Whether its link has run out."""
        return self.expires_at is not None and clock.now() >= self.expires_at

    @property
    def spec(self) -> KitQuestion | None:
        """The question; None when its kit has it no more."""
        return kit_of(self.submission.onboarding).question(self.question)

    @property
    def why_shut(self) -> str:
        """Why the link opens nothing any more, in a sentence; empty while it does."""
        who = self.asked_by.called
        if self.answered_at:
            return _(
                "This question is already answered. Each link takes one answer; tell %(who)s the rest.",
                who=who,
            )
        gone = self.person is not None and not self.person.is_active
        if gone or self.revoked_at or self.question not in self.submission.asked.keys:
            return _("%(who)s doesn't need this answer any more.", who=who)
        if self.is_over or self.expires_at is None:
            return _("This link worked for 30 days, and they are over.")
        if (
            not self.submission.onboarding.is_running
            or kit_step(self.submission.onboarding).state == "skipped"
        ):
            return _("This question can't be answered now. Ask %(who)s what you can do.", who=who)
        return ""

    @staticmethod
    def by_token(token: str) -> "ReadinessAsk | None":
        """The one whose link carries `token`, open or not."""
        return db.session.scalar(select(ReadinessAsk).where(ReadinessAsk.token_hash == tokens.digest(token)))

    # --- Becoming ---

    @classmethod
    def send(
        cls,
        onboarding: Onboarding,
        question: str,
        *,
        to: Person | None = None,
        name: str = "",
        email: str = "",
        note: str = "",
        by: Person,
    ) -> "ReadinessAsk":
        """Send this question to a colleague who is here, or to a name with an address; an earlier one about the same
        question ends. Raises Refused for a question that isn't asked, and when too many were sent today."""
        submission = ReadinessSubmission.begin(onboarding)
        spec = submission.open_question(question)
        if to is None:
            to = _colleague(onboarding, email)
        if to is not None and to.id == by.id:
            raise Refused(_("That is you. Answer it here, or choose a colleague."), field="person")
        submission.start(by=by)
        if just := _just_sent(submission, question, to.shown_email if to else canonical(email), by):
            return just
        for earlier in submission.asks:
            if earlier.question == question and earlier.is_waiting:
                earlier.revoke()
        _check_pace(submission)
        stands = submission.by_question.get(question)
        ask = cls(
            account_id=onboarding.account_id,
            submission=submission,
            question=question,
            asked_by=by,
            person=to,
            name=to.name if to else name,
            email=to.shown_email if to else canonical(email),
            note=note or None,
            seen=stands.version if stands else 0,
        )
        db.session.add(ask)
        db.session.flush()
        onboarding.customer_moved_at = clock.now()
        ask._say(Verb.KIT_ASKED, by, spec)
        letters.question(ask, spec)
        return ask

    def mint(self) -> str:
        """The token, to be put into the letter as it leaves; minting again gives the same."""
        token = tokens.derived("ask", self.salt)
        self.token_hash, self.expires_at = tokens.digest(token), clock.now() + LIFE
        return token

    def revoke(self) -> None:
        """The link opens nothing from now on; a letter that waits doesn't leave."""
        self.revoked_at = clock.now()
        db.session.flush()
        mail.withdraw(self.about)

    def take_back(self, *, by: Person) -> None:
        """Whoever asked needs no answer any more. A second click changes nothing."""
        if self.revoked_at:
            return
        if not self.is_waiting:
            raise Refused(_("%(name)s has answered meanwhile.", name=self.called))
        self.revoke()
        self._say(Verb.KIT_ASK_TAKEN_BACK, by, self.spec)

    def give(self, value: Any, more: dict[str, Any], unknown: bool) -> bool:
        """The answer that came through the link; it takes one. Returns whether it stands: when somebody answered
        differently meanwhile it is kept beside that. Raises Refused when the link is shut."""
        road = self.submission.onboarding_id
        db.session.execute(select(Onboarding.id).where(Onboarding.id == road).with_for_update())
        db.session.expire_all()  # The page was read before the lock, and the road may have moved since.
        submission = ReadinessSubmission.begin(self.submission.onboarding)
        if not self._use_up():
            raise Refused(self.why_shut or _("This question is already answered."))
        stands = True
        try:
            submission.answer(
                self.question, value, more, unknown, by=self.person, by_name=self.name, seen=self.seen,
                source=Source.LINK,
            )  # fmt: skip
        except Conflict as conflict:
            stands, self.aside = False, {**conflict.yours, "beside": conflict.theirs.version}
            self._say(Verb.KIT_ANSWERED_BESIDE, self.person, self.spec, who=self.name)
        letters.answered(self, stands=stands)
        return stands

    def answered_here(self) -> None:
        """Whom it was sent to answered on the kit's own page, so the link has nothing left to do."""
        self.answered_at = clock.now()
        letters.answered(self, stands=True)

    def tell_asker(self) -> None:
        """Whoever was asked came too late: the asker hears of it, once."""
        untold = update(ReadinessAsk).where(ReadinessAsk.id == self.id, ReadinessAsk.told_at.is_(None))
        if not (self.is_over and self.is_waiting):
            return
        if db.session.execute(untold.values(told_at=clock.now()).returning(ReadinessAsk.id)).first():
            self._say(Verb.KIT_ASK_RAN_OUT, self.person, self.spec)
            letters.too_late(self)

    def _use_up(self) -> bool:
        """Of any number who send at the same moment, one gets True."""
        db.session.refresh(self)
        if self.why_shut:
            return False
        mine = update(ReadinessAsk).where(ReadinessAsk.id == self.id, WAITING)
        won = db.session.execute(mine.values(answered_at=clock.now()).returning(ReadinessAsk.id)).first()
        db.session.refresh(self)
        return won is not None

    def _say(self, verb: Verb, by: User | None, spec: KitQuestion | None, **words: str) -> None:
        onboarding = self.submission.onboarding
        told = {"what": spec.text if spec else self.question, "whom": self.name, **words}
        record(self, verb, by=by, onboarding=onboarding, after={"question": self.question}, personal=told)


@mail.filler(letters.FILL)
def fill(ask_id: int, mark: str) -> dict[str, str] | None:
    """Mint the link, now that its letter leaves; None when nobody needs the answer any more."""
    ask = db.session.get(ReadinessAsk, ask_id)
    return {f"token{mark}": ask.mint()} if ask is not None and ask.is_waiting else None


def _colleague(onboarding: Onboarding, email: str) -> Person | None:
    """Whoever of this company stands on the list with the address, here; nobody else is looked for."""
    address = canonical(email)
    people = onboarding.account.people
    return next((one for one in people if one.is_active and one.shown_email == address), None)


def _just_sent(
    submission: ReadinessSubmission, question: str, address: str, by: Person
) -> ReadinessAsk | None:
    """The first click, when this is the second."""
    since = clock.now() - SECOND_CLICK
    same = (one for one in submission.asks if one.question == question and one.is_waiting)
    return next(
        (one for one in same if one.email == address and one.asked_by_id == by.id and one.asked_at > since),
        None,
    )


def _check_pace(submission: ReadinessSubmission) -> None:
    since = clock.now() - timedelta(days=1)
    count = select(func.count()).where(
        ReadinessAsk.submission_id == submission.id, ReadinessAsk.asked_at > since
    )
    if (db.session.scalar(count) or 0) >= MOST_A_DAY:
        raise Refused(
            _("That were %(most)s questions within a day. Send the next one tomorrow.", most=MOST_A_DAY)
        )


def answerable(onboarding: Onboarding, submission: ReadinessSubmission | None, user: User) -> frozenset[str]:
    """The questions that this user may answer: an admin all; a teammate what was sent to them, and when the kit's item
    is theirs all but those for an admin; nobody else any."""
    questions = kit_of(onboarding).questions
    if (
        not isinstance(user, Person)
        or user.account_id != onboarding.account_id
        or user.portal_role == "sponsor"
    ):
        return frozenset()
    if user.is_admin:
        return frozenset(one.key for one in questions)
    sent = (
        {ask.question for ask in submission.asks if ask.person_id == user.id and not ask.revoked_at}
        if submission
        else set()
    )
    theirs = kit_step(onboarding).assignee_id == user.id
    return frozenset(one.key for one in questions if one.key in sent or (theirs and not one.admin_only))
